import { expect } from "@playwright/test";
import { announced, clean, open, search, test } from "./window";

const flat = "/home/ada/Documents/Flat";
const drop = (page: Parameters<typeof open>[0], paths: string[]) => page.evaluate((dropped) => window.fake.drag(dropped, "drop"), paths);

test("a few plain files are added at once, and anything else is asked about first", async ({ page }) => {
  await open(page);
  await drop(page, ["/home/ada/plain.txt"]);
  await expect(page.getByRole("button", { name: "Details of plain.txt" })).toBeAttached();
  await expect(page.getByRole("dialog")).toBeHidden();

  await drop(page, ["/home/ada/copy of lease.pdf", "/home/ada/notes.txt", "/home/ada/film.mp4", "/home/ada/gone.pdf"]);
  const dialog = page.getByRole("dialog", { name: "Add 1 file?" });
  await expect(dialog.getByRole("row", { name: "Texts 1 file 4.0 MB" })).toBeVisible();
  await expect(dialog.getByText("1 file is left out, because its format is not read: .mp4 (1)")).toBeVisible();
  await expect(dialog.getByText("/home/ada/gone.pdf: The file is not there")).toBeVisible();
  await expect(dialog.getByText("takes less than a minute")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Add", exact: true })).toBeFocused();
  await clean(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("button", { name: "Details of notes.txt" })).toHaveCount(0);

  await drop(page, ["/home/ada/copy of lease.pdf", "/home/ada/notes.txt"]);
  const copies = page.getByRole("checkbox", { name: "Leave out 1 file with the same content as a document in the library" });
  await expect(copies).toBeChecked();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Details of notes.txt" })).toBeAttached();
  await expect(page.getByRole("button", { name: "Details of copy of lease.pdf" })).toHaveCount(0);
  await drop(page, ["/home/ada/copy of lease.pdf"]);
  await page.getByRole("checkbox").filter({ visible: true }).last().focus();
  await page.keyboard.press("Space");
  await page.getByRole("dialog", { name: "Add 1 file?" }).getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("button", { name: "Details of copy of lease.pdf" })).toBeAttached();
});

test("looking through a large folder counts, takes in what is dropped meanwhile, and can be stopped", async ({ page }) => {
  await open(page, "pace=40");
  await drop(page, ["/home/ada/attic"]);
  const looking = page.getByRole("dialog", { name: "Looking at what is to be added…" });
  await expect(looking.getByText(/^[2-9],000 files found so far$/)).toBeVisible();
  await clean(page);
  await page.keyboard.press("Escape");
  await expect(looking).toBeHidden();

  await drop(page, ["/home/ada/attic"]);
  await drop(page, ["/home/ada/Letters"]);
  const dialog = page.getByRole("dialog", { name: "Add 2 folders once, or keep watching?" });
  await expect(dialog.getByRole("row", { name: "All 1,203 files 4.8 GB" })).toBeVisible({ timeout: 15_000 });
  await expect(dialog.getByText("takes about 60 minutes")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Keep watching" })).toBeFocused();
  await clean(page);
});

test("files of a second start are offered, and a link opens its page", async ({ page }) => {
  await open(page);
  await page.evaluate((path) => window.fake.arrive({ paths: [path] }), "/home/ada/plain.txt");
  await page.getByRole("dialog", { name: "Add 1 file?" }).getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("button", { name: "Details of plain.txt" })).toBeAttached();

  await page.getByRole("button", { name: /^Residential lease/ }).first().click();
  await page.getByRole("button", { name: "Page after" }).click();
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text: string) => void Object.assign(window, { copied: text }) }, configurable: true }));
  const pane = page.getByRole("complementary", { name: "Source" });
  await pane.getByRole("button", { name: /^File / }).click();
  await page.getByRole("menuitem", { name: "Copy a link to this page" }).click();
  await expect(announced(page)).toHaveText("Link copied");
  const link = await page.evaluate(() => (window as unknown as { copied: string }).copied);
  expect(link).toMatch(/^footnote:\/\/document\/[^/]+\?page=2$/);
  await pane.getByRole("button", { name: "Close the source" }).click();
  await expect(pane).toBeHidden();

  await search(page, link);
  await expect(page.getByRole("option", { name: /^Open Residential lease.*page 2$/ })).toBeVisible();
  await clean(page);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: /^Source: Residential lease.*page 2$/ })).toBeVisible();
});

