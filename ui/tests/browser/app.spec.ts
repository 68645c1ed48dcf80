import { expect } from "@playwright/test";
import { announced, answered, ask, cite, clean, open, question, summaries, test } from "./window";

test("files dropped on the window are read and become documents", async ({ page }) => {
  await open(page, "&library=empty&pace=250");
  await expect(page.getByRole("heading", { name: "Where are your documents?" })).toBeVisible();
  await page.evaluate(() => window.fake.drag(["/home/ada/lease.pdf", "/home/ada/x.bin"], "over"));
  await expect(page.getByText("Drop to add to your library")).toBeVisible();
  await page.evaluate(() => window.fake.drag(["/home/ada/lease.pdf", "/home/ada/x.bin"], "drop"));
  await expect(page.getByText("Drop to add to your library")).toBeHidden();
  await page.getByRole("dialog", { name: "Add 1 file?" }).getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText("Indexing 1 file")).toBeVisible();
  await expect(page.getByRole("progressbar", { name: "Reading lease.pdf" })).toBeVisible();
  await expect(page.getByRole("list", { name: "Documents" }).getByText("3 pages")).toBeVisible();
  await expect(page.getByRole("heading", { name: "What would you like to know?" })).toBeVisible();
});

test("the samples can be tried at once, with a question that they answer", async ({ page }) => {
  await open(page, "&library=empty");
  await page.getByRole("button", { name: "Try it with samples" }).click();
  await expect(question(page)).toHaveValue("How often must the lighthouse lamp be cleaned?");
  await expect(question(page)).toBeFocused();
  await expect(page.getByRole("button", { name: "Details of lab-protocol.md" })).toBeAttached();
  await expect(page.getByRole("button", { name: "Try it with samples" })).toHaveCount(0);
});

