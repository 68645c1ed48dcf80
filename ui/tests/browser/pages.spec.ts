import type {} from "../../src/backend/fake/index";
import { expect, type Page } from "@playwright/test";
import { answered, cite, clean, open, test } from "./window";

const pane = (page: Page) => page.getByRole("complementary", { name: "Source" });
const pages = (page: Page) => pane(page).getByRole("listbox", { name: "Pages" });
const number = (page: Page) => pane(page).getByRole("spinbutton");
const toggle = (page: Page) => pane(page).getByRole("button", { name: "Pages", exact: true });

/** Adds a document and opens it with its pages beside it. */
async function add(page: Page, path: string) {
  await page.evaluate((dropped) => window.fake.drag([dropped], "drop"), path);
  const name = path.split("/").at(-1) ?? "";
  await page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
  await toggle(page).click();
  await expect(pages(page)).toBeVisible();
}

test("a PDF's pages are drawn as far as they are in sight, and found by keyboard", async ({ page }) => {
  await open(page, "&library=empty");
  await add(page, "/home/ada/handbook.pdf");
  const options = pages(page).getByRole("option");
  await expect(pages(page).locator("canvas").first()).toBeVisible();
  expect(await options.count()).toBeLessThan(20);
  await expect(pages(page).getByRole("option", { name: "Page 1, i", exact: true })).toHaveAttribute("aria-selected", "true");
  await expect(pages(page).getByRole("option", { name: "Page 2, ii", exact: true })).toHaveAttribute("aria-setsize", "60");
  await pages(page).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(number(page)).toHaveValue("3");
  await expect(pages(page)).toBeFocused();
  await page.keyboard.press("End");
  // Keys look; Enter turns to the page.
  const last = pages(page).getByRole("option", { name: "Page 60, 56" });
  await expect(last.locator("canvas")).toBeInViewport();
  await expect(pages(page)).toHaveAttribute("aria-activedescendant", (await last.getAttribute("id")) ?? "none");
  await expect(number(page)).toHaveValue("3");
  expect(await options.count()).toBeLessThan(20);
  await page.keyboard.press("Enter");
  await expect(number(page)).toHaveValue("60");
  await expect(last).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Home");
  await expect(pages(page).getByRole("option", { name: "Page 1, i", exact: true })).toBeInViewport();
  await page.keyboard.press("Escape");
  await expect(pane(page)).toBeHidden();
});

test("the list follows the page that is read, and a click turns to one", async ({ page }) => {
  await open(page, "&library=empty");
  await add(page, "/home/ada/handbook.pdf");
  await number(page).fill("40");
  await number(page).press("Enter");
  await expect(pages(page).getByRole("option", { name: "Page 40, 36" })).toBeInViewport();
  await pages(page).getByRole("option", { name: "Page 39, 35" }).click();
  await expect(number(page)).toHaveValue("39");
  await clean(page);
});

test("cited pages are marked, and whether the pages stand beside the source is remembered", async ({ page }) => {
  await open(page);
  await answered(page);
  await cite(page, 1).click();
  await expect(page.locator(".highlight")).toHaveCount(2);
  // Beside a narrow source they wait to be asked for.
  await expect(pages(page)).toBeHidden();
  await page.keyboard.press("F4");
  await expect(pages(page).getByRole("option")).toHaveCount(3);
  await expect(pages(page).getByRole("option", { name: "Page 2, cited as 1" })).toHaveAttribute("aria-selected", "true");
  await expect(pages(page).getByRole("option", { name: "Page 3, cited as 2" })).toHaveAttribute("aria-selected", "false");
  await expect(pages(page).getByRole("option", { name: "Page 1", exact: true })).toBeVisible();
  await clean(page);
  const border = pane(page).getByRole("separator", { name: "Width of the pages" });
  const before = Number(await border.getAttribute("aria-valuenow"));
  await border.focus();
  await page.keyboard.press("ArrowRight");
  await expect(border).toHaveAttribute("aria-valuenow", String(before + 1));
  await page.reload();
  await answered(page);
  await cite(page, 1).click();
  await expect(pages(page)).toBeVisible();
  await expect(border).toHaveAttribute("aria-valuenow", String(before + 1));
  await toggle(page).click();
  await expect(pages(page)).toBeHidden();
});

test("slides are listed by what they begin with", async ({ page }) => {
  await open(page, "&library=empty");
  await add(page, "/home/ada/talk.pptx");
  const second = pages(page).getByRole("option", { name: "Slide 2" });
  await expect(second).toContainText("Where the money went");
  await second.click();
  await expect(pane(page).getByRole("heading", { name: "Where the money went" })).toBeVisible();
  await clean(page);
});

test("a page stands as it was drawn until something changes", async ({ page }) => {
  await page.addInitScript(() => {
    const draw = CanvasRenderingContext2D.prototype.drawImage;
    Object.assign(window, { copied: 0 });
    CanvasRenderingContext2D.prototype.drawImage = function (this: CanvasRenderingContext2D, ...given: unknown[]) {
      // pdf.js draws on its own canvases; the one on show is in the document.
      if (this.canvas.isConnected) Object.assign(window, { copied: (window as unknown as { copied: number }).copied + 1 });
      return Reflect.apply(draw, this, given);
    } as typeof draw;
  });
  await open(page);
  await answered(page);
  await cite(page, 1).click();
  await expect(page.locator(".highlight")).toHaveCount(2);
  const copied = () => page.evaluate(() => (window as unknown as { copied: number }).copied);
  const frames = async (count: number) => {
    for (let frame = 0; frame < count; frame += 1) await page.evaluate(() => new Promise(requestAnimationFrame));
  };
  await frames(20);
  const once = await copied();
  // Longer than a page that drew itself again would need for it.
  await frames(60);
  expect(await copied()).toBe(once);
});

test("a page that was turned to stays while the library changes", async ({ page }) => {
  await open(page);
  await answered(page);
  await cite(page, 1).click();
  await expect(number(page)).toHaveValue("2");
  await pane(page).getByRole("button", { name: "Page after" }).click();
  await expect(number(page)).toHaveValue("3");
  const added = page.getByRole("button", { name: /^letter.txt/ });
  await page.evaluate(() => window.fake.drag(["/home/ada/letter.txt"], "drop"));
  await expect(added).toBeVisible();
  await expect(number(page)).toHaveValue("3");
  await cite(page, 2).click();
  await cite(page, 1).click();
  await expect(number(page)).toHaveValue("2");
});
