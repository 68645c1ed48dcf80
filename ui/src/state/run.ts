import type { IndexJob, JobId } from "../backend/types";

/** Counts the files of one run of reading: from the first that is read until none waits any more. */
export class Run {
  #seen = new Set<JobId>();

  /** Takes in the jobs that wait or are at work; which file of how many is at work, or null if none is. */
  look(active: Pick<IndexJob, "id" | "status">[]): { at: number; count: number } | null {
    if (active.length === 0) {
      this.#seen.clear();
      return null;
    }
    for (const { id } of active) this.#seen.add(id);
    const waiting = active.filter(({ status }) => status === "queued").length;
    const count = this.#seen.size;
    return { at: Math.max(count - waiting, 1), count };
  }
}
