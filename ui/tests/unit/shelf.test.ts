import { describe, expect, it } from "vitest";
import type { Document } from "../../src/backend/types";
import { liesIn, folderOf, shortNames } from "../../src/lib/folder";
import { kindOfMedia, kindOfName } from "../../src/lib/kind";
import { entryOf, folderTally, passing, pick, shelve, tally, type FileFacts, type Filter } from "../../src/lib/shelf";

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
const all: Filter = { wanted: "", kinds: [], folders: [], states: [], asked: false };
const facts: FileFacts = { failure: () => undefined, offline: () => false, asked: () => false };
const picked = (documents: Document[], filter: Partial<Filter>, known: Partial<FileFacts> = {}) =>
  names(pick(shelve(documents, "name", "en"), { ...all, ...filter }, { ...facts, ...known }));

describe("the library", () => {
  it("is ordered by name as people count, by age or by size", () => {
    const ordered = (order: "name" | "newest" | "largest") => names(pick(shelve(library, order, "de"), all, facts));
    expect(ordered("name")).toEqual(["/z/Letter 9.txt", "/b/letter 10.txt", "/a/Übersicht.pdf"]);
    expect(ordered("newest")[0]).toBe("/z/Letter 9.txt");
    expect(ordered("largest")[0]).toBe("/b/letter 10.txt");
  });

  it("is narrowed by words of names and titles, and to what is asked", () => {
    expect(picked(library, { wanted: "accounts ubersicht" })).toEqual(["/a/Übersicht.pdf"]);
    expect(picked(library, { wanted: "letter", asked: true }, { asked: ({ id }) => id === "/b/letter 10.txt" })).toEqual(["/b/letter 10.txt"]);
  });

  it("is narrowed by kinds, folders and states: any of one list, and all lists", () => {
    const files = [
      document("/home/a/2024/rent.pdf", { mediaType: "application/pdf" }),
      document("/home/a/2024/old/rents.xlsx", { mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" }),
      document("/home/a/2024b/note.md", { mediaType: "text/markdown", searchablePages: 0 }),
      document("/mnt/stick/scan.png", { mediaType: "image/png", warnings: [{ text: "blurred", place: null, notices: [] }] }),
      document("/mnt/stick/new.png", { mediaType: "image/png", revision: null }),
    ];
    const offline = (path: string) => path.startsWith("/mnt/stick/");
    const failure = (path: string) => (path.endsWith("rent.pdf") ? ("failed" as const) : undefined);
    expect(picked(files, { kinds: ["pdf", "sheet"] })).toEqual(["/home/a/2024/rent.pdf", "/home/a/2024/old/rents.xlsx"]);
    expect(picked(files, { folders: ["/home/a/2024"] })).toEqual(["/home/a/2024/rent.pdf", "/home/a/2024/old/rents.xlsx"]);
    expect(picked(files, { folders: ["/home/a/2024", "/mnt"], kinds: ["picture", "sheet"], wanted: "s" })).toEqual(["/home/a/2024/old/rents.xlsx", "/mnt/stick/scan.png"]);
    expect(picked(files, { states: ["partly"] })).toEqual(["/home/a/2024b/note.md", "/mnt/stick/scan.png"]);
    expect(picked(files, { states: ["offline"] }, { offline })).toEqual(["/mnt/stick/new.png", "/mnt/stick/scan.png"]);
    expect(picked(files, { states: ["failed"] }, { failure })).toEqual(["/home/a/2024/rent.pdf"]);
    expect(picked(files, { states: ["whole"] }, { failure })).toEqual(["/home/a/2024/old/rents.xlsx"]);
    expect(picked(files, { states: ["partly", "failed"] }, { failure })).toHaveLength(3);
  });

  it("narrows files that failed by what their paths say", () => {
    const passes = passing({ ...all, kinds: ["pdf"], states: ["password"] }, { ...facts, failure: (path) => (path.includes("locked") ? "password" : "failed") });
    expect(passes(entryOf("/a/locked.PDF"), null)).toBe(true);
    expect(passes(entryOf("/a/broken.pdf"), null)).toBe(false);
    expect(passes(entryOf("/a/locked.docx"), null)).toBe(false);
    expect(passing({ ...all, asked: true }, facts)(entryOf("/a/x.pdf"), null)).toBe(false);
  });

  it("counts files by kind and state, those that failed among them", () => {
    const found = tally(shelve(library, "name", "en"), [entryOf("/a/locked.pdf")], { ...facts, failure: (path) => (path.includes("locked") ? "password" : undefined) });
    expect([...found.kinds]).toEqual([["text", 3], ["pdf", 1]]);
    expect(found.states.get("whole")).toBe(2);
    expect(found.states.get("partly")).toBe(1);
    expect(found.states.get("password")).toBe(1);
    expect(found.states.get("failed")).toBeUndefined();
  });

  it("offers the fullest folders, and those that are watched, each with all that lies in it", () => {
    const files = ["/a/1.txt", "/a/2.txt", "/a/b/3.txt", "/c/4.txt"].map(entryOf);
    expect(folderTally(files, ["/w", "/a"], [], 1)).toEqual({ folders: [["/w", 0], ["/a", 3], ["/a/b", 1]], more: 1 });
    expect(folderTally(files, [], ["/c"], 1)).toEqual({ folders: [["/a", 3], ["/c", 1]], more: 1 });
  });
});

describe("a folder", () => {
  it("is where a path says, of either slash", () => {
    expect([folderOf("/a/b.txt"), folderOf("C:\\x\\y.txt"), folderOf("/top.txt"), folderOf("bare.txt")]).toEqual(["/a", "C:\\x", "/", ""]);
    expect([liesIn("/a/b/c.txt", "/a"), liesIn("/ab/c.txt", "/a"), liesIn("/c.txt", "/"), liesIn("C:\\x\\y.txt", "C:\\x")]).toEqual([true, false, true, true]);
  });

  it("is called by as little of its path as tells it from others", () => {
    expect([...shortNames(["/home/taxes/2024", "/home/rent/2024", "/home/rent", "/"]).values()]).toEqual(["taxes/2024", "rent/2024", "rent", "/"]);
    expect([...shortNames(["/2024", "/x/2024", "C:\\x\\2024"]).values()]).toEqual(["2024", "x/2024", "x\\2024"]);
  });
});

describe("a file's kind", () => {
  it("is what it was read as", () => {
    const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    const of = (types: string[]) => types.map(kindOfMedia);
    expect(of(["application/pdf", word, "application/vnd.oasis.opendocument.text", "application/rtf"])).toEqual(["pdf", "document", "document", "document"]);
    expect(of(["application/vnd.ms-excel.sheet.binary.macroEnabled.12", "text/csv", "application/vnd.oasis.opendocument.spreadsheet"])).toEqual(["sheet", "sheet", "sheet"]);
    expect(of(["application/vnd.ms-powerpoint", "application/vnd.oasis.opendocument.presentation"])).toEqual(["slides", "slides"]);
    expect(of(["image/webp", "message/rfc822", "multipart/related", "application/epub+zip", "application/x-tar"])).toEqual(["picture", "mail", "web", "book", "archive"]);
    expect(of(["text/x-rust", "application/yaml", "text/x-rst", "application/x-latex", "text/plain", ""])).toEqual(["code", "code", "text", "text", "text", "text"]);
  });

  it("is what its name promises if it was never read", () => {
    expect(["/a/x.PDF", "C:\\a.b\\mail.eml", "/a/x.tar.gz", "/a.pdf/README", "/a/x.film"].map(kindOfName)).toEqual(["pdf", "mail", "archive", null, null]);
  });
});
