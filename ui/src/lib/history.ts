import type { DocumentEvent, DocumentHistory } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { collectionName } from "./collections";
import { line } from "./problem";

/** Something that became of a document, in words. */
export interface Entry {
  key: number;
  at: string;
  tone: "read" | "failed" | "other";
  text: string;
  /** Why it went wrong. */
  detail: string | null;
  /** What came of it, as short as can be. */
  facts: string;
}

/** A document's history in words, the latest first, and the answers that cite a reading which is not among it. */
export function entries({ events, cited }: DocumentHistory): { entries: Entry[]; unlisted: number } {
  const answers = new Map(cited.map((one) => [one.revision, one.answers]));
  const now = events.findLast((event) => event.what === "read")?.revision;
  let embedder: string | null = null;
  const told = events.map((event, key): Entry => {
    const entry = { key, at: event.at, tone: "other", detail: null, facts: "" } as const;
    switch (event.what) {
      case "read": {
        // The model is worth telling when it became another.
        const model = embedder !== null && event.embedder !== embedder ? event.embedder : null;
        embedder = event.embedder ?? embedder;
        const citing = answers.get(event.revision) ?? 0;
        answers.delete(event.revision);
        return { ...entry, tone: "read", text: t(`document.event.${event.occasion}`), facts: facts(event, model, citing, event.revision === now) };
      }
      case "failed":
        return { ...entry, tone: "failed", text: t("document.event.failed"), detail: line(event.error) };
      case "moved":
        return { ...entry, text: t("document.event.moved", { from: event.from }) };
      case "collected":
        return { ...entry, text: t("document.event.collected", { from: collectionName(event.from), to: collectionName(event.to) }) };
      case "kept":
      case "returned":
        return { ...entry, text: t(`document.event.${event.what}`) };
    }
  });
  return { entries: told.reverse(), unlisted: [...answers.values()].reduce((sum, count) => sum + count, 0) };
}

function facts(read: Extract<DocumentEvent, { what: "read" }>, model: string | null, citing: number, current: boolean): string {
  const passages = t("document.passages", { count: read.chunks });
  const parts = [
    read.searchablePages < read.pages
      ? t("library.searchable", { some: read.searchablePages, count: read.pages })
      : t("library.pages", { count: read.pages }),
    passages,
    read.warnings > 0 && t("document.eventWarnings", { count: read.warnings }),
    model && t("document.eventModel", { name: model }),
    citing > 0 && t(current ? "document.citedNow" : "document.citedThen", { count: citing }),
  ];
  return parts.filter(Boolean).join(" · ");
}
