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
