import { locale, t } from "../i18n/index.svelte";
import { folded } from "./find";

/** What dates documents have to be of: a day, a month or a year at either end, both included. At least one is given. */
export interface Dates {
  from: string | null;
  until: string | null;
}

/** What comes after a later year could not be named in four digits. */
const lastYear = 9998;

const isLeap = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** A year, a month or a day by its numbers, as `2023`, `2023-05` or `2023-05-14`. */
function written(...[year, ...rest]: number[]): string {
  return [String(year).padStart(4, "0"), ...rest.map((number) => String(number).padStart(2, "0"))].join("-");
}

/**
 * Reads `2023`, `2023-05`, `2023-05-14` or `14.5.2023`, as the engine does behind `after:` and `before:`; null if it is
 * no such date. Months and days come back with two digits.
 */
export function readPeriod(typed: string): string | null {
  return period(typed, lastYear);
}

function period(typed: string, latest: number): string | null {
  const text = typed.trim();
  const german = /^(\d{1,4})\.(\d{1,4})\.(\d{4})$/.exec(text);
  const parts = german ? german.slice(1).reverse() : /^\d{4}(-\d{1,4}){0,2}$/.test(text) ? text.split("-") : [];
  const [year, month, day] = parts.map(Number);
  if (year === undefined || year < 1 || year > latest) return null;
  if (month === undefined) return written(year);
  if (month < 1 || month > 12) return null;
  if (day === undefined) return written(year, month);
  return day >= 1 && day <= daysIn(year, month) ? written(year, month, day) : null;
}

/** The year, month or day after one, or before it, for `steps` of -1; month and day are left out as they are in it. */
function stepped(period: string, steps: 1 | -1): string {
  const [year = 1, month, day] = period.split("-").map(Number);
  if (month === undefined) return written(year + steps);
  if (day !== undefined) {
    const moved = day + steps;
    if (moved >= 1 && moved <= daysIn(year, month)) return written(year, month, moved);
  }
  const other = month + steps;
  const [y, m] = other < 1 ? [year - 1, 12] : other > 12 ? [year + 1, 1] : [year, other];
  if (day === undefined) return written(y, m);
  return written(y, m, steps === 1 ? 1 : daysIn(y, m));
}

/** Whether there can be a day of these dates. */
export function isSpan({ from, until }: Dates): boolean {
  if (from === null || until === null) return from !== null || until !== null;
  // The first days of both, of which a year and a month have the smaller text; what begins alike overlaps.
  return from <= until || from.startsWith(until);
}

/** The same dates as the engine's filters. `before:` ends before what it names, so it names what comes next. */
export function dateFilters({ from, until }: Dates): string {
  return [from === null ? "" : `after:${from}`, until === null ? "" : `before:${stepped(until, 1)}`].filter(Boolean).join(" ");
}

/** A question, and the filters by date that it ends with. */
export interface DatedQuestion {
  words: string;
  /** Null if it ends with none. */
  dates: Dates | null;
}

/** Takes the filters by date from the end of a question, in the order and form in which `withDates` puts them there. */
export function splitDates(question: string): DatedQuestion {
  let words = question.trimEnd();
  const take = (operator: string): string | null => {
    const found = new RegExp(`\\s${operator}:(\\S+)$`, "u").exec(words);
    // Another form is left where it is: it would not come back as it was typed.
    if (!found || period(found[1] ?? "", lastYear + 1) !== found[1]) return null;
    words = words.slice(0, found.index).trimEnd();
    return found[1] ?? null;
  };
  const before = take("before");
  const from = take("after");
  const dates = { from, until: before === null ? null : stepped(before, -1) };
  return isSpan(dates) && words !== "" && !dates.until?.startsWith("0000") ? { words, dates } : { words: question, dates: null };
}

/** The question with filters for the dates behind it, unless it ends with them already. */
export function withDates(question: string, dates: Dates | null): string {
  if (dates === null || sameDates(splitDates(question).dates, dates)) return question;
  return `${question.trimEnd()} ${dateFilters(dates)}`;
}

/** Whether both are the same dates. */
export function sameDates(one: Dates | null, other: Dates | null): boolean {
  return one?.from === other?.from && one?.until === other?.until;
}

/** "2023", "May 2023" or "14 May 2023". */
function periodText(period: string): string {
  const [year = 1, month, day] = period.split("-").map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, (month ?? 1) - 1, day ?? 1);
  const of: Intl.DateTimeFormatOptions = { timeZone: "UTC", year: "numeric" };
  if (month !== undefined) of.month = day === undefined ? "long" : "short";
  if (day !== undefined) of.day = "numeric";
  return date.toLocaleDateString(locale(), of);
}

/** "from 2023", "until May 2024", "2023 to May 2024". */
export function spanText({ from, until }: Dates): string {
  if (from === null) return until === null ? "" : t("dates.untilOnly", { until: periodText(until) });
  if (until === null) return t("dates.fromOnly", { from: periodText(from) });
  return from === until ? periodText(from) : t("dates.both", { from: periodText(from), until: periodText(until) });
}

/** "dated from 2023", as a chip says it. */
export function datesText(dates: Dates): string {
  return t("dates.dated", { span: spanText(dates) });
}

/** Whether what is typed behind `@` begins a word for dates: one of the window's language, or an operator of the engine. */
export function namesDates(typed: string): boolean {
  const wanted = folded(typed);
  return `after before ${t("dates.words")}`.split(" ").some((word) => folded(word).startsWith(wanted));
}
