import type { CharSpan } from "../backend/types";

/** Text as it is compared when something is looked for: without case, and without accents. */
export function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();
}

/** Whether every word of `wanted` stands in `text`. */
export function matches(text: string, wanted: string): boolean {
  const words = folded(wanted).split(/\s+/).filter(Boolean);
  const within = folded(text);
  return words.every((word) => within.includes(word));
}

/**
 * Where `wanted` stands in a text, as spans of code points. Case, accents and the kind of blank do not count, so a
 * line's end is a blank, too.
 */
export function findAll(text: string, wanted: string): CharSpan[] {
  const needle = folded(wanted).replace(/\s+/gu, " ").trim();
  if (!needle) return [];
  let hay = "";
  // The code point that each unit of the folded text came from.
  const origin: number[] = [];
  let at = 0;
  for (const character of text) {
    const plain = /\s/u.test(character) ? (hay.endsWith(" ") ? "" : " ") : folded(character);
    for (let i = 0; i < plain.length; i += 1) origin.push(at);
    hay += plain;
    at += 1;
  }
  const spans: CharSpan[] = [];
  for (let from = hay.indexOf(needle); from >= 0; from = hay.indexOf(needle, from + needle.length)) {
    const last = origin[from + needle.length - 1] ?? 0;
    spans.push({ start: origin[from] ?? 0, end: last + 1 });
  }
  return spans;
}
