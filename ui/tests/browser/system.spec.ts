import { expect, type Page } from "@playwright/test";
import { clean, open, search, test } from "./window";

const run = async (page: Page, name: string, typed: string) => {
  const palette = await search(page, typed);
  await palette.getByRole("option", { name }).click();
};

test("diagnostics are shown as they will be saved, by keyboard alone", async ({ page }) => {
  await open(page);
  await run(page, "Diagnostics", "diagnos");
  const dialog = page.getByRole("dialog", { name: "Diagnostics" });
  const text = dialog.getByRole("region", { name: "Text of the diagnostics" });
  await expect(text).toContainText("embedder: multilingual-e5-small, loaded");
  await expect(text).toContainText("theme: system");
  await clean(page);
  await text.focus();
  await expect(text).toBeFocused();

  await page.evaluate(() => (window.fake.cancelSave = true));
  const save = dialog.getByRole("button", { name: "Save…" });
  await save.click();
  await expect(dialog.getByRole("status")).toHaveText("Nothing was saved");
  await page.evaluate(() => (window.fake.cancelSave = false));
  await save.press("Enter");
  await expect(dialog.getByRole("status")).toHaveText("Saved: /home/ada/footnote-diagnostics-2026-11-22.txt");
  const saved = await page.evaluate(() => window.fake.saved);
  expect(saved).toEqual([await text.evaluate((shown) => shown.textContent)]);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("diagnostics can be reached from what is told about the machine and from the keys", async ({ page }) => {
  await open(page);
  await page.keyboard.press("F1");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByRole("button", { name: "Diagnostics…" }).click();
  await expect(page.getByRole("dialog", { name: "Diagnostics" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await run(page, "About this machine", "about this");
  await page.getByRole("dialog", { name: "Footnote 0.1.0" }).getByRole("button", { name: "Diagnostics…" }).click();
  await expect(page.getByRole("region", { name: "Text of the diagnostics" })).toBeVisible();
});

test("data is moved after a question, and the old copy goes after another", async ({ page }) => {
  await open(page);
  await page.keyboard.press("Control+,");
  const settings = page.getByRole("dialog", { name: "Settings" });
  await settings.getByRole("searchbox").fill("your data");
  await expect(settings.getByText("/home/ada/.local/share/footnote", { exact: true })).toBeVisible();
  await expect(settings.getByText("2.3 GB, 181 GB free on its disk")).toBeVisible();
  await clean(page);

  await page.evaluate(() => (window.fake.picks = ["/mnt/disk/Footnote"]));
  await settings.getByRole("button", { name: "Move…" }).click();
  const question = page.getByRole("dialog", { name: "Move your data?" });
  await expect(question.getByText("2.3 GB will be copied to /mnt/disk/Footnote")).toBeVisible();
  await clean(page);
  await question.getByRole("button", { name: "Move", exact: true }).click();
  const old = page.getByRole("dialog", { name: "Delete the old copy?" });
  await expect(old.getByText("The copy in /home/ada/.local/share/footnote (2.3 GB) is not used any more.")).toBeVisible();
  await expect(old.getByRole("button", { name: "Keep it" })).toBeFocused();
  await clean(page);
  await old.getByRole("button", { name: "Delete old copy" }).click();
  await expect(settings.getByRole("status")).toHaveText("The old copy was deleted");
  await expect(settings.getByText("/mnt/disk/Footnote", { exact: true })).toBeVisible();
});

test("a move shows how far it is, and Escape ends it with everything where it was", async ({ page }) => {
  await open(page, "pace=300");
  await page.evaluate(() => (window.fake.picks = ["/mnt/disk/Footnote"]));
  await run(page, "Move your data to another folder", "move your data");
  await page.getByRole("dialog", { name: "Move your data?" }).getByRole("button", { name: "Move", exact: true }).click();
  const moving = page.getByRole("dialog", { name: "Moving your data" });
  await expect(moving.getByRole("progressbar", { name: "Copying" })).toBeVisible();
  await expect(moving.getByText(/of 2\.3 GB/)).toBeVisible();
  await clean(page);
  await page.keyboard.press("Escape");
  await expect(moving).toBeHidden();
  const settings = page.getByRole("dialog", { name: "Settings" });
  await expect(settings.getByRole("status")).toHaveText("Your data stays where it was");
  await expect(settings.getByText("/home/ada/.local/share/footnote", { exact: true })).toBeVisible();
});

test("a folder that will not do, a copy that does not open and a named folder are explained", async ({ page }) => {
  await open(page);
  await page.keyboard.press("Control+,");
  const settings = page.getByRole("dialog", { name: "Settings" });
  for (const [folder, why] of [
    ["/taken", "The folder /taken is not empty"],
    ["/full", "There is too little room in /full: 2,407 MB are needed, 120 MB are free"],
  ] as const) {
    await page.evaluate((picked) => (window.fake.picks = [picked]), folder);
    await settings.getByRole("button", { name: "Move…" }).click();
    await expect(settings.getByText(why, { exact: true })).toBeVisible();
  }
  await page.evaluate(() => Object.assign(window.fake, { picks: ["/mnt/disk/Footnote"], failMove: true }));
  await settings.getByRole("button", { name: "Move…" }).click();
  await page.getByRole("dialog", { name: "Move your data?" }).getByRole("button", { name: "Move", exact: true }).click();
  await expect(settings.getByText("The copy cannot be used", { exact: true })).toBeVisible();
  await expect(settings.getByText("/home/ada/.local/share/footnote", { exact: true })).toBeVisible();

  await open(page, "data=named");
  await page.keyboard.press("Control+,");
  await expect(settings.getByText("This folder was named when Footnote was started.")).toBeVisible();
  await expect(settings.getByRole("button", { name: "Move…" })).toHaveCount(0);
});

test("long reading that ends while nobody looks is told with counts, and not if that is not wanted", async ({ page }) => {
  await page.clock.install();
  // Each step takes a minute, of a clock that the test turns.
  await open(page, "pace=60000");
  const told = () => page.evaluate(() => window.fake.notifications);
  const read = async (names: string[], focused: boolean) => {
    await page.evaluate((focus) => (window.fake.focused = focus), focused);
    await page.evaluate((paths) => window.fake.drag(paths, "drop"), names.map((name) => `/home/ada/${name}`));
    const left = async () => {
      await page.clock.fastForward(61_000);
      return page.getByRole("progressbar").count();
    };
    await expect.poll(left, { intervals: [50] }).toBeGreaterThan(0);
    await expect.poll(left, { timeout: 25_000, intervals: [50] }).toBe(0);
  };
  const first = { title: "Your documents are read", body: "1 file can be asked about.", shown: false };
  await read(["tax 2024.txt"], true);
  await expect.poll(told).toEqual([first]);
  await read(["diary.txt", "broken secrets.txt"], false);
  await expect
    .poll(told)
    .toEqual([first, { title: "Some files could not be read", body: "1 file could not be read. 1 file can be asked about.", shown: true }]);

  await page.keyboard.press("Control+,");
  const settings = page.getByRole("dialog", { name: "Settings" });
  await settings.getByRole("searchbox").fill("notifications");
  await settings.getByRole("radio", { name: "Not shown" }).check();
  await page.keyboard.press("Escape");
  await expect(settings).toBeHidden();
  await read(["letter.txt"], false);
  await expect(page.getByRole("button", { name: "Details of letter.txt" })).toBeAttached();
  expect(await told()).toHaveLength(2);
});

test("the licences of all libraries are read, found and unfolded by keyboard", async ({ page }) => {
  await open(page);
  await run(page, "About this machine", "about this");
  await page.getByRole("dialog", { name: "Footnote 0.1.0" }).getByRole("button", { name: "Licences…" }).click();
  const dialog = page.getByRole("dialog", { name: "Libraries and licences" });
  await expect(dialog.getByRole("status")).toHaveText("7 libraries");
  await clean(page);
  const box = dialog.getByRole("searchbox", { name: "Find a library, a licence, or words of one" });
  await box.fill("free of charge, to any person");
  await expect(dialog.getByRole("status")).toHaveText("2 libraries");
  await box.fill("serde_json");
  await expect(dialog.getByRole("status")).toHaveText("1 library");
  await page.keyboard.press("Tab");
  await expect(dialog.locator("summary")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.getByText("Permission is hereby granted, free of charge, to any")).toBeVisible();
  await clean(page);
  await box.fill("unic-char");
  await dialog.locator("summary").click();
  await expect(dialog.getByText("It is published under MIT/Apache-2.0, without the text of it.")).toBeVisible();
  await dialog.getByRole("button", { name: "About this machine" }).click();
  await expect(page.getByRole("dialog", { name: "Footnote 0.1.0" })).toBeVisible();
});

test("a window without the licences says how they are made", async ({ page }) => {
  await open(page, "notices=missing");
  await run(page, "Libraries and licences", "licences");
  const dialog = page.getByRole("dialog", { name: "Libraries and licences" });
  await expect(dialog.getByText("The licences of the libraries are not beside this program")).toBeVisible();
  await expect(dialog.getByText(/In a working copy, “npm run notices” makes them/)).toBeVisible();
  await clean(page);
});
