import type { AnswerStage, Step, TokenCounts } from "../backend/types";

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
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ""}`;
}

/** "1 page", "3 pages". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString()} ${n === 1 ? one : many}`;
}

/** What a generation read and wrote, in words. */
export function tokenText(tokens: TokenCounts): string {
  const { prompt, reused, generated, confirmed, omitted } = tokens;
  const inside = (count: number, what: string) => (count > 0 ? ` (${count.toLocaleString()} ${what})` : "");
  const read = `${prompt.toLocaleString()} read${inside(reused, "known from before")}`;
  const written = `${generated.toLocaleString()} written${inside(confirmed, "copied from the passages and confirmed")}`;
  return omitted > 0 ? `${read}, ${written}; ${omitted.toLocaleString()} did not fit and were left out` : `${read}, ${written}`;
}

/** "about 2 minutes left". */
export function remaining(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "";
  if (seconds < 60) return "less than a minute left";
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `about ${count(minutes, "minute")} left` : `about ${count(Math.round(minutes / 60), "hour")} left`;
}

/** "9 March 2021"; what is no full date stays as it stands. */
export function dateText(rfc3339: string): string {
  const date = new Date(rfc3339);
  if (!/^\d{4}-\d{2}-\d{2}/.test(rfc3339) || Number.isNaN(date.getTime())) return rfc3339;
  // A date without a time is a day, wherever one is.
  const zone = rfc3339.length === 10 ? { timeZone: "UTC" } : {};
  return date.toLocaleDateString([], { day: "numeric", month: "long", year: "numeric", ...zone });
}

/** "14:05" today, "Tue" this week, else the date. */
export function when(rfc3339: string, now = new Date()): string {
  const date = new Date(rfc3339);
  if (Number.isNaN(date.getTime())) return "";
  if (date.toDateString() === now.toDateString()) {
    return date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }
  const days = (now.getTime() - date.getTime()) / 86_400_000;
  if (days < 6) return date.toLocaleDateString([], { weekday: "short" });
  return date.toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" });
}

export const stepNames: Record<Step, string> = {
  queued: "Waiting",
  hashing: "Checking",
  reading: "Reading",
  embedding: "Embedding",
  writing: "Saving",
  ready: "Ready",
};

export const stageNames: Record<AnswerStage, string> = {
  rewriting: "Understanding the question",
  searching: "Searching your documents",
  scanning: "Reading every page",
  reading: "Reading the passages",
  writing: "Writing",
  checking: "Checking each sentence",
};
