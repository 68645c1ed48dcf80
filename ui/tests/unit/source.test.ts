import { describe, expect, it } from "vitest";
import { findAll, matches } from "../../src/lib/find";
import { gridOf, isNumber } from "../../src/lib/grid";
import { lineParts, textOf } from "../../src/lib/spans";

describe("finding", () => {
  const words = (text: string, wanted: string) => findAll(text, wanted).map((span) => textOf(text, span));

  it("does not mind case, accents or where a line ends", () => {
    expect(words("Die Eigentümer\nversammlung, eigentumer.", "EIGENTÜMER")).toEqual(["Eigentümer", "eigentumer"]);
    expect(words("three  months'\nwritten notice", "months' written")).toEqual(["months'\nwritten"]);
  });

  it("counts code points, so that marks stand right behind emoji", () => {
    expect(findAll("🔑🔑 keys", "keys")).toEqual([{ start: 3, end: 7 }]);
    expect(words("ﬁnal 🏠 final", "final")).toEqual(["final"]);
  });

  it("finds nothing for nothing", () => {
    expect(findAll("text", "  ")).toEqual([]);
    expect(matches("handover notes.md", "Notes hand")).toBe(true);
    expect(matches("handover notes.md", "lease")).toBe(false);
  });
});

describe("a sheet", () => {
  const text = "Month | Rent\nJanuary | 1,234.50";
  const places = [
    { start: 0, end: 5, address: "B2" },
    { start: 8, end: 12, address: "AA2" },
    { start: 13, end: 20, address: "B5" },
    { start: 23, end: 31, address: "AA5" },
  ];
  const block = { kind: "table" as const, start: 0, end: 31 };

  it("has its own rows and columns, and marks the cited cells alone", () => {
    const grid = gridOf({ text, places }, block, { start: 23, end: 31 });
    expect(grid?.columns).toEqual(["B", "AA"]);
    expect(grid?.rows.map(({ number }) => number)).toEqual([2, 5]);
    expect(grid?.rows.flatMap(({ cells }) => cells.filter((cell) => cell?.marked))).toEqual([{ text: "1,234.50", marked: true }]);
  });

  it("is no grid where only the places of rows are known", () => {
    expect(gridOf({ text, places: [{ start: 0, end: 12, address: "B2:AA2" }] }, block, null)).toBeNull();
    expect(gridOf({ text, places: [] }, block, null)).toBeNull();
  });

  it("tells numbers from words", () => {
    expect(["1,234.50", "−3", "98 %", "€ 12", "2.350 €"].filter((cell) => !isNumber(cell))).toEqual([]);
    expect(["January 2025", "B4", "-", ""].filter(isNumber)).toEqual([]);
  });
});

describe("lines", () => {
  it("keep every character, marks across their ends", () => {
    const lines = lineParts("a🔑b\n\ncd", { start: 1, end: 6 });
    expect(lines).toEqual([
      [
        { text: "a", marked: false },
        { text: "🔑b", marked: true },
      ],
      [],
      [
        { text: "c", marked: true },
        { text: "d", marked: false },
      ],
    ]);
  });
});
