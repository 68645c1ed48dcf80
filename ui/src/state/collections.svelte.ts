import { toErrorView, type Backend } from "../backend/backend";
import type { DocumentId, ErrorView, WatchedFolder } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { collectionName, defaultCollection, inOrder } from "../lib/collections";
import { liesIn } from "../lib/folder";
import { fileName } from "../lib/format";
import type { Folders } from "./folders.svelte";
import type { Library } from "./library.svelte";

/** A collection, and how many documents are in it. */
export interface CollectionView {
  name: string;
  documents: number;
}

/** What a dialog about collections is to do. */
export type Collecting = { what: "move"; documents: DocumentId[] } | { what: "rename"; name: string } | { what: "folder"; folder: WatchedFolder };

/** Names of files that are told one by one. */
const told = 5;

/** Collections: named sets of documents, as the documents, jobs and watched folders of the library name them. */
export class Collections {
  #backend: Backend;
  #library: Library;
  #folders: Folders;
  #announce: (text: string) => void;
  #renamed: (from: string, to: string) => void;

  /** What is being asked for; none while there is no dialog. */
  collecting = $state.raw<Collecting | null>(null);

  constructor(backend: Backend, library: Library, folders: Folders, announce: (text: string) => void, renamed: (from: string, to: string) => void) {
    this.#backend = backend;
    this.#library = library;
    this.#announce = announce;
    this.#folders = folders;
    this.#renamed = renamed;
  }

  /** All of them; the one that documents join when none is chosen is always there. */
  readonly list: CollectionView[] = $derived.by(() => {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity
    const counts = new Map([[defaultCollection, 0]]);
    for (const { collection } of [...this.#library.active, ...this.#folders.list]) counts.set(collection, 0);
    for (const { collection } of this.#library.documents) counts.set(collection, (counts.get(collection) ?? 0) + 1);
    return inOrder(counts.keys()).map((name) => ({ name, documents: counts.get(name) ?? 0 }));
  });

  readonly names: string[] = $derived(this.list.map(({ name }) => name));

  /** Whether there is any but the one that documents join when none is chosen. */
  readonly several: boolean = $derived(this.list.length > 1);

  /** Moves documents to a collection, and says which could not go; why it could not be done at all, if so. */
  async move(ids: DocumentId[], to: string): Promise<ErrorView | null> {
    return this.#move(ids.length, to, () => this.#backend.moveToCollection(ids, to));
  }

  /** Documents that go along when a watched folder goes to another collection. */
  inFolder({ path, collection }: WatchedFolder): number {
    return this.#library.documents.filter((document) => document.collection === collection && liesIn(document.path, path)).length;
  }

  /** Has what comes in a watched folder join another collection, and moves its documents there; why it could not be done, if so. */
  async moveFolder(folder: WatchedFolder, to: string): Promise<ErrorView | null> {
    const count = this.inFolder(folder);
    const error = await this.#move(count, to, () => this.#backend.moveFolder(folder.id, to));
    if (!error && count === 0) this.#announce(t("folders.collected", { name: fileName(folder.path), collection: collectionName(to) }));
    return error;
  }

  async #move(count: number, to: string, run: () => Promise<DocumentId[]>): Promise<ErrorView | null> {
    let stayed: DocumentId[];
    try {
      stayed = await run();
    } catch (thrown) {
      return toErrorView(thrown);
    }
    const { byId } = this.#library;
    const files = stayed.map((id) => fileName(byId.get(id)?.path ?? ""));
    await Promise.all([this.#library.refresh(), this.#folders.refresh()]);
    const name = collectionName(to);
    if (stayed.length < count) this.#announce(t("collections.moved", { count: count - stayed.length, name }));
    if (stayed.length > 0) {
      const more = files.length > told ? [t("collections.moreStayed", { count: files.length - told })] : [];
      this.#library.tell("info", t("collections.stayed", { count: stayed.length, name }), [...files.slice(0, told), ...more].join(", "));
    }
    return null;
  }

  /** Gives a collection another name; why it could not be done, if so. */
  async rename(from: string, to: string): Promise<ErrorView | null> {
    if (from === to) return null;
    if (this.names.includes(to)) {
      return { kind: "user", code: null, message: "", hint: null, problem: { problem: "collection_taken", name: collectionName(to) }, places: [] };
    }
    try {
      await this.#backend.renameCollection(from, to);
    } catch (thrown) {
      return toErrorView(thrown);
    }
    this.#renamed(from, to);
    await this.#library.refresh();
    this.#announce(t("collections.renamed", { name: to }));
    return null;
  }

  /** Takes a dialog away, unless another already stands in its place. */
  closed(collecting: Collecting): void {
    if (this.collecting === collecting) this.collecting = null;
  }
}
