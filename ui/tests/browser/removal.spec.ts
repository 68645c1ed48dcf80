import { expect, type Page } from "@playwright/test";
import { announced, answered, choose, cite, clean, open, test } from "./window";

const notice = (page: Page) => page.getByRole("group", { name: "Removed" });
const rows = (page: Page) => page.getByRole("list", { name: "Documents", exact: true }).getByRole("listitem");
const remove = (page: Page, name: string) => page.getByRole("button", { name: `Remove ${name}` });
const pane = (page: Page) => page.getByRole("complementary", { name: "Source" });
/** Long enough for any test; what ends it is told by the test. */
const long = "&grace=600000";
const lease = "Residential lease agreement 14 Mill Lane (signed, final copy 2025-02-11).pdf";

test("a removed document is gone at once and comes back by undoing, where it stood", async ({ page }) => {
  await open(page, long);
  const before = await rows(page).allTextContents();
  await remove(page, "handover notes.md").focus();
  await page.keyboard.press("Enter");
  await expect(remove(page, "handover notes.md")).toHaveCount(0);
  await expect(notice(page)).toContainText(/handover notes.*Removed from the library\./);
  await expect(announced(page)).toHaveText("“handover notes.md” removed. It can be undone, below the library");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  // Focus goes on in the list.
  await expect(page.locator("[data-remove]:focus")).toHaveCount(1);
  await clean(page);
  await notice(page).getByRole("button", { name: "Undo" }).focus();
  await page.keyboard.press("Enter");
  await expect(remove(page, "handover notes.md")).toBeAttached();
  await expect(announced(page)).toHaveText("1 document is back");
  await expect(notice(page)).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Library" })).toBeFocused();
  await expect.poll(() => rows(page).allTextContents()).toEqual(before);
});

test("the last removal is undone first, by its key and from the palette", async ({ page }) => {
  await open(page, long);
  await remove(page, "handover notes.md").click();
  await expect(notice(page)).toContainText(/handover notes.*Removed from the library\./);
  await remove(page, "scanned invoices.pdf").click();
  await expect(notice(page)).toContainText(/scanned invoices.*Removed from the library\./);
  await expect(notice(page)).toHaveCount(1);
  await page.getByRole("heading", { name: "Library" }).focus();
  await page.keyboard.press("Control+z");
  await expect(remove(page, "scanned invoices.pdf")).toBeAttached();
  await expect(notice(page)).toContainText(/handover notes.*Removed from the library\./);
  await choose(page, "undo the rem", /Undo the removal/);
  await expect(remove(page, "handover notes.md")).toBeAttached();
  await expect(notice(page)).toHaveCount(0);
});

test("a removal is over when its time is, or when it is dismissed", async ({ page }) => {
  await open(page, long);
  await remove(page, "handover notes.md").click();
  await expect(notice(page)).toBeVisible();
  await page.evaluate(() => window.fake.passGrace());
  await expect(notice(page)).toHaveCount(0);
  await remove(page, "scanned invoices.pdf").click();
  await notice(page).getByRole("button", { name: "Dismiss" }).click();
  await expect(notice(page)).toHaveCount(0);
  await expect(remove(page, "scanned invoices.pdf")).toHaveCount(0);
});

test("a removal that nobody looks at is over by itself", async ({ page }) => {
  await open(page, "&grace=50");
  await remove(page, "handover notes.md").click();
  await expect(remove(page, "handover notes.md")).toHaveCount(0);
  await expect(notice(page)).toHaveCount(0);
});

test("a removal waits for as long as somebody is at its notice", async ({ page }) => {
  await open(page, long);
  const held = () => page.evaluate(() => window.fake.heldRemovals());
  await remove(page, "handover notes.md").click();
  await expect(notice(page)).toBeVisible();
  await notice(page).getByRole("button", { name: "Undo" }).hover();
  await expect.poll(held).toBe(1);
  await page.getByRole("heading", { name: "Library" }).hover();
  await expect.poll(held).toBe(0);
  await notice(page).getByRole("button", { name: "Dismiss" }).focus();
  await expect.poll(held).toBe(1);
  await page.keyboard.press("Shift+Tab");
  await expect(notice(page).getByRole("button", { name: "Undo" })).toBeFocused();
  await expect.poll(held).toBe(1);
  await page.getByRole("heading", { name: "Library" }).focus();
  await expect.poll(held).toBe(0);
});

test("with the library out of sight, the notice stands by itself", async ({ page }) => {
  await open(page, long);
  await remove(page, "handover notes.md").click();
  await expect(notice(page)).toBeVisible();
  await page.getByRole("heading", { name: "Library" }).focus();
  await page.keyboard.press("Control+b");
  await expect(page.getByRole("heading", { name: "Library" })).toHaveCount(0);
  await clean(page);
  await notice(page).getByRole("button", { name: "Undo" }).click();
  await expect(notice(page)).toHaveCount(0);
  await page.keyboard.press("Control+b");
  await expect(remove(page, "handover notes.md")).toBeAttached();
});

