import type {} from "../../src/backend/fake/index";
import { expect, test, type CDPSession, type Page } from "@playwright/test";

/** Times of the window's main thread, over the fake engine; `npm run -w ui speed` prints them as Markdown. */

const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
const share = (list: number[], part: number) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * part)] ?? 0;
const ms = (value: number) => `${value.toFixed(1)} ms`;

async function session(page: Page): Promise<CDPSession> {
  const cdp = await page.context().newCDPSession(page);
  // Processor time of the thread, so that what else the machine does is not counted.
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  return cdp;
}

/** Milliseconds of processor time that the page's main thread has used. */
async function used(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1000;
}

/** Starts counting frames, and the main thread's time in each; the result is read by `framesOf`. */
const countFrames = () => {
  const frames: number[] = [];
  let last = performance.now();
  const step = (now: number) => {
    frames.push(now - last);
    last = now;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
  Object.assign(window, { frames });
};
const framesOf = (page: Page) => page.evaluate(() => (window as unknown as { frames: number[] }).frames.slice(1));

test("typing under 500 questions", async ({ page }) => {
  test.setTimeout(180_000);
  await page.goto("/?pace=0&history=500");
  await page.getByRole("button", { name: /^How do I end the lease/ }).click({ timeout: 60_000 });
  await expect(page.getByRole("article")).toHaveCount(500, { timeout: 60_000 });
  await page.waitForTimeout(1000);
  await page.locator("#question").focus();
  await page.evaluate(() => {
    const keys: number[] = [];
    let began = 0;
    const box = document.getElementById("question");
    box?.addEventListener("keydown", () => (began = performance.now()), true);
    // After the input event's handlers and effects; reading the layout makes it happen now.
    box?.addEventListener("input", () =>
      setTimeout(() => {
        void document.querySelector("main .scroller")?.scrollHeight;
        keys.push(performance.now() - began);
      }),
    );
    Object.assign(window, { keys });
  });
  const cdp = await session(page);
  const before = await used(cdp);
  const text = "how much notice must be given before the tenancy ends, and in which form";
  for (const letter of text) await page.keyboard.press(letter === " " ? "Space" : letter === "," ? "Comma" : letter);
  await page.waitForTimeout(300);
  const keys = await page.evaluate(() => (window as unknown as { keys: number[] }).keys);
  const thread = (await used(cdp)) - before;
  console.log(`| typing, a chat of 500 questions | median ${ms(median(keys))}, 95th ${ms(share(keys, 0.95))}, worst ${ms(Math.max(...keys))} a letter | key to laid-out text; ${ms(thread / text.length)} of main thread a letter |`);
  expect(keys.length).toBe(text.length);
});

test("scrolling 50,000 documents", async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto("/?pace=0&library=huge");
  await expect(page.getByText("letter 00001.txt")).toBeVisible({ timeout: 60_000 });
  await page.waitForTimeout(500);
  const cdp = await session(page);
  await page.evaluate(countFrames);
  const before = await used(cdp);
  const frames = await page.evaluate(async () => {
    const list = document.querySelector("[data-scroller]");
    if (!list) throw new Error("no list");
    let frames = 0;
    // Three seconds at 60 frames, further than anyone turns a wheel.
    for (; frames < 180; frames += 1) {
      list.scrollTop += 400;
      await new Promise(requestAnimationFrame);
    }
    return frames;
  });
  const thread = (await used(cdp)) - before;
  const lengths = await framesOf(page);
  console.log(`| scrolling 50,000 documents, 400 px a frame | ${ms(thread / frames)} of main thread a frame | ${lengths.filter((length) => length > 25).length} of ${lengths.length} frames late on this machine |`);
  const box = page.getByRole("searchbox", { name: "Find in the library" });
  const start = await used(cdp);
  await box.pressSequentially("letter 4999");
  await expect(page.getByText(/shown$/)).toBeVisible();
  console.log(`| finding in 50,000 documents | ${ms(((await used(cdp)) - start) / 11)} of main thread a letter | |`);
  await box.fill("");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  const opening = await used(cdp);
  await page.getByRole("menuitem", { name: "Folder" }).click();
  const year = page.getByRole("menuitemcheckbox", { name: /^1950/ });
  await expect(year).toBeVisible();
  const choosing = await used(cdp);
  await year.click();
  await expect(page.getByText("667 shown")).toBeVisible();
  const chosen = await used(cdp);
  console.log(`| filtering 50,000 documents by folder | ${ms(choosing - opening)} of main thread to count, ${ms(chosen - choosing)} to filter | |`);
});

test("an answer at 100 tokens a second", async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto("/?pace=6");
  await page.locator("#question").fill("Tell me at length");
  await page.waitForTimeout(300);
  await page.keyboard.press("Enter");
  await expect(page.locator(".answer")).toContainText("After the first");
  const cdp = await session(page);
  await page.evaluate(countFrames);
  const [from, before] = [Date.now(), await used(cdp)];
  const length = () => page.locator(".answer").evaluate((answer) => answer.textContent.length);
  const first = await length();
  await page.waitForTimeout(4000);
  const [last, thread, lengths, time] = [await length(), (await used(cdp)) - before, await framesOf(page), Date.now() - from];
  // The usual four letters a token.
  const rate = (last - first) / 4 / (time / 1000);
  console.log(`| an answer of ${last} letters, about ${rate.toFixed(0)} tokens/s | ${ms(thread / lengths.length)} of main thread a frame | ${lengths.filter((one) => one > 25).length} of ${lengths.length} frames late on this machine |`);
  expect(last).toBeGreaterThan(first);
});
