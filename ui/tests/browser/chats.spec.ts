import { expect } from "@playwright/test";
import { announced, answered, ask, choose, clean, open, question, test } from "./window";

test("a chat is renamed, pinned and exported from its menu or by keyboard", async ({ page }) => {
  await open(page, "chats=3");
  const chats = page.getByRole("navigation", { name: "Chats" });
  const rows = chats.getByRole("listitem");
  await expect(rows).toHaveText([/chapter 3/, /chapter 2/, /chapter 1/]);

  await chats.getByRole("button", { name: "Menu of chat “What does chapter 1 say?”" }).click();
  await page.getByRole("menuitem", { name: "Pin to the top" }).click();
  await expect(rows).toHaveText([/chapter 1.*pinned/, /chapter 3/, /chapter 2/]);
  await expect(chats.getByRole("button", { name: "Menu of chat “What does chapter 1 say?”" })).toBeFocused();

  await chats.getByRole("button", { name: /^What does chapter 2/ }).focus();
  await page.keyboard.press("F2");
  const title = chats.getByRole("textbox", { name: "New title of the chat" });
  await expect(title).toBeFocused();
  await title.fill("never mind");
  await page.keyboard.press("Escape");
  await expect(rows.nth(2)).toContainText("chapter 2");
  await expect(chats.getByRole("button", { name: /^What does chapter 2/ })).toBeFocused();
  await page.keyboard.press("F2");
  await title.fill("The second part");
  await page.keyboard.press("Enter");
  await expect(chats.getByRole("button", { name: /^The second part/ })).toBeFocused();
  await expect(announced(page)).toHaveText("The chat is now called “The second part”");

  const menu = chats.getByRole("button", { name: "Menu of chat “The second part”" });
  await menu.press("Enter");
  await page.getByRole("menuitem", { name: "Rename" }).press("Enter");
  await expect(title).toBeFocused();
  await page.keyboard.press("Escape");
  await menu.click();
  await page.getByRole("menuitem", { name: "Export as HTML…" }).click();
  await expect(page.getByText("“The second part” was exported", { exact: true })).toBeVisible();
  await expect(page.getByText("/home/ada/The second part.html", { exact: true })).toBeVisible();
  await page.evaluate(() => (window.fake.cancelSave = true));
  await chats.getByRole("button", { name: /^The second part/ }).click();
  await expect(chats.getByRole("button", { name: /^The second part/ })).toHaveAttribute("aria-current", "true");
  await choose(page, "export json", /JSON/);
  await expect(announced(page)).toHaveText("The export was canceled; nothing was written");
  await expect(page.getByRole("region", { name: "Library" })).toContainText("The export was canceled");
});

test("many chats are searched, and a hit opens at its turn", async ({ page }) => {
  await open(page, "history=12&chats=7");
  const chats = page.getByRole("navigation", { name: "Chats" });
  await page.keyboard.press("Control+Shift+f");
  const box = chats.getByRole("searchbox", { name: "Search chats" });
  await expect(box).toBeFocused();
  await page.keyboard.type("lease part 7");
  await expect(chats.getByRole("listitem")).toHaveCount(1);
  await expect(announced(page)).toHaveText("1 chat found");
  await expect(chats.getByRole("listitem")).toContainText("How do I end the lease, part 7?");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "How do I end the lease, part 7?" })).toBeInViewport();
  await expect(page.getByRole("heading", { name: "How do I end the lease, part 12?" })).not.toBeInViewport();
  await box.fill("zzz");
  await expect(chats.getByText("No chat has these words.")).toBeVisible();
  await box.press("Escape");
  await expect(chats.getByRole("listitem")).toHaveCount(8);
});

test("counting over all documents shows how far it is, and what was counted", async ({ page }) => {
  await open(page, "pace=150");
  await ask(page, "How many documents mention the deposit?");
  const bar = page.getByRole("progressbar", { name: /^Reading every page: \d+ of \d+$/ });
  await expect(bar).toBeVisible();
  await expect(page.getByText(/2 of 4 documents mention “deposit”/)).toBeVisible();
  await expect(bar).toBeHidden();
  await page.getByText("How this answer came about").click();
  const trace = page.getByRole("article").getByRole("group").first();
  await expect(trace).toContainText("“deposit”");
  await expect(trace).toContainText(/Mentioned in\s*\d of 4 documents/);
  await expect(trace).not.toContainText("Evidence");
});

test("what narrowed a question is shown with its answer, and explained in the overview", async ({ page }) => {
  await open(page);
  await answered(page, "How do I end the lease? file:lease");
  await page.getByText("How this answer came about").click();
  const trace = page.getByRole("article").getByRole("group").first();
  await expect(trace.getByText("file:lease", { exact: true })).toBeVisible();
  await expect(trace.getByText("1 of 4 documents")).toBeVisible();
  await question(page).press("F1");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help.getByText("after:2023")).toBeVisible();
  await expect(help.getByText("must not stand there")).toBeVisible();
});

test("axe finds nothing in the menu of a chat that was found", async ({ page }) => {
  test.slow();
  await open(page, "chats=7");
  const chats = page.getByRole("navigation", { name: "Chats" });
  await chats.getByRole("searchbox").fill("chapter 3");
  await expect(chats.getByRole("listitem")).toHaveCount(1);
  await chats.getByRole("button", { name: /^Menu of chat/ }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  // A menu floats over all landmarks, and takes focus into itself.
  await clean(page, ["region"]);
});
