import { toErrorView, type Backend } from "../backend/backend";
import type { Document, DocumentId, Quotes, RemovalEvent } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { fileName } from "../lib/format";
import type { Library } from "./library.svelte";

/** Documents that are out of sight and can be brought back yet. */
export interface PendingRemoval {
  id: string;
  /** What was removed, in words. */
  what: string;
  /** Its name, if it is one document. */
  name: string | null;
  /** Whether saved answers quote it. */
  quoted: boolean;
  quotes: Quotes;
}

/** Removing documents, and bringing them back while that can be done. The engine has the clock. */
export class Removals {
  /** The newest is the last, and the one that is undone first. */
  pending = $state.raw<PendingRemoval[]>([]);
  readonly last: PendingRemoval | null = $derived(this.pending.at(-1) ?? null);

  readonly #backend: Backend;
  readonly #library: Library;
  readonly #announce: (text: string) => void;
  /** Holding and letting go arrive in the order in which they were said. */
  #holding: Promise<unknown> = Promise.resolve();

  constructor(backend: Backend, library: Library, announce: (text: string) => void) {
    this.#backend = backend;
    this.#library = library;
    this.#announce = announce;
  }

  /** Removes documents; resolves once they are out of sight, or it is told why not. */
  async remove(documents: Document[], quotes: Quotes = "stay"): Promise<void> {
    if (documents.length === 0) return;
    const ids = documents.map(({ id }) => id);
    let id: string | null = null;
    await new Promise<void>((begun) => {
      const take = (event: RemovalEvent) => {
        if (event.event === "begun") {
          id = event.removal;
          const [first] = documents;
          const name = event.documents === 1 && first ? fileName(first.path) : null;
          const what = name === null ? t("removal.some", { count: event.documents }) : t("removal.named", { name });
          this.#begin({ id, what, name, quoted: event.quoted, quotes }, ids);
          begun();
        } else {
          this.#end(id);
          void this.#library.refresh();
        }
      };
      const ended = this.#backend.removeDocuments(ids, quotes, take).catch((thrown: unknown) => this.#fail(thrown));
      void ended.then(() => {
        this.#end(id);
        begun();
      });
    });
  }

  #begin(removal: PendingRemoval, ids: DocumentId[]): void {
    this.pending = [...this.pending, removal];
    for (const id of ids) delete this.#library.scope[id];
    // Never changed.
    // eslint-disable-next-line svelte/prefer-svelte-reactivity
    const gone: ReadonlySet<DocumentId> = new Set(ids);
    this.#library.documents = this.#library.documents.filter(({ id }) => !gone.has(id));
    this.#library.refreshSoon();
    this.#announce(t("removal.said", { what: removal.what }));
  }

  #end(id: string | null): void {
    if (this.pending.some((one) => one.id === id)) this.pending = this.pending.filter((one) => one.id !== id);
  }

  /** Brings back what was removed last, as it was. */
  async undo(): Promise<void> {
    const { last } = this;
    if (!last) return;
    try {
      const count = await this.#backend.undoRemoval(last.id);
      this.#end(last.id);
      if (count > 0) this.#announce(t("removal.undone", { count }));
      else this.#library.tell("error", t("removal.tooLate"), t("removal.tooLateHint"));
    } catch (thrown) {
      this.#fail(thrown);
    }
    await this.#library.refresh();
  }

  /** Has what saved answers quote go with what was removed last. */
  async takeQuotes(): Promise<void> {
    const { last } = this;
    if (!last) return;
    try {
      if (!(await this.#backend.takeQuotes(last.id))) return;
      this.pending = this.pending.map((one) => (one.id === last.id ? { ...one, quotes: "go" } : one));
      this.#announce(t("removal.quotesGo"));
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Keeps a removal from being over, or lets its time begin anew. */
  hold(id: string, held: boolean): void {
    this.#holding = this.#holding.then(() => this.#backend.holdRemoval(id, held)).catch((thrown: unknown) => this.#fail(thrown));
  }

  /** Needs no undoing any more. */
  async dismiss(): Promise<void> {
    const { last } = this;
    if (!last) return;
    this.#end(last.id);
    await this.#backend.finishRemoval(last.id).catch((thrown: unknown) => this.#fail(thrown));
  }

  #fail(thrown: unknown): void {
    const error = toErrorView(thrown);
    // The program ends; the next start finishes it.
    if (error.code !== "canceled") this.#library.tell("error", error.message, error.hint);
  }
}
