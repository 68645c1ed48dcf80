import type {} from "../../src/backend/fake/index";
import { expect, test } from "@playwright/test";
for (const [name, size, preferences] of [
  ["light", { width: 1280, height: 800 }, { theme: "light" }],
  ["dark", { width: 900, height: 600 }, { theme: "dark" }],
  ["german", { width: 900, height: 600 }, { language: "de" }],
] as const) {
  test(name, async ({ page }) => {
    const shot = (scene: string) => page.screenshot({ path: `/tmp/ui13/${scene}-${name}.png` });
    await page.setViewportSize(size);
    await page.addInitScript((kept) => localStorage.setItem("footnote.preferences", kept), JSON.stringify({ motion: "reduced", ...preferences }));
    await page.clock.install();
    await page.goto("/?library=mixed&pace=1000");
    await expect(page.locator("#question")).toBeVisible();
    await page.evaluate(() => window.fake.drag(Array.from({ length: 1400 }, (_, i) => `/home/ada/in/Nebenkostenabrechnung der Wohnung ${i}.pdf`), "drop"));
    await expect(page.locator("dialog .actions .primary, dialog button.primary").first()).toBeVisible();
    await page.locator("dialog button.primary").first().click();
    for (let i = 0; i < 45; i += 1) await page.clock.runFor(1000);
    await shot("batch");
  });
}
