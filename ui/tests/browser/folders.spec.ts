import { expect } from "@playwright/test";
import { announced, choose, clean, open, test } from "./window";

const letters = "/home/ada/Documents";

test("a dropped folder is added once or watched, and stopping asks what becomes of its documents", async ({ page }) => {
  await open(page);
  await page.evaluate((path) => window.fake.drag([path], "drop"), letters);
  const question = page.getByRole("dialog", { name: "Add Documents once, or keep watching?" });
  await expect(question.getByRole("button", { name: "Keep watching" })).toBeFocused();
  await clean(page);
  await page.keyboard.press("Enter");
  const section = page.getByRole("region", { name: "Watched folders" });
  await expect(section.getByText(/^Watching · \d+ documents? · looked at/)).toBeVisible();
  await clean(page);

  await section.getByRole("button", { name: "Menu of folder Documents" }).click();
  await page.getByRole("menuitem", { name: "Leave files out…" }).click();
  await page.getByRole("textbox", { name: "Patterns" }).fill("*.log\n\ndrafts/");
  await clean(page);
  await page.getByRole("button", { name: "Save" }).click();
  await section.getByRole("button", { name: "Menu of folder Documents" }).click();
  await page.getByRole("menuitem", { name: "Leave files out…" }).click();
  await expect(page.getByRole("textbox", { name: "Patterns" })).toHaveValue("*.log\ndrafts/");
  await page.keyboard.press("Escape");

  const documents = page.getByRole("list", { name: "Documents", exact: true }).getByRole("listitem");
  const before = await documents.count();
  await section.getByRole("button", { name: "Menu of folder Documents" }).click();
  await page.getByRole("menuitem", { name: "Stop watching…" }).click();
  await page.getByRole("dialog", { name: "Stop watching “Documents”?" }).getByRole("button", { name: "Keep documents" }).click();
  await expect(section).toBeHidden();
  await expect(documents).toHaveCount(before);
});

test("an unplugged folder is marked with its documents, and many missing files are asked about", async ({ page }) => {
  await open(page);
  await page.evaluate((path) => window.fake.drag([path], "drop"), letters);
  await page.getByRole("button", { name: "Keep watching" }).click();
  await page.evaluate((path) => window.fake.folder(path, { state: "offline" }), letters);
  const section = page.getByRole("region", { name: "Watched folders" });
  await expect(section.getByText("Its documents stay searchable")).toBeVisible();
  await expect(page.getByRole("list", { name: "Documents", exact: true }).getByText(/^Offline · /).first()).toBeVisible();
  await clean(page);

  await page.evaluate((path) => window.fake.folder(path, { state: "watching", missing: 14 }), letters);
  await expect(section.getByText("The files of 14 documents went away at once. Are they meant to go?")).toBeVisible();
  await section.getByRole("button", { name: "Remove them…" }).click();
  const question = page.getByRole("dialog", { name: "Remove these documents?" });
  await expect(question.getByText("The files of 14 documents in “Documents” are gone.")).toBeVisible();
  await question.getByRole("button", { name: "Remove documents" }).click();
  await expect(section.getByText("went away at once")).toBeHidden();
});

test("indexing is paused, resumed, and all that failed is retried", async ({ page }) => {
  await open(page, "pace=250");
  const files = ["/home/ada/a.pdf", "/home/ada/b.pdf", "/home/ada/c.pdf"];
  await page.evaluate((paths) => window.fake.drag(paths, "drop"), files);
  await expect(page.getByRole("progressbar", { name: "All files being read" })).toBeVisible();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  const question = page.getByRole("dialog", { name: "Pause indexing?" });
  await question.getByRole("button", { name: "Pause after this file" }).click();
  await expect(announced(page)).toHaveText("Indexing is paused");
  await expect(page.getByText("2 files wait")).toBeVisible({ timeout: 15_000 });
  await clean(page);
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await expect(page.getByText(/files? waits?$/)).toBeHidden();
  await expect(page.getByRole("button", { name: "Details of c.pdf" })).toBeAttached({ timeout: 15_000 });

  const broken = ["/home/ada/broken 1.pdf", "/home/ada/broken 2.pdf"];
  await page.evaluate((paths) => window.fake.drag(paths, "drop"), broken);
  await expect(page.getByText("2 files failed")).toBeVisible({ timeout: 15_000 });
  await clean(page);
  await page.getByRole("button", { name: "Retry all" }).click();
  await expect(page.getByRole("button", { name: "Details of broken 2.pdf" })).toBeAttached({ timeout: 15_000 });
});

test("a document is opened in its program and shown in its folder, and one that went away says so", async ({ page }) => {
  await open(page);
  const notes = "/home/ada/Documents/Flat/handover notes.md";
  const opened = () => page.evaluate(() => window.fake.opened);
  const menu = page.getByRole("button", { name: "File handover notes.md" });
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Open in its program" }).click();
  await page.getByRole("button", { name: "Details of handover notes.md" }).click();
  await page.getByRole("button", { name: "Show in its folder" }).click();
  await page.getByRole("button", { name: "handover notes.md", exact: false }).first().click();
  await choose(page, "Open this source", /^Open this source/);
  await expect.poll(opened).toEqual([notes, `${notes} in its folder`, notes]);
  await page.evaluate((path) => void window.fake.lost.add(path), notes);
  await menu.first().focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Open in its program" }).click();
  await expect(page.getByText(`${notes}: The file is not there any more`, { exact: true })).toBeVisible();
});
