import type {} from "../../src/backend/fake/index";
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";

test("a locked file asks for its password, says that one is wrong, and is read with the right one", async ({ page }) => {
  await page.goto("/?library=empty&pace=5");
  await page.evaluate(() => window.fake.drag(["/home/ada/locked.pdf"], "drop"));
  const ask = page.getByRole("button", { name: "Enter the password of locked.pdf" });
  await expect(page.getByRole("button", { name: "Retry locked.pdf" })).toHaveCount(0);

  await ask.click();
  const dialog = page.getByRole("dialog", { name: "Password needed" });
  await expect(dialog.getByLabel("Password", { exact: true })).toBeFocused();
  await expect(dialog.getByRole("button", { name: "Open" })).toBeDisabled();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(ask).toBeFocused();

  for (const [password, end] of [
    ["wick", page.getByText("The password does not open the file")],
    ["lantern", page.getByRole("button", { name: "Remove locked.pdf" })],
  ] as const) {
    await ask.click();
    await dialog.getByLabel("Password", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await expect(end).toBeAttached();
  }
});
