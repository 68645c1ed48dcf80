import type {} from "../../src/backend/fake/index";
import { expect, test, type Page } from "@playwright/test";

const sizes = [
  { width: 900, height: 600 },
  { width: 1380, height: 880 },
];

/** From an answer on screen: an opinion with its reason, why something was not found, and test cases. */
async function judge(page: Page, shot: (scene: string) => Promise<unknown>) {
  const feedback = page.locator("article .feedback").last();
  await feedback.getByRole("button").nth(1).click();
  await page.locator("article fieldset input[type=radio]").nth(2).check();
  await page.locator("article fieldset").scrollIntoViewIfNeeded();
  await shot("opinion");
  await page.locator("article > details > summary").last().click();
  await page.locator("article .why button").last().click();
  await shot("why-pick");
  await page.keyboard.press("Enter");
  await expect(page.locator("dialog .steps")).toBeVisible();
  await shot("why-cited");
  await page.locator("dialog .target button").click();
  await page.locator("dialog input").fill("scanned");
  await page.keyboard.press("Enter");
  await expect(page.locator("dialog li.lost")).toBeVisible();
  await shot("why-lost");
  await page.keyboard.press("Escape");
  await feedback.getByRole("button").nth(2).click();
  await shot("case");
  await page.locator("dialog textarea").last().fill("With one month's notice, so one month.");
  await page.locator("dialog button.primary").click();
  await feedback.getByRole("button").nth(0).click();
  await feedback.getByRole("button").nth(2).click();
  await page.locator("dialog button.primary").click();
  await page.keyboard.press("Control+,");
  await page.locator("dialog footer button").first().click();
  await page.locator("dialog button.primary").click();
  await expect(page.locator("dialog .outcome")).toHaveCount(2);
  await shot("cases");
  await page.keyboard.press("Escape");
}

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
      await page.evaluate(() => window.fake.drag(["/home/ada/attic", "/home/ada/copy of lease.pdf", "/home/ada/gone.pdf"], "drop"));
      await expect(page.locator("dialog table")).toBeVisible({ timeout: 15_000 });
      await shot("preflight");
      await page.keyboard.press("Escape");
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
      await page.keyboard.press("Escape");
      await judge(page, shot);
      await page.goto("/?models=failed&pace=5");
      await page.keyboard.press("Control+Shift+M");
      await expect(page.locator("dialog h4").first()).toBeVisible();
      await shot("models-page");
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
            "/home/ada/copy of lease.pdf",
            "/home/ada/x.bin",
            "/home/ada/y.txt",
          ],
          "drop",
        ),
      );
      await expect(page.getByRole("dialog")).toBeVisible();
      await shot("preflight");
      await page.keyboard.press("Enter");
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
      await page.keyboard.press("F4");
      await expect(page.locator(".strip canvas").nth(1)).toBeVisible();
      await shot("pages");
      await page.keyboard.press("F4");
      await page.keyboard.press("Escape");
      await judge(page, shot);
      await page.evaluate(() => window.fake.edit("2025-02-11).pdf", (texts) => texts.map((text) => text.replace("three months'", "six weeks'"))));
      await page.locator(".cite[data-since]").first().click();
      await expect(page.locator("del").first()).toBeVisible();
      await shot("changed");
      await page.keyboard.press("Escape");
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
      await page.goto("/?pace=60");
      for (const path of ["/home/ada/Documents", "/media/ada/Archive 2024", "/home/ada/Letters"]) {
        await page.evaluate((dropped) => window.fake.drag([dropped], "drop"), path);
        await expect(page.getByRole("button", { name: "Keep watching" })).toBeVisible();
        if (path.endsWith("Documents")) await shot("folder-asked");
        await page.getByRole("button", { name: "Keep watching" }).click();
      }
      await page.evaluate(() => window.fake.folder("/media/ada/Archive 2024", { state: "offline", documents: 812 }));
      await page.evaluate(() => window.fake.folder("/home/ada/Letters", { missing: 31, documents: 40 }));
      await page.evaluate(() => window.fake.folder("/home/ada/Documents", { waiting: 38 }));
      await page.getByRole("button", { name: "Menu of folder Documents" }).click();
      await shot("folders");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Menu of folder Letters" }).click();
      await page.getByRole("menuitem", { name: "Stop watching…" }).click();
      await shot("folder-stop");
      await page.goto("/?pace=60");
      await page.evaluate(() => window.fake.drag(["/home/ada/a.pdf", "/home/ada/b.pdf", "/home/ada/broken.pdf"], "drop"));
      await page.getByRole("button", { name: "Pause", exact: true }).click();
      await page.getByRole("button", { name: "Pause at once" }).click();
      await expect(page.getByText("2 files wait")).toBeVisible();
      await shot("paused");
      await page.goto("/?pace=5");
      await page.getByRole("button", { name: "Details of scanned invoices.pdf" }).click();
      await expect(page.getByText("Pages 8 to 10")).toBeVisible();
      await shot("details");
      await page.goto("/?models=failed&pace=5");
      await page.keyboard.press("Control+Shift+M");
      await expect(page.locator("dialog h4").first()).toBeVisible();
      await shot("models-page");
    });
  }
}
