import type { Document } from "../backend/types";
import { folded } from "./find";
import { fileName } from "./format";

export const orders = ["name", "newest", "largest"] as const;
export const views = ["all", "gaps", "asked"] as const;
export type Order = (typeof orders)[number];
export type View = (typeof views)[number];

/** A document with what it is looked for and ordered by, worked out once for a library of thousands. */
export interface Shelved {
  document: Document;
  name: string;
  words: string;
}

/** All documents in an order. `locale` says how names are compared. */
export function shelve(documents: Document[], order: Order, locale: string): Shelved[] {
  const shelved = documents.map((document) => {
    const name = fileName(document.path);
    return { document, name, words: folded(`${name} ${document.title}`) };
  });
  const { compare } = new Intl.Collator(locale, { numeric: true });
  const by: Record<Order, (a: Shelved, b: Shelved) => number> = {
    name: (a, b) => compare(a.name, b.name),
    newest: (a, b) => (a.document.indexedAt < b.document.indexedAt ? 1 : a.document.indexedAt > b.document.indexedAt ? -1 : 0),
    largest: (a, b) => b.document.bytes - a.document.bytes,
  };
  return shelved.sort(by[order]);
}

/** Whether something in a document could not be read. */
export function hasGaps(document: Document): boolean {
  return document.warnings.length > 0 || document.searchablePages < document.pages;
}

/** Those that have every word of `wanted` in their name or title, and belong to the view. */
export function pick(shelved: Shelved[], wanted: string, view: View, asked: (document: Document) => boolean): Document[] {
  const words = folded(wanted).split(/\s+/).filter(Boolean);
  return shelved
    .filter(
      ({ document, words: within }) =>
        words.every((word) => within.includes(word)) &&
        (view === "all" || (view === "gaps" ? hasGaps(document) : asked(document))),
    )
    .map(({ document }) => document);
}