test("a failed file says why and what to do, and can be retried", async ({ page }) => {
  await open(page, "&library=empty");
  await page.evaluate(() => window.fake.drag(["/home/ada/broken.pdf", "/home/ada/good.txt"], "drop"));
  await expect(page.getByText("Failed while reading.")).toBeVisible();
  await expect(page.getByText("“the data of page 3 end too early”")).toBeVisible();
  await expect(page.getByText(/^Open it in the program it came from and save it again/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Remove good.txt" })).toBeAttached();
  await page.getByRole("button", { name: "Retry broken.pdf" }).click();
  await expect(page.getByRole("button", { name: "Remove broken.pdf" })).toBeAttached();
  await expect(page.getByText("Failed while reading.")).toBeHidden();
});

test("indexing can be canceled, after a question", async ({ page }) => {
  await open(page, "&library=empty&pace=150");
  await page.evaluate(() => window.fake.drag(["/home/ada/a.txt", "/home/ada/b.txt", "/home/ada/c.txt"], "drop"));
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.getByRole("dialog", { name: "Stop indexing?" }).getByRole("button", { name: "Stop indexing" }).click();
  await expect(page.getByText(/^Indexing/)).toBeHidden();
  await expect(announced(page)).toHaveText("3 canceled");
});

test("an answer streams through its stages and ends with verdicts", async ({ page }) => {
  await open(page, "&pace=120");
  // Stages pass while the test looks elsewhere; the page itself writes down what it showed.
  await page.evaluate(() => {
    const stages = ["Searching your documents…", "Reading the passages…", "Writing…"];
    const shown: string[] = [];
    Object.assign(window, { shown });
    new MutationObserver(() => {
      for (const stage of stages) {
        if (document.body.innerText.includes(stage) && !shown.includes(stage)) shown.push(stage);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await ask(page, "How do I end the lease?");
  await expect(page.getByRole("region", { name: "Passages found" })).toBeVisible();
  await expect(page.locator(".answer")).toContainText("After the first");
  await page.getByRole("button", { name: "Stop" }).click();
  expect(await page.evaluate(() => (window as unknown as { shown: string[] }).shown)).toEqual([
    "Searching your documents…",
    "Reading the passages…",
    "Writing…",
  ]);
  await expect(page.getByText(/The text so far is kept/)).toBeVisible();
  await expect(page.locator(".answer")).toContainText("After the first");
  await expect(page.getByRole("button", { name: "Send" })).toBeVisible();
});

test("unsupported sentences are marked and summed up", async ({ page }) => {
  await open(page);
  await answered(page);
  await expect(summaries(page)).toHaveText("4 of 5 sentences supported");
  await expect(page.locator(".claim.unsupported")).toHaveText("You should therefore write to the landlord by registered post.");
  await expect(page.locator(".answer .verdict")).toHaveText("not supported");
  await expect(announced(page)).toHaveText("Answer ready. 4 of 5 sentences supported");
});

test("a citation shows its quote on hover and its place in the PDF on click", async ({ page }) => {
  await open(page);
  await answered(page);
  await cite(page, 1).hover();
  const tip = page.getByRole("tooltip");
  await expect(tip).toContainText("either party may end the tenancy by giving three months' written notice");
  await expect(tip).toContainText("page 2");
  await tip.hover();
  await page.waitForTimeout(400);
  await expect(tip).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(tip).toBeHidden();

  await cite(page, 1).click();
  const source = page.getByRole("region", { name: /^Source: Residential lease.*page 2$/ });
  await expect(source).toBeVisible();
  const boxes = source.locator(".highlight");
  await expect(boxes).toHaveCount(2);
  await expect(boxes.first()).toBeInViewport();
  // The words under the boxes, as pdf.js itself placed them.
  const covered = await source.evaluate((pane) => {
    const marks = [...pane.querySelectorAll(".highlight")].map((box) => box.getBoundingClientRect());
    let words = "";
    for (const span of pane.querySelectorAll(".textLayer span")) {
      const node = span.firstChild;
      if (!(node instanceof Text)) continue;
      for (let i = 0; i < node.length; i += 1) {
        const range = document.createRange();
        range.setStart(node, i);
        range.setEnd(node, i + 1);
        const at = range.getBoundingClientRect();
        const [x, y] = [at.x + at.width / 2, at.y + at.height / 2];
        if (marks.some((m) => x >= m.left && x <= m.right && y >= m.top && y <= m.bottom)) words += node.data[i];
      }
    }
    return words.replace(/\s+/g, "");
  });
  expect(covered).toBe(
    "either party may end the tenancy by giving three months' written notice to the end of a calendar month".replace(/\s+/g, ""),
  );
  // And there is ink under them: the canvas, too, has its words there.
  const ink = await source.evaluate((pane) => {
    const canvas = pane.querySelector("canvas");
    const box = pane.querySelector(".highlight")?.getBoundingClientRect();
    const context = canvas?.getContext("2d");
    if (!canvas || !box || !context) return 0;
    const at = canvas.getBoundingClientRect();
    const by = canvas.width / at.width;
    const { data } = context.getImageData((box.x - at.x) * by, (box.y - at.y) * by, box.width * by, box.height * by);
    let dark = 0;
    for (let i = 0; i < data.length; i += 4) if ((data[i] ?? 255) < 128) dark += 1;
    return dark / (data.length / 4);
  });
  expect(ink).toBeGreaterThan(0.03);
});

test("the PDF can be paged and zoomed, and its highlight goes along", async ({ page }) => {
  await open(page);
  await answered(page);
  await cite(page, 1).click();
  const highlight = page.locator(".highlight").first();
  await expect(highlight).toBeVisible();
  const before = await highlight.boundingBox();
  await page.getByRole("button", { name: "Larger" }).click();
  await expect.poll(async () => (await highlight.boundingBox())?.height ?? 0).toBeGreaterThan((before?.height ?? 0) * 1.2);
  await page.getByRole("button", { name: "Page after" }).click();
  await expect(page.locator(".textLayer")).toContainText("5. Deposit");
  await expect(page.locator(".highlight")).toHaveCount(0);
  await page.getByRole("button", { name: "Page before" }).click();
  await expect(page.locator(".highlight")).toHaveCount(2);
  await page.getByRole("button", { name: "Text", exact: true }).click();
  await expect(page.locator("mark")).toHaveText(/^either party may end .* calendar month$/);
});

test("text sources mark the exact words, emoji before them or not", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.locator(".answer").getByRole("button", { name: /handover notes/ }).click();
  await expect(page.locator("mark")).toHaveText("Two keys 🔑🔑 for the front door and one for cellar room B4 were handed over.");
  await expect(page.locator("mark")).toBeInViewport();
});

test("by keyboard alone: ask, step through citations, close, focus returns", async ({ page }) => {
  await open(page);
  await expect(question(page)).toBeFocused();
  await page.keyboard.type("How do I");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("end the lease?");
  await expect(question(page)).toHaveValue("How do I\nend the lease?");
  await page.keyboard.press("Enter");
  await expect(summaries(page)).toBeVisible();
  await expect(question(page)).toHaveValue("");
  await page.keyboard.press("ArrowUp");
  await expect(question(page)).toHaveValue("How do I\nend the lease?");
  await page.keyboard.press("ArrowDown");
  await expect(question(page)).toHaveValue("");

  for (let i = 0; i < 20; i += 1) {
    await page.keyboard.press("Shift+Tab");
    if (await page.evaluate(() => document.activeElement?.matches(".cite") ?? false)) break;
  }
  await expect(page.getByRole("tooltip")).toBeVisible();
  const last = await page.evaluate(() => document.activeElement?.getAttribute("data-key"));
  await page.keyboard.press("Enter");
  await expect(page.getByText("Citation 4 of 4")).toBeVisible();
  await page.keyboard.press("Alt+ArrowLeft");
  await expect(page.getByText("Citation 3 of 4")).toBeVisible();
  await page.keyboard.press("[");
  await expect(page.getByText("Citation 2 of 4")).toBeVisible();
  await page.keyboard.press("]");
  await page.keyboard.press("Alt+ArrowRight");
  await expect(page.getByText("Citation 4 of 4")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("region", { name: /^Source/ })).toBeHidden();
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-key"))).toBe(last);

  await page.keyboard.press("Control+n");
  await expect(page.getByRole("heading", { name: "What would you like to know?" })).toBeVisible();
  await expect(question(page)).toBeFocused();
  await page.keyboard.press("Control+o");
  await expect(page.getByRole("button", { name: "Remove lease.pdf" })).toBeAttached();
});

test("what is not in the documents is said plainly", async ({ page }) => {
  await open(page);
  await ask(page, "What will the weather be?");
  await expect(page.getByText("Not in your documents")).toBeVisible();
  await expect(page.getByText(/Searched for: “What will the weather be\?”/)).toBeVisible();
  await expect(page.getByText(/may find more/)).toBeVisible();
  await expect(announced(page)).toHaveText("Not found in your documents");
});

test("a failed answer shows its remedy and can be asked again", async ({ page }) => {
  await open(page);
  await ask(page, "Use too much memory");
  await expect(page.getByText("There is not enough memory for the model", { exact: true })).toBeVisible();
  await expect(page.getByText(/^Close other programs/)).toBeVisible();
  await page.getByRole("button", { name: "Ask again" }).click();
  await expect(page.getByText("There is not enough memory for the model", { exact: true })).toHaveCount(2);
});

test("the citations of a removed document say so", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.getByRole("button", { name: "Remove handover notes.md" }).click();
  await expect(page.getByRole("button", { name: "Remove handover notes.md" })).toHaveCount(0);
  await page.locator(".answer").getByRole("button", { name: /handover notes/ }).click();
  await expect(page.getByText("This document was removed from the library.")).toBeVisible();
});

test("the details of a document say how each page was read, and what to do about the rest", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Details of scanned invoices.pdf" }).click();
  const dialog = page.getByRole("dialog", { name: "scanned invoices" });
  await expect(dialog.getByText("8 of 12 pages, in 9 passages")).toBeVisible();
  const parts = dialog.getByRole("list", { name: "How each page was read" }).getByRole("button");
  await expect(parts).toHaveText([
    /Pages 1 to 3\s+text/,
    /Pages 4 to 5\s+recognised in images, 91% sure/,
    /Page 6\s+nothing to read/,
    /Page 7\s+recognised/,
    /Pages 8 to 10\s+could not be read/,
    /Pages 11 to 12\s+text/,
  ]);
  await expect(dialog.getByText("Page 8 could not be read. “the image is damaged”")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Download the model that reads images" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("button", { name: "Details of scanned invoices.pdf" })).toBeFocused();
  await page.getByRole("button", { name: "Details of handover notes.md" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Section 1" }).click();
  await expect(page.getByRole("complementary", { name: "Source" }).getByText("Met the caretaker")).toBeVisible();
});

test("a source that was read again without a change shows the cited words", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.evaluate(() => window.fake.edit("(signed, final copy 2025-02-11).pdf"));
  await cite(page, 1).click();
  await expect(page.getByText("Read again since it was cited; the words are unchanged.")).toBeVisible();
  await expect(page.locator(".highlight")).toHaveCount(2);
  await expect(page.locator(".textLayer")).toContainText("4. Notice and termination");
});

test("a PDF whose file went away is shown as text", async ({ page }) => {
  await open(page);
  await answered(page);
  await page.evaluate(() => window.fake.lost.add("/home/ada/Documents/Flat/Residential lease agreement 14 Mill Lane (signed, final copy 2025-02-11).pdf"));
  await cite(page, 1).click();
  await expect(page.getByText(/The file is not there/)).toBeVisible();
  await expect(page.locator("mark")).toHaveText(/^either party/);
});

test("a picture is shown as it is, and as the text recognised in it", async ({ page }) => {
  await open(page, "&library=empty");
  await page.evaluate(() => window.fake.drag(["/home/ada/receipt.png"], "drop"));
  await page.getByRole("button", { name: /^receipt\.png/ }).click();
  const pane = page.getByRole("complementary", { name: "Source" });
  await expect(pane.getByRole("img", { name: "Received: 2,350 euros" })).toBeVisible();
  await expect(pane.getByText("Text recognised in an image, 93% sure.")).toBeVisible();
  await pane.getByRole("button", { name: "Text", exact: true }).click();
  await expect(pane.getByRole("img")).toHaveCount(0);
  await expect(pane.getByText("Received: 2,350 euros")).toBeVisible();
});

test("only the checked documents are asked", async ({ page }) => {
  await open(page);
  await page.getByRole("checkbox", { name: "Ask only handover notes.md" }).check();
  await expect(page.getByText("Asking 1 of 4 documents").first()).toBeVisible();
  await answered(page, "Which keys?");
  expect(await page.evaluate(() => window.fake.asked.at(-1)?.documents)).toEqual(["doc-2"]);
  await page.getByRole("button", { name: "Ask all" }).first().click();
  await expect(page.getByText("Asking all 4 documents")).toBeVisible();
});

test("chats are kept, reopened and deleted after a question", async ({ page }) => {
  await open(page);
  await answered(page);
  await answered(page, "And the deposit?");
  await expect(page.getByText("Searched as “And the deposit? (lease of 14 Mill Lane)”")).toBeVisible();
  await page.getByRole("button", { name: "New chat" }).click();
  const chats = page.getByRole("navigation", { name: "Chats" });
  await chats.getByRole("button", { name: /^How do I end the lease/ }).click();
  await expect(page.getByRole("article")).toHaveCount(2);
  await cite(page, 1).click();
  await expect(page.locator(".highlight").first()).toBeVisible();
  await chats.getByRole("button", { name: /^Menu of chat/ }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete chat" }).click();
  await expect(page.getByText("Your questions will be kept here.")).toBeVisible();
  await expect(page.getByRole("article")).toHaveCount(0);
});

test("missing models are fetched with progress; a failure names its remedy and goes on", async ({ page }) => {
  await open(page, "&models=missing&library=empty&fail=fetch&pace=60");
  await expect(page.getByRole("heading", { name: "Footnote needs its models" })).toBeVisible();
  await page.getByRole("button", { name: "Download (2.1 GB)" }).click();
  await expect(page.getByText(/11\.4 MB\/s/)).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: /^Continue the download/ }).click();
  await expect(page.getByText("The download's source cannot be reached")).toBeVisible();
  await expect(page.getByText(/^Check the network and proxy/)).toBeVisible();
  await page.getByRole("button", { name: /^Try again/ }).click();
  await expect(page.getByRole("heading", { name: "Where are your documents?" })).toBeVisible();
});

test("a window that cannot start says why and tries again", async ({ page }) => {
  await open(page, "&fail=status");
  await expect(page.getByText(/^Another Footnote is using the data folder/)).toBeVisible();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "What would you like to know?" })).toBeVisible();
});

test("text does not pull the view down once the user scrolled up", async ({ page }) => {
  await open(page);
  await ask(page, "Tell me at length");
  const scroller = page.locator("main .scroller").first();
  await expect.poll(() => scroller.evaluate((e) => e.scrollTop)).toBeGreaterThan(150);
  await page.mouse.move(700, 300);
  await page.mouse.wheel(0, -5000);
  await expect.poll(() => scroller.evaluate((e) => e.scrollTop)).toBe(0);
  const length = (await page.locator(".answer").textContent())?.length ?? 0;
  await expect.poll(async () => (await page.locator(".answer").textContent())?.length ?? 0).toBeGreaterThan(length + 100);
  expect(await scroller.evaluate((e) => e.scrollTop)).toBe(0);
  await page.getByRole("button", { name: "To the latest" }).click();
  await expect.poll(() => scroller.evaluate((e) => e.scrollTop)).toBeGreaterThan(150);
});

test("thousands of documents draw a handful of rows", async ({ page }) => {
  await open(page, "&library=many");
  const list = page.getByRole("list", { name: "Documents" });
  await expect(list.getByText("letter 00001.txt")).toBeVisible();
  expect(await list.getByRole("listitem").count()).toBeLessThan(60);
  await page.getByRole("region", { name: "Library" }).evaluate((e) => e.scrollTo(0, e.scrollHeight));
  await expect(list.locator("[title$='letter 05000.txt']")).toBeVisible();
});

test("panel widths and colours are remembered", async ({ page }) => {
  await open(page);
  const handle = page.getByRole("separator", { name: "Width of the library" });
  await handle.focus();
  for (let i = 0; i < 3; i += 1) await page.keyboard.press("ArrowRight");
  const width = await page.locator(".sidebar").evaluate((e) => e.clientWidth);
  await page.keyboard.press("Control+,");
  await page.getByRole("radio", { name: "Dark" }).check();
  await page.keyboard.press("Escape");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  expect(await page.locator(".sidebar").evaluate((e) => e.clientWidth)).toBe(width);
});

test("at 900 by 600 and twice the text size nothing is cut off", async ({ page }) => {
  await page.setViewportSize({ width: 900, height: 600 });
  await page.addInitScript(() => localStorage.setItem("footnote.preferences", JSON.stringify({ scale: 2 })));
  await page.goto("/?pace=5");
  await expect(question(page)).toBeInViewport();
  await answered(page);
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(await wide()).toBeLessThanOrEqual(0);
  await cite(page, 1).click();
  await expect(page.locator(".highlight").first()).toBeVisible();
  expect(await wide()).toBeLessThanOrEqual(0);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Library and chats" }).click();
  await expect(page.getByRole("heading", { name: "Library" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(question(page)).toBeInViewport();
});

for (const [colorScheme, contrast] of [
  ["light", "no-preference"],
  ["dark", "no-preference"],
  ["light", "more"],
  ["dark", "more"],
] as const) {
  test.describe(`in ${colorScheme}, contrast ${contrast}`, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: "reduce", contrast } });
    // axe looks at every element in turn, which takes seconds on a busy machine.
    test.describe.configure({ timeout: 90_000 });

    test("axe finds nothing before the first answer", async ({ page }) => {
      await open(page, "&library=empty");
      await clean(page);
      await page.evaluate(() => window.fake.drag(["/home/ada/broken.pdf"], "drop"));
      await expect(page.getByText("Failed while reading.")).toBeVisible();
      await clean(page);
      await open(page, "&models=missing");
      await clean(page);
    });

    test("axe finds nothing in an answer and its source", async ({ page }) => {
      await open(page);
      await answered(page);
      await cite(page, 1).click();
      await expect(page.locator(".highlight").first()).toBeVisible();
      await page.getByText("How this answer came about").click();
      await clean(page);
      await page.keyboard.press("Control+f");
      await page.keyboard.type("landlord");
      await expect(page.getByText("2 of 2", { exact: true })).toBeVisible();
      await question(page).fill("");
      await question(page).pressSequentially("@hand");
      await expect(page.getByRole("option")).toHaveCount(1);
      await clean(page);
      await page.keyboard.press("Enter");
      await cite(page, 1).hover();
      await clean(page);
    });

    test("axe finds nothing in the dialogs", async ({ page }) => {
      await open(page, "&grace=600000");
      await page.getByRole("button", { name: "Remove handover notes.md" }).click();
      await expect(page.getByRole("group", { name: "Removed" })).toBeVisible();
      await clean(page);
      await page.getByRole("button", { name: "Details of scanned invoices.pdf" }).click();
      await expect(page.getByText("Pages 8 to 10")).toBeVisible();
      await clean(page);
    });

    test("axe finds nothing in settings, keys, palette and facts", async ({ page }) => {
      await open(page);
      for (const dialog of ["Settings", "Keyboard shortcuts", "Search commands, chats and documents", "On this machine only · CPU"]) {
        await page.getByRole("button", { name: dialog }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await clean(page);
        await page.keyboard.press("Escape");
        await expect(page.getByRole("dialog")).toBeHidden();
      }
    });
  });
}
