import { describe, expect, it } from "vitest";
import { Run } from "../../src/state/run";

const waits = (...ids: string[]) => ids.map((id) => ({ id, status: "queued" as const }));
const reads = (id: string) => ({ id, status: "running" as const });

describe("which file of how many is read", () => {
  it("goes from the first to the last, also while more come", () => {
    const run = new Run();
    expect(run.look(waits("a", "b"))).toEqual({ at: 1, count: 2 });
    expect(run.look([reads("a"), ...waits("b")])).toEqual({ at: 1, count: 2 });
    expect(run.look([reads("b"), ...waits("c", "d")])).toEqual({ at: 2, count: 4 });
    expect(run.look([reads("d")])).toEqual({ at: 4, count: 4 });
  });

  it("begins anew once nothing waits", () => {
    const run = new Run();
    run.look([reads("a"), ...waits("b")]);
    expect(run.look([])).toBeNull();
    expect(run.look([reads("c")])).toEqual({ at: 1, count: 1 });
  });
});
