import { expect, type Page } from "@playwright/test";
import { announced, clean, open, question, test } from "./window";

const tray = (page: Page) => page.evaluate(() => window.fake.tray);
const state = (page: Page) => expect.poll(async () => (await tray(page))?.state);
const drop = (page: Page, paths: string[]) => page.evaluate((dropped) => window.fake.drag(dropped, "drop"), paths);
const behind = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event("blur")));
const inFront = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event("focus")));

test("the tray counts the files that are read, names none, and calls for a look only after a failure that nobody saw", async ({ page }) => {
  await open(page, "pace=60");
  await state(page).toBe("Ready");
  expect((await tray(page))?.title).toBe("Footnote: Ready");
  await behind(page);
  await drop(page, ["/home/ada/will.pdf", "/home/ada/broken tax.pdf", "/home/ada/notes.txt"]);
  await state(page).toBe("1 file could not be read");
  const told = await tray(page);
  expect(told?.attention).toBe(true);
  expect(told?.items.map(({ action }) => action)).toEqual(["show", "ask", "quit"]);
  const all = await page.evaluate(() => window.fake.trayed);
  expect(JSON.stringify(all)).not.toMatch(/will|tax|notes|pdf/);
  const reading = all.filter((view) => /^Reading [123] of 3 files$/.test(view?.state ?? ""));
  expect(reading.length).toBeGreaterThan(0);
  expect(reading[0]?.items.map(({ label }) => label)).toEqual(["Show Footnote", "Ask a question", "Pause indexing", "Quit Footnote"]);
  await inFront(page);
  await expect.poll(async () => (await tray(page))?.attention).toBe(false);
});

test("reading is paused and resumed, and a question begun, from the tray", async ({ page }) => {
  await open(page, "pace=60");
  await state(page).toBe("Ready");
  await drop(page, ["/home/ada/a.pdf", "/home/ada/b.pdf", "/home/ada/c.pdf"]);
  await page.waitForFunction(() => {
    const there = window.fake.tray?.items.some(({ action }) => action === "pause");
    if (there) window.fake.chooseInTray("Pause indexing");
    return there;
  });
  await expect(page.getByText("Indexing is paused", { exact: true })).toBeVisible();
  await state(page).toMatch(/^Paused: \d files? waits?$/);
  await page.evaluate(() => window.fake.chooseInTray("Resume indexing"));
  await state(page).toBe("Ready");

  await page.keyboard.press("Control+,");
  await expect(page.getByRole("dialog", { name: "Settings" })).toBeVisible();
  await page.evaluate(() => window.fake.chooseInTray("Ask a question"));
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(question(page)).toBeFocused();
});

test("the icon can be switched off, speaks the window's language, and its settings say what is in the way", async ({ page }) => {
  await open(page);
  await state(page).toBe("Ready");
  await page.keyboard.press("Control+,");
  await page.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  await state(page).toBe("Bereit");
  await page.getByRole("combobox", { name: "Sprache" }).selectOption("English");
  const settings = page.getByRole("dialog", { name: "Settings" });
  await settings.getByRole("searchbox").fill("tray");
  const closing = settings.getByRole("radiogroup", { name: "Closing the window" });
  expect((await tray(page))?.keeps).toBe(false);
  await closing.getByRole("radio", { name: "Leaves it in the tray" }).check();
  await expect.poll(async () => (await tray(page))?.keeps).toBe(true);
  await expect(settings.getByText("closing ends Footnote.")).toHaveCount(0);

  const icon = settings.getByRole("radiogroup", { name: "Icon in the tray" });
  await page.evaluate(() => window.fake.trayThere(false));
  await expect(icon).toHaveAccessibleDescription(/This desktop has no tray\.$/);
  await expect(closing).toHaveAccessibleDescription(/Without an icon in a tray, closing ends Footnote\.$/);
  await clean(page);
  await page.evaluate(() => window.fake.trayThere(true));
  await expect(icon).not.toHaveAccessibleDescription(/no tray/);

  await icon.getByRole("radio", { name: "Not shown" }).check();
  await expect.poll(() => tray(page)).toBeNull();
  await expect(closing).toHaveAccessibleDescription(/Without an icon in a tray, closing ends Footnote\.$/);
  await page.reload();
  await expect(announced(page)).toBeAttached();
  await page.keyboard.press("Control+,");
  await settings.getByRole("searchbox").fill("tray");
  await expect(icon.getByRole("radio", { name: "Not shown" })).toBeChecked();
  expect(await tray(page)).toBeNull();
});

test("a desktop without a tray is said, and nothing fails", async ({ page }) => {
  await open(page, "tray=none");
  await page.keyboard.press("Control+,");
  const settings = page.getByRole("dialog", { name: "Settings" });
  await expect(settings.getByText("This desktop has no tray.")).toBeVisible();
});
