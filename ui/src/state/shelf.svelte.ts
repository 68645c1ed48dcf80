import type { Document, FileKind } from "../backend/types";
import { locale } from "../i18n/index.svelte";
import { entryOf, folderTally, passing, pick, shelve, tally, type FileFacts, type Filter, type Order, type State } from "../lib/shelf";
import type { Collections } from "./collections.svelte";
import type { Folders } from "./folders.svelte";
import type { JobView, Library } from "./library.svelte";

/** So few files need no tools to be found. */
const few = 6;
/** Folders that are offered besides those that are watched or chosen. */
const offered = 40;

/** Which files of the library are shown, and in which order. */
export class Shelf {
  wanted = $state("");
  order = $state<Order>("name");
  kinds = $state.raw<FileKind[]>([]);
  folders = $state.raw<string[]>([]);
  states = $state.raw<State[]>([]);
  /** Whether only documents are shown that questions are limited to. */
  asked = $state(false);
  /** The collection that is looked at, as it was chosen; it may have gone since. */
  shownCollection = $state<string | null>(null);

  #library: Library;
  #watched: Folders;
  #collections: Collections;

  constructor(library: Library, watched: Folders, collections: Collections) {
    this.#library = library;
    this.#watched = watched;
    this.#collections = collections;
  }

  /** The collection that is looked at; null for all of them. */
  readonly collection: string | null = $derived.by(() => {
    const shown = this.shownCollection;
    return shown !== null && this.#collections.several && this.#collections.names.includes(shown) ? shown : null;
  });

  /** Follows a collection to its new name. */
  collectionRenamed(from: string, to: string): void {
    if (this.shownCollection === from) this.shownCollection = to;
  }

  #documents: Document[] = $derived.by(() => this.#inside(this.#library.documents));

  #failed: JobView[] = $derived.by(() => this.#inside(this.#library.failed));

  #inside<T extends { collection: string }>(all: T[]): T[] {
    const shown = this.collection;
    return shown === null ? all : all.filter(({ collection }) => collection === shown);
  }

  /** How many conditions are chosen besides what is typed. */
  readonly conditions: number = $derived(this.kinds.length + this.folders.length + this.states.length + (this.asked ? 1 : 0));

  /** Whether anything is kept out. */
  readonly narrowed: boolean = $derived(this.conditions > 0 || this.wanted.trim() !== "");

  /** Whether there is enough to be narrowed. */
  get needed(): boolean {
    return this.#library.documents.length + this.#library.failed.length > few || this.narrowed;
  }

  /** Why files could not be read, by their paths. The same map as long as nothing in it changes, as lists hang on it. */
  #failures: ReadonlyMap<string, "failed" | "password"> = $derived.by(() => {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity
    const failures = new Map<string, "failed" | "password">();
    for (const { path, error } of this.#library.failed) failures.set(path, error?.code === "password_needed" ? "password" : "failed");
    const before = this.#failuresBefore;
    if (before.size === failures.size && [...failures].every(([path, why]) => before.get(path) === why)) return before;
    this.#failuresBefore = failures;
    return failures;
  });
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  #failuresBefore: ReadonlyMap<string, "failed" | "password"> = new Map();

  #facts: FileFacts = {
    failure: (path) => this.#failures.get(path),
    offline: (path) => this.#watched.isOffline(path),
    asked: ({ id }) => this.#library.scope[id] === true,
  };

  #filter: Filter = $derived({ wanted: this.wanted, kinds: this.kinds, folders: this.folders, states: this.states, asked: this.asked });

  #shelved = $derived.by(() => shelve(this.#documents, this.order, locale()));

  /** Documents that pass, in their order. */
  readonly shown: Document[] = $derived(pick(this.#shelved, this.#filter, this.#facts));

  /** Failures whose files pass. */
  readonly failed: JobView[] = $derived.by(() => {
    if (!this.narrowed) return this.#failed;
    const passes = passing(this.#filter, this.#facts);
    return this.#failed.filter(({ path }) => passes(entryOf(path), this.#byPath.get(path) ?? null));
  });

  /** How many files pass: documents, and failures that never became one. */
  readonly count: number = $derived(this.shown.length + this.#alone(this.failed).length);

  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  #byPath: ReadonlyMap<string, Document> = $derived.by(() => new Map(this.#documents.map((document) => [document.path, document])));

  #alone(failed: JobView[]): JobView[] {
    return failed.filter(({ path }) => !this.#byPath.has(path));
  }

  /** How many files there are of each kind and in each state. */
  tally(): ReturnType<typeof tally> {
    return tally(this.#shelved, this.#alone(this.#failed).map(({ path }) => entryOf(path)), this.#facts);
  }

  /** Folders to choose from, with the number of files in each, and how many more there are. */
  folderTally(): ReturnType<typeof folderTally> {
    const entries = [...this.#shelved, ...this.#alone(this.#failed).map(({ path }) => entryOf(path))];
    return folderTally(entries, this.#watched.list.map(({ path }) => path), this.folders, offered);
  }

  clear(): void {
    this.wanted = "";
    this.kinds = [];
    this.folders = [];
    this.states = [];
    this.asked = false;
  }
}
