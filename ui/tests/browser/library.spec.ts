import { expect } from "@playwright/test";
import { announced, answered, clean, open, test } from "./window";

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
  await expect(dialog.getByText(/^Saved answers that cite what is removed keep their own words/)).toBeVisible();
  await dialog.getByRole("button", { name: "Remove documents" }).click();
  await expect(page.getByText("No document of that name.")).toBeVisible();
  await page.getByRole("combobox", { name: "Show" }).selectOption("All");
  await expect(page.getByText("Asking all 4,990 documents")).toBeVisible();
});

test("a document's details tell its history, and it is read again from there", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Details of scanned invoices.pdf" }).click();
  const dialog = page.getByRole("dialog", { name: "scanned invoices" });
  const history = dialog.getByRole("list", { name: "What became of it, latest first" });
  await expect(history.getByRole("listitem")).toHaveCount(4);
  await expect(history.getByRole("listitem").first()).toContainText("Read again, because images can be read now");
  await clean(page);
  await dialog.getByRole("button", { name: "Show 2 more" }).click();
  await expect(history.getByRole("listitem")).toHaveCount(6);
  await expect(history.getByRole("listitem").last()).toContainText("Read; what was before was not noted");
  await dialog.getByRole("button", { name: "Read again" }).click();
  await expect(history.getByRole("listitem").first()).toContainText("Read again, as you asked");
  await expect(announced(page)).toHaveText("1 document ready");
  await page.evaluate(() => window.fake.lost.add("/home/ada/Documents/House/scanned invoices.pdf"));
  await dialog.getByRole("button", { name: "Read again" }).click();
  await expect(history.getByRole("listitem").first()).toContainText("Could not be read again; what was read before stays");
  await expect(history.getByRole("listitem")).toHaveCount(8);
});

test("a history says which readings answers cite", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.evaluate(() => window.fake.edit("2025-02-11).pdf"));
  await page.getByRole("button", { name: /^Details of Residential lease/ }).click();
  const entry = page.getByRole("list", { name: "What became of it, latest first" }).getByRole("listitem");
  await expect(entry.first()).toContainText("The file had changed and was read again");
  await expect(entry.last()).toContainText("1 answer cites this earlier state");
});

test("many documents are read again after a question, and one without", async ({ page }) => {
  await open(page, "&library=many");
  await page.getByRole("searchbox", { name: "Find in the library" }).fill("letter 0499");
  await page.getByRole("button", { name: "Ask these" }).click();
  await page.getByRole("button", { name: "Read again", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Read 11 documents again?" });
  await expect(dialog.getByText(/^11 pages are read from the files again/)).toBeVisible();
  await dialog.getByRole("button", { name: "Read again" }).click();
  await expect(announced(page)).toHaveText("11 documents ready");
  await page.getByRole("button", { name: "File letter 04990.txt" }).click();
  await page.getByRole("menuitem", { name: "Read again" }).click();
  await expect(announced(page)).toHaveText("1 document ready");
});
