import { expect } from "@playwright/test";
import { clean, open, test } from "./window";

test("a large library is searched, narrowed, asked and removed in bulk", async ({ page }) => {
  await open(page, "&library=many");
  const list = page.getByRole("list", { name: "Documents" });
  await page.getByRole("searchbox", { name: "Find in the library" }).fill("letter 0499");
  await expect(page.getByText("11 shown")).toBeVisible();
  await expect(list.getByRole("listitem")).toHaveCount(11);
  await clean(page);
  await page.getByRole("button", { name: "Ask these" }).click();
  await expect(page.getByText("Asking 11 of 5,000 documents").first()).toBeVisible();
  await page.getByRole("searchbox", { name: "Find in the library" }).fill("");
  await page.getByRole("combobox", { name: "Show" }).selectOption("Only asked");
  await list.getByRole("checkbox", { name: "Ask only letter 04990.txt" }).click();
  await expect(page.getByText("10 shown")).toBeVisible();
  await expect(list.getByRole("checkbox", { name: "Ask only letter 04991.txt" })).toBeFocused();
  await page.getByRole("button", { name: "Remove…" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove these documents?" });
  await expect(dialog.getByText(/^10 documents will no longer be searched/)).toBeVisible();
  await dialog.getByRole("button", { name: "Remove documents" }).click();
  await expect(page.getByText("No document of that name.")).toBeVisible();
  await page.getByRole("combobox", { name: "Show" }).selectOption("All");
  await expect(page.getByText("Asking all 4,990 documents")).toBeVisible();
});
