import type { Backend, Listener } from "../backend";
import type { DocumentId, Quotes, RemovalEvent } from "../types";
import type { FakeDocument } from "./documents";

type Methods = Pick<Backend, "removeDocuments" | "holdRemoval" | "finishRemoval" | "takeQuotes" | "undoRemoval">;

/** The library as removals see it. */
interface Shelf {
  /** Takes documents out of sight; those that are there. */
  hide(ids: DocumentId[]): FakeDocument[];
  /** Shows documents again, where they stood. */
  show(documents: FakeDocument[]): void;
  /** Takes what saved answers hold of documents out of them. */
  purge(documents: FakeDocument[], quotes: Quotes): void;
  /** Whether a saved answer quotes one of them. */
  quoted(documents: FakeDocument[]): boolean;
}

interface Pending {
  documents: FakeDocument[];
  quotes: Quotes;
  end(event: "over" | "undone"): void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Removals with a grace, as the engine has them. `grace` is in milliseconds. */
export class Removals {
  readonly #pending = new Map<string, Pending>();
  readonly #shelf: Shelf;
  readonly #grace: number;
  #count = 0;

  constructor(shelf: Shelf, grace: number) {
    this.#shelf = shelf;
    this.#grace = grace;
  }

  /** What the window calls. */
  methods(notFound: () => unknown): Methods {
    return {
      removeDocuments: (ids, quotes, emit) => this.#remove(ids, quotes, emit, notFound),
      holdRemoval: async (removal, held) => this.#wait(removal, held),
      finishRemoval: async (removal) => this.#pending.get(removal)?.end("over"),
      takeQuotes: async (removal) => {
        const pending = this.#pending.get(removal);
        if (pending) pending.quotes = "go";
        return pending !== undefined;
      },
      undoRemoval: async (removal) => {
        const pending = this.#pending.get(removal);
        if (!pending) return 0;
        this.#shelf.show(pending.documents);
        pending.end("undone");
        return pending.documents.length;
      },
    };
  }

  /** How many are held. */
  get held(): number {
    return [...this.#pending.values()].filter(({ timer }) => timer === undefined).length;
  }

  /** Has the grace of all removals be over. */
  pass(): void {
    for (const { end } of [...this.#pending.values()]) end("over");
  }

  /** The document of a file that is added again, if it is on its way out: it is back. */
  comeBack(path: string): FakeDocument | undefined {
    for (const pending of this.#pending.values()) {
      const found = pending.quotes === "stay" ? pending.documents.find(({ record }) => record.path === path) : undefined;
      if (!found) continue;
      pending.documents = pending.documents.filter((one) => one !== found);
      this.#shelf.show([found]);
      if (pending.documents.length === 0) pending.end("undone");
      return found;
    }
    return undefined;
  }

  #remove(ids: DocumentId[], quotes: Quotes, emit: Listener<RemovalEvent>, notFound: () => unknown): Promise<void> {
    const documents = this.#shelf.hide(ids);
    if (documents.length === 0) return Promise.reject(notFound());
    this.#count += 1;
    const removal = `removal-${this.#count}`;
    return new Promise((done) => {
      const end = (event: "over" | "undone") => {
        const pending = this.#pending.get(removal);
        if (!pending) return;
        clearTimeout(pending.timer);
        this.#pending.delete(removal);
        if (event === "over") this.#shelf.purge(pending.documents, pending.quotes);
        emit({ event });
        done();
      };
      this.#pending.set(removal, { documents, quotes, end, timer: undefined });
      this.#wait(removal, false);
      emit({ event: "begun", removal, documents: documents.length, quoted: this.#shelf.quoted(documents) });
    });
  }

  #wait(removal: string, held: boolean): void {
    const pending = this.#pending.get(removal);
    if (!pending) return;
    clearTimeout(pending.timer);
    pending.timer = held ? undefined : setTimeout(() => pending.end("over"), this.#grace);
  }
}
