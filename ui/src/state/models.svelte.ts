import { toErrorView, type Backend } from "../backend/backend";
import type { EmbedderCost, ErrorView, FetchEvent, ModelCard, ModelEvent, ModelsView } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { bytes, duration, fileName } from "../lib/format";
import type { Confirmation } from "./app.svelte";
import type { Notifier } from "./notifier";
import { Trial } from "./trial.svelte";

/** A change, an import, a measurement: one at a time. */
export interface Work {
  /** What it is about, in words. */
  name: string;
  /** The model, unless it is being imported. */
  model: string | null;
  event: ModelEvent | null;
}

/** The page of models: what there is, and what is being done about it. */
export class Models {
  view = $state.raw<ModelsView | null>(null);
  /** Set if the page itself could not be had. */
  error = $state.raw<ErrorView | null>(null);
  /** Downloads under way, by model; null until the first word from it. */
  downloads = $state<Record<string, FetchEvent | null>>({});
  work = $state<Work | null>(null);
  /** What went wrong with a model, by its id. */
  faults = $state<Record<string, ErrorView>>({});
  importFault = $state.raw<ErrorView | null>(null);
  /** Whether files are being dragged over the window. */
  dropping = $state(false);
  /** Read out politely. */
  announcement = $state("");
  /** The model to bring into sight. */
  sought = $state<string | null>(null);

  /** Two models asked the same. */
  readonly trial: Trial;

  #backend: Backend;
  #confirm: (confirmation: Confirmation) => void;
  #notifier: Notifier | null;

  constructor(backend: Backend, confirm: (confirmation: Confirmation) => void, notifier: Notifier | null = null) {
    this.#backend = backend;
    this.trial = new Trial(backend);
    this.#confirm = confirm;
    this.#notifier = notifier;
  }

  /** Whether a model has the machine to itself; nothing else is begun meanwhile. */
  get busy(): boolean {
    return this.work !== null || this.trial.running;
  }

  async refresh(): Promise<void> {
    try {
      this.view = await this.#backend.modelsView();
      this.error = null;
    } catch (thrown) {
      this.error = toErrorView(thrown);
    }
  }

  /** Fetches a model, or goes on where a download was stopped. */
  async download(card: ModelCard): Promise<void> {
    if (card.id in this.downloads) return;
    this.downloads[card.id] = null;
    const done = await this.#try(card, () => this.#backend.downloadModel(card.id, (event) => (this.downloads[card.id] = event)));
    if (done) this.#notifier?.tell(t("notice.model"), t("notice.modelBody"));
    else if (this.faults[card.id]) this.#notifier?.tell(t("notice.modelFailed"), t("notice.modelFailedBody"));
    delete this.downloads[card.id];
    await this.refresh();
  }

  async pause(card: ModelCard): Promise<void> {
    await this.#try(card, () => this.#backend.pauseDownload(card.id));
  }

