import { toErrorView, type Backend } from "../backend/backend";
import type { EngineStatus, ErrorView, FetchEvent } from "../backend/types";
import { t } from "../i18n/index.svelte";
import type { Notifier } from "./notifier";

/** The engine's state and the download of its models. */
export class Engine {
  status = $state.raw<EngineStatus | null>(null);
  /** Set if the status itself could not be had. */
  error = $state.raw<ErrorView | null>(null);
  fetching = $state(false);
  fetchError = $state.raw<ErrorView | null>(null);
  progress = $state<Record<string, FetchEvent>>({});

  #backend: Backend;
  #onReady: () => void;
  #notifier: Notifier | null;

  /** `onReady` is called when the engine comes up after it was not. */
  constructor(backend: Backend, onReady: () => void = () => {}, notifier: Notifier | null = null) {
    this.#backend = backend;
    this.#onReady = onReady;
    this.#notifier = notifier;
    backend.onStatusChanged((status) => this.#take(status));
  }

  /** By event or by reply: whichever tells first that the engine is up calls `onReady`. */
  #take(status: EngineStatus): void {
    const was = this.status?.state;
    this.status = status;
    this.error = null;
    if (status.state === "ready" && was !== "ready") this.#onReady();
  }

  async refresh(): Promise<void> {
    try {
      this.#take(await this.#backend.status());
    } catch (thrown) {
      this.error = toErrorView(thrown);
    }
  }

  async fetchModels(): Promise<void> {
    if (this.fetching) return;
    this.fetching = true;
    this.fetchError = null;
    try {
      await this.#backend.fetchModels((event) => (this.progress[event.model] = event));
      this.#notifier?.tell(t("notice.models"), t("notice.modelsBody"));
    } catch (thrown) {
      const error = toErrorView(thrown);
      if (error.code !== "canceled") {
        this.fetchError = error;
        this.#notifier?.tell(t("notice.modelFailed"), t("notice.modelFailedBody"));
      }
    } finally {
      this.fetching = false;
      await this.refresh();
    }
  }

  async cancelFetch(): Promise<void> {
    await this.#backend.cancelFetch().catch((thrown: unknown) => (this.fetchError = toErrorView(thrown)));
  }

  /** Bytes of all models: on disk or fetched so far, and in all. */
  get downloaded(): { done: number; total: number; rate: number } {
    let done = 0;
    let total = 0;
    let rate = 0;
    for (const model of this.status?.models ?? []) {
      const progress = this.progress[model.id];
      total += model.bytes;
      const here = model.state === "present" || model.state === "loaded" || model.state === "loading";
      done += here ? model.bytes : Math.min(model.bytes, progress?.done ?? 0);
      if (!here && progress && progress.done < progress.total) rate += progress.bytesPerSecond;
    }
    return { done, total, rate };
  }
}
