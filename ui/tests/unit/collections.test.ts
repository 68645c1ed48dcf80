import { describe, expect, it, vi } from "vitest";
import type { Backend } from "../../src/backend/backend";
import type { Document, IndexJob, WatchedFolder } from "../../src/backend/types";
import { setLanguage } from "../../src/i18n/index.svelte";
import { collectionName, inOrder, typedCollection } from "../../src/lib/collections";
import { Chat } from "../../src/state/chat.svelte";
import { Collections } from "../../src/state/collections.svelte";
import { Folders } from "../../src/state/folders.svelte";
import { Library } from "../../src/state/library.svelte";
import { Preferences } from "../../src/state/preferences.svelte";
import { Shelf } from "../../src/state/shelf.svelte";

const document = (id: string, collection: string) => ({ id, collection, path: `/f/${id}.txt`, title: id, pages: 1, searchablePages: 1, warnings: [] }) as unknown as Document;

function world(documents: Document[], parts: Partial<Backend> = {}) {
  const said: string[] = [];
  const renamed: string[][] = [];
  const backend = {
    listDocuments: async () => documents,
    listJobs: async () => [],
    indexingPaused: async () => false,
    onLibraryChanged: () => () => {},
    ...parts,
  } as Partial<Backend> as Backend;
  const library = new Library(backend, (text) => said.push(text));
  const folders = new Folders(backend, () => {});
  const collections = new Collections(backend, library, folders, (text) => said.push(text), (from, to) => renamed.push([from, to]));
  return { library, folders, collections, shelf: new Shelf(library, folders, collections), said, renamed };
}

describe("names of collections", () => {
  it("are translated for the one that none is chosen for, and for no other", () => {
    expect(collectionName("default")).toBe("Documents");
    expect(collectionName("Work")).toBe("Work");
    setLanguage("de");
    expect(collectionName("default")).toBe("Dokumente");
    setLanguage("en");
  });

  it("stand in order, and one that is there is known however it is typed", () => {
    expect(inOrder(["work", "Ärger", "Taxes 10", "default", "Taxes 9"])).toEqual(["default", "Ärger", "Taxes 9", "Taxes 10", "work"]);
    expect(typedCollection("  WORK ", ["default", "Work"])).toBe("Work");
    expect(typedCollection("documents", ["Work"])).toBe("default");
    expect(typedCollection(" New ", ["Work"])).toBe("New");
    expect(typedCollection("  ", ["Work"])).toBe("");
  });
});

describe("collections", () => {
  it("are what documents, jobs and folders name, with their documents counted", async () => {
    const { library, folders, collections } = world([document("a", "Work"), document("b", "default"), document("c", "Work")]);
    expect(collections.several).toBe(false);
    await library.refresh();
    folders.list = [{ collection: "Watched" } as WatchedFolder];
    library.apply({ event: "job", job: { id: "j", collection: "Next", status: "queued", step: "queued" } as IndexJob });
    expect(collections.several).toBe(true);
    expect(collections.list).toEqual([
      { name: "default", documents: 1 },
      { name: "Next", documents: 0 },
      { name: "Watched", documents: 0 },
      { name: "Work", documents: 2 },
    ]);
  });

  it("narrow the list while they are there, and follow a new name", async () => {
    let documents = [document("a", "Work"), document("b", "default")];
    const { library, shelf } = world(documents, { listDocuments: async () => documents });
    await library.refresh();
    shelf.shownCollection = "Work";
    expect(shelf.shown.map(({ id }) => id)).toEqual(["a"]);
    expect(shelf.narrowed).toBe(false);
    shelf.collectionRenamed("Work", "Home");
    expect(shelf.shownCollection).toBe("Home");
    // Gone with its last document, it hides nothing.
    documents = [document("b", "default")];
    await library.refresh();
    expect(shelf.collection).toBe(null);
    expect(shelf.shown.map(({ id }) => id)).toEqual(["b"]);
  });

  it("tell which documents could not be moved, and that nothing was", async () => {
    const moveToCollection = vi.fn(async () => ["b"]);
    const { library, collections, said } = world([document("a", "default"), document("b", "default")], { moveToCollection });
    await library.refresh();
    expect(await collections.move(["a", "b"], "Work")).toBe(null);
    expect(moveToCollection).toHaveBeenCalledWith(["a", "b"], "Work");
    expect(said[0]).toBe("1 document moved to “Work”");
    expect(library.notices[0]).toMatchObject({ message: "1 document stayed where it is: “Work” has the same file already", hint: "b.txt" });
    const refused = { kind: "user" as const, code: null, message: "No", hint: "Do", problem: null, places: [] };
    const failing = world([], { moveToCollection: async () => Promise.reject(refused) });
    expect(await failing.collections.move(["a"], "Work")).toEqual(refused);
  });

  it("are not renamed to what another is called", async () => {
    const renameCollection = vi.fn(async () => {});
    const { library, collections, renamed } = world([document("a", "Work")], { renameCollection });
    await library.refresh();
    expect(await collections.rename("Work", "default")).toMatchObject({ problem: { problem: "collection_taken", name: "Documents" } });
    expect(await collections.rename("Work", "Work")).toBe(null);
    expect(renameCollection).not.toHaveBeenCalled();
    expect(await collections.rename("Work", "Home")).toBe(null);
    expect(renamed).toEqual([["Work", "Home"]]);
  });
});

describe("the collection that a chat asks", () => {
  it("stays with it, under its new name too", () => {
    localStorage.clear();
    const make = () => new Chat({} as Backend, () => {}, new Preferences());
    const chat = make();
    chat.collection = "Work";
    chat.collectionRenamed("Work", "Home");
    expect(make().collection).toBe("Home");
    chat.collection = null;
    expect(make().collection).toBe(null);
  });
});
