import { expect } from "@playwright/test";
import { answered, ask, cite, clean, open, question, summaries, test } from "./window";

test("a sentence without support says why, to pointer and keyboard", async ({ page }) => {
  await open(page);
  await answered(page);
  const mark = page.locator(".answer").getByRole("button", { name: "not supported" });
  await mark.hover();
  await expect(page.getByRole("tooltip")).toContainText("No passage that was found says this.");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("tooltip")).toBeHidden();
  await mark.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tooltip")).toBeVisible();
  await expect(mark).toHaveAccessibleDescription(/No passage that was found says this/);
});

test("sentences without a source are left out and counted, when that is set", async ({ page }) => {
  await open(page);
  await page.keyboard.press("Control+,");
  const dialog = page.getByRole("dialog", { name: "Settings" });
  await dialog.getByRole("searchbox").fill("without a source");
  await expect(dialog.getByRole("heading", { level: 3 })).toHaveText(["Sentences without a source"]);
  await dialog.getByRole("radio", { name: "Left out" }).check();
  await page.keyboard.press("Escape");
  await answered(page, "How do I end the lease, and how long is the DPA?");
  const answer = page.getByRole("article").last();
  await expect(answer.getByText("4 of 4 sentences supported")).toBeVisible();
  await expect(answer.getByText("1 sentence without a source left out", { exact: true })).toBeVisible();
  await expect(answer.getByText("registered post")).toHaveCount(0);
  await page.getByText("How this answer came about").click();
  await expect(answer.getByText("1 sentence left out that no passage carries")).toBeVisible();
  await expect(answer.getByText("DPA: data processing agreement")).toBeVisible();
  await expect(answer.getByText("how long is the DPA", { exact: true })).toBeVisible();
  await clean(page);
});

test("why this answer: stages, candidates and what became of them", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.getByText("How this answer came about").click();
  const trace = page.getByRole("article").getByRole("group").first();
  await expect(trace.getByRole("listitem").filter({ hasText: "Reading the passages" })).toContainText("0.6 s");
  const table = page.getByRole("table");
  await expect(table.getByRole("columnheader")).toHaveText(["Where", "Meaning", "Words", "Both", "Ranking", "What became of it"]);
  await expect(table.getByRole("row")).toHaveCount(9);
  await page.getByRole("button", { name: "Show 2 more" }).click();
  await expect(table.getByRole("row")).toHaveCount(11);
  await expect(table.getByText("ranked below the passages shown")).toHaveCount(5);
  await expect(table.getByText("given to the model")).toHaveCount(5);
});

test("a document named with @ limits the question, until its chip is taken away", async ({ page }) => {
  await open(page);
  await question(page).pressSequentially("Which keys does @hand");
  await expect(page.getByRole("option")).toHaveText(["handover notes.md"]);
  await page.keyboard.press("Enter");
  await expect(question(page)).toHaveValue("Which keys does ");
  const chips = page.getByRole("list", { name: "Only these documents are asked" });
  await expect(chips.getByRole("listitem")).toHaveText(["handover notes.md"]);
  await page.keyboard.type("it mention?");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => window.fake.asked.at(-1))).toMatchObject({ question: "Which keys does it mention?", documents: ["doc-2"] });
  await chips.getByRole("button", { name: "Do not ask handover notes.md" }).click();
  await expect(page.getByText("Asking all 4 documents")).toBeVisible();
  await expect(question(page)).toBeFocused();
});

test("a question is changed and asked anew; the draft it displaced comes back", async ({ page }) => {
  await open(page);
  await answered(page);
  await question(page).fill("half a thought");
  await page.getByRole("button", { name: "Edit question" }).click();
  await expect(question(page)).toHaveValue("How do I end the lease?");
  await expect(page.getByText("Changing an earlier question")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(question(page)).toHaveValue("half a thought");
  await page.getByRole("button", { name: "Edit question" }).click();
  await question(page).fill("How do I end it early?");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("article")).toHaveCount(2);
  await expect(question(page)).toHaveValue("half a thought");
});

test("what is typed and not sent is kept for its chat", async ({ page }) => {
  await open(page);
  await answered(page);
  await question(page).fill("And then");
  await page.keyboard.press("Control+n");
  await expect(question(page)).toHaveValue("");
  const chats = page.getByRole("navigation", { name: "Chats" });
  await expect(chats.getByText("Draft")).toBeVisible();
  await chats.getByRole("button", { name: /^How do I end the lease/ }).click();
  await expect(question(page)).toHaveValue("And then");
});

test("an answer is copied with its sources, or as plain words", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page);
  await answered(page);
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await expect
    .poll(copied)
    .toMatch(/to the end of a month \[1\]\.[^]*\n\n\[1\] Residential lease agreement.*\.pdf, page 2: “.*”\n/);
  await page.getByRole("button", { name: "Copy without markers" }).click();
  await expect.poll(copied).not.toMatch(/\[1\]/);
});

test("text that is typed while an answer is written stays in its chat", async ({ page }) => {
  await open(page, "&pace=40");
  await ask(page, "How do I end the lease?");
  await question(page).fill("Next");
  await expect(summaries(page)).toBeVisible();
  await expect(question(page)).toHaveValue("Next");
  await page.keyboard.press("Control+n");
  await expect(question(page)).toHaveValue("");
});

test("what another document says instead stands beside the answer's source, and opens", async ({ page }) => {
  await open(page);
  await ask(page, "When is the deposit paid back?");
  await expect(summaries(page)).toHaveText(["4 of 5 sentences supported"]);
  const differing = page.getByRole("region", { name: "The documents do not agree" });
  await expect(differing.getByRole("listitem")).toHaveCount(2);
  await expect(differing.getByRole("button").first()).toContainText("February 11, 2025");
  const other = differing.getByRole("button", { name: /Protokoll .* no date: Securities are returned within four weeks/ });
  await other.click();
  await expect(page.getByRole("complementary", { name: "Source" }).locator("mark").first()).toHaveText(/^Securities are returned within four weeks/);
  await page.keyboard.press("Escape");
  await expect(other).toBeFocused();
});

test("words that are selected while an answer is written stay selected", async ({ page }) => {
  await open(page, "pace=60");
  await ask(page, "How do I end the lease?");
  // The words before the first marker are complete once it stands there.
  await expect(cite(page, 1)).toBeVisible();
  const selected = await page.locator(".answer").evaluate((answer) => {
    const words = document.createTreeWalker(answer, NodeFilter.SHOW_TEXT).nextNode() as Text;
    getSelection()?.setBaseAndExtent(words, 0, words, 12);
    return String(getSelection());
  });
  expect(selected).toHaveLength(12);
  await expect(summaries(page)).toBeVisible();
  expect(await page.evaluate(() => String(getSelection()))).toBe(selected);
});

test("a marker that is drawn anew while it is pressed opens its source once", async ({ page }) => {
  await open(page, "pace=20");
  await ask(page, "How do I end the lease?");
  await expect(summaries(page)).toBeVisible();
  const marker = cite(page, 1);
  await marker.hover();
  await page.mouse.down();
  await marker.evaluate((button) => {
    button.replaceWith(button.cloneNode(true));
  });
  await page.mouse.up();
  await expect(page.getByRole("complementary", { name: "Source" }).getByRole("document")).toBeVisible();
  await expect(marker).toHaveAttribute("aria-pressed", "true");
});
