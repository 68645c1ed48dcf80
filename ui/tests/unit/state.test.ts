import { describe, expect, it, vi } from "vitest";
import { toErrorView, type Backend } from "../../src/backend/backend";
import type { Answer, AnswerEvent, EngineStatus, IndexJob } from "../../src/backend/types";
import { bytes, remaining, splitName } from "../../src/lib/format";
import { told } from "../../src/lib/problem";
import { Recall } from "../../src/lib/recall";
import { App } from "../../src/state/app.svelte";
import { Chat, TurnView } from "../../src/state/chat.svelte";
import { Preferences } from "../../src/state/preferences.svelte";
import { Engine } from "../../src/state/engine.svelte";
import { Library } from "../../src/state/library.svelte";

function answer(text: string, more: Partial<Answer> = {}): Answer {
  return {
    answer: text,
    abstained: false,
    sentences: [],
    citations: [],
    disagreements: [],
    passages: [],
    trace: { query: "q", scope: { collection: null, documents: [] }, prompt: "p", rewritePrompt: null, promptText: "", models: [], index: null, candidates: [], evidence: 1, filtered: null, acronyms: [], subQuestions: [], corrections: { markersAdded: 0, markersMoved: 0, markersDropped: 0, sentencesRemoved: 0 }, scan: null, summarized: null, table: null },
    timingsMs: { rewrite: 0, search: 0, rerank: 0, firstToken: null, total: 0 },
    tokens: { prompt: 0, generated: 0, confirmed: 0, reused: 0, omitted: 0 },
    conversation: "c1",
    turn: "t1",
    ...more,
  };
}

function backend(parts: Partial<Backend>): Backend {
  const never = () => () => {};
  const none = async () => [];
  return { indexingPaused: async () => false, listFolders: none, onLibraryChanged: never, onStatusChanged: never, onArrived: never, onQuitAsked: never, onTrayChanged: never, onQuestionWanted: never, onCommandPicked: never, onDrop: never, ...parts } as Backend;
}

const job: IndexJob = {
  id: "j1",
  path: "/a/b.pdf",
  collection: "default",
  status: "running",
  step: "reading",
  document: null,
  error: null,
  createdAt: "",
};

describe("a turn", () => {
  it("ends once; what follows is dropped", () => {
    const turn = new TurnView("k", "q");
    const events: AnswerEvent[] = [
      { event: "stage", stage: "searching" },
      { event: "passages", query: "q", passages: [] },
      { event: "delta", text: "Yes" },
      { event: "done", answer: answer("Yes.") },
      { event: "delta", text: " never" },
      { event: "failed", error: toErrorView("late") },
    ];
    for (const event of events) turn.apply(event);
    expect([turn.phase, turn.text, turn.error]).toEqual(["done", "Yes.", null]);
  });

  it("keeps the text on screen when stopped", () => {
    const turn = new TurnView("k", "q");
    turn.apply({ event: "delta", text: "So far" });
    turn.apply({ event: "canceled", answer: null });
    expect([turn.phase, turn.text]).toEqual(["stopped", "So far"]);
    const other = new TurnView("k", "q");
    other.apply({ event: "delta", text: "So far" });
    other.apply({ event: "canceled", answer: answer("") });
    expect(other.text).toBe("So far");
  });

  it("treats a canceled error as a stop, not a failure", () => {
    const turn = new TurnView("k", "q");
    turn.apply({ event: "failed", error: { kind: "user", code: "canceled", message: "Canceled", hint: null, problem: null, places: [] } });
    expect(turn.phase).toBe("stopped");
  });
});

describe("a chat", () => {
  it("sends events that come before the ask's id to the right turn, and learns its conversation", async () => {
    const requests: unknown[] = [];
    const chat = new Chat(
      backend({
        ask: async (request, emit) => {
          requests.push(request);
          emit({ event: "delta", text: "A" });
          emit({ event: "done", answer: answer("A.") });
          return "ask-1";
        },
        listConversations: async () => [],
      }),
      () => {},
      new Preferences(),
    );
    chat.ask("  first  ", { collection: null, documents: ["d1"] });
    await vi.waitFor(() => expect(chat.thread.turns[0]?.phase).toBe("done"));
    chat.ask("second", { collection: "Work", documents: [] });
    expect(requests).toEqual([
      { question: "first", conversation: null, collection: null, documents: ["d1"], unproved: "marked" },
      { question: "second", conversation: "c1", collection: "Work", documents: [], unproved: "marked" },
    ]);
  });

  it("stops an ask whose id has not arrived yet", async () => {
    let arrive: (id: string) => void = () => {};
    const cancelAsk = vi.fn(async () => {});
    const chat = new Chat(
      backend({ ask: () => new Promise((done) => (arrive = done)), cancelAsk, listConversations: async () => [] }),
      () => {},
      new Preferences(),
    );
    chat.ask("q", { collection: null, documents: [] });
    const stopping = chat.stop();
    expect(cancelAsk).not.toHaveBeenCalled();
    arrive("ask-9");
    await stopping;
    expect(cancelAsk).toHaveBeenCalledWith("ask-9");
  });

  it("shows a rejected ask with its remedy", async () => {
    const error = { kind: "runtime" as const, code: null, message: "No", hint: "Do", problem: null, places: [] };
    const chat = new Chat(backend({ ask: async () => Promise.reject(error), listConversations: async () => [] }), () => {}, new Preferences());
    chat.ask("q", { collection: null, documents: [] });
    await vi.waitFor(() => expect(chat.thread.turns[0]?.error).toEqual(error));
  });

  it("goes on in the background when another chat is opened", async () => {
    let emit: (event: AnswerEvent) => void = () => {};
    const chat = new Chat(
      backend({
        ask: async (_, on) => {
          emit = on;
          return "a";
        },
        listConversations: async () => [],
      }),
      () => {},
      new Preferences(),
    );
    chat.ask("q", { collection: null, documents: [] });
    const thread = chat.thread;
    chat.startNew();
    emit({ event: "delta", text: "x" });
    expect(chat.thread.turns).toHaveLength(0);
    expect(thread.turns[0]?.text).toBe("x");
  });
});

