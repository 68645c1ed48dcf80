import { expect, type Page } from "@playwright/test";
import { announced, answered, clean, open, question, test } from "./window";

test.use({ locale: "en-GB" });

const chips = (page: Page) => page.getByRole("list", { name: "Only documents of these dates are asked" });
const dialog = (page: Page) => page.getByRole("dialog", { name: "Dates of documents" });
const asked = (page: Page) => page.evaluate(() => window.fake.asked.at(-1)?.question);

/** Opens the dialog from the question box, by keyboard alone. */
async function choose(page: Page, typed = "@date") {
  await question(page).pressSequentially(typed);
  await expect(page.getByRole("option")).toHaveText(["Dates…"]);
  await expect(page.getByRole("option")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(dialog(page).getByLabel("Dated from")).toBeFocused();
}

test("dates are chosen with @, sent with the question, told with it, and kept over a restart", async ({ page }) => {
  await open(page);
  await choose(page, "How do I end the lease? @after");
  await expect(question(page)).toHaveValue("How do I end the lease? ");

  // What is no date says so, in its field.
  const [from, until] = [dialog(page).getByLabel("Dated from"), dialog(page).getByLabel("Dated until")];
  await from.fill("2024-13");
  await from.press("Enter");
  await expect(dialog(page).getByRole("alert")).toContainText("“2024-13” is no date");
  await expect(from).toBeFocused();
  await expect(from).toHaveAttribute("aria-invalid", "true");
  await from.fill("2024");
  await expect(dialog(page).getByRole("alert")).toHaveText("");
  await until.fill("31.5.2023");
  await until.press("Enter");
  await expect(dialog(page).getByRole("alert")).toContainText("No day lies between");
  await expect(until).toBeFocused();
  await clean(page);
  await from.fill("2023");
  await from.press("Enter");
  await expect(dialog(page)).toBeHidden();
  await expect(question(page)).toBeFocused();
  await expect(chips(page)).toHaveText("dated 2023 to 31 May 2023");
  await expect(announced(page)).toHaveText("Asking only what is dated 2023 to 31 May 2023");
  await expect(page.locator("#composer-note")).toContainText("Asking all 4 documents · only what is dated 2023 to 31 May 2023");
  await clean(page);

  await page.reload();
  await expect(chips(page)).toHaveText("dated 2023 to 31 May 2023");
  await answered(page);
  expect(await asked(page)).toBe("How do I end the lease? after:2023 before:2023-06-01");
  const turn = page.getByRole("article").last();
  await expect(turn.getByRole("heading", { level: 2 })).toHaveText("How do I end the lease? after:2023 before:2023-06-01");
  await expect(turn.getByText("Asked only: dated 2023 to 31 May 2023")).toBeVisible();
  // It was searched for as it was typed.
  await expect(turn.getByText(/^Searched as/)).toHaveCount(0);
  await expect(chips(page)).toHaveText("dated 2023 to 31 May 2023");
  await page.getByRole("button", { name: "New chat" }).first().click();
  await expect(chips(page)).toHaveCount(0);
});

test("the dates of an earlier question stand beside it while it is changed, once", async ({ page }) => {
  await open(page);
  await choose(page);
  await dialog(page).getByLabel("Dated until").fill("2024-05");
  await dialog(page).getByLabel("Dated until").press("Enter");
  await expect(chips(page)).toHaveText("dated until May 2024");
  await answered(page);

  // The chip opens the dialog again; there the first question's dates give way.
  await page.getByRole("button", { name: "dated until May 2024: change" }).click();
  await expect(dialog(page).getByLabel("Dated until")).toHaveValue("2024-05");
  await dialog(page).getByLabel("Dated until").fill("");
  await dialog(page).getByLabel("Dated from").fill("2022");
  await dialog(page).getByRole("button", { name: "Set" }).click();
  await expect(page.getByRole("button", { name: "dated from 2022: change" })).toBeFocused();

  await page.getByRole("button", { name: "Edit question" }).click();
  await expect(question(page)).toHaveValue("How do I end the lease?");
  await expect(chips(page)).toHaveText("dated until May 2024");
  await question(page).press("Escape");
  await expect(question(page)).toHaveValue("");
  await expect(chips(page)).toHaveText("dated from 2022");
  await page.getByRole("button", { name: "Edit question" }).click();
  await expect(chips(page)).toHaveText("dated until May 2024");
  await question(page).press("Enter");
  await expect(page.getByRole("article")).toHaveCount(2);
  expect(await asked(page)).toBe("How do I end the lease? before:2024-06");
  // What stood there before comes back.
  await expect(chips(page)).toHaveText("dated from 2022");
});

test("chips are taken out by their button, by Backspace, and all at once", async ({ page }) => {
  await open(page);
  await page.getByRole("checkbox", { name: "Ask only handover notes.md" }).check();
  await choose(page, "@before");
  await dialog(page).getByLabel("Dated from").fill("2022");
  await dialog(page).getByLabel("Dated from").press("Enter");
  await expect(question(page)).toBeFocused();
  await expect(page.locator("#composer-note")).toContainText("Asking 1 of 4 documents · only what is dated from 2022");
  await page.keyboard.type("x");
  // A letter goes first, then the chips, the last one first.
  await page.keyboard.press("Backspace");
  await expect(question(page)).toHaveValue("");
  await expect(chips(page)).toHaveText("dated from 2022");
  await page.keyboard.press("Backspace");
  await expect(chips(page)).toHaveCount(0);
  await expect(announced(page)).toHaveText("dated from 2022 taken out");
  const documents = page.getByRole("list", { name: "Only these documents are asked" });
  await expect(documents).toHaveText("handover notes.md");
  await page.keyboard.press("Backspace");
  await expect(documents).toHaveCount(0);

  await choose(page);
  await dialog(page).getByLabel("Dated from").fill("2022");
  await dialog(page).getByLabel("Dated from").press("Enter");
  await page.getByRole("button", { name: "Ask of any date" }).click();
  await expect(chips(page)).toHaveCount(0);
  await expect(question(page)).toBeFocused();

  await choose(page);
  await dialog(page).getByLabel("Dated from").fill("2022");
  await dialog(page).getByLabel("Dated from").press("Enter");
  await page.locator("#composer-note").getByRole("button", { name: "Ask all" }).click();
  await expect(chips(page)).toHaveCount(0);
  await expect(page.locator("#composer-note")).toContainText("Asking all 4 documents · @");
});
