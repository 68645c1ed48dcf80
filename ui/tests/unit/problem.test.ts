import { mount, unmount } from "svelte";
import { afterEach, describe, expect, it } from "vitest";
import type { ErrorView } from "../../src/backend/types";
import ErrorCard from "../../src/components/ErrorCard.svelte";
import { en } from "../../src/i18n/en";
import { setLanguage } from "../../src/i18n/index.svelte";
import { adviceText, lackText, line, told, warned } from "../../src/lib/problem";

const plain: ErrorView = { kind: "user", code: null, message: "a.pdf: The PDF is damaged: no trailer", hint: "Save it again", problem: null, places: [] };
const damaged: ErrorView = { ...plain, problem: { problem: "damaged_file", detail: "no trailer" }, places: ["letter.eml", "a.pdf"] };

afterEach(() => setLanguage("en", []));

describe("what went wrong", () => {
  it("is said in the window's language, with the engine's words quoted", () => {
    setLanguage("de", ["de-DE"]);
    const { message, hint, detail } = told(damaged);
    expect(message).toBe("letter.eml: a.pdf: Die Datei ist beschädigt");
    expect(hint).toMatch(/^Öffnen und speichern Sie sie/);
    expect(detail).toBe("no trailer");
    expect(told({ ...plain, problem: { problem: "question_too_long", length: 12_000, most: 2000 } }).message).toBe(
      "Die Frage hat 12.000 Zeichen; gesucht wird nach höchstens 2.000",
    );
  });

  it("does not name the file that stands beside it", () => {
    expect(told(damaged, "letter.eml").message).toBe("a.pdf: The file is damaged");
    expect(told(damaged, "other.pdf").message).toBe("letter.eml: a.pdf: The file is damaged");
  });

  it("without a name is said as it is in English, and quoted in other languages", () => {
    expect(told(plain)).toEqual({ message: plain.message, hint: plain.hint, detail: null });
    setLanguage("de", []);
    expect(told(plain)).toEqual({ message: "Das hat nicht geklappt", hint: null, detail: `${plain.message}. Save it again` });
  });

  it("inside the program says so, and quotes what", () => {
    setLanguage("de", []);
    expect(line({ ...plain, kind: "bug", message: "a vector has a hole" })).toMatch(/^In Footnote ist etwas schiefgegangen\. .*„a vector has a hole“$/);
  });

  it("always comes with something to do", () => {
    for (const [name, { text, hint }] of Object.entries(en.problem)) {
      expect([name, text.length > 0, hint.length > 0]).toEqual([name, true, true]);
      // Headlines do not end in full stops.
      expect([name, /[^.]$/.test(text)]).toEqual([name, true]);
    }
  });

  it("is a card in German, with the English part marked as such", () => {
    setLanguage("de", []);
    const card = mount(ErrorCard, { target: document.body, props: { error: damaged } });
    expect(document.querySelector(".message")?.textContent).toBe("letter.eml: a.pdf: Die Datei ist beschädigt");
    expect(document.querySelector("[lang=en]")?.textContent).toBe("„no trailer“");
    void unmount(card);
  });
});

describe("a warning", () => {
  it("is said sentence by sentence, with its file and what the engine said", () => {
    setLanguage("de", ["de-DE"]);
    const text = "deed.pdf: page 3 has no text layer (a scan?); recognising its image failed: no memory";
    const notices = [{ notice: "no_text_layer" as const, page: 3 }, { notice: "recognition_failed" as const, detail: "no memory" }];
    expect(warned({ text, place: "deed.pdf", notices })).toEqual({
      message: "deed.pdf: Seite 3 hat keine Textebene; vielleicht ist sie eingescannt. Die Erkennung des Textes in ihrem Bild ist fehlgeschlagen.",
      hint: null,
      detail: "no memory",
    });
  });

  it("counts pages, and is the engine's text where it has no name", () => {
    setLanguage("de", []);
    expect(warned({ text: "x", place: null, notices: [{ notice: "images_unread", images: 1 }] }).message).toMatch(/^1 Seite ist ein Bild/);
    expect(warned({ text: "it creaks", place: null, notices: [] }).message).toBe("it creaks");
  });
});

describe("what a filter leaves", () => {
  const filtered = { filters: ["after:2023"], documents: 0, of: 12, advice: "None of 12 documents says its date. Leave out after:2023.", why: null };

  it("is said in the window's language, and as it was written where it has no name", () => {
    setLanguage("de", []);
    expect(adviceText(filtered)).toBe(filtered.advice);
    expect(adviceText({ ...filtered, why: { why: "undated", documents: 12, filters: "after:2023" } })).toBe(
      "Keines von 12 Dokumenten nennt sein Datum. Lassen Sie after:2023 weg.",
    );
    expect(adviceText({ ...filtered, why: { why: "other_language", documents: 1, languages: ["de", "en"], filters: "lang:fr" } })).toBe(
      "Das eine Dokument ist in einer anderen Sprache: Deutsch, Englisch. Prüfen Sie lang:fr, oder lassen Sie es weg.",
    );
    expect(adviceText({ ...filtered, why: { why: "nothing_without", filters: ["-lamp", "-horn"] } })).toContain("-lamp, -horn");
    expect(adviceText({ ...filtered, advice: null })).toBeNull();
  });
});

describe("why a provider is not used", () => {
  it("is said in the window's language, with the runtime's words in it", () => {
    setLanguage("de", []);
    expect(lackText({ name: "WebGPU", reason: "this system has no graphics processor", lack: { lack: "no_graphics" } })).toBe("dieses System hat keinen Grafikprozessor");
    expect(lackText({ name: "CUDA", reason: "…", lack: { lack: "library_not_loaded", detail: "libcudart.so.13" } })).toContain("libcudart.so.13");
    expect(lackText({ name: "CPU", reason: null, lack: null })).toBeNull();
  });
});
