import type {} from "../../src/backend/fake/index";
import { expect, type Page } from "@playwright/test";
import { announced, answered, cite, clean, open, test } from "./window";

const pane = (page: Page) => page.getByRole("complementary", { name: "Source" });

async function add(page: Page, path: string) {
  await page.evaluate((dropped) => window.fake.drag([dropped], "drop"), path);
  const name = path.split("/").at(-1) ?? "";
  await page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
}

test("words are found in the whole document, marked on their page, and the cited ones come back", async ({ page }) => {
  await open(page);
  await answered(page);
  await cite(page, 1).click();
  await expect(page.locator(".highlight")).toHaveCount(2);
  await page.keyboard.press("Control+f");
  const search = pane(page).getByRole("searchbox", { name: "Find in the document" });
  await expect(search).toBeFocused();
  await page.keyboard.type("LANDLORD");
  await expect(pane(page).getByText("2 of 2")).toBeVisible();
  await expect(pane(page).getByRole("spinbutton")).toHaveValue("2");
  await expect(page.locator(".highlight")).toHaveCount(1);
  await search.press("Enter");
  await expect(pane(page).getByText("1 of 2")).toBeVisible();
  await expect(pane(page).getByRole("spinbutton")).toHaveValue("1");
  await search.fill("no such words");
  await expect(pane(page).getByText("Nothing found")).toBeVisible();
  await search.press("Escape");
  await expect(search).toBeHidden();
  await expect(pane(page).getByRole("region", { name: /^Source/ })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(cite(page, 1)).toBeFocused();
});

test("a picture of a kind that no web view draws is drawn page by page, with the words marked where they stand", async ({ page }) => {
  await open(page, "&library=empty");
  await add(page, "/home/ada/scan.tif");
  const picture = pane(page).getByRole("img", { name: /^Alder Court/ });
  await expect(picture).toBeVisible();
  await page.keyboard.press("Control+f");
  await page.keyboard.type("six weeks");
  await expect(pane(page).getByText("1 of 1")).toBeVisible();
  const second = pane(page).getByRole("img", { name: /^Page two/ });
  await expect(second).toBeVisible();
  await expect(picture).toHaveCount(0);
  const marked = page.locator(".highlight");
  await expect(marked).toHaveCount(1);
  // As a share of the picture, whatever its size: the line stands at 40, 108 of 420 by 300, and the words in the middle of it.
  const [whole, box] = [await second.boundingBox(), await marked.boundingBox()];
  if (!whole || !box) throw new Error("nothing is drawn");
  const line = "Returned within six weeks after the keys";
  expect((box.x - whole.x) / whole.width).toBeCloseTo((40 + line.indexOf("six") * 8) / 420, 2);
  expect((box.y - whole.y) / whole.height).toBeCloseTo(108 / 300, 2);
  expect(box.width / whole.width).toBeCloseTo(("six weeks".length * 8) / 420, 2);
  await clean(page);
  await page.evaluate(() => window.fake.lost.add("/home/ada/scan.tif"));
  await pane(page).getByRole("searchbox", { name: "Find in the document" }).press("Escape");
  await pane(page).getByRole("spinbutton").fill("1");
  await pane(page).getByRole("spinbutton").press("Enter");
  await expect(pane(page).getByText("The file is not there any more")).toBeVisible();
  await expect(pane(page).getByText("Received on 3 March 2025: 2,350 euros")).toBeVisible();
});

test("lines that were hard to read are framed in their picture, and what quotes them says so", async ({ page }) => {
  await open(page, "&library=empty");
  await add(page, "/home/ada/scan.tif");
  await expect(pane(page).getByText("1 line was hard to read and has a dashed frame.")).toBeVisible();
  const framed = pane(page).getByRole("group", { name: "Lines that were hard to read" }).getByRole("img");
  await expect(framed).toHaveAccessibleName("“Deposit for the flat at 14 Mill Lane”: read with 62% certainty");
  const picture = pane(page).getByRole("img", { name: /^Alder Court/ });
  const [whole, frame] = [await picture.boundingBox(), await framed.boundingBox()];
  if (!whole || !frame) throw new Error("nothing is drawn");
  expect((frame.y - whole.y) / whole.height).toBeCloseTo((60 + 2 * 48) / 300, 2);
  await pane(page).getByRole("button", { name: "Text", exact: true }).click();
  await expect(pane(page).getByText("1 line was hard to read: compare it with the picture.")).toBeVisible();
  await expect(framed).toHaveCount(0);
  await pane(page).getByRole("button", { name: "Text", exact: true }).click();
  await expect(framed).toBeVisible();
  await answered(page);
  const said = "Read from a picture, 62% sure: compare it with the page";
  await expect(page.getByRole("button", { name: `Passage 1: scan.tif, page 2. ${said}` })).toBeVisible();
  await page.locator(".answer").getByRole("button", { name: /^Citation 1:/ }).first().hover();
  await expect(page.getByRole("tooltip").getByText(said)).toBeVisible();
  // A tip belongs to no landmark, wherever it is shown.
  await page.mouse.move(0, 0);
  await expect(page.getByRole("tooltip")).toBeHidden();
  await clean(page);
});

test("a sheet is a grid with its own rows and columns, the cited cells marked", async ({ page }) => {
  await open(page, "&library=empty");
  await add(page, "/home/ada/costs.xlsx");
  const table = pane(page).getByRole("table");
  await expect(table.getByRole("columnheader")).toHaveText(["B", "C", "E"]);
  await expect(table.getByRole("rowheader")).toHaveText(["2", "3", "4"]);
  await clean(page);
  await answered(page);
  await page.getByRole("button", { name: /^Passage 1: costs.xlsx/ }).click();
  await expect(table.locator("mark")).toHaveText(["January 2025", "1,234.50", "98.00"]);
});

test("source code has line numbers that are not copied", async ({ page }) => {
  await open(page, "&library=empty");
  await add(page, "/home/ada/main.rs");
  const lines = pane(page).getByRole("document").getByRole("listitem");
  await expect(lines).toHaveCount(5);
  await expect(lines.nth(1)).toHaveText("let rent = 1234.5;");
  await clean(page);
});

test("the passages that a document is searched by open at their place", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: /^Details of Residential lease/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Passages that are searched: 9").click();
  const passages = dialog.getByRole("list", { name: "Passages" });
  await expect(passages.getByRole("listitem")).toHaveCount(9);
  await clean(page);
  await passages.getByRole("button", { name: /^p. 3 › 5. Deposit The deposit equals/ }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("complementary", { name: "Source" }).getByRole("spinbutton")).toHaveValue("3");
  await expect(page.locator(".highlight").first()).toBeVisible();
});

