import type {} from "../../src/backend/fake/index";
import { expect, test, type Page } from "@playwright/test";

/** Scenes that the other pictures do not come to: every kind of source, lists that are long, states that pass. */
const looks = {
  light: { size: { width: 1280, height: 800 }, preferences: { theme: "light" } },
  dark: { size: { width: 900, height: 600 }, preferences: { theme: "dark" } },
  contrast: { size: { width: 1280, height: 800 }, preferences: { theme: "contrast", scale: 1.25 } },
  german: { size: { width: 900, height: 600 }, preferences: { language: "de" } },
  "german-200": { size: { width: 1280, height: 800 }, preferences: { language: "de", scale: 2 } },
};

async function opened(page: Page, path: string) {
  await page.evaluate((dropped) => window.fake.drag([dropped], "drop"), path);
  const row = page.locator(`li button.open:has([title="${path}"])`);
  await expect(row).toBeVisible();
  await row.click();
  await expect(page.locator(".view .scroll, .view [role=document], .view [data-scroller], .view .page").first()).toBeVisible();
  await page.mouse.move(5, 5);
}

for (const [name, { size, preferences }] of Object.entries(looks)) {
  test(name, async ({ page }) => {
    test.setTimeout(150_000);
    const shot = (scene: string) => page.screenshot({ path: `shots/${scene}-${name}.png` });
    await page.setViewportSize(size);
    await page.addInitScript((kept) => localStorage.setItem("footnote.preferences", kept), JSON.stringify({ motion: "reduced", ...preferences }));

    await page.goto("/?library=huge&chats=12&pace=5");
    await expect(page.locator("li button.open").nth(14)).toBeVisible({ timeout: 20_000 });
    await shot("huge");

    await page.goto("/?fail=status&pace=5");
    await expect(page.locator(".card").first()).toBeVisible();
    await shot("cannot-start");

    await page.goto("/?pace=120");
    await expect(page.locator("li button.open").first()).toBeAttached();
    await page.locator("#question").fill("How do I end the lease, and when does the deposit come back?");
    await page.keyboard.press("Enter");
    await expect(page.locator("article .stage")).toBeVisible();
    await expect(page.locator(".answer")).toBeVisible();
    await shot("streaming");

    await page.goto("/?library=empty&pace=5");
    await expect(page.locator("#question")).toBeVisible();
    for (const [scene, path] of Object.entries({
      sheet: "/home/ada/costs of the flat, 2025.xlsx",
      code: "/home/ada/rent.rs",
      slides: "/home/ada/talk.pptx",
      picture: "/home/ada/receipt.png",
      scan: "/home/ada/scan.tif",
      handbook: "/home/ada/handbook.pdf",
    })) {
      await page.keyboard.press("Escape");
      await opened(page, path);
      await page.waitForTimeout(500);
      await shot(scene);
      if (scene === "slides" || scene === "handbook") {
        await page.keyboard.press("F4");
        await page.waitForTimeout(500);
        await shot(`${scene}-pages`);
        await page.keyboard.press("F4");
      }
    }

    await page.goto("/?pace=5");
    await expect(page.locator("li button.open").first()).toBeAttached();
    await page.locator("#question").fill("How do I end the lease, and when does the deposit come back?");
    await page.keyboard.press("Enter");
    await expect(page.locator("article .summary")).toBeVisible();
    await page.locator("article > details > summary").last().click();
    await page.locator("article > details > summary").last().scrollIntoViewIfNeeded();
    await shot("trace");
    await page.locator("#question").fill("@l");
    await expect(page.locator("#mentions")).toBeVisible();
    await shot("mentions");
    await page.locator("#question").fill("");
    await page.evaluate(() =>
      window.fake.edit("2025-02-11).pdf", (texts) =>
        texts.map((text) => text.replace("three months' written notice", "six weeks' written notice").replace("Notice by electronic mail is not sufficient.", "")),
      ),
    );
    await page.locator(".cite[data-since=gone]").click();
    await expect(page.locator(".changed")).toBeVisible();
    await shot("gone");
    await page.keyboard.press("Escape");
    await page.locator("li button.open").first().focus();
    await page.locator("li button.open").first().hover();
    await shot("row");
    await page.locator(".document .actions button").nth(1).click();
    await page.locator("dialog details > summary").click();
    await expect(page.locator("dialog .chunk").first()).toBeVisible();
    await page.locator("dialog .chunk").first().scrollIntoViewIfNeeded();
    await shot("passages");
    await page.keyboard.press("Escape");
    // The document that the first marker cites.
    await page.locator(".document:has(.open [title$='2025-02-11).pdf'])").locator(".actions button").last().click();
    await expect(page.locator(".removal .small")).toBeVisible();
    await shot("remove");
    await page.locator(".cite").first().click();
    await expect(page.locator(".view blockquote")).toBeVisible();
    await shot("withdrawn");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+,");
    await page.locator("dialog footer").scrollIntoViewIfNeeded();
    await shot("settings-end");
    await page.locator("dialog input[type=search]").fill("xyzzy");
    await shot("settings-none");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("lease");
    await shot("palette-lease");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("xyzzy");
    await shot("palette-none");
  });
}

/** Where the system paints all surfaces alike, as Windows' contrast themes do: nothing may be told by a background alone. */
test("forced colours", async ({ page }) => {
  const shot = (scene: string) => page.screenshot({ path: `shots/${scene}-forced.png` });
  await page.emulateMedia({ forcedColors: "active" });
  await page.goto("/?pace=5&chats=3");
  await expect(page.locator("li button.open").first()).toBeAttached();
  await page.locator("#question").fill("How do I end the lease, and when does the deposit come back?");
  await page.keyboard.press("Enter");
  await expect(page.locator("article .summary")).toBeVisible();
  await page.locator(".cite").first().click();
  await expect(page.locator(".highlight").first()).toBeVisible();
  await shot("answer");
  await page.evaluate(() =>
    window.fake.edit("2025-02-11).pdf", (texts) => texts.map((text) => text.replace("three months' written notice", "six weeks' written notice"))),
  );
  await expect(page.locator(".view del").first()).toBeVisible();
  await shot("changed");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+,");
  await shot("settings");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await expect(page.locator("dialog [role=option]").first()).toBeVisible();
  await shot("palette");
  await page.keyboard.press("Escape");
  await page.goto("/?models=missing&library=empty&pace=1500");
  await page.getByRole("button", { name: /^Download/ }).click();
  await expect(page.locator("progress").first()).toBeVisible();
  await shot("models");
});
