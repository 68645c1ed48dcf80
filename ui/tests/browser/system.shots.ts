import type {} from "../../src/backend/fake/index";
import { expect, test } from "@playwright/test";

const sizes = [
  { width: 900, height: 600 },
  { width: 1280, height: 800 },
];
const looks = { light: { theme: "light" }, dark: { theme: "dark" }, contrast: { theme: "contrast" }, german: { language: "de" }, "german-200": { language: "de", scale: 2 } };

/** Where data is, a move of it, what was in the way, and diagnostics. */
for (const [name, preferences] of Object.entries(looks)) {
  for (const size of sizes) {
    test(`${name} ${size.width}`, async ({ page }) => {
      const shot = (scene: string) => page.screenshot({ path: `shots/${scene}-${name}-${size.width}.png` });
      const to = "/media/ada/A disk with a rather long name of its own/Footnote data of the whole family, 2019 to 2026";
      const picks = (path: string) => page.evaluate((picked) => (window.fake.picks = [picked]), path);
      await page.setViewportSize(size);
      await page.addInitScript((kept) => localStorage.setItem("footnote.preferences", kept), JSON.stringify(preferences));
      await page.goto("/?pace=300");
      await page.keyboard.press("Control+,");
      const section = page.locator("dialog section:has(#setting-data)");
      await expect(section.locator("button")).toBeVisible();
      await section.scrollIntoViewIfNeeded();
      await picks("/taken");
      await section.locator("button").click();
      await expect(section.locator(".card")).toBeVisible();
      await section.locator(".card").scrollIntoViewIfNeeded();
      await shot("data-refused");
      await picks(to);
      await section.locator("button").click();
      await expect(page.locator("#confirm-title")).toBeVisible();
      await shot("data-asked");
      await page.locator("dialog[aria-labelledby=confirm-title] button.primary").click();
      await expect(page.locator("dialog[aria-labelledby=moving-title] progress[value]")).toBeVisible();
      await page.waitForTimeout(1500);
      await shot("data-moving");
      await expect(page.locator("dialog button.danger")).toBeVisible({ timeout: 15_000 });
      await shot("data-old");
      await page.goto("/?pace=800");
      await page.keyboard.press("F1");
      await page.locator("dialog .actions").scrollIntoViewIfNeeded();
      await shot("help-end");
      await page.locator("dialog .actions button").first().click();
      await expect(page.locator("dialog progress")).toBeVisible();
      await shot("diagnostics-reading");
      await expect(page.locator("dialog pre")).toBeVisible();
      await page.locator("dialog button.primary").click();
      await expect(page.locator("dialog .said")).not.toBeEmpty();
      await shot("diagnostics");
    });
  }
}
