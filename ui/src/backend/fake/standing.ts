import { charLength } from "../../lib/spans";
import type { Page, Piece, PageSpan, Quoted, Standing } from "../types";

const tokens = (text: string) => text.match(/\S+\s*/g) ?? [];
const bare = (text: string) => text.trim();

function place(page: Page, at: number, length: number): PageSpan {
  const start = charLength(page.text.slice(0, at));
  return { page: page.number, start, end: start + charLength(page.text.slice(at, at + length)) };
}

/** The longest common row of words, and what each text has besides. */
function differences(old: string, today: string): Piece[] {
  const [a, b] = [tokens(old), tokens(today)];
  const common = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  const same = (i: number, j: number) => bare(a[i] ?? "") === bare(b[j] ?? "");
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      (common[i] ?? [])[j] = same(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pieces: Piece[] = [];
  const push = (kind: Piece["kind"], text: string) => {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && same(i, j)) {
      push("same", b[j] ?? "");
      i += 1;
      j += 1;
    } else if (i < a.length && at(i + 1, j) >= at(i, j + 1)) {
      push("deleted", a[i] ?? "");
      i += 1;
    } else {
      push("inserted", b[j] ?? "");
      j += 1;
    }
  }
  return pieces;
}

/** What became of a quote: the engine's answer, found in a simpler way and only for what stands on one page. */
export function standingOf(quoted: Quoted, pages: Page[]): Standing {
  const standing = pages.filter((page) => page.text.includes(quoted.text));
  standing.sort((a, b) => Math.abs(a.number - quoted.page) - Math.abs(b.number - quoted.page));
  const [nearest] = standing;
  if (nearest) return { state: "stands", places: [place(nearest, nearest.text.indexOf(quoted.text), quoted.text.length)] };
  const old = new Set(tokens(quoted.text).map(bare));
  const share = (sentence: string) => tokens(sentence).filter((word) => old.has(bare(word))).length / Math.max(old.size, tokens(sentence).length);
  const sentences = pages.flatMap((page) =>
    [...page.text.matchAll(/[^.\n]+\.?/g)].map((found) => ({ page, text: found[0].trim(), at: found.index + found[0].search(/\S/) })),
  );
  sentences.sort((a, b) => share(b.text) - share(a.text));
  const [best] = sentences;
  if (!best || share(best.text) < 0.4) return { state: "gone" };
  return { state: "changed", places: [place(best.page, best.at, best.text.length)], pieces: differences(quoted.text, best.text) };
}
