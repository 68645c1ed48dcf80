import { describe, expect, it, vi } from "vitest";
import type { Backend } from "../../src/backend/backend";
import { mentionAt, withoutMention } from "../../src/lib/mention";
import { stages } from "../../src/lib/trace";
import type { Answer, Conversation, ConversationHit } from "../../src/backend/types";
import { Chat, TurnView } from "../../src/state/chat.svelte";
import { Preferences } from "../../src/state/preferences.svelte";

function chat(): Chat {
  const parts: Partial<Backend> = { conversationTurns: async () => [], listConversations: async () => [], removeConversation: async () => {} };
  return new Chat(parts as Backend, () => {}, new Preferences());
}

describe("a mention", () => {
  it("is what follows an @ at the start of a word, up to the caret", () => {
    expect(mentionAt("in @lea", 7)).toEqual({ start: 3, end: 7, wanted: "lea" });
    expect(mentionAt("@", 1)).toEqual({ start: 0, end: 1, wanted: "" });
    expect(mentionAt("ada@home", 8)).toBeNull();
    expect(mentionAt("@lease is", 9)).toBeNull();
    expect(mentionAt("@lea", 0)).toBeNull();
  });

  it("leaves the question without a gap", () => {
    const text = "What does @lea say?";
    const mention = mentionAt(text, 14);
    expect(mention && withoutMention(text, mention)).toEqual({ text: "What does say?", caret: 10 });
  });
});

describe("the stages of an answer", () => {
  it("follow each other and fill the whole time", () => {
    const found = stages({ rewrite: 0, search: 80, rerank: 20, firstToken: 900, total: 2000 });
    expect(found).toEqual([
      { stage: "search", from: 0, ms: 80 },
      { stage: "rerank", from: 80, ms: 20 },
      { stage: "read", from: 100, ms: 800 },
      { stage: "write", from: 900, ms: 1100 },
    ]);
  });

  it("end where nothing was written", () => {
    expect(stages({ rewrite: 5, search: 80, rerank: 0, firstToken: null, total: 85 }).map(({ stage }) => stage)).toEqual(["rewrite", "search"]);
  });
});

describe("drafts", () => {
  it("stay with their conversation, and over a restart", async () => {
    vi.useFakeTimers();
    const first = chat();
    first.draft = "new one";
    await first.open("c1");
    expect(first.draft).toBe("");
    first.draft = "in c1";
    first.startNew();
    expect(first.draft).toBe("new one");
    vi.runAllTimers();
    vi.useRealTimers();
    const second = chat();
    await second.open("c1");
    expect(second.draft).toBe("in c1");
    await second.remove("c1");
    second.storeDrafts();
    const third = chat();
    await third.open("c1");
    expect(third.draft).toBe("");
  });

  it("come back when an earlier question is left as it was", () => {
    const one = chat();
    one.draft = "half a thought";
    one.edit("an earlier question");
    one.edit("another");
    expect(one.draft).toBe("another");
    one.stopEditing();
    expect(one.draft).toBe("half a thought");
  });
});

describe("conversations", () => {
  const one: Conversation = { id: "c1", title: "Lease", createdAt: "", updatedAt: "", turns: 1, pinned: false };

  function kept(parts: Partial<Backend>) {
    const told: string[] = [];
    const backend: Partial<Backend> = { listConversations: async () => [one], ...parts };
    return { chat: new Chat(backend as Backend, (text) => told.push(text), new Preferences()), told };
  }

  it("keep their title when nothing new is typed", async () => {
    const renameConversation = vi.fn(async () => {});
    const { chat, told } = kept({ renameConversation });
    await chat.rename(one, "  ");
    await chat.rename(one, " Lease ");
    expect(renameConversation).not.toHaveBeenCalled();
    await chat.rename(one, " The flat ");
    expect(renameConversation).toHaveBeenCalledExactlyOnceWith("c1", "The flat");
    expect(told).toEqual(["The chat is now called “The flat”"]);
  });

  it("say why they could not be changed", async () => {
    const full = { kind: "runtime", code: "disk_full", message: "The disk is full", hint: "Make room", problem: null, places: [] };
    const { chat, told } = kept({ pinConversation: async () => Promise.reject(full) });
    expect(await chat.pin(one, true)).toEqual(full);
    expect(told).toEqual([]);
  });

  it("are not found by words that were typed over", async () => {
    const answers: ((hits: ConversationHit[]) => void)[] = [];
    const { chat } = kept({ searchConversations: () => new Promise((done) => answers.push(done)) });
    const first = chat.search("lea");
    const second = chat.search("lease");
    answers[1]?.([{ conversation: one, turn: "t1", excerpt: "the lease" }]);
    answers[0]?.([]);
    await Promise.all([first, second]);
    expect(chat.hits).toHaveLength(1);
    await chat.search("");
    expect(chat.hits).toBeNull();
  });
});

describe("counting", () => {
  it("says how far it has come, until the next stage", () => {
    const turn = new TurnView("t", "How many?");
    turn.apply({ event: "stage", stage: "scanning" });
    turn.apply({ event: "progress", done: 120, total: 4000 });
    expect(turn.progress).toEqual({ done: 120, total: 4000 });
    turn.apply({ event: "stage", stage: "writing" });
    expect(turn.progress).toBeNull();
  });
});

describe("what to ask next", () => {
  const answered = () => {
    const turn = new TurnView("t", "What is the rent?");
    turn.answer = { conversation: "c1", turn: "t1" } as Answer;
    return turn;
  };

  it("is looked for once, and not for a turn without an answer", async () => {
    const suggestions = vi.fn(async () => ["What is said about notice?"]);
    const asking = new Chat({ suggestions } as Partial<Backend> as Backend, () => {}, new Preferences());
    const turn = answered();
    await asking.suggest(turn);
    await asking.suggest(turn);
    await asking.suggest(new TurnView("u", "And now?"));
    expect(turn.suggestions).toEqual(["What is said about notice?"]);
    expect(suggestions.mock.calls).toEqual([["c1", "t1"]]);
  });

  it("stays empty where it cannot be found", async () => {
    const failing = new Chat({ suggestions: () => Promise.reject(new Error("gone")) } as Partial<Backend> as Backend, () => {}, new Preferences());
    const turn = answered();
    await failing.suggest(turn);
    expect(turn.suggestions).toEqual([]);
  });
});
