/** Samples are kept over so long, and over so many units; what went before says little about what is left. In seconds. */
const span = 60;
const units = 5;
/** Before so long, and before so much is done, an estimate would jump about. In seconds. */
const patience = 10;
const share = 0.1;
/** How slowly a said time left follows the estimate; seconds. */
const inertia = 15;
/** Between two looks that are so far apart, the machine slept; a window that is out of sight looks once a minute. In seconds. */
const asleep = 90;

/** How fast uneven work goes, and how long it takes yet. Times are seconds of any clock that does not run backwards. */
export class Pace {
  #samples: { at: number; done: number; pages: number | null }[] = [];
  /** Of how long the work was looked at; the time it stood still is not in it. */
  #worked = 0;
  #left: number | null = null;
  #said: number | null = null;

  /** Takes in how much is done: units, with parts of one, and pages where they are known. */
  look(at: number, done: number, total: number, pages: number | null): void {
    const last = this.#samples.at(-1);
    const passed = last ? at - last.at : 0;
    // What was done while nobody looked took no known time; less than before is another piece of work.
    if (last && (passed > asleep || done < last.done)) this.rest();
    else this.#worked += passed;
    this.#samples.push({ at, done, pages });
    const old = (first: number) => {
      const next = this.#samples[first + 1];
      return next !== undefined && at - next.at >= span && done - next.done >= units;
    };
    let first = 0;
    while (old(first)) first += 1;
    this.#samples.splice(0, first);
    this.#estimate(passed, total - done, done / Math.max(total, 1), done);
  }

  /** Work stands still; what it did before says how fast it went, but no more how fast it goes. */
  rest(): void {
    this.#samples = [];
    this.#worked = 0;
    this.#left = null;
    this.#said = null;
  }

  /** Units in a second; null before enough was seen. */
  get rate(): number | null {
    return this.#per((sample) => sample.done);
  }

  /** Pages in a second; null before enough was seen, and where they are not known. */
  get pages(): number | null {
    return this.#per((sample) => sample.pages);
  }

  /** Seconds left, to be said: it does not follow every change of speed. Null before enough was seen. */
  get left(): number | null {
    return this.#said;
  }

  #per(of: (sample: { done: number; pages: number | null }) => number | null): number | null {
    const first = this.#samples.find((sample) => of(sample) !== null);
    const last = this.#samples.at(-1);
    if (!first || !last || this.#worked < patience) return null;
    const [from, to] = [of(first), of(last)];
    return from === null || to === null || to <= from ? null : (to - from) / (last.at - first.at);
  }

  #estimate(passed: number, rest: number, part: number, done: number): void {
    const { rate } = this;
    if (rate === null || (part < share && done < 3)) return;
    const now = rest / rate;
    if (this.#left === null) this.#left = now;
    else {
      const expected = Math.max(this.#left - passed, 0);
      this.#left = expected + (now - expected) * (1 - Math.exp(-passed / inertia));
    }
    // The said time goes in steps of minutes; near the border of two it stays with the one that is said.
    const minutes = (seconds: number) => (seconds < 60 ? 0 : Math.max(Math.round(seconds / 60), 1));
    if (this.#said === null || (minutes(this.#left) !== minutes(this.#said) && Math.abs(this.#left - this.#said) > 15)) this.#said = this.#left;
  }
}
