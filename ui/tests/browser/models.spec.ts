import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { clean, open, test } from "./window";

const page_ = (page: Page) => page.getByRole("dialog", { name: "Models" });
const row = (page: Page, name: RegExp | string) => page_(page).getByRole("listitem").filter({ has: page.getByRole("heading", { level: 4, name }) });

async function models(page: Page, query = "") {
  await open(page, query);
  await page.keyboard.press("Control+Shift+M");
  await expect(row(page, /1\.5B/)).toBeVisible();
}

test("the page says what fits, what is in use, what it runs on and why, and axe finds nothing", async ({ page }) => {
  await models(page);
  await expect(row(page, /1\.5B/)).toContainText("fits: needs 1.8 GB of 8.1 GB");
  await expect(row(page, /1\.5B/)).toContainText("In use");
  await expect(row(page, /1\.5B/)).toContainText("reads 112, writes 15 tokens/s here");
  await expect(row(page, /Phi-4/)).toContainText("tight: needs 4.9 GB of 8.1 GB");
  await expect(row(page, /14B/)).toContainText("too large: needs 10.4 GB of 8.1 GB");
  await page_(page).getByText("Why not something faster?").click();
  await expect(page_(page).getByText("this system has no graphics processor")).toBeVisible();
  await clean(page);
  await page_(page).getByRole("searchbox").fill("no such model");
  await expect(page_(page).getByText("No model of that name.")).toBeVisible();
});

test("a download is paused, continued and thrown away, and a full disk says what to do", async ({ page }) => {
  await models(page, "pace=60");
  const tiny = row(page, /SmolLM2/);
  await tiny.getByRole("button", { name: /^Download/ }).click();
  await expect(tiny.getByText(/\d MB of 98\.0 MB · 12\.4 MB\/s/)).toBeVisible();
  await tiny.getByRole("button", { name: /^Pause/ }).click();
  await expect(tiny.getByText(/^paused at/)).toBeVisible();
  await tiny.getByRole("button", { name: /^Continue/ }).click();
  await expect(tiny.getByRole("button", { name: /^Use/ })).toBeVisible();

  await row(page, /14B/).getByRole("button", { name: /^Download/ }).click();
  await row(page, /14B/).getByRole("button", { name: /^Cancel/ }).click();
  await page.getByRole("dialog", { name: "Throw the download away?" }).getByRole("button", { name: "Throw away" }).click();
  await expect(row(page, /14B/).getByRole("button", { name: /^Download/ })).toBeVisible();
  await expect(row(page, /14B/).getByRole("heading"), "the button is gone").toBeFocused();

  await row(page, /Phi-4/).getByRole("button", { name: /^Download/ }).click();
  await expect(row(page, /Phi-4/).getByRole("alert")).toContainText("2,700 MB needed, 1,100 MB free");
});

test("another model is used and given back, and one that does not prove itself leaves the last good one", async ({ page }) => {
  await models(page);
  await row(page, /0\.5B/).getByRole("button", { name: /^Go back to/ }).click();
  await expect(row(page, /0\.5B/)).toContainText("In use");
  await expect(row(page, /1\.5B/)).toContainText("Used before");
  await row(page, /^dud/).getByRole("button", { name: /^Use/ }).click();
  await expect(page_(page).getByText(/^dud 1B could not be used: The model writes nothing/)).toBeVisible();
  await expect(page_(page).getByText(/0\.5B Instruct, 4 bit works in its place/)).toBeVisible();
  await expect(row(page, /0\.5B/)).toContainText("In use");
  await clean(page);
});

test("another embedder says what it costs before it is used", async ({ page }) => {
  await models(page);
  await row(page, /MiniLM/).getByRole("button", { name: /^Use/ }).click();
  const question = page.getByRole("dialog", { name: "Read every document anew?" });
  await expect(question).toContainText(/With all-MiniLM-L6-v2, \d+ documents are read anew: about \d+ minutes/);
  await question.getByRole("button", { name: "Keep" }).click();
  await expect(row(page, /Multilingual/)).toContainText("In use");
  await row(page, /MiniLM/).getByRole("button", { name: /^Use/ }).click();
  await question.getByRole("button", { name: "Use and read anew" }).click();
  await expect(row(page, /MiniLM/)).toContainText("In use");
});

