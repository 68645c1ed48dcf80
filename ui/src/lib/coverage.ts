import type { PageCoverage, PageSource, PageUnit } from "../backend/types";

/** Pages in a row that were read alike. */
export interface Stretch {
  source: PageSource;
  unit: PageUnit;
  first: number;
  last: number;
  /** How sure the recognition was, from 0 to 1; null for other text. */
  confidence: number | null;
}

/** The coverage map, pages in a row that were read alike taken together. */
export function stretches(coverage: PageCoverage[]): Stretch[] {
  const found: (Stretch & { sure: number[] })[] = [];
  for (const page of coverage) {
    let last = found.at(-1);
    if (last?.source !== page.source || last.unit !== page.unit) {
      last = { source: page.source, unit: page.unit, first: page.number, last: page.number, confidence: null, sure: [] };
      found.push(last);
    }
    last.last = page.number;
    if (page.confidence !== null) last.sure.push(page.confidence);
  }
  return found.map(({ sure, ...stretch }) => ({
    ...stretch,
    confidence: sure.length > 0 ? sure.reduce((sum, one) => sum + one, 0) / sure.length : null,
  }));
}

/** "Pages 3 to 7", "Sheet 1". */
export function stretchName({ unit, first, last }: Stretch): string {
  const name = unit.charAt(0).toUpperCase() + unit.slice(1);
  return first === last ? `${name} ${first.toLocaleString()}` : `${name}s ${first.toLocaleString()} to ${last.toLocaleString()}`;
}

/** How a stretch was read, in words. */
export function howRead({ source, confidence }: Stretch): string {
  switch (source) {
    case "text":
      return "text";
    case "ocr":
      return confidence === null ? "recognised in images" : `recognised in images, ${Math.round(confidence * 100)} % sure`;
    case "empty":
      return "nothing to read";
    case "failed":
      return "could not be read";
  }
}
