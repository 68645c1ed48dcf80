import MarkdownIt from "markdown-it";
import type { Page } from "../backend/types";

/** A stretch of a page's text that leads somewhere, in UTF-16 units. */
export interface Linked {
  start: number;
  end: number;
  /** Where it leads, as it would be opened. */
  target: string;
}

const finder = new MarkdownIt().linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
// What the finder would find besides the web and mail.
for (const schema of ["ftp:", "//"]) finder.add(schema, null);

/** An address of the web or of mail as it would be opened; null for anything else, as places within the document. */
export function addressOf(target: string): string | null {
  try {
    const url = new URL(target.trim());
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Where an address leads: to a site, to a mail, or to a site that a name before it may hide. */
export type Place = { kind: "site" | "hidden"; site: string } | { kind: "mail" };

/** Where an address of `addressOf` leads. */
export function placeOf(address: string): Place {
  const { protocol, username, password, host } = new URL(address);
  if (protocol === "mailto:") return { kind: "mail" };
  return { kind: username || password ? "hidden" : "site", site: host };
}

/** The links of a page, in order: those of the document, and addresses that stand in its text. None overlap. */
export function linksOf({ text, links }: Pick<Page, "text" | "links">): Linked[] {
  const found: Linked[] = [];
  const add = (start: number, end: number, target: string) => {
    const address = addressOf(target);
    if (address !== null && end > start && found.every((one) => one.end <= start || one.start >= end)) found.push({ start, end, target: address });
  };
  const at = positions(text, links.flatMap(({ start, end }) => [start, end]));
  for (const { start, end, target } of links) add(at.get(start) ?? 0, at.get(end) ?? 0, target);
  for (const { index, lastIndex, url } of finder.match(text) ?? []) add(index, lastIndex, url);
  return found.sort((a, b) => a.start - b.start);
}

/** UTF-16 indices of offsets in code points, in one walk through the text. */
function positions(text: string, offsets: number[]): Map<number, number> {
  const found = new Map<number, number>();
  let index = 0;
  let seen = 0;
  for (const offset of [...offsets].sort((a, b) => a - b)) {
    for (; seen < offset && index < text.length; seen += 1) index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
    found.set(offset, index);
  }
  return found;
}
