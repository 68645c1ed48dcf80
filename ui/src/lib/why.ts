import type { Fact, Remedy, Warning } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { collectionName } from "./collections";
import { warned } from "./problem";

/** A text whose blanks are the fields of a fact or remedy of that name. */
const filled = t as (key: string, values: object) => string;

function quoted(words: string[]): string {
  return words.map((term) => t("trace.term", { term })).join(", ");
}

/** Why a page could not be read, with the words of whoever noticed. */
function warnedText(warning: Warning): string {
  const { message, detail } = warned(warning);
  if (warning.notices.length === 0) return t("errors.quoted", { detail: message });
  return detail === null ? message : `${message} ${t("errors.quoted", { detail })}`;
}

/** What happened at a stage of a search, as a sentence. */
export function factText(fact: Fact): string {
  switch (fact.fact) {
    case "indexed":
      return t("why.fact.indexed", {
        pages: t("library.pages", { count: fact.pages }),
        passages: t("document.passages", { count: fact.passages }),
      });
    case "other_collection":
      return t("why.fact.other_collection", { collection: collectionName(fact.collection) });
    case "not_asked":
      return t("why.fact.not_asked", { count: fact.documents });
    case "let_through":
      return t("why.fact.let_through", { filters: fact.filters.join(" ") });
    case "pages_with_text":
      return t("why.fact.pages_with_text", { some: fact.some, count: fact.pages });
    case "image_unread":
      return t("why.fact.image_unread", { count: fact.images });
    case "page_failed":
      if (fact.warning === null) return t("why.fact.page_failed", { warning: "" }).trim();
      // That the page could not be read need not be said twice.
      if (fact.warning.notices.some(({ notice }) => notice === "page_unreadable")) return warnedText(fact.warning);
      return t("why.fact.page_failed", { warning: warnedText(fact.warning) });
    case "stored":
      return t("why.fact.stored", { count: fact.passages });
    case "mentioned":
      return t("why.fact.mentioned", { count: fact.mentions, words: quoted(fact.terms) });
    case "not_mentioned":
      return t("why.fact.not_mentioned", { words: quoted(fact.terms) });
    case "ranked_by_words":
      if (fact.words.length === 0) return t("why.fact.ranked", { rank: fact.rank });
      return t("why.fact.ranked_by_words", { rank: fact.rank, words: quoted(fact.words) });
    case "no_words":
      return t("why.fact.no_words", { words: quoted(fact.words) });
    case "moved":
      return fact.from === fact.to ? t("why.fact.stayed", { to: fact.to }) : t("why.fact.moved", { from: fact.from, to: fact.to });
    default:
      return filled(`why.fact.${fact.fact}`, fact);
  }
}

/** What can be done, as a sentence. */
export function remedyText(remedy: Remedy): string {
  if (remedy.remedy === "use_words") return t("why.remedy.use_words", { words: quoted(remedy.words) });
  return filled(`why.remedy.${remedy.remedy}`, remedy);
}
