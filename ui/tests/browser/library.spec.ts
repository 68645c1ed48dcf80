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
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("menuitemcheckbox", { name: "Only asked" }).click();
  await page.keyboard.press("Escape");
  await list.getByRole("checkbox", { name: "Ask only letter 04990.txt" }).click();
  await expect(page.getByText("10 shown")).toBeVisible();
  await expect(list.getByRole("checkbox", { name: "Ask only letter 04991.txt" })).toBeFocused();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByRole("group", { name: "Removed" }).getByText("10 documents removed")).toBeVisible();
  await expect(page.getByText("No document passes the filter.")).toBeVisible();
  await page.getByRole("button", { name: "Clear the filter" }).click();
  await expect(page.getByRole("searchbox", { name: "Find in the library" })).toBeFocused();
  await expect(page.getByText("Asking all 4,990 documents")).toBeVisible();
});

test("a library is filtered by kind, folder and state, by keyboard alone", async ({ page }) => {
  await open(page, "&library=mixed");
  const list = page.getByRole("list", { name: "Documents", exact: true }).getByRole("listitem");
  const said = page.getByRole("region", { name: "Library" }).getByRole("status");
  await expect(list).toHaveCount(13);
  const filter = page.getByRole("button", { name: /^Filter/ });
  const entry = (name: RegExp) => page.getByRole("menuitem", { name });
  const choice = (name: RegExp) => page.getByRole("menuitemcheckbox", { name });
  await filter.focus();
  await page.keyboard.press("Enter");
  await expect(entry(/^Kind/)).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(choice(/^PDF 3$/)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(choice(/^PDF/)).toBeChecked();
  await expect(said).toHaveText("3 shown");
  // A menu stands at the end of the page, in no landmark.
  await clean(page, ["region"]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(choice(/^Sheets 2$/)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(said).toHaveText("5 shown");
  await page.keyboard.press("ArrowLeft");
  await expect(entry(/^Kind: 2/)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(entry(/^Folder/)).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(choice(/^Code 1$/)).toBeFocused();
  await expect(choice(/^Letters\/2024 2$/)).toBeVisible();
  await choice(/^Taxes\/2024 2$/).press("Enter");
  await expect(said).toHaveText("2 shown");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await expect(filter).toBeFocused();
  await expect(filter).toHaveText(/Filter: 3/);
  await clean(page);

  const chosen = page.getByRole("list", { name: "Filter", exact: true });
  await chosen.getByRole("button", { name: "Do not filter by PDF" }).press("Enter");
  await expect(chosen.getByRole("button", { name: "Do not filter by Sheets" })).toBeFocused();
  await expect(said).toHaveText("1 shown");
  await page.getByRole("searchbox", { name: "Find in the library" }).fill("nothing is called so");
  await expect(said).toHaveText("No document passes the filter.");
  await clean(page);
  await page.getByRole("button", { name: "Clear the filter" }).press("Enter");
  await expect(page.getByRole("searchbox", { name: "Find in the library" })).toBeFocused();
  await expect(list).toHaveCount(13);
  await expect(said).toHaveText("");
});

test("files that failed are filtered with the others, and bulk actions take what is shown", async ({ page }) => {
  await open(page, "&library=mixed");
  const files = ["/home/ada/in/broken 1.pdf", "/home/ada/in/broken 2.docx", "/home/ada/in/locked.pdf"];
  await page.evaluate((paths) => window.fake.drag(paths, "drop"), files);
  const failures = page.getByRole("list", { name: "Files that failed" }).getByRole("listitem");
  const said = page.getByRole("region", { name: "Library" }).getByRole("status");
  await expect(page.getByRole("list", { name: "Files being added" })).toBeHidden();
  await expect(failures).toHaveCount(3);
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("menuitem", { name: "State" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Needs a password 1" }).click();
  await expect(failures).toHaveCount(1);
  await expect(said).toHaveText("1 shown");
  await page.getByRole("menuitemcheckbox", { name: "Failed 2" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Partly read 1" }).click();
  await expect(said).toHaveText("4 shown");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await page.getByRole("searchbox", { name: "Find in the library" }).fill("broken");
  await expect(said).toHaveText("2 shown");
  await expect(page.getByText("1 failed file hidden")).toBeVisible();
  await clean(page);
  await page.getByRole("searchbox", { name: "Find in the library" }).fill("broken 1");
  await expect(failures).toHaveCount(1);
  await page.getByRole("searchbox", { name: "Find in the library" }).fill("");
  await page.getByRole("button", { name: "Do not filter by Needs a password" }).click();
  await page.getByRole("button", { name: "Retry these" }).click();
  await expect(said).toHaveText("1 shown");
  await page.getByRole("button", { name: "Do not filter by Failed" }).click();
  await page.getByRole("button", { name: "Do not filter by Partly read" }).click();
  await expect(failures).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Details of broken 2.docx" })).toBeAttached();
  await page.getByRole("searchbox", { name: "Find in the library" }).fill("rent");
  await page.getByRole("button", { name: "Show failed" }).press("Enter");
  await expect(page.getByRole("button", { name: /^Filter/ })).toBeFocused();
  await expect(said).toHaveText("1 shown");
  await page.getByRole("button", { name: "Do not filter by Failed" }).click();
  await page.getByRole("button", { name: "Do not filter by Needs a password" }).click();

  await page.getByRole("button", { name: "File to the caretaker.txt", exact: true }).click();
  await page.getByRole("menuitem", { name: "Only this folder" }).click();
  await expect(said).toHaveText("2 shown");
  await page.getByRole("button", { name: "Ask these" }).click();
  await page.getByRole("searchbox", { name: "Find in the library" }).fill("from");
  await page.getByRole("button", { name: "Remove…" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove these documents?" });
  await expect(dialog.getByText(/1 of them is not shown by the filter\.$/)).toBeVisible();
});

test("a watched folder shows only its documents", async ({ page }) => {
  await open(page, "&library=mixed");
  await page.evaluate(() => window.fake.drag(["/home/ada/Documents/Taxes"], "drop"));
  await page.getByRole("button", { name: "Keep watching" }).click();
  await page.evaluate(() => window.fake.folder("/home/ada/Documents/Taxes", { state: "offline" }));
  const said = page.getByRole("region", { name: "Library" }).getByRole("status");
  await page.getByRole("button", { name: "Menu of folder Taxes" }).click();
  await page.getByRole("menuitem", { name: "Show only its documents" }).click();
  await expect(said).toHaveText("3 shown");
  await page.getByRole("button", { name: "Do not filter by Taxes" }).click();
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("menuitem", { name: "State" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Offline 3" }).click();
  await expect(said).toHaveText("3 shown");
});

test("many files say how many are done, how fast it goes and how long it takes yet", async ({ page }) => {
  await page.clock.install();
  await open(page, "&pace=1000");
  await page.evaluate(() => window.fake.drag(Array.from({ length: 40 }, (_, i) => `/home/ada/in/${i}.pdf`), "drop"));
  const dialog = page.getByRole("dialog", { name: "Add 40 files?" });
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  // A clock that the test turns: a file takes twelve seconds of it.
  const turned = async (what: () => Promise<boolean>) => {
    await page.clock.runFor(1000);
    return what();
  };
  const all = page.getByRole("progressbar", { name: "All files being read" });
  await expect.poll(() => turned(() => all.isVisible()), { intervals: [20] }).toBe(true);
  const facts = page.getByText(/^\d+ of 40 files · [\d.]+ pages\/(s|min) · about \d+ minutes left$/);
  await expect.poll(() => turned(() => facts.isVisible()), { intervals: [20], timeout: 60_000 }).toBe(true);
  await expect(page.getByRole("button", { name: "On this machine only" })).toHaveAttribute("title", /^\d+ of 40 files · .* left$/);
  await expect.poll(() => page.evaluate(() => window.fake.tray?.title)).toMatch(/^Footnote: Reading \d+ of 40 files · about \d+ minutes left$/);
  await expect(announced(page)).toHaveText("Adding 40 files");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByRole("dialog", { name: "Pause indexing?" }).getByRole("button", { name: "Pause at once" }).click();
  await expect(page.getByText(/^\d+ of 40 files$/)).toBeVisible();
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

test("the parts of the filter stand in the window, however narrow it is", async ({ page }) => {
  await page.setViewportSize({ width: 900, height: 600 });
  await page.addInitScript(() => localStorage.setItem("footnote.preferences", JSON.stringify({ scale: 2, language: "de" })));
  await page.goto("/?library=mixed&pace=5");
  await page.keyboard.press("Control+b");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("menuitem", { name: "Art" }).press("ArrowRight");
  await expect(page.getByRole("menuitemcheckbox", { name: /^PDF/ })).toBeFocused();
  await expect(page.getByRole("menu", { name: "Art" })).toBeInViewport({ ratio: 1 });
});
