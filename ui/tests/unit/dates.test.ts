import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Backend } from "../../src/backend/backend";
import type { AskRequest, Turn } from "../../src/backend/types";
import { setLanguage } from "../../src/i18n/index.svelte";
import { dateFilters, datesText, isSpan, namesDates, readPeriod, splitDates, withDates } from "../../src/lib/dates";
import { Chat } from "../../src/state/chat.svelte";
import { Preferences } from "../../src/state/preferences.svelte";

afterEach(() => setLanguage("en", []));

describe("dates as they are typed", () => {
  it("are the engine's: years, months and days, German ones too", () => {
    expect(["2023", " 2023-5 ", "2023-05-14", "14.5.2023", "29.02.2024"].map(readPeriod)).toEqual(["2023", "2023-05", "2023-05-14", "2023-05-14", "2024-02-29"]);
  });

  it("are refused where there is no such day", () => {
    for (const typed of ["", "23", "2023-13", "2023-00", "2023-02-29", "1900-02-29", "2023-05-", "31.4.2023", "5/2023", "0000", "9999", "yesterday"])
      expect([typed, readPeriod(typed)]).toEqual([typed, null]);
    expect(readPeriod("2000-02-29")).toBe("2000-02-29");
  });

  it("span something unless the second ends before the first begins", () => {
    for (const [from, until] of [["2023", "2023"], ["2023-05", "2023"], ["2023", "2023-05"], ["2023-05-14", "2023-05"], ["2023", null], [null, "2023"]] as const)
      expect([from, until, isSpan({ from, until })]).toEqual([from, until, true]);
    for (const [from, until] of [["2024", "2023"], ["2023-06", "2023-05-14"], ["2023-05-15", "2023-05-14"], [null, null]] as const)
      expect([from, until, isSpan({ from, until })]).toEqual([from, until, false]);
  });
});

describe("dates as the engine is asked", () => {
  it("end before what comes next, since the last day is included", () => {
    const before = (until: string) => dateFilters({ from: null, until });
    expect(["2023", "2023-05", "2023-12", "2023-05-14", "2023-05-31", "2024-02-28", "2024-02-29", "2023-12-31"].map(before)).toEqual(
      ["2024", "2023-06", "2024-01", "2023-05-15", "2023-06-01", "2024-02-29", "2024-03-01", "2024-01-01"].map((day) => `before:${day}`),
    );
    expect(dateFilters({ from: "2023", until: "2024-05" })).toBe("after:2023 before:2024-06");
    expect(dateFilters({ from: "2023", until: null })).toBe("after:2023");
  });

  it("come back from a question as they were", () => {
    for (const dates of [{ from: "2023", until: null }, { from: null, until: "2024-02-29" }, { from: "2023-01-01", until: "2023-12-31" }, { from: "2023-03", until: "9998" }]) {
      const question = withDates("What changed?", dates);
      expect(splitDates(question)).toEqual({ words: "What changed?", dates });
      // They are not put there twice.
      expect(withDates(question, dates)).toBe(question);
    }
  });

  it("leave a question alone that has none at its end", () => {
    for (const question of ["What changed?", "after:2023", "x after:2023 y", "x after:2023?", "x after:2023-5", "x before:2024 after:2025", "x after:2024 before:2024", "xafter:2023", "x before:0001"])
      expect(splitDates(question)).toEqual(question === "x before:2024 after:2025" ? { words: "x before:2024", dates: { from: "2025", until: null } } : { words: question, dates: null });
    expect(withDates("x", null)).toBe("x");
  });
});

describe("dates as they are told", () => {
  it("are written as the language has them", () => {
    setLanguage("en", ["en-GB"]);
    const all = [{ from: "2023-01-01", until: "2024-05" }, { from: "2023", until: null }, { from: null, until: "2024-05-31" }, { from: "2023", until: "2023" }];
    expect(all.map(datesText)).toEqual(["dated 1 Jan 2023 to May 2024", "dated from 2023", "dated until 31 May 2024", "dated 2023"]);
    setLanguage("de", ["de-DE"]);
    expect(all.map(datesText)).toEqual(["datiert 1. Jan. 2023 bis Mai 2024", "datiert ab 2023", "datiert bis 31. Mai 2024", "datiert 2023"]);
  });

  it("are found by the words of the language and by the engine's", () => {
    expect(["", "da", "Dates", "after", "before"].every(namesDates)).toBe(true);
    expect(["hand", "datum", "nach"].some(namesDates)).toBe(false);
    setLanguage("de", []);
    expect(["Datum", "nach", "vor", "after", "before"].every(namesDates)).toBe(true);
  });
});

describe("the dates of a chat", () => {
  beforeEach(() => localStorage.clear());
  const make = (backend: Partial<Backend> = {}) => new Chat(backend as Backend, () => {}, new Preferences());

  it("stay with it, and only as dates", () => {
    const chat = make();
    chat.dates = { from: "2023", until: null };
    expect(make().dates).toEqual({ from: "2023", until: null });
    chat.dates = null;
    expect(make().dates).toBe(null);
    localStorage.setItem("footnote.dates", JSON.stringify({ "": { from: "2023 -draft", until: 3 }, other: null }));
    expect(make().dates).toBe(null);
  });

  it("go with the first question to the chat that it begins, even if another is on screen by then", async () => {
    const requests: AskRequest[] = [];
    let end = () => {};
    const chat = make({
      ask: async (request, emit) => {
        requests.push(request);
        const answer = { conversation: "c1", turn: "t", answer: "", citations: [], passages: [], sentences: [], trace: { query: "" } };
        end = () => emit({ event: "abstained", answer } as unknown as Parameters<typeof emit>[0]);
        return "a";
      },
      listConversations: async () => [],
      conversationTurns: async () => [],
    });
    chat.dates = { from: "2023", until: "2024-05" };
    chat.ask(chat.dated("What changed?"), { collection: null, documents: [] });
    expect(requests[0]?.question).toBe("What changed? after:2023 before:2024-06");
    chat.startNew();
    chat.dates = null;
    end();
    await vi.waitFor(() => expect(chat.thread.id).toBe(null));
    await chat.open("c1");
    expect(chat.dates).toEqual({ from: "2023", until: "2024-05" });
  });

  it("are not doubled where an earlier question is changed or recalled", async () => {
    const turn = (question: string) => ({ id: question, question, answer: { trace: { query: question, scope: {} }, citations: [], passages: [] } }) as unknown as Turn;
    const chat = make({ conversationTurns: async () => [turn("First? after:2022"), turn("Second? after:2023")] });
    await chat.open("c1");
    chat.dates = { from: "2023", until: null };
    chat.draft = "half";
    chat.edit("First? after:2022");
    expect([chat.draft, chat.dated(chat.draft)]).toEqual(["First?", "First? after:2022"]);
    chat.stopEditing();
    expect([chat.draft, chat.dates]).toEqual(["half", { from: "2023", until: null }]);
    chat.edit("Undated?");
    expect(chat.dated(chat.draft)).toBe("Undated? after:2023");
    chat.stopEditing();
    chat.startNew();
    await chat.open("c1");
    expect([chat.recall.previous(""), chat.recall.previous("")]).toEqual(["Second?", "First? after:2022"]);
  });
});
