import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { IndexJob } from "../../src/backend/types";
import { Notifier } from "../../src/state/notifier";

let told: [title: string, body: string][];
let wanted: boolean;
const backend = { notify: async (title: string, body: string) => void told.push([title, body]) };
const notifier = () => new Notifier(backend, () => wanted);

function job(id: string, status: IndexJob["status"]): IndexJob {
  return { id, path: `/home/ada/${id}.pdf`, collection: "default", status, step: "queued", document: null, error: null, createdAt: "" };
}

beforeEach(() => {
  told = [];
  wanted = true;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

const minute = () => vi.advanceTimersByTime(60_000);

describe("what is told when files are read", () => {
  it("counts, names failures as such, and names no file", () => {
    const one = notifier();
    one.look([job("divorce", "running"), job("tax", "queued"), job("old", "failed")], false, false);
    minute();
    one.look([job("tax", "failed"), job("old", "failed")], false, false);
    expect(told).toEqual([["Some files could not be read", "1 file could not be read. 1 file can be asked about."]]);
    expect(JSON.stringify(told)).not.toMatch(/divorce|tax|pdf/);
  });

  it("waits until nothing more comes, and tells once", () => {
    const one = notifier();
    one.begin();
    minute();
    one.look([], false, true);
    expect(told).toEqual([]);
    one.look([job("a", "running")], false, true);
    // What came and went between two looks.
    for (const status of ["queued", "done"] as const) one.see(job("b", status));
    for (const status of ["queued", "unchanged"] as const) one.see(job("c", status));
    one.look([], false, false);
    one.look([], false, false);
    expect(told).toEqual([["Your documents are read", "2 files can be asked about."]]);
  });

  it("says nothing of what was short, paused, given up, or not wanted", () => {
    const one = notifier();
    one.look([job("a", "running")], false, false);
    one.look([], false, false);
    one.look([job("b", "running")], false, false);
    minute();
    one.look([job("b", "queued")], true, false);
    one.look([], false, false);
    one.look([job("c", "running")], false, false);
    minute();
    one.forget();
    one.look([], false, false);
    wanted = false;
    one.look([job("d", "running")], false, false);
    minute();
    one.look([], false, false);
    expect(told).toEqual([]);
  });
});
