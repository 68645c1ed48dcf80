import { describe, expect, it } from "vitest";
import type { PageCoverage, PageSource, PageUnit } from "../../src/backend/types";
import { howRead, stretches, stretchName } from "../../src/lib/coverage";

function page(number: number, source: PageSource, confidence: number | null = null, unit: PageUnit = "page"): PageCoverage {
  return { number, label: null, unit, source, confidence, doubtful: confidence !== null && confidence < 0.75 ? 2 : 0, chars: 1 };
}

describe("stretches", () => {
  it("take pages in a row that were read alike together", () => {
    const found = stretches([page(1, "text"), page(2, "text"), page(3, "ocr", 0.9), page(4, "ocr", 0.7), page(5, "text")]);
    expect(found.map((part) => `${stretchName(part)}: ${howRead(part)}`)).toEqual([
      "Pages 1 to 2: text",
      "Pages 3 to 4: recognised in images, 80% sure, 2 lines to compare with the page",
      "Page 5: text",
    ]);
  });

  it("part units, and name what could not be read", () => {
    const found = stretches([page(1, "text", null, "message"), page(2, "failed"), page(3, "empty", null, "sheet")]);
    expect(found.map((part) => `${stretchName(part)}: ${howRead(part)}`)).toEqual([
      "Message 1: text",
      "Page 2: could not be read",
      "Sheet 3: nothing to read",
    ]);
    expect(stretches([])).toEqual([]);
  });
});
