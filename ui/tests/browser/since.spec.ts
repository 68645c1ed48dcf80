import type {} from "../../src/backend/fake/index";
import { expect, type Page } from "@playwright/test";
import { answered, cite, clean, open, test } from "./window";

const lease = "2025-02-11).pdf";
const pane = (page: Page) => page.getByRole("complementary", { name: "Source" });
const said = (page: Page) => pane(page).getByRole("region", { name: "What became of the words" });

/** Changes the notice period, and takes a sentence out. */
const changeNotice = (page: Page) =>
  page.evaluate(
    (name) =>
      window.fake.edit(name, (texts) =>
        texts.map((text) =>
          text.replace("three months' written notice", "six weeks' written notice").replace("Notice by electronic mail is not sufficient. ", "").replace("Notice by electronic mail is not sufficient.", ""),
        ),
      ),
    lease,
  );

test("a citation says that its words have changed, and how", async ({ page }) => {
  await open(page);
  await answered(page);
  await changeNotice(page);
  const first = cite(page, 1);
  await expect(first).toHaveAccessibleName(/page 2, Changed since it was cited$/);
  await expect(page.locator(".answer").getByRole("button", { name: /No longer in the document$/ })).toHaveCount(1);
  await expect(cite(page, 2)).toHaveAccessibleName(/page 3$/);
  await expect(page.getByRole("article").getByText("2 citations have changed since")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Passage 1: .*, Changed since it was cited$/ })).toBeVisible();
  await first.hover();
  await expect(page.getByRole("tooltip")).toContainText("Changed since it was cited");
  await first.click();
  await expect(said(page).getByRole("heading", { name: "Changed since it was cited" })).toBeVisible();
  await expect(said(page).getByText(/^Compared: the words cited from page 2/)).toBeVisible();
  // Said in words, too, for those who do not see the lines.
  await expect(said(page).getByRole("deletion").first()).toContainText(/^\[taken out: .*three months'.* \]$/);
  await expect(said(page).getByRole("insertion").filter({ hasText: "six weeks'" })).toContainText(/^\[put in: .* \]$/);
  await said(page).getByText("As it was cited", { exact: true }).click();
  await expect(said(page).getByRole("blockquote")).toHaveText(/giving three months' written notice/);
  await said(page).getByRole("button", { name: "Show page 2 as it is now" }).click();
  await expect(page.locator(".highlight").first()).toBeVisible();
  await pane(page).getByRole("button", { name: "Show the differences" }).click();
  await expect(said(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(first).toBeFocused();
});

test("axe finds nothing in a comparison", async ({ page }) => {
  await open(page);
  await answered(page);
  await changeNotice(page);
  // The markers are drawn anew when the answer hears of the change.
  await expect(cite(page, 1)).toHaveAccessibleName(/page 2, Changed since it was cited$/);
  await cite(page, 1).click();
  await expect(said(page).getByRole("deletion").first()).toBeVisible();
  await clean(page);
});

test("words that are gone are told from words that changed", async ({ page }) => {
  await open(page);
  await answered(page);
  await changeNotice(page);
  await page.locator(".answer").getByRole("button", { name: /No longer in the document$/ }).click();
  await expect(said(page).getByRole("heading", { name: "No longer in the document" })).toBeVisible();
  await expect(said(page).getByText(/All of its 3 pages were looked through/)).toBeVisible();
  await expect(said(page).getByRole("blockquote")).toHaveText("Notice by electronic mail is not sufficient.");
  await said(page).getByRole("button", { name: "Show the document as it is now" }).click();
  await expect(pane(page).getByRole("document", { name: "Page 2" })).toBeVisible();
  await expect(page.locator(".highlight")).toHaveCount(0);
});

test("a removed document shows in what was answered from it, at once", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.getByRole("button", { name: /^Remove Residential lease/ }).click();
  await expect(cite(page, 1)).toHaveAccessibleName(/page 2, Its document was removed$/);
  await expect(cite(page, 4)).toHaveAccessibleName(/handover notes, section 1$/);
  await expect(page.getByRole("article").getByText("The documents of 3 citations were removed")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Passage 1: .*, Its document was removed$/ })).toBeVisible();
  await cite(page, 1).click();
  await expect(pane(page).getByText("This document was removed from the library.")).toBeVisible();
  await expect(pane(page).getByRole("blockquote")).toHaveText(/giving three months' written notice/);
});

test("words that stand elsewhere are marked where they stand now", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.evaluate((name) => window.fake.edit(name, (texts) => ["A new cover sheet", ...texts]), lease);
  await cite(page, 1).click();
  await expect(pane(page).getByText(/the words are unchanged, now on page 3 instead of 2/)).toBeVisible();
  await expect(pane(page).getByRole("spinbutton")).toHaveValue("3");
  await expect(page.locator(".highlight")).toHaveCount(2);
  await expect(cite(page, 1)).toHaveAccessibleName(/page 2$/);
  await page.keyboard.press("F4");
  await expect(pane(page).getByRole("option", { name: "Page 3, cited as 1" })).toBeVisible();
  // The document goes on changing while it is on show.
  await changeNotice(page);
  await expect(said(page)).toBeVisible();
  await page.keyboard.press("]");
  await page.keyboard.press("]");
  await expect(pane(page).getByRole("spinbutton")).toHaveValue("4");
});

test("where it cannot be found out, it says why and can be tried again", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.evaluate(() => (window.fake.failStanding = true));
  await changeNotice(page);
  await cite(page, 1).click();
  await expect(pane(page).getByText("Reading or writing the data failed")).toBeVisible();
  await expect(pane(page).getByRole("blockquote")).toHaveText(/three months' written notice/);
  await page.evaluate(() => (window.fake.failStanding = false));
  await pane(page).getByRole("button", { name: "Try again" }).click();
  await expect(said(page).getByRole("heading", { name: "Changed since it was cited" })).toBeVisible();
});

test("a document on show that no words were cited of follows its file", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: /^handover notes.md/ }).click();
  await expect(pane(page).getByText(/48 213 kWh/)).toBeVisible();
  await page.evaluate(() => window.fake.edit("handover notes.md", () => ["The meter stands at 50 000 kWh."]));
  await expect(pane(page).getByText("The meter stands at 50 000 kWh.")).toBeVisible();
});