test("a link of a document says where it leads, and leads nowhere by itself", async ({ page, context }) => {
  await open(page);
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text: string) => void Object.assign(window, { copied: text }) }, configurable: true }));
  await page.evaluate(() => window.fake.drag(["/home/ada/advice.html"], "drop"));
  await page.getByRole("button", { name: "advice.html", exact: false }).filter({ hasText: "1 page" }).click();
  const text = page.getByRole("document");
  await expect(text.getByRole("link")).toHaveText(["guide to deposits", "write to the office", "https://law.example/tenancy?section=5", "the board"]);
  await expect(text.getByText("Read the guide to deposits or write to the office. Back to the top. Press here.")).toBeVisible();
  await clean(page);
  const address = page.url();
  const guide = text.getByRole("link", { name: "guide to deposits" });
  await guide.click({ modifiers: ["ControlOrMeta"] });
  const dialog = page.getByRole("dialog", { name: "Where this link leads" });
  await expect(dialog.getByText("https://advice.example/deposits?for=tenants&lang=en#returned-within-six-weeks", { exact: true })).toBeVisible();
  await expect(dialog.getByText(/^Opening it leaves this machine: your browser goes to advice\.example/)).toBeVisible();
  // A key held down on the link must not answer the question, too.
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await clean(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(guide).toBeFocused();
  expect(await page.evaluate(() => window.fake.opened)).toEqual([]);
  await guide.press("Enter");
  await dialog.getByRole("button", { name: "Open in the browser" }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => page.evaluate(() => window.fake.opened)).toEqual(["https://advice.example/deposits?for=tenants&lang=en#returned-within-six-weeks"]);
  await text.getByRole("link", { name: "write to the office" }).press("Enter");
  await expect(dialog.getByText("mailto:office@advice.example", { exact: true })).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Open in the mail program" })).toBeVisible();
  await dialog.getByRole("button", { name: "Copy the address" }).click();
  await expect(dialog).toBeHidden();
  await expect(announced(page)).toHaveText("Address copied");
  expect(await page.evaluate(() => (window as unknown as { copied: string }).copied)).toBe("mailto:office@advice.example");
  expect(await page.evaluate(() => window.fake.opened)).toHaveLength(1);
  expect(page.url()).toBe(address);
  expect(context.pages()).toHaveLength(1);
});

test("Escape in the library's field empties it first, and closes the source only then", async ({ page }) => {
  await open(page, "library=mixed");
  await answered(page);
  await cite(page, 1).click();
  await expect(page.locator(".highlight")).toHaveCount(2);
  const field = page.getByRole("searchbox", { name: "Find in the library" });
  await field.fill("lease");
  await field.press("Escape");
  await expect(field).toHaveValue("");
  await expect(pane(page)).toBeVisible();
  await field.press("Escape");
  await expect(pane(page)).toBeHidden();
});
