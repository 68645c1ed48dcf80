import { describe, expect, it } from "vitest";
import type { TextRect } from "../../src/backend/types";
import { boxesOn, charLength, highlightBoxes, segmentPage, tableRows, textOf, utf16Index, withoutHashes } from "../../src/lib/spans";

describe("offsets", () => {
  const text = "a🏠b👍🏽é\u{10FFFF}z";

  it("agree with counting code points at every position", () => {
    const chars = Array.from(text);
    for (let i = 0; i <= chars.length; i += 1) {
      expect(utf16Index(text, i)).toBe(chars.slice(0, i).join("").length);
      for (let j = i; j <= chars.length; j += 1) {
        expect(textOf(text, { start: i, end: j })).toBe(chars.slice(i, j).join(""));
      }
    }
    expect(charLength(text)).toBe(chars.length);
  });

  it("stay inside the text", () => {
    expect(utf16Index("ab", 9)).toBe(2);
    expect(textOf("ab", { start: 1, end: 9 })).toBe("b");
    expect(textOf("ab", { start: 5, end: 9 })).toBe("");
    expect(textOf("ab", { start: 2, end: 1 })).toBe("");
  });
});

describe("segmentPage", () => {
  it("marks exactly the span, after emoji", () => {
    const text = "Keys 🔑🔑 were given.\n\nNothing else.";
    const parts = segmentPage({ text, blocks: [] }, { start: 5, end: 12 }).flatMap((s) => s.parts);
    expect(parts.filter((p) => p.marked).map((p) => p.text)).toEqual(["🔑🔑 were"]);
  });

  it("marks a span across blocks in each of them", () => {
    const text = "One two.\n\nThree four.";
    const blocks = [
      { kind: "heading" as const, level: 1, start: 0, end: 8 },
      { kind: "paragraph" as const, start: 10, end: 21 },
    ];
    const segments = segmentPage({ text, blocks }, { start: 4, end: 15 });
    expect(segments.map((s) => s.kind)).toEqual(["heading", "paragraph"]);
    expect(segments.map((s) => s.parts.filter((p) => p.marked).map((p) => p.text).join(""))).toEqual(["two.", "Three"]);
  });

  it("keeps text that no block covers", () => {
    const text = "before\n\ninside\n\nafter";
    const segments = segmentPage({ text, blocks: [{ kind: "code", start: 8, end: 14 }] }, null);
    expect(segments.map((s) => [s.kind, s.parts.map((p) => p.text).join("")])).toEqual([
      ["paragraph", "before"],
      ["code", "inside"],
      ["paragraph", "after"],
    ]);
  });
});

describe("boxesOn", () => {
  const rects: TextRect[] = [{ start: 0, end: 10, x: 20, y: 50, width: 100, height: 10 }];

  it("are shares of the page, by its own size if it has one", () => {
    expect(boxesOn({ rects, size: [200, 500] }, { start: 0, end: 5 }, [1, 1])).toEqual([{ x: 10, y: 10, width: 25, height: 2 }]);
    expect(boxesOn({ rects, size: null }, { start: 5, end: 10 }, [400, 100])).toEqual([{ x: 17.5, y: 50, width: 12.5, height: 10 }]);
  });
});

describe("withoutHashes", () => {
  it("drops a heading's marks and keeps what is marked", () => {
    const parts = [{ text: "## ", marked: false }, { text: "Notice", marked: true }];
    expect(withoutHashes(parts)).toEqual([{ text: "Notice", marked: true }]);
    expect(withoutHashes([{ text: "# A #1", marked: true }])).toEqual([{ text: "A #1", marked: true }]);
    expect(withoutHashes([{ text: "#1 priority", marked: false }])).toEqual([{ text: "#1 priority", marked: false }]);
    expect(withoutHashes([])).toEqual([]);
  });
});

describe("tableRows", () => {
  const plain = (text: string) => tableRows([{ text, marked: false }]).map((row) => row.map((cell) => cell.map((p) => p.text).join("")));

  it("parts lines at bars", () => {
    expect(plain("Berth | Depth\nA | 4 m\n | |B|")).toEqual([["Berth", "Depth"], ["A", "4 m"], ["", "B"]]);
    expect(plain("a|b | c")).toEqual([["a|b", "c"]]);
  });

  it("leaves out how Markdown draws a table", () => {
    expect(plain("| a | b |\n|---|:-:|\n| 1 |  |")).toEqual([["a", "b"], ["1", ""]]);
  });

  it("keeps the marks", () => {
    const parts = [
      { text: "Berth | De", marked: false },
      { text: "pth\nA | 4", marked: true },
      { text: " m", marked: false },
    ];
    const marked = tableRows(parts).map((row) => row.map((cell) => cell.filter((p) => p.marked).map((p) => p.text).join("")));
    expect(marked).toEqual([["", "pth"], ["A", "4"]]);
  });
});

describe("highlightBoxes", () => {
  const rect = (start: number, end: number, x: number, y: number, width: number): TextRect => ({ start, end, x, y, width, height: 10 });

  it("joins the words of a line and keeps lines apart", () => {
    const rects = [rect(0, 4, 0, 0, 40), rect(5, 9, 44, 0, 40), rect(10, 14, 0, 20, 40), rect(15, 19, 44, 20, 40)];
    expect(highlightBoxes(rects, { start: 5, end: 14 })).toEqual([
      { x: 44, y: 0, width: 40, height: 10 },
      { x: 0, y: 20, width: 40, height: 10 },
    ]);
    expect(highlightBoxes(rects, { start: 0, end: 9 })).toEqual([{ x: 0, y: 0, width: 84, height: 10 }]);
  });

  it("cuts a line's rectangle in proportion to the span", () => {
    expect(highlightBoxes([rect(10, 20, 100, 0, 50)], { start: 12, end: 15 })).toEqual([{ x: 110, y: 0, width: 15, height: 10 }]);
  });

  it("does not join across columns", () => {
    expect(highlightBoxes([rect(0, 4, 0, 0, 40), rect(5, 9, 300, 0, 40)], { start: 0, end: 9 })).toHaveLength(2);
  });
});
