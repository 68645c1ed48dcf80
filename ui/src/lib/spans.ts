import type { Block, CharSpan, Page, TextRect } from "../backend/types";
import type { Linked } from "./address";

/**
 * UTF-16 index of code point `offset`. Offsets on the wire count code points; JavaScript strings
 * index UTF-16 units, which differ from the first emoji on.
 */
export function utf16Index(text: string, offset: number): number {
  let index = 0;
  for (let seen = 0; seen < offset && index < text.length; seen += 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}

/** The text of a span; empty where it lies outside. */
export function textOf(text: string, span: CharSpan): string {
  if (span.end <= span.start) return "";
  const start = utf16Index(text, span.start);
  return text.slice(start, start + utf16Index(text.slice(start), span.end - span.start));
}

/** Number of code points. */
export function charLength(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    // A low surrogate belongs to the pair that its high surrogate already counted.
    const low = unit >= 0xdc00 && unit <= 0xdfff && i > 0 && isHigh(text.charCodeAt(i - 1));
    if (!low) count += 1;
  }
  return count;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** A stretch of a block: highlighted or not, leading somewhere or not. */
export interface Part {
  text: string;
  marked: boolean;
  target?: string;
}

/** A block ready to draw. */
export interface Segment {
  kind: Block["kind"];
  /** Of a heading: 1 is the highest. */
  level: number;
  /** Of a table: how many of its first rows name the columns. */
  headerRows: number;
  /** Where it stands on the page. */
  span: CharSpan;
  parts: Part[];
}

/**
 * Cuts a page into its blocks, each into marked and unmarked parts. Text between blocks is kept
 * as paragraphs of its own, so no character of the page disappears. Pages without blocks are
 * parted at blank lines.
 */
export function segmentPage(page: Pick<Page, "text" | "blocks">, highlight: CharSpan | null, links: Linked[] = []): Segment[] {
  const text = page.text;
  const mark = highlight && { start: utf16Index(text, highlight.start), end: utf16Index(text, highlight.end) };
  const segments: Segment[] = [];
  const push = (block: Block | null, from: number, to: number) => {
    let start = from;
    let end = to;
    while (start < end && /[\n\r]/.test(text[start] ?? "")) start += 1;
    while (end > start && /\s/.test(text[end - 1] ?? "")) end -= 1;
    if (start < end && text.slice(start, end).trim()) {
      segments.push({
        kind: block?.kind ?? "paragraph",
        level: block?.kind === "heading" ? block.level : 0,
        headerRows: block?.kind === "table" ? block.headerRows : 0,
        span: block ?? { start: 0, end: 0 },
        parts: cut(text, start, end, mark, links),
      });
    }
  };
  const paragraphs = (from: number, to: number) => {
    let start = from;
    for (const gap of text.slice(from, to).matchAll(/\n[ \t\r]*\n/g)) {
      push(null, start, from + gap.index);
      start = from + gap.index + gap[0].length;
    }
    push(null, start, to);
  };
  let at = 0;
  for (const block of page.blocks) {
    const start = utf16Index(text, block.start);
    const end = utf16Index(text, block.end);
    paragraphs(at, Math.max(at, start));
    push(block, Math.max(at, start), end);
    at = Math.max(at, end);
  }
  paragraphs(at, text.length);
  return segments;
}

/** Cuts a stretch of text where the mark and links begin and end. */
function cut(text: string, from: number, to: number, mark: CharSpan | null, links: Linked[]): Part[] {
  const within = links.filter(({ start, end }) => start < to && end > from);
  const inner = [...(mark && mark.end > mark.start ? [mark] : []), ...within]
    .flatMap(({ start, end }) => [start, end])
    .filter((at) => at > from && at < to)
    .sort((a, b) => a - b);
  const parts: Part[] = [];
  let start = from;
  for (const end of [...inner, to]) {
    const link = within.find((one) => one.start <= start && one.end > start);
    const marked = mark !== null && mark.start <= start && mark.end > start;
    if (end > start || inner.length === 0) parts.push({ text: text.slice(start, end), marked, ...(link && { target: link.target }) });
    start = end;
  }
  return parts;
}

/** A page's text by its lines, each into marked and unmarked parts. */
export function lineParts(text: string, highlight: CharSpan | null, links: Linked[] = []): Part[][] {
  const mark = highlight && { start: utf16Index(text, highlight.start), end: utf16Index(text, highlight.end) };
  let at = 0;
  return text.split("\n").map((line) => {
    const from = at;
    at += line.length + 1;
    return cut(text, from, from + line.length, mark, links).filter((part) => part.text);
  });
}

/** The parts of a Markdown heading without the marks that say how to draw it. */
export function withoutHashes(parts: Part[]): Part[] {
  const [first, ...rest] = parts;
  if (!first) return parts;
  const text = first.text.replace(/^#{1,6}[ \t]+/, "");
  return text ? [{ ...first, text }, ...rest] : rest;
}

/**
 * A table's cells: its lines are rows, bars part the cells of a row. Markdown's line of dashes, and
 * its bars at the ends, say how to draw and are not drawn.
 */
export function tableRows(parts: Part[]): Part[][][] {
  const text = parts.map((part) => part.text).join("");
  // The marked parts are one stretch.
  const lengthOf = (of: Part[]) => of.reduce((sum, part) => sum + part.text.length, 0);
  const first = parts.findIndex((part) => part.marked);
  const start = lengthOf(parts.slice(0, first));
  const mark = first < 0 ? null : { start, end: start + lengthOf(parts.filter((part) => part.marked)) };
  let passed = 0;
  const links = parts.flatMap((part) => {
    passed += part.text.length;
    return part.target === undefined ? [] : [{ start: passed - part.text.length, end: passed, target: part.target }];
  });
  const rows: Part[][][] = [];
  for (const line of text.matchAll(/[^\n]+/g)) {
    const piped = /^\s*\|/.test(line[0]);
    const inner = piped ? line[0].replace(/\|\s*$/, "").replace(/^\s*\|/, "") : line[0];
    let at = line.index + (piped ? line[0].indexOf("|") + 1 : 0);
    const cells = inner.split(piped ? "|" : " | ").map((cell) => {
      const from = at + (cell.length - cell.trimStart().length);
      at += cell.length + (piped ? 1 : 3);
      return { start: from, end: from + cell.trim().length };
    });
    const dashes = piped && cells.every((cell) => /^:?-+:?$/.test(text.slice(cell.start, cell.end)));
    if (!dashes) rows.push(cells.map((cell) => cut(text, cell.start, cell.end, mark, links)));
  }
  return rows;
}

/** A box in the page's own units. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where the words of `span` stand on a page, in hundredths of its width and height; `size` if the page does not know its own. */
export function boxesOn(page: Pick<Page, "rects" | "size">, span: CharSpan, size: [number, number]): Box[] {
  const [width, height] = page.size ?? size;
  return highlightBoxes(page.rects, span).map((box) => ({
    x: (box.x / width) * 100,
    y: (box.y / height) * 100,
    width: (box.width / width) * 100,
    height: (box.height / height) * 100,
  }));
}

/**
 * The boxes that cover `span`: a rectangle that holds more than the span is cut in proportion to
 * its characters, and neighbours on one line are joined.
 */
export function highlightBoxes(rects: TextRect[], span: CharSpan): Box[] {
  const boxes: Box[] = [];
  for (const rect of rects) {
    const start = Math.max(rect.start, span.start);
    const end = Math.min(rect.end, span.end);
    if (end <= start) continue;
    const length = rect.end - rect.start;
    const x = rect.x + (rect.width * (start - rect.start)) / length;
    const width = (rect.width * (end - start)) / length;
    const last = boxes.at(-1);
    const sameLine =
      last &&
      Math.abs(last.y + last.height / 2 - (rect.y + rect.height / 2)) < rect.height / 2 &&
      x >= last.x &&
      x - (last.x + last.width) < rect.height;
    if (sameLine) {
      const top = Math.min(last.y, rect.y);
      last.height = Math.max(last.y + last.height, rect.y + rect.height) - top;
      last.y = top;
      last.width = Math.max(last.x + last.width, x + width) - last.x;
    } else {
      boxes.push({ x, y: rect.y, width, height: rect.height });
    }
  }
  return boxes;
}
