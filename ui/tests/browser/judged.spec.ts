import type {} from "../../src/backend/fake/index";
import { expect } from "@playwright/test";
import { announced, answered, ask, choose, cite, clean, open, test } from "./window";

test("why a document was not found is told stage by stage, from the trace, by keyboard", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.getByText("How this answer came about").click();
  await page.getByRole("button", { name: "Why wasn't this found?" }).click();
  const dialog = page.getByRole("dialog", { name: "Why wasn't this found?" });
  await expect(dialog.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("invoices");
  await expect(dialog.getByRole("option")).toHaveText(["scanned invoices.pdf"]);
  await page.keyboard.press("Enter");
  await expect(dialog.getByText(/so it was not considered/).first()).toBeVisible();
  await expect(dialog.locator("li.lost")).toContainText("Both together");
  await expect(dialog.locator("li.lost")).toContainText("lost here");
  await expect(dialog.getByText("Ask with words of its own, such as “handover”, “cellar”.")).toBeVisible();
  await clean(page);
  await dialog.getByRole("button", { name: "Ask only this document" }).click();
  await expect(page.getByRole("article")).toHaveCount(2);
  expect(await page.evaluate(() => window.fake.asked.at(-1)?.documents.length)).toBe(1);
});

test("why a page was not found says whether it failed or waits to be recognised", async ({ page }) => {
  await open(page);
  await answered(page);
  await choose(page, "why wasn't", /^Why wasn't/);
  const dialog = page.getByRole("dialog", { name: "Why wasn't this found?" });
  await dialog.getByRole("combobox").fill("scanned");
  await expect(dialog.getByRole("option")).toHaveText(["scanned invoices.pdf"]);
  await page.keyboard.press("Enter");
  await dialog.getByRole("spinbutton").fill("8");
  await page.keyboard.press("Tab");
  await expect(dialog.locator("li.lost")).toContainText("Page 8 could not be read. “the image is damaged”");
  await dialog.getByRole("spinbutton").fill("9");
  await page.keyboard.press("Tab");
  await expect(dialog.locator("li.lost")).toContainText("2 pages of the document are images");
  await expect(dialog.getByText(/Download the models that read text in images/)).toBeVisible();
  await dialog.getByRole("button", { name: "Another document" }).click();
  await expect(dialog.getByRole("combobox")).toBeVisible();
});

test("the place on show in the source is explained, and what is selected instead", async ({ page }) => {
  await open(page);
  await answered(page);
  await cite(page, 1).click();
  const pane = page.getByRole("complementary", { name: "Source" });
  await expect(page.locator(".highlight").first()).toBeVisible();
  await pane.getByRole("button", { name: "Why wasn't this found?" }).click();
  const dialog = page.getByRole("dialog", { name: "Why wasn't this found?" });
  await expect(dialog.getByText("the place on show")).toBeVisible();
  await expect(dialog.getByText("It was found, and the answer cites it as [1].").first()).toBeVisible();
  await expect(dialog.locator("li.lost")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await page.evaluate(() => {
    const words = [...document.querySelectorAll(".textLayer span")].find((span) => (span.textContent ?? "").trim().length > 10);
    if (!words) throw new Error("the page has no words to select");
    window.getSelection()?.selectAllChildren(words);
  });
  await pane.getByRole("button", { name: "Why wasn't this found?" }).press("Enter");
  await expect(dialog.getByText("the selected words")).toBeVisible();
});

test("an opinion is kept, gets a reason, stays with the chat and is taken back", async ({ page }) => {
  await open(page);
  await answered(page);
  const up = page.getByRole("button", { name: "The answer is right" });
  const down = page.getByRole("button", { name: "Something is wrong with the answer" });
  await up.press("Enter");
  await expect(up).toHaveAttribute("aria-pressed", "true");
  await expect(announced(page)).toHaveText(/Your opinion is kept/);
  await down.click();
  await expect(up).toHaveAttribute("aria-pressed", "false");
  await page.getByRole("radio", { name: "Wrong source" }).check();
  await page.getByRole("textbox", { name: /In your words/ }).fill("It is in the annex");
  await page.keyboard.press("Tab");
  await clean(page);
  await page.keyboard.press("Control+n");
  await page.getByRole("button", { name: /How do I end the lease/ }).first().click();
  await expect(page.getByRole("radio", { name: "Wrong source" })).toBeChecked();
  await expect(page.getByRole("textbox", { name: /In your words/ })).toHaveValue("It is in the annex");
  await page.getByRole("button", { name: "Take back" }).click();
  await expect(down).toHaveAttribute("aria-pressed", "false");
  await page.evaluate(() => (window.fake.failFeedback = true));
  await up.click();
  await expect(page.getByText("The disk is full", { exact: true })).toBeVisible();
  await expect(up).toHaveAttribute("aria-pressed", "false");
});

test("a confirmed and a corrected answer become cases that are run and deleted", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.getByRole("button", { name: "The answer is right" }).click();
  await page.getByRole("button", { name: "Make it a test case…" }).click();
  const making = page.getByRole("dialog", { name: "Make a test case" });
  await expect(making.getByRole("textbox", { name: "Question" })).toHaveValue("How do I end the lease?");
  await expect(making.getByRole("combobox", { name: "It has to cite" })).toContainText("three months' written");
  await clean(page);
  await making.getByRole("button", { name: "Save" }).click();
  await expect(making).toBeHidden();
  await page.getByRole("button", { name: "Something is wrong with the answer" }).click();
  await page.getByRole("button", { name: "Make it a test case…" }).click();
  await making.getByRole("textbox", { name: "The right answer" }).fill("With one month's notice, so one month.");
  await making.getByRole("button", { name: "Save" }).click();
  await page.keyboard.press("Control+,");
  await page.getByRole("button", { name: "Test cases…" }).click();
  const cases = page.getByRole("dialog", { name: "Test cases" });
  await expect(cases.getByRole("listitem")).toHaveCount(2);
  await cases.getByRole("button", { name: "Run all" }).click();
  await expect(cases.getByRole("status")).toHaveText("1 of 2 cases passed");
  await expect(cases.getByText("says something else; does not cite the words expected")).toBeVisible();
  await clean(page);
  await cases.getByRole("button", { name: /^Delete/ }).last().click();
  await page.getByRole("button", { name: "Delete test case" }).click();
  await expect(cases.getByRole("listitem")).toHaveCount(1);
});

test("an abstention that is right is a case that expects one", async ({ page }) => {
  await open(page);
  await ask(page, "What will the weather be?");
  await page.getByRole("button", { name: "The answer is right" }).click();
  await page.getByRole("button", { name: "Make it a test case…" }).click();
  const making = page.getByRole("dialog", { name: "Make a test case" });
  await expect(making.getByRole("radio", { name: "It is not in the documents" })).toBeChecked();
  await making.getByRole("button", { name: "Save" }).click();
  // No other dialog opens while this one is there.
  await expect(making).toBeHidden();
  await choose(page, "test cases", /^Test cases/);
  await expect(page.getByRole("dialog", { name: "Test cases" }).getByText("Expected: not in the documents")).toBeVisible();
});
