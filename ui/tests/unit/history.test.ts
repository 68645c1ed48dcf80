import { describe, expect, it } from "vitest";
import type { DocumentEvent, Occasion } from "../../src/backend/types";
import { entries } from "../../src/lib/history";

function read(revision: string, occasion: Occasion, rest: Partial<Extract<DocumentEvent, { what: "read" }>> = {}): DocumentEvent {
  return { what: "read", at: "2026-01-15T09:30:00Z", occasion, revision, pages: 4, searchablePages: 4, chunks: 9, warnings: 0, embedder: "small", ...rest };
}

describe("entries", () => {
  it("say the latest first what came of each reading and what cites it", () => {
    const events = [read("a", "added", { embedder: null }), read("b", "changed", { searchablePages: 3, warnings: 2 }), read("c", "index", { embedder: "base" })];
    const told = entries({ events, cited: [{ revision: "b", answers: 1 }, { revision: "c", answers: 2 }, { revision: "before", answers: 3 }] });
    expect(told.entries.map(({ text, facts }) => `${text}: ${facts}`)).toEqual([
      "Read again for a new index: 4 pages · in 9 passages · searched by meaning with base · 2 answers cite it",
      "The file had changed and was read again: 3 of 4 pages searchable · in 9 passages · 2 remarks · 1 answer cites this earlier state",
      "Added: 4 pages · in 9 passages",
    ]);
    expect(told.unlisted).toBe(3);
  });

  it("say what went wrong, and what became of the file", () => {
    const events: DocumentEvent[] = [
      read("a", "unrecorded"),
      { what: "failed", at: "x", error: { kind: "user", code: null, message: "no such file", hint: "Put it back", problem: null, places: [] } },
      { what: "moved", at: "x", from: "/a/b.txt" },
      { what: "kept", at: "x" },
      { what: "returned", at: "x" },
    ];
    const told = entries({ events, cited: [] });
    expect(told.entries.map(({ tone, text, detail }) => [tone, text, detail])).toEqual([
      ["other", "The file is there again, unchanged", null],
      ["other", "The file went away; what was read of it was kept", null],
      ["other", "The file got another place. Before: /a/b.txt", null],
      ["failed", "Could not be read again; what was read before stays", "no such file. Put it back"],
      ["read", "Read; what was before was not noted", null],
    ]);
  });
});
