import { toErrorView, type Backend } from "../backend/backend";
import type {
  Answer,
  AnswerEvent,
  AnswerStage,
  AskId,
  Citation,
  Conversation,
  ConversationHit,
  ConversationId,
  ErrorView,
  ExportFormat,
  Feedback,
  Passage,
  Scope,
  Turn,
  TurnId,
} from "../backend/types";
import { t } from "../i18n/index.svelte";
import { verdictSummary } from "../lib/answer";
import { sameDates, splitDates, withDates, type Dates } from "../lib/dates";
import { told } from "../lib/problem";
import { Recall } from "../lib/recall";
import { store, stored } from "../lib/stored";
import { Dated } from "./dated.svelte";
import type { Preferences } from "./preferences.svelte";

const draftsKey = "footnote.drafts";
const scopesKey = "footnote.scopes";

/** What a conversation can be exported as, and what each is called. */
export const formatNames = { markdown: "Markdown", html: "HTML", json: "JSON" } as const satisfies Record<ExportFormat, string>;
export const exportFormats = Object.keys(formatNames) as ExportFormat[];

/** A few conversations need no search to be found. */
const few = 6;

export type TurnPhase = "running" | "done" | "abstained" | "failed" | "stopped";

/** A question and what is known of its answer so far. */
export class TurnView {
  readonly key: string;
  readonly question: string;
  phase = $state<TurnPhase>("running");
  stage = $state<AnswerStage | null>(null);
  /** How many pages of how many have been looked through, while every page is. */
  progress = $state.raw<{ done: number; total: number } | null>(null);
  query = $state<string | null>(null);
  passages = $state.raw<Passage[]>([]);
  text = $state("");
  citations = $state.raw<Citation[]>([]);
  answer = $state.raw<Answer | null>(null);
  feedback = $state.raw<Feedback | null>(null);
  error = $state.raw<ErrorView | null>(null);
  /** What could be asked next; null until it was looked for. */
  suggestions = $state.raw<string[] | null>(null);
  /** Stop was pressed and the engine has not yet answered. */
  stopping = $state(false);

  /** What it was asked of. */
  readonly scope: Scope;

  constructor(key: string, question: string, scope: Scope = { collection: null, documents: [] }) {
    this.key = key;
    this.question = question;
    this.scope = scope;
  }

  /** A turn from an earlier session. */
  static finished(turn: Turn): TurnView {
    const view = new TurnView(turn.id, turn.question, turn.answer.trace.scope);
    view.#settle(turn.answer, turn.answer.abstained ? "abstained" : "done");
    view.feedback = turn.feedback;
    return view;
  }

  /** Takes in one event. Whatever comes after the end is dropped. */
  apply(event: AnswerEvent): void {
    if (this.phase !== "running") return;
    switch (event.event) {
      case "stage":
        this.stage = event.stage;
        this.progress = null;
        break;
      case "progress":
        this.progress = { done: event.done, total: event.total };
        break;
      case "passages":
        this.query = event.query;
        this.passages = event.passages;
        break;
      case "delta":
        this.text += event.text;
        break;
      case "citation":
        this.citations = [...this.citations, event.citation];
        break;
      case "done":
        this.#settle(event.answer, "done");
        break;
      case "abstained":
        this.#settle(event.answer, "abstained");
        break;
      case "failed":
        this.fail(event.error);
        break;
      case "canceled":
        if (event.answer) this.#settle(event.answer, "stopped");
        else this.phase = "stopped";
    }
  }

  fail(error: ErrorView): void {
    if (this.phase !== "running") return;
    this.error = error;
    this.phase = error.code === "canceled" ? "stopped" : "failed";
  }

  #settle(answer: Answer, phase: TurnPhase): void {
    this.answer = answer;
    // What was read on screen stays if the engine kept less of it.
    if (answer.answer || phase !== "stopped") this.text = answer.answer;
    if (answer.citations.length > 0 || phase !== "stopped") this.citations = answer.citations;
    if (answer.passages.length > 0) this.passages = answer.passages;
    this.query = answer.trace.query;
    this.phase = phase;
  }
}

/** A conversation on screen; its id is known once its first answer is saved. */
export class Thread {
  id = $state<ConversationId | null>(null);
  turns = $state.raw<TurnView[]>([]);
  loading = $state(false);
  error = $state.raw<ErrorView | null>(null);

