import { describe, expect, it } from "vitest";
import type { Document } from "../../src/backend/types";
import { pick, shelve } from "../../src/lib/shelf";

function document(path: string, more: Partial<Document> = {}): Document {
  return {
    id: path,
    collection: "default",
    path,
    title: "",
    author: null,
    date: null,
    language: null,
    mediaType: "text/plain",
    revision: "1",
    contentHash: "",
    bytes: 1,
    pages: 1,
    searchablePages: 1,
    unreadImages: 0,
    chunks: 1,
    warnings: [],
    indexedAt: "2026-01-01T00:00:00Z",
    ...more,
  };
}

const library = [
  document("/b/letter 10.txt", { bytes: 5 }),
  document("/z/Letter 9.txt", { indexedAt: "2026-02-01T00:00:00Z" }),
  document("/a/Übersicht.pdf", { pages: 3, searchablePages: 2, title: "Annual accounts" }),
];
const names = (found: Document[]) => found.map(({ path }) => path);
const none = () => false;

describe("the library", () => {
  it("is ordered by name as people count, by age or by size", () => {
    expect(names(pick(shelve(library, "name", "de"), "", "all", none))).toEqual(["/z/Letter 9.txt", "/b/letter 10.txt", "/a/Übersicht.pdf"]);
    expect(names(pick(shelve(library, "newest", "de"), "", "all", none))[0]).toBe("/z/Letter 9.txt");
    expect(names(pick(shelve(library, "largest", "de"), "", "all", none))[0]).toBe("/b/letter 10.txt");
  });

  it("is narrowed by words of names and titles, by gaps, and to what is asked", () => {
    const shelved = shelve(library, "name", "en");
    expect(names(pick(shelved, "accounts ubersicht", "all", none))).toEqual(["/a/Übersicht.pdf"]);
    expect(names(pick(shelved, "", "gaps", none))).toEqual(["/a/Übersicht.pdf"]);
    expect(names(pick(shelved, "letter", "asked", ({ id }) => id === "/b/letter 10.txt"))).toEqual(["/b/letter 10.txt"]);
  });
});
