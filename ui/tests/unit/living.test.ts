import { describe, expect, it, vi } from "vitest";
import { toErrorView, type Backend } from "../../src/backend/backend";
import { standingOf } from "../../src/backend/fake/standing";
import type { Locator, Document, Piece, Quoted, Standings } from "../../src/backend/types";
import { markerSources, type Source } from "../../src/lib/answer";
import { comparedWords, isWider, spanOn } from "../../src/lib/standing";
import { Library } from "../../src/state/library.svelte";
import { Living } from "../../src/state/living.svelte";

const source = (more: Partial<Source> = {}): Source => ({
  ...{ n: 1, document: "d", revision: "r1", path: "/d", title: "d", page: 2, start: 4, end: 9, quote: "words" },
  ...more,
});

function world(answer: (quoted: Quoted[]) => Standings) {
  const standing = vi.fn(async (_document: string, quoted: Quoted[]) => answer(quoted));
  const library = new Library({ onLibraryChanged: () => () => {} } as unknown as Backend, () => {});
  const read = (revision: string) => (library.documents = [{ id: "d", revision } as Document]);
  read("r2");
  return { living: new Living({ standing } as unknown as Backend, library), standing, read, library };
}

const stands = (quoted: Quoted[]): Standings => ({
  revision: "r2",
  standings: quoted.map(() => ({ state: "stands", places: [{ page: 5, start: 1, end: 6 }] })),
});
const settle = () => new Promise((done) => setTimeout(done, 5));

describe("what became of quotes", () => {
  it("is asked for only where the document was read again, and only once a revision", async () => {
    const { living, standing, read } = world(stands);
    living.want([source({ revision: "r2" }), source({ quote: " " }), source({ revision: "" }), source({ document: "gone" })]);
    await settle();
    expect(standing).not.toHaveBeenCalled();
    living.want([source(), source()]);
    living.want([source({ page: 3, around: "some words here" })]);
    await settle();
    living.want([source()]);
    await settle();
    expect(standing).toHaveBeenCalledTimes(1);
    expect(standing.mock.calls[0]).toEqual([
      "d",
      [
        { page: 2, start: 4, text: "words", around: null },
        { page: 3, start: 4, text: "words", around: "some words here" },
      ],
    ]);
    read("r3");
    expect(living.of(source())).toBeNull();
    living.want([source()]);
    await settle();
    expect(standing).toHaveBeenCalledTimes(2);
  });

  it("says where words stand today, and only of changes that there is something to be seen to", async () => {
    const { living } = world((quoted) => ({
      revision: "r2",
      standings: quoted.map(({ text }) => (text === "gone" ? { state: "gone" } : { state: "stands", places: [{ page: 5, start: 1, end: 6 }] })),
    }));
    const [here, gone, current] = [source(), source({ quote: "gone" }), source({ revision: "r2" })];
    expect(living.today(here)).toBeNull();
    living.want([here, gone]);
    await settle();
    expect(living.today(here)).toEqual({ ...here, revision: "r2", page: 5, start: 1, end: 6 });
    expect([here, gone, current].map((one) => living.since(one))).toEqual([null, "gone", null]);
    expect(living.today(gone)).toBeNull();
    expect(living.today(current)).toBe(current);
  });

  it("is told of a removed document once the library could be listed", async () => {
    const { living, library } = world(stands);
    expect(living.since(source({ document: "removed" }))).toBeNull();
    library.loaded = true;
    expect(living.since(source({ document: "removed" }))).toBe("withdrawn");
    expect(living.since(source({ revision: "r2" }))).toBeNull();
    library.error = toErrorView(new Error("the disk did not answer"));
    expect(living.since(source({ document: "removed" }))).toBeNull();
  });

  it("is not taken from another revision, and is asked for again", async () => {
    const { living, standing, read } = world(stands);
    living.want([source()]);
    read("r3");
    await settle();
    read("r2");
    expect(living.of(source())?.state).toBe("stands");
    read("r3");
    living.want([source()]);
    await settle();
    // The engine still answers for r2.
    expect(living.of(source())).toBeNull();
    living.want([source()]);
    await settle();
    expect(standing).toHaveBeenCalledTimes(3);
  });

  it("comes in parts where there are many, and an error can be tried again", async () => {
    let failing = true;
    const { living, standing } = world((quoted) => {
      if (failing) throw toErrorView("the disk did not answer");
      return stands(quoted);
    });
    const many = Array.from({ length: 250 }, (_, i) => source({ start: i }));
    living.want(many);
    await settle();
    expect(standing.mock.calls.map(([, quoted]) => quoted.length)).toEqual([100, 100, 50]);
    const [first] = many as [Source, ...Source[]];
    expect(living.error(first)?.message).toBe("the disk did not answer");
    failing = false;
    living.again(first);
    expect(living.error(first)).toBeNull();
    await settle();
    expect(living.of(first)?.state).toBe("stands");
  });
});

describe("a comparison", () => {
  const pieces: Piece[] = [
    { kind: "same", text: "giving " },
    { kind: "deleted", text: "three months'" },
    { kind: "inserted", text: "six weeks'" },
    { kind: "same", text: " notice" },
  ];

  it("has the earlier words, and says if they are more than the quote", () => {
    expect(comparedWords(pieces)).toBe("giving three months' notice");
    expect(isWider("giving three\nmonths'  notice", pieces)).toBe(false);
    expect(isWider("three", pieces)).toBe(true);
  });

  it("is marked on each page that it runs over", () => {
    const places = [
      { page: 1, start: 5, end: 9 },
      { page: 2, start: 0, end: 3 },
    ];
    expect([1, 2, 3].map((page) => spanOn(places, page))).toEqual([{ start: 5, end: 9 }, { start: 0, end: 3 }, null]);
  });

  it("is made by the fake engine as by the real one", () => {
    const page = { number: 1, text: "Keys 🔑. Give six weeks' notice.", label: null, source: "text" as const, confidence: null, unit: "page" as const, blocks: [], rects: [], size: null, places: [], links: [], lines: [] };
    const quoted = (text: string): Quoted => ({ page: 1, start: 0, text, around: null });
    expect(standingOf(quoted("six weeks'"), [page])).toEqual({ state: "stands", places: [{ page: 1, start: 13, end: 23 }] });
    const changed = standingOf(quoted("Give three weeks' notice."), [page]);
    expect(changed.state === "changed" && comparedWords(changed.pieces)).toBe("Give three weeks' notice.");
    expect(standingOf(quoted("Nothing of the kind"), [page])).toEqual({ state: "gone" });
  });
});

describe("a citation", () => {
  it("knows the passage it was taken from", () => {
    const locator: Locator = { unit: "page", label: null, cells: null, confidence: null };
    const citation = { ...source(), locator, score: 1 };
    const passage = { ...source(), locator, rank: 1, text: "the words around", headings: [], injections: [], score: 1, scores: { vector: null, text: null, fused: 1, rerank: null } };
    expect(markerSources([1], [citation], [passage])[0]?.around).toBe("the words around");
    expect(markerSources([1], [citation], [])[0]?.around).toBeUndefined();
  });
});