  get running(): TurnView | null {
    const last = this.turns.at(-1);
    return last?.phase === "running" ? last : null;
  }
}

/** The conversations and the one on screen. */
export class Chat {
  conversations = $state.raw<Conversation[]>([]);
  listError = $state.raw<ErrorView | null>(null);
  /** The words that conversations are searched for. */
  wanted = $state("");
  /** What was found; null while nothing is searched for, or the first search is under way. */
  hits = $state.raw<ConversationHit[] | null>(null);
  searchError = $state.raw<ErrorView | null>(null);
  /** The conversation whose title is being changed. */
  renaming = $state<ConversationId | null>(null);
  /** The turn to be brought into view. */
  sought = $state<TurnId | null>(null);
  thread = $state.raw(new Thread());
  /** What is typed and not yet sent, by conversation; a new one's under "". */
  #drafts = $state<Record<ConversationId, string>>(stored<Record<ConversationId, string>>(draftsKey) as Record<ConversationId, string>);
  /** Collections that questions are limited to, by conversation; a new one's under "". */
  #scopes = $state<Record<ConversationId, string>>(stored<Record<ConversationId, string>>(scopesKey) as Record<ConversationId, string>);
  readonly #dated = new Dated();
  #storing: ReturnType<typeof setTimeout> | null = null;
  /** The draft and the dates that stood at the box before an earlier question was taken into it. */
  #before = $state.raw<{ draft: string; dates: Dates | null } | null>(null);
  readonly recall = new Recall();

  #backend: Backend;
  #announce: (text: string) => void;
  readonly #preferences: Preferences;
  #asks = new WeakMap<TurnView, Promise<AskId>>();
  /** Threads that still work in the background, so that coming back finds them. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing on screen depends on it
  #working = new Set<Thread>();
  #keys = 0;

  constructor(backend: Backend, announce: (text: string) => void, preferences: Preferences) {
    this.#backend = backend;
    this.#announce = announce;
    this.#preferences = preferences;
  }

  /** Text in the question box. */
  get draft(): string {
    return this.#drafts[this.thread.id ?? ""] ?? "";
  }

  set draft(text: string) {
    this.#keep(this.thread.id ?? "", text);
  }

  /** The collection that questions of this conversation are limited to; null if to none. */
  get collection(): string | null {
    return this.#scopes[this.thread.id ?? ""] ?? null;
  }

  set collection(name: string | null) {
    this.#limit(this.thread.id ?? "", name);
  }

  #limit(id: ConversationId, name: string | null): void {
    if (name === null) delete this.#scopes[id];
    else this.#scopes[id] = name;
    store(scopesKey, this.#scopes);
  }

  /** The dates that questions of this conversation are limited to; null if to none. */
  get dates(): Dates | null {
    return this.#dated.of(this.thread.id ?? "");
  }

  set dates(dates: Dates | null) {
    this.#dated.limit(this.thread.id ?? "", dates);
  }

  /** A question as it is sent while those dates stand. */
  dated(question: string): string {
    return withDates(question, this.dates);
  }

