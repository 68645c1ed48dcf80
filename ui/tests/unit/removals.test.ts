import { beforeEach, describe, expect, it, vi } from "vitest";
import { toErrorView, type Backend, type Listener } from "../../src/backend/backend";
import type { Document, DocumentId, Quotes, RemovalEvent } from "../../src/backend/types";
import { Library } from "../../src/state/library.svelte";
import { Removals } from "../../src/state/removals.svelte";

const named = (id: string) => ({ id, path: `/${id}.pdf` }) as Document;

/** Removals over a backend whose documents these are; `events` has the channel of each. */
function world(ids: string[]) {
  let documents = ids.map(named);
  const events: Listener<RemovalEvent>[] = [];
  const ends: { done: () => void; fail: (thrown: unknown) => void }[] = [];
  const said: string[] = [];
  const backend = {
    onLibraryChanged: () => () => {},
    listDocuments: async () => documents,
    listJobs: async () => [],
    indexingPaused: async () => false,
    removeDocuments: vi.fn((gone: DocumentId[], _quotes: Quotes, emit: Listener<RemovalEvent>) => {
      documents = documents.filter(({ id }) => !gone.includes(id));
      events.push(emit);
      emit({ event: "begun", removal: `r${events.length}`, documents: gone.length, quoted: gone.includes("a") });
      return new Promise<void>((done, fail) => ends.push({ done, fail }));
    }),
    undoRemoval: vi.fn(async () => 1),
    takeQuotes: vi.fn(async () => true),
    holdRemoval: vi.fn(async () => {}),
    finishRemoval: vi.fn(async () => {}),
  };
  const announce = (text: string) => void said.push(text);
  const library = new Library(backend as unknown as Backend, announce);
  library.documents = documents;
  return { removals: new Removals(backend as unknown as Backend, library, announce), backend, library, events, ends, said };
}

const settle = () => new Promise((done) => setTimeout(done, 5));

describe("removals", () => {
  let here: ReturnType<typeof world>;
  beforeEach(() => {
    here = world(["a", "b", "c"]);
  });

  it("take documents out of sight and out of what is asked, and say what went", async () => {
    const { removals, library, said } = here;
    library.scope["a"] = true;
    await removals.remove([named("a")]);
    expect(library.documents.map(({ id }) => id)).toEqual(["b", "c"]);
    expect(library.scope).toEqual({});
    expect(removals.last).toEqual({ id: "r1", what: "“a.pdf” removed", name: "a.pdf", quoted: true, quotes: "stay" });
    await removals.remove([named("b"), named("c")], "go");
    expect(removals.last).toEqual({ id: "r2", what: "2 documents removed", name: null, quoted: false, quotes: "go" });
    expect(said[0]).toContain("“a.pdf” removed");
  });

  it("are undone the last one first, and none after its end", async () => {
    const { removals, backend, events, library } = here;
    await removals.remove([named("a")]);
    await removals.remove([named("b")]);
    await removals.undo();
    expect(backend.undoRemoval.mock.calls).toEqual([["r2"]]);
    expect(removals.last?.id).toBe("r1");
    events[0]?.({ event: "over" });
    expect(removals.last).toBeNull();
    await removals.undo();
    expect(backend.undoRemoval).toHaveBeenCalledTimes(1);
    expect(library.notices).toEqual([]);
  });

  it("say so where undoing comes too late", async () => {
    const { removals, backend, library } = here;
    backend.undoRemoval.mockResolvedValueOnce(0);
    await removals.remove([named("a")]);
    await removals.undo();
    expect(removals.last).toBeNull();
    expect(library.notices.map(({ tone, message }) => [tone, message])).toEqual([["error", "This removal can no longer be undone"]]);
  });

  it("take quotes along if that is asked for in time", async () => {
    const { removals, backend } = here;
    backend.takeQuotes.mockResolvedValueOnce(false);
    await removals.remove([named("a")]);
    await removals.takeQuotes();
    expect(removals.last?.quotes).toBe("stay");
    await removals.takeQuotes();
    expect(removals.last?.quotes).toBe("go");
  });

  it("tell what went wrong at their end, but not that the program ended", async () => {
    const { removals, ends, library } = here;
    await removals.remove([named("a")]);
    ends[0]?.fail({ ...toErrorView("x"), code: "canceled" });
    await settle();
    expect(removals.last).toBeNull();
    expect(library.notices).toEqual([]);
    await removals.remove([named("b")]);
    ends[1]?.fail({ ...toErrorView("x"), code: "store_locked", message: "The register is in use" });
    await settle();
    expect(library.notices.map(({ message }) => message)).toEqual(["The register is in use"]);
  });

  it("are held and let go in the order in which that was said", async () => {
    const { removals, backend } = here;
    let first: () => void = () => {};
    backend.holdRemoval.mockImplementationOnce(() => new Promise<void>((done) => (first = done)));
    removals.hold("r1", true);
    removals.hold("r1", false);
    await settle();
    expect(backend.holdRemoval.mock.calls).toEqual([["r1", true]]);
    first();
    await settle();
    expect(backend.holdRemoval.mock.calls).toEqual([
      ["r1", true],
      ["r1", false],
    ]);
  });
});
