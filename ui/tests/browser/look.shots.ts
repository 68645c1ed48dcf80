import type {} from "../../src/backend/fake/index";
import { expect, test } from "@playwright/test";

const sizes = [
  { width: 900, height: 600 },
  { width: 1380, height: 880 },
];

/** What is longest and largest: German, twice the text size, high contrast. */
for (const [name, preferences] of Object.entries({
  german: { language: "de" },
  "german-200": { language: "de", scale: 2 },
  contrast: { theme: "contrast" },
})) {
  for (const size of sizes) {
    test(`${name} ${size.width}`, async ({ page }) => {
      const shot = (scene: string) => page.screenshot({ path: `shots/${scene}-${name}-${size.width}.png` });
      await page.setViewportSize(size);
      await page.addInitScript((kept) => localStorage.setItem("footnote.preferences", kept), JSON.stringify(preferences));
      await page.goto("/?library=empty&pace=5");
      await expect(page.locator("#question")).toBeVisible();
      await page.waitForTimeout(300);
      await shot("empty");
      await page.goto("/?pace=5");
      await page.locator("#question").fill("How do I end the lease, and when does the deposit come back?");
      await page.keyboard.press("Enter");
      await expect(page.locator("article .summary")).toBeVisible();
      await shot("answer");
      await page.locator(".cite").first().click();
      await expect(page.locator(".highlight").first()).toBeVisible();
      await page.mouse.move(5, 5);
      await page.waitForTimeout(400);
      await shot("pdf");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+,");
      await shot("settings");
      await page.keyboard.press("Escape");
      await page.keyboard.press("F1");
      await shot("help");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await shot("palette");
    });
  }
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const size of sizes) {
    test(`${colorScheme} ${size.width}`, async ({ page }) => {
      const shot = (name: string) => page.screenshot({ path: `shots/${name}-${colorScheme}-${size.width}.png` });
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(size);
      await page.goto("/?library=empty&pace=5");
      await expect(page.getByText("Where are your documents?")).toBeVisible();
      await shot("empty");
      await page.goto("/?models=missing&library=empty&pace=100");
      await page.getByRole("button", { name: /^Download/ }).click();
      await page.waitForTimeout(500);
      await shot("models");
      await page.goto("/?pace=120");
      await page.evaluate(() =>
        window.fake.drag(
          [
            "/home/ada/Documents/House/a broken scan of the annual accounts for 2023 and 2024 (copy).pdf",
            "/home/ada/locked.pdf",
            "/home/ada/Documents/House/minutes of the general meeting.docx",
            "/home/ada/x.bin",
            "/home/ada/y.txt",
          ],
          "drop",
        ),
      );
      await expect(page.getByText(/protected by a password/)).toBeVisible();
      await page.waitForTimeout(500);
      await shot("jobs");
      await page.goto("/?pace=5");
      await page.getByRole("textbox").fill("How do I end the lease, and when does the deposit come back?");
      await page.keyboard.press("Enter");
      await expect(page.getByRole("article").getByText(/sentences supported/)).toBeVisible();
      await page.locator(".cite").first().hover();
      await page.waitForTimeout(300);
      await shot("answer");
      await page.locator(".cite").first().click();
      await expect(page.locator(".highlight").first()).toBeVisible();
      await page.mouse.move(5, 5);
      await page.waitForTimeout(400);
      await shot("pdf");
      await page.locator(".cite").last().click();
      await expect(page.locator("mark")).toBeVisible();
      await page.mouse.move(5, 5);
      await page.waitForTimeout(300);
      await shot("text");
      await page.keyboard.press("Escape");
      await page.getByRole("textbox").fill("What will the weather be?");
      await page.keyboard.press("Enter");
      await expect(page.getByText("Not in your documents", { exact: true })).toBeVisible();
      await shot("abstained");
      for (const [name, button] of Object.entries({
        about: "On this machine only",
        settings: "Settings",
        help: "Keyboard shortcuts",
        palette: "Search commands",
      })) {
        await page.getByRole("button", { name: button }).click();
        await shot(name);
        await page.keyboard.press("Escape");
      }
      await page.goto("/?pace=5");
      await page.getByRole("button", { name: "Details of scanned invoices.pdf" }).click();
      await expect(page.getByText("Pages 8 to 10")).toBeVisible();
      await shot("details");
    });
  }
}
