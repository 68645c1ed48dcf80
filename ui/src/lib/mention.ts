/** A document being named in a question: `@` and what follows it, up to the caret. */
export interface Mention {
  /** Index of the `@`. */
  start: number;
  end: number;
  wanted: string;
}

/** The mention that the caret stands behind; an `@` inside a word, as in an address, begins none. */
export function mentionAt(text: string, caret: number): Mention | null {
  const found = /(?:^|\s)@([^\s@]{0,60})$/u.exec(text.slice(0, caret));
  if (!found) return null;
  const wanted = found[1] ?? "";
  return { start: caret - wanted.length - 1, end: caret, wanted };
}

/** The text without the mention, and where the caret then stands. */
export function withoutMention(text: string, { start, end }: Mention): { text: string; caret: number } {
  const after = text.slice(end);
  return { text: text.slice(0, start) + (start === 0 || /\s$/.test(text.slice(0, start)) ? after.trimStart() : after), caret: start };
}
