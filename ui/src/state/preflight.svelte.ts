import { toErrorView, type Backend } from "../backend/backend";
import type { ErrorView, Preflight } from "../backend/types";

/** Files that are to be added, and what adding them would do. */
export interface Offer {
  paths: string[];
  /** Those of `paths` that are folders. */
  folders: string[];
  /** What they would join; nothing while a new name is to be typed. */
  collection: string;
  /** Files found so far. */
  found: number;
  /** None while folders are looked through. */
  result: Preflight | null;
}

/** More than these are a batch that is worth a question. */
const handful = 5;
/** Looking that takes longer is shown; milliseconds. */
const patience = 400;

/** Looks at what is to be added, and asks where there is something to know before. */
export class Adding {
  /** What is asked about; none while there is no question. */
  offer = $state<Offer | null>(null);

  #backend: Backend;
  #add: (paths: string[], except: string[], collection: string) => Promise<void>;
  #joined: () => string;
  #fail: (error: ErrorView) => void;
  #looks = 0;

  /** `joined`: the collection that what is added joins unless another is chosen. */
  constructor(backend: Backend, add: (paths: string[], except: string[], collection: string) => Promise<void>, joined: () => string, fail: (error: ErrorView) => void) {
    this.#backend = backend;
    this.#add = add;
    this.#joined = joined;
    this.#fail = fail;
  }

  /** Adds a few plain files at once, and asks about anything else; `ask`: about those, too. */
  async look(paths: string[], ask = false): Promise<void> {
    if (paths.length === 0) return;
    // What comes while a question stands belongs to that question.
    const before = this.offer?.paths ?? [];
    const all = [...before, ...paths.filter((path) => !before.includes(path))];
    const standing = this.offer !== null;
    this.#looks += 1;
    const look = this.#looks;
    const current = () => look === this.#looks;
    const collection = this.offer?.collection ?? this.#joined();
    let offer: Offer = { paths: all, folders: this.offer?.folders ?? [], collection, found: 0, result: null };
    const show = () => {
      if (!current()) return;
      this.offer ??= offer;
      Object.assign(this.offer, offer);
      offer = this.offer;
    };
    let timer: ReturnType<typeof setTimeout> | null = null;
    try {
      if (standing) await this.#backend.stopLooking();
      offer.folders = await this.#backend.foldersAmong(all);
      if (!current()) return;
      if (standing || ask || offer.folders.length > 0) show();
      else timer = setTimeout(show, patience);
      const result = await this.#backend.lookThrough(all, collection, (found) => (offer.found = found));
      if (!current()) return;
      // Adding takes as long as reading does, and is shown in its own place.
      if (timer !== null) clearTimeout(timer);
      offer.result = result;
      if (this.offer || remarkable(result)) show();
      else await this.#add(all, [], collection);
    } catch (thrown) {
      if (!current()) return;
      this.offer = null;
      const error = toErrorView(thrown);
      if (error.code !== "canceled") this.#fail(error);
    } finally {
      if (timer !== null) clearTimeout(timer);
    }
  }

  /** Looks again at what is asked about, as what joins another collection. */
  async choose(collection: string): Promise<void> {
    if (!this.offer || this.offer.collection === collection) return;
    this.offer.collection = collection;
    await this.look(this.offer.paths);
  }

  /** Adds what was asked about to a collection, but for the files of `except`. */
  async accept(except: string[], collection: string): Promise<void> {
    const paths = this.offer?.paths ?? [];
    this.#close();
    await this.#add(paths, except, collection);
  }

  /** Takes a question away, unless another one already stands in its place; what is looked through is left alone. */
  cancel(offer: Offer): void {
    if (this.offer !== offer) return;
    if (offer.result === null) void this.#backend.stopLooking().catch(() => {});
    this.#close();
  }

  #close(): void {
    this.#looks += 1;
    this.offer = null;
  }
}

function remarkable(result: Preflight): boolean {
  return result.files > handful || result.copies.length + result.unsupported.length + result.errors.length > 0;
}