  /** A question as it was typed: dates that stand beside the box already are not in it. */
  #typed(question: string): string {
    const { words, dates } = splitDates(question);
    return sameDates(dates, this.dates) ? words : question;
  }

  /** Follows a collection to its new name. */
  collectionRenamed(from: string, to: string): void {
    for (const [id, name] of Object.entries(this.#scopes)) if (name === from) this.#limit(id, to);
  }

  /** Whether a conversation has something typed and not yet sent. */
  hasDraft(id: ConversationId): boolean {
    return Boolean(this.#drafts[id]?.trim());
  }

  /** Whether an earlier question is in the box, to be changed. */
  get editing(): boolean {
    return this.#before !== null;
  }

  /** Takes an earlier question into the box, and its dates beside it; what stood there comes back with `stopEditing`. */
  edit(question: string): void {
    const { words, dates } = splitDates(question);
    this.#before ??= { draft: this.draft, dates: this.dates };
    this.draft = words;
    if (dates) this.dates = dates;
  }

  stopEditing(): void {
    if (this.#before === null) return;
    this.draft = this.#before.draft;
    this.dates = this.#before.dates;
    this.#before = null;
  }

  #keep(id: ConversationId, text: string): void {
    if (text) this.#drafts[id] = text;
    else delete this.#drafts[id];
    // Not at every letter: storing is done while the page waits.
    if (this.#storing !== null) clearTimeout(this.#storing);
    this.#storing = setTimeout(() => this.storeDrafts(), 400);
  }

  /** Keeps the drafts for the next start. */
  storeDrafts(): void {
    if (this.#storing === null) return;
    clearTimeout(this.#storing);
    this.#storing = null;
    store(draftsKey, this.#drafts);
  }

  async refresh(): Promise<void> {
    try {
      this.conversations = await this.#backend.listConversations();
      this.listError = null;
    } catch (thrown) {
      const error = toErrorView(thrown);
      this.listError = error.code === "model_missing" ? null : error;
    }
    if (this.wanted.trim()) await this.search(this.wanted);
  }

  /** The conversation on screen, once it is kept. */
  get current(): Conversation | null {
    return this.conversations.find(({ id }) => id === this.thread.id) ?? null;
  }

  /** Whether there are so many conversations that they can be searched. */
  get searchable(): boolean {
    return this.conversations.length > few;
  }

  /** Searches titles and turns; no words end the search. */
  async search(words: string): Promise<void> {
    this.wanted = words;
    if (!words.trim()) {
      this.hits = null;
      this.searchError = null;
      return;
    }
    try {
      const hits = await this.#backend.searchConversations(words);
      // What was typed meanwhile has its own answer.
      if (this.wanted !== words) return;
      this.hits = hits;
      this.searchError = null;
    } catch (thrown) {
      if (this.wanted === words) this.searchError = toErrorView(thrown);
    }
  }

  /** Gives a conversation another title; an empty one leaves it as it is. */
  async rename(conversation: Conversation, title: string): Promise<ErrorView | null> {
    const name = title.trim();
    if (!name || name === conversation.title) return null;
    const error = await this.#change(() => this.#backend.renameConversation(conversation.id, name));
    if (!error) this.#announce(t("chats.renamed", { title: name }));
    return error;
  }

  /** Pins a conversation to the top, or lets it go. */
  async pin(conversation: Conversation, pinned: boolean): Promise<ErrorView | null> {
    const error = await this.#change(() => this.#backend.pinConversation(conversation.id, pinned));
    if (!error) this.#announce(t(pinned ? "chats.wasPinned" : "chats.wasUnpinned"));
    return error;
  }

  /** Where a conversation was written to; null if the dialog was canceled. Throws an `ErrorView`. */
  export(id: ConversationId, format: ExportFormat, mask: boolean): Promise<string | null> {
    return this.#backend.exportConversation(id, format, mask);
  }

  /** Where the trace of an answer was written to; null if the dialog was canceled. Throws an `ErrorView`. */
  exportTrace({ conversation, turn }: Answer, texts: boolean, mask: boolean): Promise<string | null> {
    return this.#backend.exportTrace(conversation, turn, texts, mask);
  }

  /** Looks for what could be asked after an answer, once. */
  async suggest(turn: TurnView): Promise<void> {
    if (!turn.answer || turn.suggestions) return;
    turn.suggestions = [];
    const { conversation, turn: id } = turn.answer;
    // An offer that cannot be made is no failure of the answer.
    turn.suggestions = await this.#backend.suggestions(conversation, id).catch(() => []);
  }

  async #change(action: () => Promise<void>): Promise<ErrorView | null> {
    try {
      await action();
    } catch (thrown) {
      return toErrorView(thrown);
    }
    await this.refresh();
    return null;
  }

  startNew(): void {
    this.stopEditing();
    this.thread = new Thread();
    this.recall.reset([]);
  }

  async open(id: ConversationId): Promise<void> {
    if (this.thread.id === id && !this.thread.error) return;
    this.stopEditing();
    const working = [...this.#working].find((thread) => thread.id === id);
    const thread = working ?? new Thread();
    this.thread = thread;
    if (!working) {
      thread.id = id;
      thread.loading = true;
      try {
        const turns = await this.#backend.conversationTurns(id);
        thread.turns = turns.map((turn) => TurnView.finished(turn));
      } catch (thrown) {
        thread.error = toErrorView(thrown);
      } finally {
        thread.loading = false;
      }
    }
    if (this.thread === thread) this.recall.reset(thread.turns.map((turn) => this.#typed(turn.question)));
  }

  async remove(id: ConversationId): Promise<ErrorView | null> {
    return this.#change(async () => {
      await this.#backend.removeConversation(id);
      this.#keep(id, "");
      this.#limit(id, null);
      this.#dated.limit(id, null);
      if (this.thread.id === id) this.startNew();
    });
  }

  /** Asks what is given, as it is; one question at a time in a conversation. */
  ask(question: string, scope: Scope): void {
    const text = question.trim();
    const thread = this.thread;
    if (!text || thread.running || thread.loading) return;
    this.#keys += 1;
    const turn = new TurnView(`asked-${this.#keys}`, text, scope);
    thread.turns = [...thread.turns, turn];
    this.recall.push(this.#typed(text));
    this.#working.add(thread);
    const { dates } = this;
    const unproved = this.#preferences.get("unproved");
    const asked = this.#backend.ask({ question: text, conversation: thread.id, ...scope, unproved }, (event) => {
      const before = turn.phase;
      turn.apply(event);
      if (before === "running" && turn.phase !== "running") this.#end(thread, turn, dates);
    });
    this.#asks.set(turn, asked);
    asked.catch((thrown: unknown) => {
      turn.fail(toErrorView(thrown));
      this.#end(thread, turn, dates);
    });
  }

  /** Keeps what the user thinks of an answer, at once on screen; null takes it back. */
  async judge(turn: TurnView, feedback: Feedback | null): Promise<ErrorView | null> {
    if (!turn.answer) return null;
    const before = turn.feedback;
    turn.feedback = feedback;
    try {
      await this.#backend.setFeedback(turn.answer.turn, feedback);
    } catch (thrown) {
      turn.feedback = before;
      return toErrorView(thrown);
    }
    this.#announce(t(feedback ? "feedback.kept" : "feedback.takenBack"));
    return null;
  }

  /** The last answer of the conversation on screen. */
  get answered(): TurnView | null {
    return this.thread.turns.findLast((turn) => turn.answer !== null) ?? null;
  }

  /** Stops the answer under way and keeps its text. */
  async stop(): Promise<void> {
    const turn = this.thread.running;
    const asked = turn && this.#asks.get(turn);
    if (!turn || !asked || turn.stopping) return;
    turn.stopping = true;
    try {
      await this.#backend.cancelAsk(await asked);
    } catch (thrown) {
      // The ask may have ended meanwhile; if not, say why it goes on.
      turn.stopping = false;
      if (turn.phase === "running") this.#announce(told(toErrorView(thrown)).message);
    }
  }

  /** `asked`: the dates that stood at the box when it was asked. */
  #end(thread: Thread, turn: TurnView, asked: Dates | null): void {
    this.#working.delete(thread);
    if (turn.answer && thread.id === null) {
      // What was typed meanwhile belongs to this conversation, which has a name from now on.
      const typed = this.thread === thread ? this.draft : "";
      const limited = this.thread === thread ? this.collection : turn.scope.collection;
      const dates = this.thread === thread ? this.dates : asked;
      thread.id = turn.answer.conversation;
      if (typed) {
        this.#keep("", "");
        this.#keep(thread.id, typed);
      }
      if (limited !== null) {
        if (this.thread === thread) this.#limit("", null);
        this.#limit(thread.id, limited);
      }
      if (dates !== null) {
        if (this.thread === thread) this.#dated.limit("", null);
        this.#dated.limit(thread.id, dates);
      }
    }
    if (turn.phase === "done") {
      const sentences = turn.answer?.sentences ?? [];
      this.#announce(sentences.length > 0 ? t("answer.readySummary", { summary: verdictSummary(sentences) }) : t("answer.ready"));
    } else if (turn.phase === "abstained") this.#announce(t("answer.abstained"));
    else if (turn.phase === "stopped") this.#announce(t("answer.wasStopped"));
    else if (turn.error) this.#announce(t("answer.failed", { message: told(turn.error).message }));
    void this.refresh();
  }
}
