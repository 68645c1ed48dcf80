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
    await page.goto("/?library=mixed&pace=5");
    await expect(page.locator("#question")).toBeVisible();
    await page.evaluate(() => window.fake.drag(["/home/ada/in/broken 1.pdf", "/home/ada/in/locked.pdf", "/home/ada/in/Einladung zur Versammlung der Eigentümer broken 2024-11-12.docx"], "drop"));
    await expect(page.locator(".job.failed")).toHaveCount(3);
    await page.locator("#library-filter").click();
    await page.locator("[role=menuitem]").first().click();
    await page.locator("[role=menuitemcheckbox]:has(.count)").first().click();
    await shot("filter-kind");
    await page.locator("[role=menuitem]").nth(1).hover();
    await page.waitForTimeout(400);
    await page.locator("[role=menuitem]").nth(1).click();
    await page.waitForTimeout(300);
    await page.locator("[role=menuitemcheckbox]:has(.count)").nth(2).click();
    await shot("filter-folder");
    await page.locator("[role=menuitem]").nth(2).hover();
    await page.waitForTimeout(400);
    await shot("filter-state");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.waitForTimeout(300);
    await shot("filtered");
    await page.locator("#library-words").fill("xyz");
    await page.waitForTimeout(300);
    await shot("filter-none");
  });
}
