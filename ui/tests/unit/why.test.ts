import { afterEach, describe, expect, it } from "vitest";
import type { Fact, Remedy } from "../../src/backend/types";
import { setLanguage } from "../../src/i18n/index.svelte";
import { factText, remedyText } from "../../src/lib/why";

/** One of each; a kind that is missing here does not compile. */
const facts: { [K in Fact["fact"]]: Extract<Fact, { fact: K }> } = {
  indexed: { fact: "indexed", pages: 3, passages: 5 },
  outdated: { fact: "outdated" },
  outdated_failed: { fact: "outdated_failed" },
  never_read: { fact: "never_read" },
  in_scope: { fact: "in_scope" },
  other_collection: { fact: "other_collection", collection: "work" },
  not_asked: { fact: "not_asked", documents: 1 },
  let_through: { fact: "let_through", filters: ["file:lease"] },
  filtered_out: { fact: "filtered_out", filter: "-draft" },
  page_text: { fact: "page_text", page: 3 },
  page_recognized: { fact: "page_recognized", page: 3, percent: 91 },
  pages_with_text: { fact: "pages_with_text", some: 2, pages: 3 },
  image_unread: { fact: "image_unread", images: 2 },
  no_text: { fact: "no_text" },
  page_failed: { fact: "page_failed", warning: null },
  stored: { fact: "stored", passages: 1 },
  not_stored: { fact: "not_stored" },
  mentioned: { fact: "mentioned", terms: ["horn"], mentions: 2 },
  not_mentioned: { fact: "not_mentioned", terms: ["horn"] },
  ranked: { fact: "ranked", rank: 1212 },
  ranked_deeper: { fact: "ranked_deeper", depth: 10000 },
  no_vector: { fact: "no_vector" },
  ranked_by_words: { fact: "ranked_by_words", rank: 4, words: ["lease"] },
  no_words: { fact: "no_words", words: ["lease"] },
  fused: { fact: "fused", rank: 4, of: 83 },
  not_among_best: { fact: "not_among_best", depth: 50 },
  moved: { fact: "moved", from: 4, to: 2 },
  selected: { fact: "selected", rank: 2 },
  below: { fact: "below", rank: 7, limit: 5 },
  repeats: { fact: "repeats", rank: 1 },
  fits: { fact: "fits" },
  no_room: { fact: "no_room" },
  enough: { fact: "enough", percent: 82, least: 45 },
  too_little: { fact: "too_little", percent: 12, least: 45 },
  given: { fact: "given", n: 1 },
  cited: { fact: "cited", n: 1 },
  not_cited: { fact: "not_cited", n: 1 },
  no_answer: { fact: "no_answer", n: 1 },
  found_now: { fact: "found_now" },
};
const remedies: { [K in Remedy["remedy"]]: Extract<Remedy, { remedy: K }> } = {
  wait: { remedy: "wait" },
  ask_all: { remedy: "ask_all" },
  ask_only: { remedy: "ask_only" },
  drop_filter: { remedy: "drop_filter", filter: "-draft" },
  read_images: { remedy: "read_images" },
  look_at_file: { remedy: "look_at_file" },
  use_words: { remedy: "use_words", words: ["handover", "cellar"] },
  shorten: { remedy: "shorten" },
  ask_again: { remedy: "ask_again" },
};

afterEach(() => setLanguage("en", []));

describe("why something was not found", () => {
  it("is a sentence for every fact and remedy, in every language", () => {
    for (const language of ["en", "de"] as const) {
      setLanguage(language, []);
      for (const text of [...Object.values(facts).map(factText), ...Object.values(remedies).map(remedyText)]) {
        expect(text).toMatch(/^[\p{Lu}\d].*(?:[.!]|file:lease)$/u);
        expect(text).not.toMatch(/\{\{|why\.|undefined/);
      }
    }
  });

  it("tells a passage that moved from one that stayed, and leaves out words that there are none of", () => {
    expect(factText({ fact: "moved", from: 4, to: 2 })).toContain("from 4 to 2");
    expect(factText({ fact: "moved", from: 2, to: 2 })).toContain("stays at 2");
    expect(factText({ fact: "ranked_by_words", rank: 1212, words: [] })).toBe("It ranks 1,212.");
    expect(factText({ fact: "no_words", words: ["end", "lease"] })).toContain("“end”, “lease”");
  });

  it("says in the window's language what is wrong with a page", () => {
    setLanguage("de", []);
    const warning = { text: "page 3 is an image", place: null, notices: [{ notice: "page_image" as const, page: 3 }] };
    expect(factText({ fact: "page_failed", warning })).toBe("Sie konnte nicht gelesen werden. Seite 3 ist ein Bild.");
    expect(factText({ fact: "page_failed", warning: { ...warning, notices: [] } })).toContain("page 3 is an image");
  });
});
