import type { Dropped, ErrorView, FilterAdvice, Filtered, Notice, Problem, ProviderAttempt, ProviderLack, Warning } from "../backend/types";
import { currentLanguage, t, type BlanksOf, type Key } from "../i18n/index.svelte";
import { languageName } from "./format";

/** An error in the window's language. */
export interface Told {
  /** What happened, and to what. */
  message: string;
  /** What to do about it. */
  hint: string | null;
  /** What the engine, or whatever it stands on, said in English, if the message does not say it; to be quoted. */
  detail: string | null;
}

type Name = Problem["problem"];
type Part = "text" | "hint";

// Every problem has its texts, every blank of theirs is a field of the problem, and there are texts of problems only: else
// this does not compile.
type KeyOf<N extends Name> = `problem.${N}.${Part}` & Key;
type Unfilled = { [P in Problem as P["problem"]]: Exclude<BlanksOf<KeyOf<P["problem"]>>, keyof P> }[Name];
type Orphans = Exclude<Extract<Key, `problem.${string}`>, `problem.${Name}.${Part}`>;
const filled = t as [`problem.${Name}.${Part}`, Unfilled, Orphans] extends [Key, never, never] ? (key: Key, values: object) => string : never;

/** `error` in the window's language; `within` is a file that the reader sees beside it, so that it need not be named. */
export function told(error: ErrorView, within?: string): Told {
  const { problem, kind, message, hint } = error;
  if (problem) {
    const said = filled(`problem.${problem.problem}.text`, problem);
    const detail = "detail" in problem && problem.detail ? problem.detail : null;
    return { message: placed(error.places, said, within), hint: filled(`problem.${problem.problem}.hint`, problem), detail };
  }
  if (kind === "bug") return { message: t("errors.bug"), hint: t("errors.bugHint"), detail: message || null };
  if (currentLanguage() === "en") return { message, hint, detail: null };
  return { message: t("errors.other"), hint: null, detail: [message, hint].filter(Boolean).join(". ") };
}

/** `error` as one line, for what is read out or stands in running text. */
export function line(error: ErrorView, within?: string): string {
  const { message, hint, detail } = told(error, within);
  return [message, hint, detail && t("errors.quoted", { detail })].filter(Boolean).join(". ");
}

function placed(places: string[], message: string, within: string | undefined): string {
  const named = within === undefined ? places : places.filter((place) => place !== within);
  return named.reduceRight((rest, place) => t("errors.at", { place, message: rest }), message);
}

type Noted = Notice["notice"];
type Unnoted = { [N in Notice as N["notice"]]: Exclude<BlanksOf<`warning.${N["notice"]}`>, keyof N | "count"> }[Noted];
const noted = t as [`warning.${Noted}`, Unnoted] extends [Key, never] ? (key: Key, values: object) => string : never;

/** A warning in the window's language; what has no name is as the engine said it. */
export function warned(warning: Warning): Told {
  const { notices, place, text } = warning;
  if (notices.length === 0) return { message: text, hint: null, detail: null };
  const said = notices.map((notice) => noted(`warning.${notice.notice}`, notice.notice === "images_unread" ? { count: notice.images } : notice)).join(" ");
  const details = notices.flatMap((notice) => ("detail" in notice && notice.detail ? [notice.detail] : []));
  return {
    message: place === null ? said : t("errors.at", { place, message: said }),
    hint: null,
    detail: details.length > 0 ? details.join("; ") : null,
  };
}

type Why = FilterAdvice["why"];
type Unadvised = { [A in FilterAdvice as A["why"]]: Exclude<BlanksOf<`advice.${A["why"]}`>, keyof A | "count"> }[Why];
const advised = t as [`advice.${Why}`, Unadvised] extends [Key, never] ? (key: Key, values: object) => string : never;

/** Why filters leave nothing and what to do about it, in the window's language; what has no name is as the engine said it. */
export function adviceText({ why, advice }: Filtered): string | null {
  if (!why) return advice;
  const values = "documents" in why ? { ...why, count: why.documents } : why;
  switch (why.why) {
    case "other_language":
      return advised("advice.other_language", { ...values, languages: why.languages.map(languageName).join(", ") });
    case "nothing_without":
      return advised("advice.nothing_without", { filters: why.filters.join(", ") });
    default:
      return advised(`advice.${why.why}`, values);
  }
}

type Left = Dropped["why"];
type Unleft = { [D in Dropped as D["why"]]: Exclude<BlanksOf<`trace.dropped.${D["why"]}`>, keyof D> }[Left];
const left = t as [`trace.dropped.${Left}`, Unleft] extends [Key, never] ? (key: Key, values: object) => string : never;

/** Why a candidate did not become a passage, in the window's language. */
export function droppedText(dropped: Dropped): string {
  return left(`trace.dropped.${dropped.why}`, dropped);
}

type Lacking = ProviderLack["lack"];
type Unlacked = { [L in ProviderLack as L["lack"]]: Exclude<BlanksOf<`lack.${L["lack"]}`>, keyof L> }[Lacking];
const lacked = t as [`lack.${Lacking}`, Unlacked] extends [Key, never] ? (key: Key, values: object) => string : never;

/** Why a provider is not used, in the window's language; none if it is. */
export function lackText({ lack, reason }: ProviderAttempt): string | null {
  return lack ? lacked(`lack.${lack.lack}`, lack) : reason;
}
