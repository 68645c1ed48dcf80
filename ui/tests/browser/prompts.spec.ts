import type {} from "../../src/backend/fake/index";
import { expect, type Page } from "@playwright/test";
import { choose, clean, open, test } from "./window";

async function instructions(page: Page) {
  await open(page);
  await choose(page, "instructions", /^Instructions to the model/);
  const dialog = page.getByRole("dialog", { name: "Instructions to the model" });
  await expect(dialog.getByRole("textbox")).toHaveValue(/NOT FOUND/);
  return dialog;
}

test("instructions are changed, compared with what was delivered, and gone back to", async ({ page }) => {
  const dialog = await instructions(page);
  const text = dialog.getByRole("textbox", { name: "Text of the instructions" });
  const delivered = await text.inputValue();
  const keep = dialog.getByRole("button", { name: "Keep as a copy and use it" });
  await expect(keep).toBeDisabled();
  await text.fill(`${delivered}\nBe kind.`);
  await dialog.getByText("Changes from what comes with Footnote").click();
  await expect(dialog.locator(".added")).toHaveText(/added: Be kind\./);
  await clean(page);
  await keep.click();
  await expect(dialog.getByRole("status")).toHaveText("In use from the next question on");
  const version = dialog.getByRole("combobox", { name: "Version" });
  await expect(version.locator("option:checked")).toHaveText(/^Copy 1, .*\(in use\)$/);

  await version.selectOption({ label: "As it comes with Footnote" });
  await expect(text).toHaveValue(delivered);
  await expect(dialog.getByText("None.")).toBeVisible();
  await dialog.getByRole("button", { name: "Use this version" }).click();
  await expect(version.locator("option:checked")).toHaveText("As it comes with Footnote (in use)");
  await expect(version.locator("option")).toHaveCount(2);
});

test("a text that answers could not be understood by is refused with the reason, and not lost", async ({ page }) => {
  const dialog = await instructions(page);
  const text = dialog.getByRole("textbox");
  await text.fill("Answer like a pirate.");
  await dialog.getByRole("button", { name: "Keep as a copy and use it" }).click();
  await expect(dialog.getByText(/does not say NOT FOUND/)).toBeVisible();
  await expect(text).toHaveValue("Answer like a pirate.");
  await clean(page);

  // Leaving asks first.
  await page.keyboard.press("Escape");
  const question = page.getByRole("dialog", { name: "Discard what you changed?" });
  await question.getByRole("button").first().click();
  await expect(text).toHaveValue("Answer like a pirate.");
  await dialog.getByRole("combobox", { name: "Instructions for" }).selectOption({ label: "summaries" });
  await question.getByRole("button", { name: "Discard" }).click();
  await expect(text).toHaveValue(/\{sentences\}/);
});
