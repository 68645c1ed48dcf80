import { describe, expect, it, vi } from "vitest";
import { citedPages, firstWords, pageEntries, pageName } from "../../src/lib/pages";
import { Thumbnails, type PageSupply } from "../../src/lib/thumbnails";
import { Layout } from "../../src/state/layout.svelte";
import { SourceView } from "../../src/state/source.svelte";
import type { Source } from "../../src/lib/answer";

/** Pages 100 x 200 points large that are drawn when the test says so. */
function supply() {
  const drawing = new Map<number, { finish: () => void; canceled: boolean }>();
  const getPage = vi.fn(async (number: number) => ({
    getViewport: ({ scale }: { scale: number }) => ({ width: 100 * scale, height: 200 * scale }),
    render: () => {
      const state = { finish: () => {}, canceled: false };
      let cancel = () => {};
      const promise = new Promise<void>((resolve, reject) => {
        state.finish = resolve;
        drawing.set(number, state);
        cancel = () => ((state.canceled = true), reject(new Error("canceled")));
      });
      return { promise, cancel: () => cancel() };
    },
  }));
  return { pdf: { numPages: 9, getPage } as unknown as PageSupply, drawing, getPage };
}

const settle = () => new Promise((done) => setTimeout(done));

describe("thumbnails", () => {
  it("are drawn one at a time, in the order they were wished for", async () => {
    const { pdf, drawing } = supply();
    const thumbnails = new Thumbnails(pdf);
    const { signal } = new AbortController();
    const first = thumbnails.draw(1, 50, signal);
    const second = thumbnails.draw(2, 50, signal);
    await settle();
    expect([...drawing.keys()]).toEqual([1]);
    drawing.get(1)?.finish();
    expect((await first)?.height).toBe(100);
    await settle();
    expect([...drawing.keys()]).toEqual([1, 2]);
    drawing.get(2)?.finish();
    expect((await second)?.width).toBe(50);
  });

  it("are given up when they leave the view, drawn or waiting, and the others go on", async () => {
    const { pdf, drawing, getPage } = supply();
    const thumbnails = new Thumbnails(pdf);
    const [one, two] = [new AbortController(), new AbortController()];
    const first = thumbnails.draw(1, 50, one.signal);
    const second = thumbnails.draw(2, 50, two.signal);
    const third = thumbnails.draw(3, 50, new AbortController().signal);
    await settle();
    two.abort();
    expect(await second).toBeNull();
    one.abort();
    expect(await first).toBeNull();
    expect(drawing.get(1)?.canceled).toBe(true);
    await settle();
    drawing.get(3)?.finish();
    expect(await third).not.toBeNull();
    expect(getPage.mock.calls.map(([number]) => number)).toEqual([1, 3]);
  });

  it("come back without being drawn again, unless they are to be larger, and the longest unused go", async () => {
    const { pdf, drawing, getPage } = supply();
    const thumbnails = new Thumbnails(pdf, 2);
    const draw = async (number: number, width: number) => {
      const wish = thumbnails.draw(number, width, new AbortController().signal);
      await settle();
      drawing.get(number)?.finish();
      return wish;
    };
    const first = await draw(1, 50);
    expect(await draw(1, 52)).toBe(first);
    expect(getPage).toHaveBeenCalledTimes(1);
    expect((await draw(1, 80))?.width).toBe(80);
    await draw(2, 50);
    await draw(3, 50);
    expect([1, 2, 3].map((number) => thumbnails.kept(number) !== null)).toEqual([false, true, true]);
  });

  it("of pages that cannot be drawn are left out, and the next ones are drawn", async () => {
    const { pdf, drawing, getPage } = supply();
    getPage.mockRejectedValueOnce(new Error("damaged"));
    const thumbnails = new Thumbnails(pdf);
    const first = thumbnails.draw(1, 50, new AbortController().signal);
    const second = thumbnails.draw(2, 50, new AbortController().signal);
    expect(await first).toBeNull();
    await settle();
    drawing.get(2)?.finish();
    expect(await second).not.toBeNull();
  });
});

describe("the pages of a document", () => {
  it("have the names that the document gives them, once those are known", () => {
    const page = { number: 2, label: "ii", unit: "page" as const, source: "text" as const, confidence: null, doubtful: 0, chars: 9 };
    expect(pageEntries(3, [], "slide").map(pageName)).toEqual(["Slide 1", "Slide 2", "Slide 3"]);
    expect(pageEntries(3, [page, { ...page, number: 3, label: "3" }], "page").map(pageName)).toEqual(["Page 1", "Page 2, ii", "Page 3"]);
  });

  it("begin with their heading, else with their first words", () => {
    const text = "Imprint\n\n## 🏠 The   house\n\nIt stands.";
    expect(firstWords({ text, blocks: [{ kind: "heading", level: 2, start: 9, end: 25 }] })).toBe("🏠 The house");
    expect(firstWords({ text: "a ".repeat(100), blocks: [] })).toHaveLength(120);
    expect(firstWords({ text: "", blocks: [] })).toBe("");
  });
});

describe("citations on pages", () => {
  const source = (n: number, page: number, document = "d"): Source => ({ n, document, revision: "r", path: "/d", title: "d", page, start: 1, end: 2, quote: "q" });

  it("are those of the answer in this document, or the passage on show", () => {
    const view = new SourceView();
    const cited = () => [...citedPages(view.row, view.current?.document)];
    expect(cited()).toEqual([]);
    view.open([source(1, 4), source(2, 4), source(1, 4), source(3, 1, "other"), source(4, 2)], 0, "t", null);
    expect(cited()).toEqual([[4, [1, 2]], [2, [4]]]);
    view.openOne(source(7, 3), null);
    expect(cited()).toEqual([[3, [7]]]);
    view.openOne({ ...source(0, 3), start: 0, end: 0 }, null);
    expect(cited()).toEqual([]);
  });
});

describe("the pages beside the source", () => {
  it("stand where there is room, until the user has a say; that and their width are kept", () => {
    localStorage.clear();
    const layout = new Layout();
    layout.width = 80;
    layout.resize("source", 30);
    expect(layout.pagesShown).toBe(false);
    layout.resize("source", 40);
    expect(layout.pagesShown).toBe(true);
    layout.togglePages();
    layout.resize("pages", 99);
    const next = new Layout();
    next.width = 80;
    expect(next.pagesShown).toBe(false);
    expect(next.pages).toBe(40 * 0.45);
    localStorage.clear();
  });
});
