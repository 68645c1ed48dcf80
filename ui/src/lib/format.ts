import type { TokenCounts } from "../backend/types";
import { formatNumber, locale, t, type Key } from "../i18n/index.svelte";

/** The last component of a path, of either slash. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

/** Splits a name so that CSS can elide its middle: the tail, with the extension, always shows. */
export function splitName(name: string, tail = 12): [head: string, tail: string] {
  const chars = Array.from(name);
  if (chars.length <= tail * 2) return [name, ""];
  return [chars.slice(0, -tail).join(""), chars.slice(-tail).join("")];
}

/** "1.4 GB"; decimal units, as file browsers show them. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${formatNumber(value, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${units[unit] ?? ""}`;
}

/** "0.2 s" of milliseconds. */
export function seconds(ms: number): string {
  return t("time.seconds", { seconds: formatNumber(ms / 1000, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) });
}

/** "91%" of 0 to 1. */
export function percent(share: number): string {
  return formatNumber(share, { style: "percent" });
}

/** What a generation read and wrote, in words. */
export function tokenText(tokens: TokenCounts): string {
  const { prompt, reused, generated, confirmed, omitted } = tokens;
  const parts = [
    reused > 0 ? t("trace.readReused", { count: prompt, reused }) : t("trace.read", { count: prompt }),
    confirmed > 0 ? t("trace.writtenConfirmed", { count: generated, confirmed }) : t("trace.written", { count: generated }),
  ];
  if (omitted > 0) parts.push(t("trace.omitted", { count: omitted }));
  return parts.join(", ");
}

/** "about 2 minutes left". */
export function remaining(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "";
  if (seconds < 60) return t("time.lessThanMinute");
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? t("time.minutes", { count: minutes }) : t("time.hours", { count: Math.round(minutes / 60) });
}

/** "about 2 minutes". */
export function duration(seconds: number): string {
  if (seconds < 60) return t("time.underMinute");
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? t("time.aboutMinutes", { count: minutes }) : t("time.aboutHours", { count: Math.round(minutes / 60) });
}

/** "9 March 2021"; what is no full date stays as it stands. */
export function dateText(rfc3339: string): string {
  const date = new Date(rfc3339);
  if (!/^\d{4}-\d{2}-\d{2}/.test(rfc3339) || Number.isNaN(date.getTime())) return rfc3339;
  // A date without a time is a day, wherever one is.
  const zone = rfc3339.length === 10 ? { timeZone: "UTC" } : {};
  return date.toLocaleDateString(locale(), { day: "numeric", month: "long", year: "numeric", ...zone });
}

/** "15 Jan 2026, 14:05". */
export function moment(rfc3339: string): string {
  const date = new Date(rfc3339);
  return Number.isNaN(date.getTime()) ? rfc3339 : date.toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" });
}

/** "14:05" today, "Tue" this week, else the date. */
export function when(rfc3339: string, now = new Date()): string {
  const date = new Date(rfc3339);
  if (Number.isNaN(date.getTime())) return "";
  if (date.toDateString() === now.toDateString()) {
    return date.toLocaleTimeString(locale(), { hour: "numeric", minute: "2-digit" });
  }
  const days = (now.getTime() - date.getTime()) / 86_400_000;
  if (days < 6) return date.toLocaleDateString(locale(), { weekday: "short" });
  return date.toLocaleDateString(locale(), { day: "numeric", month: "short", year: "numeric" });
}

/** The name of a language, from its tag. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(locale(), { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

const roles = ["embedder", "generator", "reranker", "grounder", "ocr", "tables", "personal-data"] as const;

/** What a model does, in words; the engine's own word for what this window does not know. */
export function roleName(role: string): string {
  // Traces name what it computes.
  const known = roles.find((one) => one === (role === "entailment" ? "grounder" : role));
  return known ? t(`models.role.${known}` satisfies Key) : role;
}

/** "1, 2 and 3". */
export function listed(items: string[]): string {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(items);
}
