import type { Block, CharSpan, Page } from "../backend/types";
import { textOf } from "./spans";

/** A cell of a sheet. */
export interface Cell {
  text: string;
  /** Whether cited words stand in it. */
  marked: boolean;
}

/** A table of a sheet, by its own rows and columns. */
export interface Grid {
  /** "A", "C": only columns that hold something. */
  columns: string[];
  /** Each with its number, and a cell or nothing for each column. */
  rows: { number: number; cells: (Cell | null)[] }[];
}

/**
 * A table block as the sheet it was read from, by the addresses of its cells. Null where the page knows the places of
 * rows only, or of nothing.
 */
export function gridOf(page: Pick<Page, "text" | "places">, block: CharSpan & Pick<Block, "kind">, highlight: CharSpan | null): Grid | null {
  const rows = new Map<number, Map<string, Cell>>();
  const columns = new Set<string>();
  for (const place of page.places) {
    if (place.start < block.start || place.end > block.end) continue;
    const address = /^([A-Z]{1,3})(\d+)$/.exec(place.address);
    if (!address?.[1] || !address[2]) return null;
    const [, column, number] = address;
    const row = rows.get(Number(number)) ?? new Map<string, Cell>();
    rows.set(Number(number), row);
    columns.add(column);
    const marked = highlight !== null && place.start < highlight.end && place.end > highlight.start;
    row.set(column, { text: textOf(page.text, place), marked });
  }
  if (rows.size === 0) return null;
  // "B" before "AA".
  const order = [...columns].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return {
    columns: order,
    rows: [...rows.entries()]
      .sort(([a], [b]) => a - b)
      .map(([number, row]) => ({ number, cells: order.map((column) => row.get(column) ?? null) })),
  };
}

/** Whether a cell holds a number, a date or a sum of money, which stand at the end of their column. */
export function isNumber(text: string): boolean {
  return /^[\s\p{Sc}+\-−(]*\d[\d\s.,:/'’%)-]*\p{Sc}?$/u.test(text);
}
