import { describe, expect, it, vi } from "vitest";
import type { IndexJob } from "../../src/backend/types";
import type { Backend } from "../../src/backend/backend";
import { Pace } from "../../src/lib/pace";
import { Batch } from "../../src/state/batch.svelte";
import { Library } from "../../src/state/library.svelte";

/** Looks once a second at work that goes on by `speed` units a second. */
function run(pace: Pace, from: number, to: number, speed: (at: number) => number, total: number, start = 0): { done: number; said: (number | null)[] } {
  let done = start;
  const said: (number | null)[] = [];
  for (let at = from; at <= to; at += 1) {
    pace.look(at, Math.min(done, total), total, null);
    said.push(pace.left === null ? null : Math.round(pace.left / 60));
    done += speed(at);
  }
  return { done, said };
}

describe("how fast work goes, and how long it takes yet", () => {
  it("says nothing before enough was seen", () => {
    const pace = new Pace();
    run(pace, 0, 9, () => 1, 1000);
    expect([pace.rate, pace.left]).toEqual([null, null]);
    run(pace, 10, 10, () => 1, 1000, 10);
    expect(pace.rate).toBeCloseTo(1);
    expect(pace.left).toBeCloseTo(990);
    const slow = new Pace();
    run(slow, 0, 100, () => 0.01, 50);
    expect(slow.left).toBeNull();
    expect(slow.rate).toBeCloseTo(0.01);
  });

  it("does not jump where the speed does", () => {
    const pace = new Pace();
    const { said } = run(pace, 0, 300, (at) => (at % 10 === 0 ? 8 : 0.2), 600);
    const told = said.filter((minutes) => minutes !== null);
    // It falls from the first to the last, and never says a longer time again for a moment.
    const changes = told.filter((minutes, i) => i > 0 && minutes !== told[i - 1]).length;
    expect(told[0]).toBeGreaterThanOrEqual(7);
    expect(told.at(-1)).toBe(5);
    expect(changes).toBeLessThanOrEqual(5);
  });

  it("follows a lasting change of speed", () => {
    const pace = new Pace();
    const { done } = run(pace, 0, 120, () => 2, 2000);
    run(pace, 121, 300, () => 0.5, 2000, done);
    expect(pace.rate).toBeCloseTo(0.5, 1);
    expect((pace.left ?? 0) / 60).toBeGreaterThan(40);
  });

  it("begins anew after a pause, and when the machine slept", () => {
    const pace = new Pace();
    run(pace, 0, 60, () => 1, 1000);
    pace.rest();
    expect([pace.rate, pace.left]).toEqual([null, null]);
    run(pace, 60, 80, () => 1, 1000, 60);
    pace.look(20_000, 82, 1000, null);
    expect(pace.left).toBeNull();
  });
});

describe("a batch of files", () => {
  const never = () => () => {};
  const job = (id: string, more: Partial<IndexJob> = {}): IndexJob => ({
    id,
    path: `/a/${id}.pdf`,
    collection: "default",
    status: "queued",
    step: "queued",
    document: null,
    error: null,
    createdAt: "",
    ...more,
  });

  it("says how many files of all are done, pages a second, and the time left", () => {
    vi.useFakeTimers();
    const library = new Library({ onLibraryChanged: never } as unknown as Backend, () => {});
    let now = 0;
    const batch = new Batch(library, () => now);
    for (let i = 0; i < 40; i += 1) library.apply({ event: "job", job: job(`${i}`) });
    batch.look(false);
    expect(batch.view).toMatchObject({ done: 0, count: 40, share: 0, facts: [] });
    for (let i = 0; i < 10; i += 1) {
      library.apply({ event: "job", job: job(`${i}`, { status: "running", step: "reading" }) });
      library.apply({ event: "progress", job: `${i}`, step: "reading", done: 6, total: 6 });
      batch.look(false);
      library.apply({ event: "progress", job: `${i}`, step: "embedding", done: 6, total: 6 });
      library.apply({ event: "job", job: job(`${i}`, { status: "done", step: "ready" }) });
      now += 2;
      batch.look(false);
    }
    expect(batch.view).toMatchObject({ done: 10, count: 40, facts: ["2.7 pages/s", "about 1 minute left"] });
    library.apply({ event: "job", job: job("10", { status: "running", step: "embedding" }) });
    library.apply({ event: "progress", job: "10", step: "embedding", done: 3, total: 6 });
    batch.look(false);
    expect(batch.view?.share).toBeCloseTo(10.575 / 40);
    batch.look(true);
    expect(batch.view?.facts).toEqual([]);
    vi.useRealTimers();
  });

  it("counts files where it is told of no pages, and says nothing of a single one", () => {
    vi.useFakeTimers();
    const library = new Library({ onLibraryChanged: never } as unknown as Backend, () => {});
    let now = 0;
    const batch = new Batch(library, () => now);
    library.apply({ event: "job", job: job("alone") });
    batch.look(false);
    expect(batch.view).toBeNull();
    for (let i = 0; i < 100; i += 1) library.apply({ event: "job", job: job(`${i}`) });
    for (let i = 0; i < 20; i += 1) {
      batch.look(false);
      now += 4;
      library.apply({ event: "job", job: job(`${i}`, { status: i === 3 ? "failed" : "unchanged" }) });
    }
    batch.look(false);
    expect(batch.view).toMatchObject({ done: 20, count: 101, facts: ["15 files/min", "about 5 minutes left"] });
    vi.useRealTimers();
  });
});