test("a model is imported by drop, found, removed; what cannot be imported says why", async ({ page }) => {
  await open(page);
  await page.evaluate(() => window.fake.drag(["/home/ada/Qwen3-1.7B.gguf"], "drop"));
  await expect(row(page, "Qwen3-1.7B").getByRole("heading")).toBeFocused();
  await row(page, "Qwen3-1.7B").getByText("Details").click();
  await expect(row(page, "Qwen3-1.7B")).toContainText("Q4_K, exact profile");
  await row(page, "Qwen3-1.7B").getByRole("button", { name: /^Remove/ }).click();
  const question = page.getByRole("dialog", { name: "Remove this model?" });
  await expect(question).toContainText("700 MB become free. The file or folder it was imported from stays.");
  await question.getByRole("button", { name: "Remove" }).click();
  await expect(row(page, "Qwen3-1.7B")).toBeHidden();
  await expect(page_(page).getByRole("heading", { name: "Models", exact: true }), "its row is gone with the button").toBeFocused();
  await page.evaluate(() => window.fake.drag(["/home/ada/broken-mamba"], "drop"));
  await expect(page_(page).getByText(/This model is not supported: general.architecture is mamba/)).toBeVisible();
  await clean(page);
});

test("work on a model can be canceled, measured, and memory given back", async ({ page }) => {
  await models(page, "pace=80");
  await row(page, /0\.5B/).getByRole("button", { name: /^Measure/ }).click();
  await row(page, /0\.5B/).getByRole("button", { name: "Cancel" }).click();
  await expect(row(page, /0\.5B/)).toContainText("speed not measured here yet");
  await row(page, /0\.5B/).getByRole("button", { name: /^Measure/ }).click();
  await expect(row(page, /0\.5B/)).toContainText("writes 38 tokens/s here");
  await page_(page).getByRole("button", { name: "Unload now" }).click();
  await expect(row(page, /1\.5B/)).not.toContainText("In memory");
});

test("two models are tried side by side, and the better one is used", async ({ page }) => {
  await models(page);
  await page_(page).getByText("Try two side by side").click();
  await page_(page).getByRole("textbox", { name: "Question to both" }).fill("How do I end the lease?");
  await page_(page).getByRole("button", { name: "Ask both" }).click();
  const second = page_(page).getByRole("article", { name: /0\.5B/ });
  await expect(second).toContainText("38 tokens/s");
  await expect(page_(page).getByRole("article", { name: /1\.5B/ })).toContainText("14.3 tokens/s");
  await clean(page);
  await second.getByRole("button", { name: /^Use/ }).click();
  await expect(row(page, /0\.5B/)).toContainText("In use");
});

test("a classifier that tells entailment is imported, checks sentences, is measured and taken off; another says why it cannot", async ({ page }) => {
  await models(page);
  const checking = page_(page).getByRole("region", { name: "Checks sentences" });
  await expect(checking).toContainText("None here yet. Import one to use it.");
  await page.evaluate(() => window.fake.drag(["/home/ada/bert-nli"], "drop"));
  await expect(row(page, "bert-nli").getByRole("heading")).toBeFocused();
  await expect(checking.getByRole("heading", { name: "bert-nli" })).toBeVisible();
  await row(page, "bert-nli").getByRole("button", { name: /^Use/ }).click();
  await expect(row(page, "bert-nli")).toContainText("In use");
  await row(page, "bert-nli").getByRole("button", { name: /^Measure/ }).click();
  await expect(row(page, "bert-nli")).toContainText("46 sentences/s here");
  await row(page, "bert-nli").getByRole("button", { name: "Stop using bert-nli" }).click();
  await expect(row(page, "bert-nli")).not.toContainText("In use");
  await expect(row(page, "bert-nli").getByRole("button", { name: /^Use/ })).toBeVisible();

  await page.evaluate(() => window.fake.drag(["/home/ada/mood-classifier"], "drop"));
  await expect(row(page, "mood-classifier")).toContainText("Tells glad and sad. To check sentences, one of its labels would have to be “entailment”.");
  await expect(row(page, "mood-classifier").getByRole("button", { name: /^Use/ })).toBeHidden();
  await clean(page);
});

test("what the keyboard comes to does not stop behind the foot of the page", async ({ page }) => {
  await models(page);
  await expect(page_(page).getByRole("searchbox")).toBeFocused();
  const hidden = () =>
    page.evaluate(() => {
      const [focused, foot] = [document.activeElement, document.querySelector("dialog footer")];
      if (!focused || !foot || foot.contains(focused) || focused instanceof HTMLDialogElement) return null;
      return focused.getBoundingClientRect().bottom > foot.getBoundingClientRect().top ? focused.textContent : null;
    });
  const behind: (string | null)[] = [];
  for (let i = 0; i < 30; i += 1) {
    await page.keyboard.press("Tab");
    behind.push(await hidden());
  }
  expect(behind.filter(Boolean)).toEqual([]);
});
