import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type {} from "../../src/backend/fake/index";
import { expect, type Page } from "@playwright/test";
import { answered, cite, open, test } from "./window";

// What the window looks like, held against the pictures in `looks/`. Its faces are in the package, and so are those of the
// PDF; what is left to differ is how a browser of another year draws them, so the pictures hold for the one they were made with.
const folder = join(import.meta.dirname, "looks");
const madeWith = join(folder, "chromium.txt");

test.use({
  viewport: { width: 1120, height: 700 },
  deviceScaleFactor: 1,
  locale: "en-GB",
  timezoneId: "UTC",
  launchOptions: {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    // Letters as the faces have them, whatever this machine's settings for screens say.
    args: ["--no-sandbox", "--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb"],
  },
});

test.beforeEach(async ({ browser }, info) => {
  const major = browser.version().split(".")[0] ?? "";
  if (info.config.updateSnapshots === "all") return writeFileSync(madeWith, `${major}\n`);
  const known = existsSync(madeWith) ? readFileSync(madeWith, "utf8").trim() : "none";
  test.skip(process.platform !== "linux", "the pictures were made on Linux");
  test.skip(major !== known, `the pictures were made with Chromium ${known}, and this is ${major}: CONTRIBUTING.md says how to renew them`);
});

/** Waits for the faces, and for the window to come to rest. */
async function rest(page: Page) {
  await page.mouse.move(0, 0);
  // An answer that has just ended is followed to its end; who scrolls up is left where they are.
  await page.locator("main .scroller").evaluate((scroller) => {
    scroller.dispatchEvent(new WheelEvent("wheel", { deltaY: -1, bubbles: true }));
    scroller.scrollTop = 0;
  });
  await page.evaluate(() => document.fonts.ready);
  const faces = ["Inter Variable", "Source Serif 4 Variable"];
  expect(await page.evaluate((names) => names.map((name) => document.fonts.check(`1rem "${name}"`)), faces)).toEqual([true, true]);
}

/** Takes out what no face of ours draws: each machine has its own pictures for it, or none. What was quoted of it is not cited then. */
const plain = (page: Page) =>
  page.evaluate(() =>
    window.fake.edit("handover notes.md", (texts) =>
      texts.map((text) => text.replace("Two keys", "Both keys").replace(/ ?(\p{Extended_Pictographic}|\p{Emoji_Modifier})+/gu, "")),
    ),
  );

const scenes: Record<string, (page: Page) => Promise<void>> = {
  async welcome(page) {
    await open(page, "library=empty");
    await expect(page.getByRole("heading", { name: "Where are your documents?" })).toBeVisible();
  },
  async conversation(page) {
    await open(page, "chats=3");
    await plain(page);
    await answered(page, "How do I end the lease, and when does the deposit come back?");
    await expect(page.getByRole("button", { name: /^What does Lease 2024 say about Repairs/ })).toBeVisible();
    await expect(page.getByRole("button", { name: "Send" })).toBeVisible();
  },
  async library(page) {
    await open(page, "library=many");
    const library = page.getByRole("region", { name: "Library" });
    await library.getByRole("searchbox").fill("letter 0002");
    await library.getByRole("button", { name: "Ask these" }).click();
    await page.evaluate(() => window.fake.drag(["/home/ada/broken letter 0002.pdf"], "drop"));
    await expect(library.getByText(/the data of page 3 end too early/)).toBeVisible();
  },
  async source(page) {
    await open(page);
    await plain(page);
    await answered(page);
    await cite(page, 1).click();
    await expect(page.locator(".highlight")).toHaveCount(2);
    await page.keyboard.press("F4");
    await expect(page.locator(".strip canvas")).toHaveCount(3);
  },
  async settings(page) {
    await open(page);
    await page.keyboard.press("Control+,");
    await expect(page.getByRole("dialog", { name: "Settings" })).toBeVisible();
    await page.getByRole("dialog").getByRole("searchbox").focus();
  },
  async models(page) {
    await open(page);
    await page.keyboard.press("Control+Shift+M");
    await expect(page.getByRole("dialog").getByRole("heading", { level: 4 }).first()).toBeVisible();
  },
};

for (const theme of ["light", "dark"]) {
  for (const [name, arrange] of Object.entries(scenes)) {
    test(`${name}, ${theme}, looks as it did`, async ({ page }) => {
      await page.clock.setFixedTime(new Date("2026-03-02T10:00:00Z"));
      await page.addInitScript((kept) => localStorage.setItem("footnote.preferences", kept), JSON.stringify({ theme, language: "en", motion: "reduced" }));
      await arrange(page);
      await rest(page);
      await expect(page).toHaveScreenshot(`${name}-${theme}.png`);
    });
  }
}
