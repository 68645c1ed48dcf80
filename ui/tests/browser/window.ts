import type {} from "../../src/backend/fake/index";
import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Page } from "@playwright/test";

/** Every test also fails on a script error or on anything the content security policy refused. */
export const test = base.extend<{ page: Page }>({
  page: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || /Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (!/^(http:\/\/127\.0\.0\.1|blob:|data:)/.test(request.url())) complaints.push(`went to ${request.url()}`);
    });
    await use(page);
    expect(complaints).toEqual([]);
  },
});

/** The box that questions are typed into. */
export const question = (page: Page) => page.getByRole("textbox", { name: "Your question" });
/** The first marker of passage `n`. */
export const cite = (page: Page, n: number) => page.locator(".answer").getByRole("button", { name: new RegExp(`^Citation ${n}:`) }).first();
/** "7 of 8 sentences supported", of the last answer. */
export const summaries = (page: Page) => page.getByRole("article").last().getByText(/sentences? supported/);
/** What a screen reader was told last. */
export const announced = (page: Page) => page.locator("#announcer");

/** Opens the window in a scene of the fake engine. */
export async function open(page: Page, query = "") {
  await page.goto(`/?${query}${query.includes("pace=") ? "" : "&pace=5"}`);
  await expect(page.getByRole("heading", { name: "Library" })).toBeVisible();
}

/** Asks without waiting. */
export async function ask(page: Page, text: string) {
  await question(page).fill(text);
  await question(page).press("Enter");
}

/** Asks and waits for the checked answer. */
export async function answered(page: Page, text = "How do I end the lease?") {
  await ask(page, text);
  await expect(summaries(page).last()).toBeVisible();
}

/** Types into the palette, once it listens. */
export async function search(page: Page, typed: string) {
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Command palette" });
  await expect(palette.getByRole("combobox")).toBeFocused();
  await page.keyboard.type(typed);
  await expect(palette.getByRole("combobox")).toHaveValue(typed);
  return palette;
}

/** Runs a row of the palette by keyboard alone: Enter takes what is chosen, which follows what is typed a moment later. */
export async function choose(page: Page, typed: string, name: string | RegExp) {
  const palette = await search(page, typed);
  await expect(palette.getByRole("option", { name })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
}

/** Fails on anything that axe finds by its rules, but for those of `but`, and on contrast that the other theme lacks. */
export async function clean(page: Page, but: string[] = []) {
  // The text layer is pdf.js's transparent copy of the words drawn on the canvas.
  const axe = () => new AxeBuilder({ page }).exclude(".textLayer");
  const found: unknown[] = [];
  const look = async (theme: string, builder: AxeBuilder) => {
    const { violations } = await builder.analyze();
    found.push(...violations.map((v) => [theme, v.id, v.nodes.map((n) => n.html.slice(0, 160))]));
  };
  // axe looks at every element in turn, which takes seconds on a busy machine.
  base.info().setTimeout(base.info().timeout + 30_000);
  const dark = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
  const [here, there] = dark ? (["dark", "light"] as const) : (["light", "dark"] as const);
  await look(here, axe().disableRules(but));
  // The themes differ in colours alone.
  await page.emulateMedia({ colorScheme: there });
  await look(there, axe().withRules(["color-contrast"]));
  await page.emulateMedia({ colorScheme: here });
  expect(found).toEqual([]);
}