describe("the library", () => {
  const library = () =>
    new Library(backend({ listDocuments: async () => [], listJobs: async () => [] }), () => {});

  it("follows a job through its steps", () => {
    const it = library();
    it.apply({ event: "job", job: { ...job, status: "queued", step: "queued" } });
    expect(it.active).toHaveLength(1);
    it.apply({ event: "job", job });
    it.apply({ event: "progress", job: "j1", step: "reading", done: 3, total: 6 });
    expect(it.jobs["j1"]).toMatchObject({ step: "reading", done: 3, total: 6 });
    it.apply({ event: "job", job: { ...job, step: "embedding" } });
    expect(it.jobs["j1"]).toMatchObject({ step: "embedding", done: 0, total: null });
    it.apply({ event: "job", job: { ...job, status: "done", step: "ready" } });
    expect(Object.keys(it.jobs)).toHaveLength(0);
  });

  it("keeps a failure with its reason, late progress notwithstanding", () => {
    const it = library();
    const error = { kind: "user" as const, code: null, message: "m", hint: "h", problem: null, places: [] };
    it.apply({ event: "job", job: { ...job, status: "failed", error } });
    it.apply({ event: "progress", job: "j1", step: "reading", done: 4, total: 6 });
    expect(it.failed.map((j) => j.error)).toEqual([error]);
  });

  it("ignores progress of jobs it does not know", () => {
    const it = library();
    it.apply({ event: "progress", job: "zz", step: "reading", done: 4, total: 6 });
    expect(Object.keys(it.jobs)).toHaveLength(0);
  });
});

describe("recall", () => {
  it("goes back and forth and gives the draft back", () => {
    const recall = new Recall();
    recall.push("one");
    recall.push("two");
    recall.push("two");
    expect(recall.previous("draft")).toBe("two");
    expect(recall.previous("two")).toBe("one");
    expect(recall.previous("one")).toBeNull();
    expect(recall.next()).toBe("two");
    expect(recall.next()).toBe("draft");
    expect(recall.next()).toBeNull();
  });
});

describe("words for people", () => {
  it("never say undefined", () => {
    for (const thrown of [undefined, null, {}, "", new Error("")]) {
      expect(told(toErrorView(thrown)).message).toBe("Something went wrong inside Footnote");
    }
    expect(told(toErrorView("plain")).detail).toBe("plain");
  });

  it("write sizes and durations", () => {
    expect(bytes(0)).toBe("0 B");
    expect(bytes(1_420_000_000)).toBe("1.4 GB");
    expect(bytes(999_999)).toBe("1.0 MB");
    expect(remaining(125)).toBe("about 2 minutes left");
    expect(remaining(Infinity)).toBe("");
  });

  it("keep the end of a long name", () => {
    const name = "A very long name of a document 🏠 that ends well.pdf";
    const [head, tail] = splitName(name);
    expect(head + tail).toBe(name);
    expect(tail.endsWith("well.pdf")).toBe(true);
    expect(splitName("short.pdf")).toEqual(["short.pdf", ""]);
  });
});

describe("the engine's state", () => {
  const status: EngineStatus = {
    state: "ready",
    error: null,
    models: [],
    provider: { name: "CPU", refused: [] },
    dataDir: "/d",
    version: "1",
  };

  it("tells once that the engine is up, whether the reply or the event comes first", async () => {
    let tell: (status: EngineStatus) => void = () => {};
    const onReady = vi.fn();
    const engine = new Engine(
      backend({
        status: () => Promise.resolve(status),
        onStatusChanged: (handler) => {
          tell = handler;
          return () => {};
        },
      }),
      onReady,
    );
    await engine.refresh();
    expect(onReady).toHaveBeenCalledTimes(1);
    tell(status);
    expect(onReady).toHaveBeenCalledTimes(1);
    tell({ ...status, state: "starting" });
    tell(status);
    expect(onReady).toHaveBeenCalledTimes(2);
  });
});

describe("a question before a loss", () => {
  it("stays when the one before it reports late that it is closed", () => {
    const app = new App(backend({}));
    const question = () => ({ title: "t", body: "b", action: "a", run: () => {} });
    const [first, second] = [question(), question()];
    app.confirm(first);
    app.confirm(second);
    app.answered(first);
    expect(app.confirmation).toBe(second);
    app.answered(second);
    expect(app.confirmation).toBeNull();
  });
});
