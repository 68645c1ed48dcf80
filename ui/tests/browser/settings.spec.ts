import { expect } from "@playwright/test";
import { answered, choose, cite, open, question, test } from "./window";

test("settings are found, changed, kept and reset by keyboard", async ({ page }) => {
  await open(page);
  await page.keyboard.press("Control+,");
  const dialog = page.getByRole("dialog", { name: "Settings" });
  await dialog.getByRole("searchbox").fill("contrast");
  await expect(dialog.getByRole("heading", { level: 3 })).toHaveText(["Colours"]);
  await page.keyboard.press("Tab");
  await expect(dialog.getByRole("radio", { name: "As the system" })).toBeFocused();
  for (let i = 0; i < 3; i += 1) await page.keyboard.press("ArrowRight");
  await expect(page.locator("html")).toHaveAttribute("data-contrast", "more");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-contrast", "more");
  await page.keyboard.press("Control+,");
  await dialog.getByRole("button", { name: "Reset “Colours”" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-contrast", "normal");
  await expect(dialog.getByRole("status")).toHaveText("Colours is as it came");
  await dialog.getByRole("searchbox").fill("no such thing");
  await expect(dialog.getByText("No setting of that name.")).toBeVisible();
});

test("the text grows to twice its size, and the key that sends can be changed", async ({ page }) => {
  await open(page);
  await page.keyboard.press("Control+,");
  const dialog = page.getByRole("dialog", { name: "Settings" });
  await dialog.getByRole("slider", { name: "Text size" }).press("End");
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("32px");
  await dialog.getByRole("radio", { name: "Ctrl+Enter" }).check();
  await page.keyboard.press("Escape");
  await question(page).fill("One");
  await page.keyboard.press("Enter");
  await page.keyboard.type("Two");
  await expect(question(page)).toHaveValue("One\nTwo");
  await page.keyboard.press("Control+Enter");
  await expect(question(page)).toHaveValue("");
  await page.keyboard.press("Control+0");
  await expect.poll(() => page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("16px");
});

test("the language changes at once, everywhere, and stays", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.keyboard.press("Control+,");
  await page.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  await expect(page.getByRole("dialog", { name: "Einstellungen" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await page.keyboard.press("Escape");
  await expect(page.getByText("4 von 5 Sätzen belegt")).toBeVisible();
  await expect(page.locator(".answer .verdict")).toHaveText("nicht belegt");
  await expect(page.locator(".answer").getByRole("button", { name: /^Beleg 1: Residential lease .* Seite 2$/ }).first()).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Was möchten Sie wissen?" })).toBeVisible();
});

test.describe("on a German system", () => {
  test.use({ locale: "de-CH" });
  test("the window speaks German and writes numbers as that region does", async ({ page }) => {
    await page.goto("/?library=many&pace=5");
    await expect(page.getByRole("heading", { name: "Bibliothek" })).toBeVisible();
    await expect(page.getByText(/Gefragt werden alle 5['’]000 Dokumente/)).toBeVisible();
  });
});

test("the palette finds commands, chats and documents, and gives focus back", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Command palette" });
  await expect(palette.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("hand notes");
  await expect(palette.getByRole("option")).toHaveText(["handover notes.md"]);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: /^Source: handover notes/ })).toBeFocused();
  await page.keyboard.press("Escape");

  await choose(page, "dark", /dark/i);
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(question(page)).toBeFocused();

  await page.keyboard.press("Control+n");
  await choose(page, "end the lease", /^How do I end the lease/);
  await expect(page.getByRole("article")).toHaveCount(1);

  await page.keyboard.press("Control+k");
  await expect(palette.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("zzz");
  await expect(palette.getByText(/^Nothing of that name/)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
});

test("the overview names every key, and F1 opens it while text is typed", async ({ page }) => {
  await open(page);
  await question(page).fill("What?");
  await page.keyboard.press("F1");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help.getByText("Citation after")).toBeVisible();
  await expect(help.getByText("Ctrl+K")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.type("?");
  await expect(help).toBeHidden();
  await expect(question(page)).toHaveValue("What??");
});

test("right to left, the panes change sides and nothing is cut off", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  await cite(page, 1).click();
  await expect(page.locator(".highlight").first()).toBeVisible();
  const boxes = await page.evaluate(() =>
    [".sidebar", "main", ".source"].map((pane) => document.querySelector(pane)?.getBoundingClientRect().left ?? -1),
  );
  expect(boxes[0]).toBeGreaterThan(boxes[1] ?? 0);
  expect(boxes[1]).toBeGreaterThan(boxes[2] ?? 0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  const handle = page.getByRole("separator", { name: "Width of the library" });
  const width = () => page.locator(".sidebar").evaluate((e) => e.clientWidth);
  const before = await width();
  await handle.press("ArrowLeft");
  expect(await width()).toBeGreaterThan(before);
});
