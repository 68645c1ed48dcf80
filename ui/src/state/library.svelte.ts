import { toErrorView, type Backend } from "../backend/backend";
import type { Document, DocumentId, ErrorView, IndexJob, IngestEvent, JobId, Samples, Step } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { defaultCollection } from "../lib/collections";
import { fileName } from "../lib/format";
import { told } from "../lib/problem";
import type { Notifier } from "./notifier";

/** A job with how far its step is. */
export interface JobView extends IndexJob {
  done: number;
  total: number | null;
  /** When the job's step began here, for an estimate; milliseconds. */
  since: number;
}

/** Something to tell that belongs to no file in the list. */
export interface Notice {
  id: number;
  tone: "info" | "error";
  message: string;
  hint: string | null;
  /** What the engine said in English, to be quoted. */
  detail: string | null;
}

const ended = new Set(["done", "unchanged", "canceled"]);
const pollMs = 1500;

/** Documents, the jobs that make them, and which of them questions are limited to. */
export class Library {
  documents = $state.raw<Document[]>([]);
  jobs = $state<Record<JobId, JobView>>({});
  notices = $state<Notice[]>([]);
  /** Set if the list could not be had. */
  error = $state.raw<ErrorView | null>(null);
  loaded = $state(false);
  scope = $state<Record<DocumentId, true>>({});
  /** Whether indexing is paused. */
  paused = $state(false);

  /** Pages that are read of files whose progress was told, the jobs that are over among them, until `Batch` clears it. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly pages = new Map<JobId, number>();

  #backend: Backend;
  #announce: (text: string) => void;
  #notifier: Notifier | null;
  #notice = 0;
  #streams = 0;
  #refreshTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(backend: Backend, announce: (text: string) => void, notifier: Notifier | null = null) {
    this.#backend = backend;
    this.#notifier = notifier;
    this.#announce = announce;
    backend.onLibraryChanged(() => this.refreshSoon());
  }

  /** Whether `documents` is what is in the library, not what could not be had. */
  get listed(): boolean {
    return this.loaded && this.error === null;
  }

  // Thousands of jobs are gone through once for each change, not once for each reader.
  /** Jobs that wait or are at work. */
  readonly active: JobView[] = $derived(Object.values(this.jobs).filter((job) => job.status === "running" || job.status === "queued"));

  /** Jobs that came to nothing. */
  readonly failed: JobView[] = $derived(Object.values(this.jobs).filter((job) => job.status === "failed"));

  /** Documents by their ids. Made anew with the list, never changed. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly byId: ReadonlyMap<DocumentId, Document> = $derived(new Map(this.documents.map((document) => [document.id, document])));

  /** Read for every row on screen, so it is worked out once. */
  readonly scoped: DocumentId[] = $derived(this.documents.filter((d) => this.scope[d.id]).map((d) => d.id));

  async refresh(): Promise<void> {
    try {
      const [documents, jobs, paused] = await Promise.all([
        this.#backend.listDocuments(),
        this.#backend.listJobs(),
        this.#backend.indexingPaused(),
      ]);
      this.documents = documents;
      this.paused = paused;
      const before = this.jobs;
      this.jobs = Object.fromEntries(jobs.map((job) => [job.id, view(job, before[job.id])]));
      this.error = null;
      this.#notifier?.look(Object.values(this.jobs), paused, this.#streams > 0);
    } catch (thrown) {
      const error = toErrorView(thrown);
      // The first-run card tells that; there is nothing to list yet.
      this.error = error.code === "model_missing" ? null : error;
    } finally {
      this.loaded = true;
    }
    // Jobs resumed at start-up or retried report to no channel of this window.
    if (this.active.length > 0 && this.#streams === 0 && !this.paused) this.refreshSoon(pollMs);
  }

  /** Gathers bursts of changes into one refresh. */
  refreshSoon(delay = 200): void {
    if (this.#refreshTimer !== null) {
      if (delay >= pollMs) return;
      clearTimeout(this.#refreshTimer);
    }
    this.#refreshTimer = setTimeout(() => {
      this.#refreshTimer = null;
      void this.refresh();
    }, delay);
  }

  /** Adds files and folders to a collection, but for the files of `except`. */
  async add(paths: string[], except: string[] = [], collection = defaultCollection): Promise<void> {
    if (paths.length > 0) await this.#ingest((take) => this.#backend.addPaths(paths, except, collection, take));
  }

  /** Reads documents again, even if their files did not change. */
  async readAgain(ids: DocumentId[]): Promise<void> {
    if (ids.length === 0) return;
    this.#notifier?.begin();
    this.#announce(t("library.rereading", { count: ids.length }));
    await this.#ingest((take) => this.#backend.readAgain(ids, take));
  }

