import type { Case, CaseRun, Explanation, NewCase, Remedy, SearchStep, Turn, WhyRequest } from "../types";
import type { FakeDocument } from "./documents";
import { error, missing } from "./errors";


/** Explanations and cases of the fake engine: of the same form and order as the real one's. */
export class Judged {
  cases: Case[] = [];
  #made = 0;
  #find: (id: string) => FakeDocument;
  #turn: (id: string) => Turn;

  constructor(find: (id: string) => FakeDocument, turn: (id: string) => Turn) {
    this.#find = find;
    this.#turn = turn;
  }

  explain({ turn: asked, document: id, page, span, words }: WhyRequest): Explanation {
    const turn = this.#turn(asked);
    const { record, pages, coverage } = this.#find(id);
    if (page !== null && page > record.pages) {
      throw { ...missing(`${record.path.split("/").at(-1) ?? ""} has no page ${page}; its last is ${record.pages}`), hint: "Name a page that it has, or none", problem: { problem: "page_missing", page, last: record.pages } };
    }
    const steps: SearchStep[] = [
      { stage: "document", lost: false, fact: "indexed", pages: record.pages, passages: record.chunks },
      { stage: "scope", lost: false, fact: "in_scope" },
    ];
    const done = (step: SearchStep, remedies: Remedy[] = []): Explanation => {
      const shown = pages[(page ?? 1) - 1];
      const place = span ?? [0, Math.min(160, shown?.text.length ?? 0)];
      const passage = shown?.text ? { page: page ?? 1, start: place[0], end: place[1], text: shown.text.slice(...place) } : null;
      return { query: turn.answer.trace.query, document: id, path: record.path, title: record.title, passage, steps: [...steps, step], remedies };
    };
    const only = turn.answer.trace.scope.documents;
    if (only.length > 0 && !only.includes(id)) {
      steps.pop();
      return done({ stage: "scope", lost: true, fact: "not_asked", documents: only.length }, [{ remedy: "ask_all" }]);
    }
    const source = coverage?.find(({ number }) => number === page)?.source ?? pages[(page ?? 1) - 1]?.source ?? "text";
    if (page !== null && source === "failed") {
      const warning = record.warnings.find(({ text }) => text.includes(`page ${page} `)) ?? null;
      return warning === null && record.unreadImages > 0
        ? done({ stage: "page", lost: true, fact: "image_unread", images: record.unreadImages }, [{ remedy: "read_images" }])
        : done({ stage: "page", lost: true, fact: "page_failed", warning }, [{ remedy: "look_at_file" }]);
    }
    if (page !== null && source === "empty") return done({ stage: "page", lost: true, fact: "no_text" }, [{ remedy: "look_at_file" }]);
    if (page === null) steps.push({ stage: "page", lost: false, fact: "pages_with_text", some: record.searchablePages, pages: record.pages });
    else if (source === "ocr") steps.push({ stage: "page", lost: false, fact: "page_recognized", page, percent: 91 });
    else steps.push({ stage: "page", lost: false, fact: "page_text", page });
    steps.push({ stage: "passages", lost: false, fact: "stored", passages: page === null ? record.chunks : 1 });
    const on = (at: { document: string; page: number }) => at.document === id && (page === null || at.page === page);
    const read = turn.answer.passages.find(on);
    if (!read) {
      steps.push(
        { stage: "meaning", lost: false, fact: "ranked", rank: 212 },
        { stage: "words", lost: false, fact: "no_words", words: words ? words.split(" ") : ["lease", "end"] },
      );
      return done({ stage: "fusion", lost: true, fact: "not_among_best", depth: 50 }, [
        { remedy: "use_words", words: ["handover", "cellar"] },
        { remedy: "ask_only" },
      ]);
    }
    const n = read.rank;
    steps.push(
      { stage: "meaning", lost: false, fact: "ranked", rank: n },
      { stage: "words", lost: false, fact: "ranked_by_words", rank: n + 1, words: ["lease", "end"] },
      { stage: "fusion", lost: false, fact: "fused", rank: n, of: 83 },
      { stage: "second_look", lost: false, fact: "moved", from: n + 2, to: n },
      { stage: "selection", lost: false, fact: "selected", rank: n },
      { stage: "context", lost: false, fact: "fits" },
      { stage: "evidence", lost: false, fact: "enough", percent: 82, least: 45 },
    );
    if (turn.answer.abstained) return done({ stage: "answer", lost: true, fact: "no_answer", n }, [{ remedy: "ask_only" }]);
    const cited = turn.answer.citations.find(on);
    if (cited) return done({ stage: "answer", lost: false, fact: "cited", n: cited.n });
    return done({ stage: "answer", lost: true, fact: "not_cited", n }, [{ remedy: "ask_only" }]);
  }

  make({ question, answer, source }: NewCase): Case {
    if (answer !== null && answer.trim() === "") {
      throw error("The right answer is empty", "Say what is right, or that it is not in the documents", { problem: { problem: "answer_empty" } });
    }
    this.#made += 1;
    const made: Case = {
      id: `case-${this.#made}`,
      question,
      answer,
      source: source && { document: source[0], path: this.#find(source[0]).record.path, page: source[1], quote: source[2], removed: false },
      madeAt: new Date().toISOString(),
    };
    this.cases.push(made);
    return made;
  }

  remove(id: string): void {
    if (!this.cases.some((known) => known.id === id)) throw missing("There is no such case");
    this.cases = this.cases.filter((known) => known.id !== id);
  }

  /** Cases that expect a month fail, so that both ends can be seen. */
  run(id: string): CaseRun {
    const found = this.cases.find((known) => known.id === id);
    if (!found) throw missing("There is no such case");
    const passed = !found.answer?.includes("one month");
    return { passed, faults: passed ? [] : ["other_words", "not_cited"], f1: passed ? 1 : 0.25, answer: "Three months' written notice [1]." };
  }
}
