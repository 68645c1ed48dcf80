import type { Backend } from "../backend/backend";
import type { IndexJob, JobId } from "../backend/types";
import { t } from "../i18n/index.svelte";

/** Reading that took less is over before anybody looks away; milliseconds. */
const long = 30_000;

/** Tells of work that ended while nobody looked: with counts, never with names. */
export class Notifier {
  #backend: Pick<Backend, "notify">;
  #wanted: () => boolean;
  /** When files began to be read. */
  #since: number | null = null;
  #seen = new Set<JobId>();

  constructor(backend: Pick<Backend, "notify">, wanted: () => boolean) {
    this.#backend = backend;
    this.#wanted = wanted;
  }

  /** Files are about to be read. */
  begin(): void {
    this.#since ??= Date.now();
  }

  /** A job of files that are being added, as it stands. */
  see({ id, status }: IndexJob): void {
    if (status === "unchanged" || status === "canceled") this.#seen.delete(id);
    else this.#seen.add(id);
  }

  /** What is being read was given up by the person who knows. */
  forget(): void {
    this.#since = null;
    this.#seen.clear();
  }

  /** Takes in the jobs that are not done. `adding`: more of them may come. */
  look(jobs: IndexJob[], paused: boolean, adding: boolean): void {
    if (paused) return this.forget();
    const active = jobs.filter(({ status }) => status === "queued" || status === "running");
    if (active.length > 0) {
      this.begin();
      for (const { id } of active) this.#seen.add(id);
      return;
    }
    if (adding || this.#since === null) return;
    const took = Date.now() - this.#since;
    const failed = jobs.filter(({ id, status }) => status === "failed" && this.#seen.has(id)).length;
    const read = this.#seen.size - failed;
    this.forget();
    if (took < long || read + failed === 0) return;
    if (failed === 0) this.tell(t("notice.read"), t("notice.readBody", { count: read }));
    else {
      const bodies = [t("notice.failedBody", { count: failed }), ...(read > 0 ? [t("notice.readBody", { count: read })] : [])];
      this.tell(t("notice.failed"), bodies.join(" "));
    }
  }

  /** Says something, if that is wanted; the window itself says it anyway. */
  tell(title: string, body: string): void {
    if (!this.#wanted()) return;
    this.#backend.notify(title, body).catch((thrown: unknown) => console.warn("A notification was not shown", thrown));
  }
}
