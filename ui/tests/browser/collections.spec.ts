import { expect, type Page } from "@playwright/test";
import { announced, answered, ask, choose, clean, open, question, test } from "./window";

const lease = "Residential lease agreement 14 Mill Lane (signed, final copy 2025-02-11).pdf";
const library = (page: Page) => page.getByRole("region", { name: "Library" });
const rows = (page: Page) => page.getByRole("list", { name: "Documents", exact: true }).getByRole("listitem");
const menu = (page: Page) => page.getByRole("button", { name: /^Collection on show/ });

/** Moves documents to a new collection by the boxes before their names. */
async function collect(page: Page, names: string[], collection: string) {
  for (const name of names) await page.getByRole("checkbox", { name: `Ask only ${name}` }).check();
  await library(page).getByRole("button", { name: "Move to collection…" }).click();
  const dialog = page.getByRole("dialog", { name: /to a collection$/ });
  await expect(dialog.getByLabel("Collection")).toBeFocused();
  await dialog.getByLabel("Collection").selectOption({ label: "New collection…" });
  await dialog.getByLabel("Name").fill(collection);
  await dialog.getByRole("button", { name: "Move", exact: true }).click();
  await expect(dialog).toBeHidden();
}

test("documents are moved to a new collection, which is shown, renamed and asked", async ({ page }) => {
  await open(page);
  await expect(rows(page)).toHaveCount(4);
  // There is nothing to choose from yet.
  await expect(menu(page)).toHaveCount(0);
  await collect(page, [lease, "handover notes.md"], "Flat");
  await expect(announced(page)).toHaveText("2 documents moved to “Flat”");
  await expect(menu(page)).toHaveText("All collections");
  await clean(page);
  await library(page).getByRole("button", { name: "Ask all" }).click();
  // By keyboard: the one that none is chosen for first, then the others, each with its number.
  await menu(page).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitemradio")).toHaveText([/All collections\s*4/, /Documents\s*2/, /Flat\s*2/]);
  await page.getByRole("menuitemradio", { name: /Flat/ }).press("Enter");
  await expect(rows(page)).toHaveCount(2);
  await expect(menu(page)).toHaveText("Flat");

  // Another name; one that is taken is refused with a remedy.
  await menu(page).click();
  await page.getByRole("menuitem", { name: "Rename…" }).click();
  const dialog = page.getByRole("dialog", { name: "Rename “Flat”" });
  const name = dialog.getByLabel("Name");
  await expect(name).toBeFocused();
  await name.fill("documents");
  await name.press("Enter");
  await expect(dialog.getByRole("alert")).toContainText("already");
  await clean(page);
  await name.fill("14 Mill Lane");
  await name.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(announced(page)).toHaveText("The collection is now called “14 Mill Lane”");
  await expect(menu(page)).toHaveText("14 Mill Lane");
  await expect(rows(page)).toHaveCount(2);

  await menu(page).click();
  await page.getByRole("menuitem", { name: "Ask this collection" }).click();
  await expect(question(page)).toBeFocused();
  await expect(page.getByRole("list", { name: "Only this collection is asked" })).toHaveText("14 Mill Lane");
  await answered(page);
  expect(await page.evaluate(() => window.fake.asked.at(-1))).toMatchObject({ collection: "14 Mill Lane", documents: [] });
  await expect(page.getByRole("article").last().getByText("Asked only: 14 Mill Lane")).toBeVisible();
  await clean(page);
});