test("a file that is added again before its removal is over is the document it was", async ({ page }) => {
  await open(page, long);
  await answered(page);
  const path = await page.getByRole("button", { name: /^handover notes\.md/ }).locator("[title]").first().getAttribute("title");
  await remove(page, "handover notes.md").click();
  await expect(page.getByRole("article").getByText("The document of 1 citation was removed")).toBeVisible();
  await page.evaluate((added) => window.fake.drag([added ?? ""], "drop"), path);
  await expect(remove(page, "handover notes.md")).toBeAttached();
  await expect(notice(page)).toHaveCount(0);
  await expect(page.getByRole("article").getByText("The document of 1 citation was removed")).toHaveCount(0);
});

test("what an answer quotes from a removed document stays readable", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, long);
  await answered(page);
  await remove(page, lease).click();
  await expect(notice(page)).toContainText("Saved answers keep what they quote.");
  await expect(cite(page, 1)).toHaveAccessibleName(/page 2, Its document was removed$/);
  await page.evaluate(() => window.fake.passGrace());
  await expect(notice(page)).toHaveCount(0);
  await page.keyboard.press("Control+n");
  await page.getByRole("navigation", { name: "Chats" }).getByRole("button", { name: /^How do I end the lease/ }).first().click();
  await expect(cite(page, 1)).toHaveAccessibleName(/^Citation 1: .*, page 2, Its document was removed$/);
  await expect(page.getByRole("article").getByText("The documents of 3 citations were removed")).toBeVisible();
  await cite(page, 1).click();
  await expect(pane(page).getByText("This document was removed from the library.")).toBeVisible();
  await expect(pane(page).getByRole("heading", { name: lease })).toBeVisible();
  await expect(pane(page).getByRole("blockquote")).toHaveText(/giving three months' written notice/);
  await clean(page);
  await page.keyboard.press("Escape");
  await page.getByRole("article").getByRole("button", { name: "Copy", exact: true }).click();
  await expect(announced(page)).toHaveText(/^Copied/);
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/\[1\] Residential lease .* \(withdrawn: the document was removed\)/);
  expect(copied).toMatch(/\[4\] handover notes\.md, section 1: “[^”]*”$/m);
});

test("quotes go with a document if that is asked for while it can be undone", async ({ page }) => {
  await open(page, long);
  await answered(page);
  await remove(page, lease).click();
  const take = notice(page).getByRole("button", { name: "Take the quotes out, too" });
  await take.focus();
  await page.keyboard.press("Enter");
  await expect(notice(page)).toContainText("What saved answers quote goes, too.");
  await expect(take).toHaveCount(0);
  await expect(notice(page).getByRole("button", { name: "Undo" })).toBeFocused();
  await page.evaluate(() => window.fake.passGrace());
  await expect(notice(page)).toHaveCount(0);
  await page.getByRole("heading", { name: "Library" }).focus();
  await page.keyboard.press("Control+n");
  await page.getByRole("navigation", { name: "Chats" }).getByRole("button", { name: /^How do I end the lease/ }).first().click();
  await expect(cite(page, 1)).toHaveAccessibleName("Citation 1: Removed document, page 2, Its document was removed");
  await cite(page, 1).click();
  await expect(pane(page).getByText("The words that were quoted from it went with it.")).toBeVisible();
});

test("many documents are removed after a question, with their quotes if that is chosen, and come back", async ({ page }) => {
  await open(page, `&library=many${long}`);
  await page.getByRole("searchbox", { name: "Find in the library" }).fill("letter 049");
  await expect(page.getByText("115 shown")).toBeVisible();
  await page.getByRole("button", { name: "Ask these" }).click();
  await page.getByRole("button", { name: "Remove…" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove these documents?" });
  await expect(dialog.getByText(/^115 documents will no longer be searched/)).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Keep" })).toBeFocused();
  const quotes = dialog.getByRole("checkbox", { name: "Take what saved answers quote from them out, too" });
  await expect(quotes).not.toBeChecked();
  await quotes.check();
  await clean(page);
  await dialog.getByRole("button", { name: "Remove documents" }).click();
  await expect(notice(page)).toContainText("115 documents removed");
  await expect(notice(page)).toContainText("What saved answers quote goes, too.");
  await notice(page).getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("115 shown")).toBeVisible();
});

test("the notice says the same in German", async ({ page }) => {
  await open(page, long);
  await answered(page);
  await choose(page, "language: deutsch", /Deutsch/);
  await page.getByRole("button", { name: "handover notes.md entfernen" }).click();
  const said = page.getByRole("group", { name: "Entfernt" });
  await expect(said).toContainText(/handover notes.*Aus der Bibliothek entfernt\./);
  await expect(said.getByRole("button", { name: "Auch die Zitate entfernen" })).toBeVisible();
  await said.getByRole("button", { name: "Rückgängig" }).click();
  await expect(page.getByRole("button", { name: "handover notes.md entfernen" })).toBeAttached();
});
