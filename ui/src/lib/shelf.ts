import type { Document, FileKind } from "../backend/types";
import { folded } from "./find";
import { folderOf, liesIn } from "./folder";
import { fileName } from "./format";
import { kindOfMedia, kindOfName } from "./kind";

export const orders = ["name", "newest", "largest"] as const;
/** In the order in which they are offered. */
export const kinds = ["pdf", "document", "sheet", "slides", "mail", "web", "book", "picture", "text", "code", "archive"] as const satisfies readonly FileKind[];
/** How a file stands. More than one can be true of it. */
export const states = ["whole", "partly", "failed", "password", "offline"] as const;
export type Order = (typeof orders)[number];
export type State = (typeof states)[number];

/** What a file is narrowed by. */
export interface Entry {
  path: string;
  /** Its name and title, folded. */
  words: string;
  /** The folder it lies in. */
  folder: string;
  /** Null if it was never read and its name says nothing. */
  kind: FileKind | null;
}

/** A document with what it is looked for and ordered by, worked out once for a library of thousands. */
export interface Shelved extends Entry {
  document: Document;
  name: string;
}

/** What has to be true of a file. An empty list asks for nothing. */
export interface Filter {
  wanted: string;
  kinds: readonly FileKind[];
  /** What lies in one of them, however deep, passes. */
  folders: readonly string[];
  states: readonly State[];
  /** Whether it has to be one that questions are limited to. */
  asked: boolean;
}

/** What is known of files besides what the documents carry. */
export interface FileFacts {
  /** Why the last reading of the file at a path came to nothing; undefined if it did not. */
  failure(path: string): "failed" | "password" | undefined;
  offline(path: string): boolean;
  asked(document: Document): boolean;
}

/** All documents in an order. `locale` says how names are compared. */
export function shelve(documents: Document[], order: Order, locale: string): Shelved[] {
  const shelved = documents.map((document) => {
    const { path, title, mediaType } = document;
    const name = fileName(path);
    return { document, name, path, words: folded(`${name} ${title}`), folder: folderOf(path), kind: kindOfMedia(mediaType) };
  });
  const { compare } = new Intl.Collator(locale, { numeric: true });
  const by: Record<Order, (a: Shelved, b: Shelved) => number> = {
    name: (a, b) => compare(a.name, b.name),
    newest: (a, b) => (a.document.indexedAt < b.document.indexedAt ? 1 : a.document.indexedAt > b.document.indexedAt ? -1 : 0),
    largest: (a, b) => b.document.bytes - a.document.bytes,
  };
  return shelved.sort(by[order]);
}

/** What is known of a file that is in the library only as a failure. */
export function entryOf(path: string): Entry {
  return { path, words: folded(fileName(path)), folder: folderOf(path), kind: kindOfName(path) };
}

/** Whether something in a document could not be read. */
export function hasGaps(document: Document): boolean {
  return document.warnings.length > 0 || document.searchablePages < document.pages;
}

/** Whether a file, with its document if it ever became one, is in a state. */
export function isIn(state: State, path: string, document: Document | null, facts: FileFacts): boolean {
  switch (state) {
    case "whole":
      return document !== null && document.revision !== null && !hasGaps(document) && facts.failure(path) === undefined;
    case "partly":
      return document !== null && hasGaps(document);
    case "offline":
      return facts.offline(path);
    default:
      return facts.failure(path) === state;
  }
}

/** A test of files against a filter. */
export function passing(filter: Filter, facts: FileFacts): (entry: Entry, document: Document | null) => boolean {
  const words = folded(filter.wanted).split(/\s+/).filter(Boolean);
  const wantedKinds = new Set<FileKind | null>(filter.kinds);
  // Thousands of files share a folder.
  const within = new Map<string, boolean>();
  const inFolder = (folder: string) => {
    let known = within.get(folder);
    if (known === undefined) {
      known = filter.folders.some((one) => folder === one || liesIn(folder, one));
      within.set(folder, known);
    }
    return known;
  };
  return (entry, document) =>
    words.every((word) => entry.words.includes(word)) &&
    (wantedKinds.size === 0 || wantedKinds.has(entry.kind)) &&
    (filter.folders.length === 0 || inFolder(entry.folder)) &&
    (!filter.asked || (document !== null && facts.asked(document))) &&
    (filter.states.length === 0 || filter.states.some((state) => isIn(state, entry.path, document, facts)));
}

/** The documents that pass a filter, in their order. */
export function pick(shelved: Shelved[], filter: Filter, facts: FileFacts): Document[] {
  const passes = passing(filter, facts);
  return shelved.filter((one) => passes(one, one.document)).map(({ document }) => document);
}

/** How many files there are of each kind and in each state. `failed` have no document. */
export function tally(shelved: Shelved[], failed: Entry[], facts: FileFacts): { kinds: Map<FileKind, number>; states: Map<State, number> } {
  const found = { kinds: new Map<FileKind, number>(), states: new Map<State, number>() };
  const count = (entry: Entry, document: Document | null) => {
    if (entry.kind) found.kinds.set(entry.kind, (found.kinds.get(entry.kind) ?? 0) + 1);
    for (const state of states) {
      if (isIn(state, entry.path, document, facts)) found.states.set(state, (found.states.get(state) ?? 0) + 1);
    }
  };
  for (const one of shelved) count(one, one.document);
  for (const one of failed) count(one, null);
  return found;
}

/** Folders to choose from, with how many files lie in each: those of `first`, and after them those of `always` and the fullest others. */
export function folderTally(
  entries: Entry[],
  first: readonly string[],
  always: readonly string[],
  most: number,
): { folders: [folder: string, files: number][]; more: number } {
  const direct = new Map<string, number>();
  for (const { folder } of entries) if (folder) direct.set(folder, (direct.get(folder) ?? 0) + 1);
  const all = [...direct];
  const kept = new Set([...first, ...always]);
  const others = all.filter(([folder]) => !kept.has(folder)).sort(([, a], [, b]) => b - a);
  // Where a folder stands does not hang on whether it is chosen.
  const after = [...always.filter((folder) => !first.includes(folder)), ...others.slice(0, most).map(([folder]) => folder)].sort();
  return {
    folders: [...first, ...after].map((folder) => [folder, all.reduce((sum, [one, files]) => sum + (one === folder || liesIn(one, folder) ? files : 0), 0)]),
    more: Math.max(others.length - most, 0),
  };
}