test("a link to a document that is gone says so, and one to a page that is gone opens the last", async ({ page }) => {
  await open(page);
  const arrive = (link: string) => page.evaluate((to) => window.fake.arrive({ links: [to] }), link);
  await arrive("footnote://document/none?page=1");
  await expect(page.getByText("The document that the link leads to is not in the library", { exact: true })).toBeVisible();
  await arrive("footnote:nonsense");
  await expect(page.getByText("The link leads nowhere in Footnote", { exact: true })).toBeVisible();
  const id = await page.evaluate(() => window.fake.idOf("handover notes.md"));
  await arrive(`footnote://document/${id}?page=900`);
  await expect(page.getByText("The link names page 900, but the document has 1 page now").first()).toBeVisible();
  await expect(page.getByRole("region", { name: "Source: handover notes.md, page 1" })).toBeVisible();
});

test("files copied in a file manager are offered when they are pasted, and pasted words are not", async ({ page }) => {
  await open(page);
  const paste = (type: string, text: string) =>
    page.evaluate(
      ([type, text]) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData(type, text);
        document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
      },
      [type, text] as const,
    );
  await paste("text/plain", "Two words\n/home/ada/a.pdf");
  await expect(page.getByRole("dialog")).toBeHidden();
  await paste("text/uri-list", "# copied\r\nfile:///home/ada/a%20b.txt\r\n");
  await page.getByRole("dialog", { name: "Add 1 file?" }).getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("button", { name: "Details of a b.txt" })).toBeAttached();
});

test("closing while files are read asks, and the keys that quit ask too", async ({ page }) => {
  await open(page, "pace=250");
  await drop(page, [`${flat}/new 1.pdf`, `${flat}/new 2.pdf`]);
  await expect(page.getByRole("progressbar", { name: "All files being read" })).toBeVisible();
  expect(await page.evaluate(() => window.fake.close())).toBe(true);
  const dialog = page.getByRole("dialog", { name: "Quit while files are being read?" });
  await expect(dialog.getByText("2 files are not read yet. Nothing is lost")).toBeVisible();
  await clean(page);
  await dialog.getByRole("button", { name: "Stay open" }).click();
  await expect(dialog).toBeHidden();
  expect(await page.evaluate(() => window.fake.ended)).toBe(false);
  await page.keyboard.press("Control+q");
  await dialog.getByRole("button", { name: "Quit", exact: true }).click();
  await expect.poll(() => page.evaluate(() => window.fake.ended)).toBe(true);
});

test("the menu bar of the system has the palette's commands, and follows language and dialogs", async ({ page }) => {
  await open(page, "menus=shown");
  const shown = (id: string) =>
    page.evaluate((wanted) => {
      const line = window.fake.menus.flatMap((menu) => menu.lines).find((one) => one.kind === "command" && one.id === wanted);
      return line?.kind === "command" ? [line.label, line.enabled] : null;
    }, id);
  await expect.poll(() => shown("addFiles")).toEqual(["Add files", true]);
  await expect.poll(() => shown("export-markdown")).toEqual(["Export this chat as Markdown", false]);
  await page.evaluate(() => window.fake.pickCommand("settings"));
  const settings = page.getByRole("dialog", { name: "Settings" });
  await expect(settings).toBeVisible();
  await expect.poll(() => shown("addFiles")).toEqual(["Add files", false]);
  await expect.poll(async () => (await shown("quit"))?.[1]).toBe(true);
  await page.evaluate(() => window.fake.pickCommand("about"));
  await expect(settings).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(settings).toBeHidden();
  // While a dialog is open the bar offers next to nothing; it is told a moment after that it has closed.
  await expect.poll(() => shown("addFiles")).toEqual(["Add files", true]);
  await page.evaluate(() => window.fake.pickCommand("language-de"));
  await expect.poll(() => page.evaluate(() => window.fake.menus.map(({ label }) => label))).toEqual(["Footnote", "Ablage", "Bearbeiten", "Darstellung", "Fenster", "Hilfe"]);
  await expect.poll(async () => (await shown("about"))?.[0]).toBe("Über Footnote");
});