test("a collection is chosen in a question, kept with its conversation, and taken out again", async ({ page }) => {
  await open(page);
  await collect(page, [lease], "Flat");
  await library(page).getByRole("button", { name: "Ask all" }).click();
  await question(page).pressSequentially("How do I end the lease? @fl");
  await expect(page.getByRole("option", { name: /^Flat/ })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  const chips = page.getByRole("list", { name: "Only this collection is asked" });
  await expect(chips).toHaveText("Flat");
  await expect(question(page)).toHaveValue("How do I end the lease? ");
  await answered(page);
  // The next question is asked of it, too; a new conversation's is not.
  await expect(chips).toHaveText("Flat");
  await page.getByRole("button", { name: "New chat" }).first().click();
  await expect(chips).toHaveCount(0);
  await page.getByRole("button", { name: /^How do I end the lease/ }).first().click();
  await expect(chips).toHaveText("Flat");
  // Documents that are checked are asked instead of it.
  await page.getByRole("checkbox", { name: "Ask only handover notes.md" }).check();
  await expect(chips).toHaveCount(0);
  await page.getByRole("checkbox", { name: "Ask only handover notes.md" }).uncheck();
  await expect(chips).toHaveText("Flat");
  await page.getByRole("button", { name: "Do not ask Flat" }).click();
  await expect(question(page)).toBeFocused();
  await expect(chips).toHaveCount(0);
  await ask(page, "And the rent?");
  await expect(page.getByRole("article")).toHaveCount(2);
  expect(await page.evaluate(() => window.fake.asked.at(-1)?.collection)).toBe(null);
});

test("files are added to the collection that is chosen, and counted as they are new there", async ({ page }) => {
  await open(page);
  await collect(page, [lease], "Flat");
  await library(page).getByRole("button", { name: "Ask all" }).click();
  const drop = (paths: string[]) => page.evaluate((dropped) => window.fake.drag(dropped, "drop"), paths);
  const files = ["a.pdf", "b.pdf", "c.pdf", "d.pdf", "e.pdf", "f.pdf"].map((name) => `/home/ada/Taxes/${name}`);
  await drop([...files, `/home/ada/Documents/Flat/${lease}`]);
  const dialog = page.getByRole("dialog", { name: "Add 7 files?" });
  await expect(dialog.getByRole("button", { name: "Add", exact: true })).toBeFocused();
  await expect(dialog.getByLabel("Collection")).toHaveValue("default");
  await clean(page);
  // There it is known.
  await dialog.getByLabel("Collection").focus();
  await dialog.getByLabel("Collection").selectOption("Flat");
  const fewer = page.getByRole("dialog", { name: "Add 6 files?" });
  await expect(fewer).toBeVisible();
  await expect(fewer.getByLabel("Collection")).toBeFocused();
  await fewer.getByLabel("Collection").selectOption({ label: "New collection…" });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Add", exact: true })).toBeDisabled();
  await dialog.getByLabel("Name").fill("Taxes 2025");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(dialog).toBeHidden();
  await menu(page).click();
  await page.getByRole("menuitemradio", { name: /Taxes 2025/ }).click();
  await expect(rows(page)).toHaveCount(7);
  // What is dropped while a collection is looked at joins it.
  await drop(["/home/ada/Taxes/receipt.png"]);
  await expect(rows(page)).toHaveCount(8);
});

test("a watched folder joins a collection, and a document whose file is there already stays where it is", async ({ page }) => {
  await open(page);
  await collect(page, ["handover notes.md"], "Flat");
  await library(page).getByRole("button", { name: "Ask all" }).click();
  const drop = (paths: string[]) => page.evaluate((dropped) => window.fake.drag(dropped, "drop"), paths);
  await drop(["/home/ada/Contracts"]);
  const dialog = page.getByRole("dialog", { name: "Add Contracts once, or keep watching?" });
  await dialog.getByLabel("Collection").selectOption("Flat");
  await expect(dialog.getByRole("button", { name: "Keep watching" })).toBeEnabled();
  await dialog.getByRole("button", { name: "Keep watching" }).click();
  await expect(dialog).toBeHidden();
  await expect(library(page).getByRole("listitem").filter({ hasText: "Contracts" }).getByText(/Flat/)).toBeVisible();

  // The same file in both.
  await drop(["/home/ada/Documents/Flat/handover notes.md"]);
  await expect(page.getByRole("checkbox", { name: "Ask only handover notes.md" })).toHaveCount(2);
  await rows(page).filter({ hasText: "handover" }).filter({ hasNotText: "Flat" }).getByRole("checkbox").check();
  await choose(page, "move the checked", /^Move the checked documents/);
  const moving = page.getByRole("dialog", { name: "Move handover notes.md to a collection" });
  await expect(moving.getByRole("button", { name: "Move", exact: true })).toBeEnabled();
  await moving.getByRole("button", { name: "Move", exact: true }).click();
  await expect(moving).toBeHidden();
  await expect(library(page).getByText(/^1 document stayed where it is/)).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "Ask only handover notes.md" })).toHaveCount(2);
});

test("a watched folder goes to another collection with its documents, which say so", async ({ page }) => {
  await open(page);
  await page.evaluate(() => window.fake.drag(["/home/ada/Contracts"], "drop"));
  const dialog = page.getByRole("dialog", { name: "Add Contracts once, or keep watching?" });
  await expect(dialog.getByRole("button", { name: "Keep watching" })).toBeEnabled();
  await dialog.getByRole("button", { name: "Keep watching" }).click();
  await expect(dialog).toBeHidden();
  const row = library(page).getByRole("listitem").filter({ has: page.getByRole("button", { name: "Menu of folder Contracts" }) });
  await expect(row).not.toContainText("Flat");
  await row.getByRole("button").click();
  await page.getByRole("menuitem", { name: "Move to collection…" }).press("Enter");
  const moving = page.getByRole("dialog", { name: "Move Contracts to a collection" });
  await expect(moving).toContainText(/move along|moves along|will join that collection/);
  await moving.getByRole("textbox", { name: "Name" }).fill("Flat");
  await moving.getByRole("textbox", { name: "Name" }).press("Enter");
  await expect(moving).toBeHidden();
  await expect(row).toContainText("Flat");
});

test("what is to be moved follows the library while it is asked", async ({ page }) => {
  await open(page);
  for (const name of [lease, "handover notes.md"]) await page.getByRole("checkbox", { name: `Ask only ${name}` }).check();
  await library(page).getByRole("button", { name: "Move to collection…" }).click();
  const dialog = page.getByRole("dialog", { name: /to a collection$/ });
  await expect(dialog.getByRole("heading")).toHaveText("Move 2 documents to a collection");
  await page.evaluate(() => window.fake.vanish("handover notes.md"));
  await expect(dialog.getByRole("heading")).toHaveText(`Move ${lease} to a collection`);
  await page.evaluate((name) => window.fake.vanish(name), lease);
  await expect(dialog).toBeHidden();
});
