import { toErrorView, type Backend } from "../backend/backend";
import type { ErrorView, Fate, FolderId, WatchedFolder } from "../backend/types";
import { liesIn } from "../lib/folder";

/** Watched folders. What goes wrong is told to `fail`. */
export class Folders {
  list = $state.raw<WatchedFolder[]>([]);

  #backend: Backend;
  #fail: (error: ErrorView) => void;
  #asked = 0;

  constructor(backend: Backend, fail: (error: ErrorView) => void) {
    this.#backend = backend;
    this.#fail = fail;
    backend.onLibraryChanged(() => void this.refresh());
  }

  /** Folders that are not there; their documents cannot be opened. */
  readonly offline: WatchedFolder[] = $derived(this.list.filter((folder) => folder.state === "offline"));

  /** Whether a document lies in a folder that is not there. */
  isOffline(path: string): boolean {
    return this.offline.some((folder) => liesIn(path, folder.path));
  }

  async refresh(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const list = await this.#backend.listFolders();
      if (asked === this.#asked) this.list = list;
    } catch {
      // The library's own list tells why the engine does not answer.
    }
  }

  /** Which of these are folders; none if that cannot be told. */
  async among(paths: string[]): Promise<string[]> {
    return this.#backend.foldersAmong(paths).catch((thrown: unknown) => {
      this.#fail(toErrorView(thrown));
      return [];
    });
  }

  watch(path: string, collection: string): Promise<void> {
    return this.#do(() => this.#backend.watchFolder(path, collection));
  }

  stop(folder: FolderId, documents: Fate): Promise<void> {
    return this.#do(() => this.#backend.unwatchFolder(folder, documents));
  }

  pause(folder: FolderId, paused: boolean): Promise<void> {
    return this.#do(() => this.#backend.pauseFolder(folder, paused));
  }

  ignore(folder: FolderId, patterns: string[]): Promise<void> {
    return this.#do(() => this.#backend.ignoreInFolder(folder, patterns));
  }

  scan(folder: FolderId): Promise<void> {
    return this.#do(() => this.#backend.scanFolder(folder));
  }

  settle(folder: FolderId, documents: Fate): Promise<void> {
    return this.#do(() => this.#backend.settleMissing(folder, documents));
  }

  async #do(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.#fail(toErrorView(thrown));
    }
    await this.refresh();
  }
}