  /** Throws away what has arrived, after a question. */
  discard(card: ModelCard): void {
    const done = this.downloads[card.id]?.done ?? card.onDisk;
    this.#confirm({
      title: t("modelsPage.discardTitle"),
      body: t("modelsPage.discardBody", { name: card.name, done: bytes(done) }),
      action: t("modelsPage.discardAction"),
      run: async () => {
        await this.#try(card, () => this.#backend.discardDownload(card.id));
        await this.refresh();
        // The button that was pressed is gone.
        this.sought = card.id;
      },
    });
  }

  /** Puts a model to work; for one that turns texts into vectors, after a question that says what it costs. */
  async use(card: ModelCard): Promise<void> {
    if (card.role !== "embedder") return this.#use(card);
    let cost: EmbedderCost | null = null;
    await this.#working(card.name, card, async (onEvent) => {
      cost = await this.#backend.embedderCost(card.id, onEvent);
    });
    // Assigned in a callback, which the compiler does not follow.
    const found = cost as EmbedderCost | null;
    if (!found) return;
    if (found.documents === 0) return this.#use(card);
    this.#confirm({
      title: t("modelsPage.anewTitle"),
      body: t("modelsPage.anewBody", { name: card.name, count: found.documents, time: duration(found.seconds) }),
      action: t("modelsPage.anewAction"),
      run: () => this.#use(card),
    });
  }

  async #use(card: ModelCard): Promise<void> {
    const done = await this.#working(card.name, card, (onEvent) => this.#backend.useModel(card.id, onEvent));
    if (done) this.announcement = t("modelsPage.used", { name: card.name });
    await this.refresh();
    // The page itself says why, and what works instead.
    if (this.view?.failure) delete this.faults[card.id];
  }

  async stopUsing(card: ModelCard): Promise<void> {
    await this.#try(card, () => this.#backend.stopUsing(card.role));
    await this.refresh();
  }

  async measure(card: ModelCard): Promise<void> {
    const done = await this.#working(card.name, card, async (onEvent) => void (await this.#backend.measureModel(card.id, onEvent)));
    if (done) this.announcement = t("modelsPage.measured", { name: card.name });
    await this.refresh();
  }

  /** Takes a model off the disk, after a question. */
  remove(card: ModelCard): void {
    const values = { name: card.name, size: bytes(card.onDisk) };
    this.#confirm({
      title: t("modelsPage.removeTitle"),
      body: card.imported ? t("modelsPage.removeOwnBody", values) : t("modelsPage.removeBody", values),
      action: t("modelsPage.removeAction"),
      run: async () => {
        if (await this.#try(card, () => this.#backend.removeModel(card.id))) this.announcement = t("modelsPage.removed", values);
        await this.refresh();
        if (this.view?.models.some(({ id }) => id === card.id)) this.sought = card.id;
      },
    });
  }

  async pick(what: "file" | "folder"): Promise<void> {
    const paths = await (what === "file" ? this.#backend.pickModelFile() : this.#backend.pickFolder()).catch((thrown: unknown) => {
      this.importFault = toErrorView(thrown);
      return [];
    });
    await this.import(paths);
  }

  /** Imports files or folders, one after another; the first that is not taken ends it. */
  async import(paths: string[]): Promise<void> {
    this.importFault = null;
    for (const path of paths) {
      const name = fileName(path);
      let id = "";
      const done = await this.#working(name, null, async (onEvent) => {
        id = await this.#backend.importModel(path, onEvent);
      });
      await this.refresh();
      if (done) this.#notifier?.tell(t("notice.imported"), t("notice.importedBody"));
      else if (this.importFault) this.#notifier?.tell(t("notice.importFailed"), t("notice.importFailedBody"));
      if (!done) return;
      this.sought = id;
      this.announcement = t("modelsPage.imported", { name: this.view?.models.find((card) => card.id === id)?.name ?? name });
    }
  }

  async unload(): Promise<void> {
    try {
      await this.#backend.unloadModels();
      this.announcement = t("modelsPage.unloaded");
    } catch (thrown) {
      this.error = toErrorView(thrown);
    }
    await this.refresh();
  }

  async cancel(): Promise<void> {
    await this.#backend.cancelModelWork().catch((thrown: unknown) => (this.error = toErrorView(thrown)));
  }

  /** Whether it was done; if not, why is kept with the model. */
  async #try(card: ModelCard | null, act: () => Promise<void>): Promise<boolean> {
    this.announcement = "";
    if (card) delete this.faults[card.id];
    try {
      await act();
      return true;
    } catch (thrown) {
      const error = toErrorView(thrown);
      if (error.code === "canceled") return false;
      if (card) this.faults[card.id] = error;
      else this.importFault = error;
      return false;
    }
  }

  async #working(name: string, card: ModelCard | null, act: (onEvent: (event: ModelEvent) => void) => Promise<void>): Promise<boolean> {
    this.work = { name, model: card?.id ?? null, event: null };
    const done = await this.#try(card, () =>
      act((event) => {
        if (this.work) this.work.event = event;
      }),
    );
    this.work = null;
    return done;
  }
}