  async #ingest(begin: (take: (event: IngestEvent) => void) => Promise<void>): Promise<void> {
    let finished = false;
    const end = () => {
      if (finished) return;
      finished = true;
      this.#streams -= 1;
      this.refreshSoon();
    };
    this.#streams += 1;
    try {
      await begin((event) => {
        this.apply(event);
        if (event.event === "finished") end();
      });
    } catch (thrown) {
      const error = toErrorView(thrown);
      if (error.code !== "canceled") this.tellError(error);
      end();
    }
  }

  /** The files that a person chose; none if the dialog was canceled. */
  chooseFiles(): Promise<string[]> {
    return this.#choose(() => this.#backend.pickFiles());
  }

  /** The folder that a person chose; none if the dialog was canceled. */
  chooseFolder(): Promise<string[]> {
    return this.#choose(() => this.#backend.pickFolder());
  }

  /** Documents to try the program with; null if they could not be made, which is told. */
  async samples(): Promise<Samples | null> {
    try {
      return await this.#backend.samples();
    } catch (thrown) {
      this.#fail(thrown);
      return null;
    }
  }

  async #choose(ask: () => Promise<string[]>): Promise<string[]> {
    try {
      return await ask();
    } catch (thrown) {
      this.#fail(thrown);
      return [];
    }
  }

  /** Takes in one event of an ingestion. */
  apply(event: IngestEvent): void {
    switch (event.event) {
      case "planned":
        for (const error of event.errors) this.tellError(error);
        if (event.files > 0) this.#notifier?.begin();
        if (event.files > 0) this.#announce(t("library.adding", { count: event.files }));
        break;
      case "job":
        this.#notifier?.see(event.job);
        if (ended.has(event.job.status)) {
          delete this.jobs[event.job.id];
          if (event.job.status === "done") this.refreshSoon();
        } else {
          this.#put(event.job);
        }
        if (event.job.status === "failed") this.#announce(t("library.couldNotAdd", { name: fileName(event.job.path) }));
        break;
      case "progress": {
        const job = this.jobs[event.job];
        if (!job || job.status === "failed") break;
        if (job.step !== event.step) job.since = Date.now();
        // What was read before it is embedded is not read twice.
        if (countsPages.includes(event.step)) this.pages.set(event.job, Math.max(event.done, this.pages.get(event.job) ?? 0));
        Object.assign(job, { status: "running", step: event.step, done: event.done, total: event.total });
        break;
      }
      case "finished": {
        const parts = [
          event.indexed > 0 && t("library.ready", { count: event.indexed }),
          event.unchanged > 0 && t("library.unchanged", { count: event.unchanged }),
          event.failed > 0 && t("library.failed", { count: event.failed }),
          event.canceled > 0 && t("library.canceled", { count: event.canceled }),
        ].filter((part) => part !== false);
        if (parts.length > 0) this.#announce(parts.join(", "));
        if (event.unchanged > 0 && event.indexed === 0 && event.failed === 0) {
          this.tell("info", t("library.already", { count: event.unchanged }), null);
        }
        this.refreshSoon();
      }
    }
  }

  async cancel(): Promise<void> {
    this.#notifier?.forget();
    await this.#backend.cancelJobs().catch((thrown: unknown) => this.#fail(thrown));
    this.refreshSoon();
  }

  /** `now`: the file at work goes back to those that wait; else it is read to its end. */
  async pause(now: boolean): Promise<void> {
    await this.#switch(() => this.#backend.pauseIndexing(now), t("library.pausedSaid"));
  }

  async resume(): Promise<void> {
    await this.#switch(() => this.#backend.resumeIndexing(), t("library.resumedSaid"));
  }

  /** Sets all failed jobs going again, but for those that need a password. */
  async retryFailed(): Promise<void> {
    await this.#switch(() => this.#backend.retryFailed(), t("library.retryingSaid"));
  }

  async #switch(work: () => Promise<void>, said: string): Promise<void> {
    try {
      await work();
      this.#announce(said);
    } catch (thrown) {
      this.#fail(thrown);
    }
    await this.refresh();
  }

  retry(id: JobId): Promise<void> {
    return this.#again(id, () => this.#backend.retryJob(id));
  }

  /** Retries a job with the password of its file, which is kept nowhere. */
  unlock(id: JobId, password: string): Promise<void> {
    return this.#again(id, () => this.#backend.unlockJob(id, password));
  }

  async #again(id: JobId, start: () => Promise<void>): Promise<void> {
    try {
      await start();
      const job = this.jobs[id];
      if (job) Object.assign(job, { status: "queued", step: "queued", error: null, done: 0, total: null });
      this.refreshSoon();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  async dismiss(id: JobId): Promise<void> {
    try {
      await this.#backend.dismissJob(id);
      delete this.jobs[id];
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Sets some failed jobs going again. */
  async retryThese(ids: JobId[]): Promise<void> {
    for (const id of ids) await this.retry(id);
    if (ids.length > 0) this.#announce(t("library.retryingSaid"));
  }

  /** Takes some failed jobs off the list. */
  async dismissThese(ids: JobId[]): Promise<void> {
    for (const id of ids) await this.dismiss(id);
  }

  tell(tone: Notice["tone"], message: string, hint: string | null, detail: string | null = null): void {
    this.#notice += 1;
    this.notices.push({ id: this.#notice, tone, message, hint, detail });
    this.#announce(hint ? `${message}. ${hint}` : message);
  }

  tellError(error: ErrorView): void {
    const { message, hint, detail } = told(error);
    this.tell("error", message, hint, detail);
  }

  dismissNotice(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }

  #put(job: IndexJob): void {
    this.jobs[job.id] = view(job, this.jobs[job.id]);
  }

  #fail(thrown: unknown): void {
    this.tellError(toErrorView(thrown));
  }
}

function view(job: IndexJob, known: JobView | undefined): JobView {
  const kept = known && known.step === job.step && known.status === job.status;
  return {
    ...job,
    done: kept ? known.done : 0,
    total: kept ? known.total : null,
    since: kept ? known.since : Date.now(),
  };
}

/** Steps that count pages; the others show only a share. */
export const countsPages: readonly Step[] = ["reading", "embedding"];
