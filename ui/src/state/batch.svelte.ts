import { untrack } from "svelte";
import type { JobId, Step } from "../backend/types";
import { formatNumber, t } from "../i18n/index.svelte";
import { remaining } from "../lib/format";
import { Pace } from "../lib/pace";
import { countsPages, type JobView, type Library } from "./library.svelte";

/** How often it is looked at; milliseconds. Nobody reads faster. */
const every = 1000;

/** All files that are read now, and those that were since the first of them. */
export interface BatchView {
  /** Files that are over, whatever came of them. */
  done: number;
  count: number;
  /** From 0 to 1, with parts of files. */
  share: number;
  /** How fast it goes, and how long it takes yet: "2.4 pages/s"; nothing before that can be said. */
  facts: string[];
}

/** Where the reading of many files stands as a whole. */
export class Batch {
  /** Null while fewer than two files are read. */
  view = $state.raw<BatchView | null>(null);
  /** "about 3 minutes left", or nothing. */
  left = $state("");

  #library: Library;
  #pace = new Pace();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  #seen = new Set<JobId>();
  #clock: () => number;

  /** `clock`: seconds that do not run backwards. */
  constructor(library: Library, clock = () => performance.now() / 1000) {
    this.#library = library;
    this.#clock = clock;
  }

  #reading: boolean = $derived.by(() => this.#library.active.length > 0);

  /** Follows the files that are read. Called from an effect, which calls what it returns before it calls it again. */
  follow(): (() => void) | undefined {
    const { paused } = this.#library;
    if (!this.#reading) {
      untrack(() => this.#end());
      return;
    }
    untrack(() => this.look(paused));
    const timer = setInterval(() => this.look(paused), every);
    return () => clearInterval(timer);
  }

  /** Takes in how things stand now. */
  look(paused: boolean): void {
    const { active, pages } = this.#library;
    for (const { id } of active) this.#seen.add(id);
    const count = this.#seen.size;
    const done = count - active.length;
    const parts = done + active.reduce((sum, job) => sum + part(job), 0);
    const read = [...pages].reduce((sum, [id, each]) => sum + (this.#seen.has(id) ? each : 0), 0);
    // Of files that the window was told nothing about while they were read, pages are not known.
    const known = pages.size > 0 && pages.size >= done * 0.9;
    if (paused) this.#pace.rest();
    else this.#pace.look(this.#clock(), parts, count, known ? read : null);
    const { left } = this.#pace;
    this.left = left === null ? "" : remaining(left);
    this.view = count > 1 ? { done, count, share: parts / count, facts: [this.#rate(), this.left].filter(Boolean) } : null;
  }

  #rate(): string {
    const pages = this.#pace.pages;
    const rate = pages ?? this.#pace.rate;
    if (rate === null) return "";
    // Less than one in a second is said as so many in a minute.
    const slow = rate < 0.95;
    const value = slow ? rate * 60 : rate;
    const said = formatNumber(value, { maximumFractionDigits: value < 10 ? 1 : 0 });
    if (pages === null) return t(slow ? "job.filesAMinute" : "job.filesASecond", { rate: said });
    return t(slow ? "job.pagesAMinute" : "job.pagesASecond", { rate: said });
  }

  #end(): void {
    this.#seen.clear();
    this.#library.pages.clear();
    this.#pace = new Pace();
    this.view = null;
    this.left = "";
  }
}

/** Where in a file a step begins and ends, roughly: what takes the time is to embed it. */
const within: Record<Step, [from: number, to: number]> = {
  queued: [0, 0],
  hashing: [0, 0],
  reading: [0, 0.2],
  embedding: [0.2, 0.95],
  writing: [0.95, 0.95],
  ready: [1, 1],
};

/** How much of a file is done, as far as its pages tell; it never falls while the file is read. */
function part({ status, step, done, total }: JobView): number {
  if (status !== "running") return 0;
  const [from, to] = within[step];
  return total && countsPages.includes(step) ? from + (to - from) * Math.min(done / total, 1) : from;
}
