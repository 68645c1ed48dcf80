/**
 * An engine in memory, for tests in a plain browser. It keeps the real one's promises: the order of
 * events, code-point spans, quotes equal to their pages' text, errors with remedies.
 *
 * The page's query chooses the scene: `library=sample|empty|many|huge`, `history=<turns of a chat>`, `chats=<number>`, `models=missing`, `fail=status|list`,
 * `pace=<ms between events>`. `window.fake` lets a test drop files and see what was asked.
 */
import type { Backend, DropPhase, Listener } from "../backend";
import type {
  Answer,
  AnswerEvent,
  AskRequest,
  Citation,
  Conversation,
  ConversationHit,
  EngineStatus,
  ErrorView,
  IndexJob,
  IngestEvent,
  ModelStatus,
  Passage,
  Sentence,
  Step,
  Turn,
} from "../types";
import { documentAt, manyDocuments, sampleLibrary, spanOf, type FakeDocument } from "./documents";
import { textOf } from "../../lib/spans";

export interface FakeControls {
  drag(paths: string[], phase: DropPhase): void;
  /** What the next file dialog answers. */
  picks: string[];
  /** Questions as they arrived. */
  asked: AskRequest[];
  /** Whether a retried file still fails. */
  stillBroken: boolean;
  /** Writes a new revision of a document, as an edit of its file would. */
  edit(path: string): void;
  /** Whether the next file dialog that asks where to write is canceled. */
  cancelSave: boolean;
  /** Files that went away. */
  lost: Set<string>;
}

declare global {
  interface Window {
    fake: FakeControls;
  }
}

const models: ModelStatus[] = [
  { id: "embedder", role: "embedder", name: "Multilingual E5 small", bytes: 118_000_000, state: "present", licence: "MIT" },
  { id: "reranker", role: "reranker", name: "BGE reranker v2 m3", bytes: 570_000_000, state: "present", licence: "Apache-2.0" },
  { id: "generator", role: "generator", name: "Qwen3 1.7B instruct, 4-bit", bytes: 1_420_000_000, state: "present", licence: "Apache-2.0" },
];

function error(message: string, hint: string | null, rest: Partial<ErrorView> = {}): ErrorView {
  return { kind: "user", code: null, message, hint, ...rest };
}

export function createBackend(query = new URLSearchParams(window.location.search)): Backend {
  const pace = Number(query.get("pace") ?? 40);
  const waitFor = (ticks = 1) => new Promise<void>((done) => setTimeout(done, pace * ticks));
  const scene = query.get("library") ?? "sample";
  let documents: FakeDocument[] = scene === "empty" ? [] : scene === "many" ? manyDocuments(5000) : scene === "huge" ? manyDocuments(50_000) : sampleLibrary();
  let failStatus = query.get("fail") === "status";
  let failList = query.get("fail") === "list";
  let failFetch = query.get("fail") === "fetch";

  const status: EngineStatus = {
    state: query.get("models") === "missing" ? "needs_models" : "ready",
    error: null,
    models: models.map((model) => ({ ...model, state: query.get("models") === "missing" ? "missing" : "loaded" })),
    provider: { name: "CPU", reason: "no supported GPU was found" },
    dataDir: "/home/ada/.local/share/footnote",
    version: "0.1.0",
  };

  const jobs = new Map<string, IndexJob>();
  let jobCount = 0;
  let cancelJobs = false;
  let cancelFetch = false;
  const libraryListeners = new Set<() => void>();
  const statusListeners = new Set<(status: EngineStatus) => void>();
  const dropListeners = new Set<(paths: string[], phase: DropPhase) => void>();
  /** Before its models are there, the engine answers nothing. */
  const up = () => {
    if (status.state === "needs_models") {
      throw error("The models are not there yet", "Download them first; it is needed once", { kind: "runtime", code: "model_missing" });
    }
  };
  const changed = () => libraryListeners.forEach((listener) => listener());

  let conversations: Conversation[] = [];
  const pinnedFirst = (all: Conversation[]) => [...all].sort((a, b) => Number(b.pinned) - Number(a.pinned));
  function kept(id: string): Conversation {
    const found = conversations.find((each) => each.id === id);
    if (!found) throw error("There is no such conversation", null, { code: "not_found" });
    return found;
  }
  const turns = new Map<string, Turn[]>();
  const stopped = new Set<string>();
  let asks = 0;

  window.fake = {
    drag: (paths, phase) => dropListeners.forEach((listener) => listener(paths, phase)),
    picks: ["/home/ada/Documents/lease.pdf"],
    asked: [],
    stillBroken: false,
    edit(path) {
      const found = documents.find(({ record }) => record.path.endsWith(path));
      if (!found) throw new Error(`no ${path}`);
      found.record = { ...found.record, revision: `${found.record.revision ?? ""}b` };
      changed();
    },
    cancelSave: false,
    lost: new Set(),
  };

  async function longHistory(count: number) {
    for (let i = 0; i < count; i += 1) {
      asks += 1;
      await answer(`ask-${asks}`, { question: `How do I end the lease, part ${i + 1}?`, conversation: asks === 1 ? null : "conversation-1", documents: [] }, () => {}, () => Promise.resolve());
    }
  }

  async function manyChats(count: number) {
    for (let i = 0; i < count; i += 1) {
      asks += 1;
      await answer(`ask-${asks}`, { question: `What does chapter ${i + 1} say?`, conversation: null, documents: [] }, () => {}, () => Promise.resolve());
    }
  }

  function find(id: string): FakeDocument {
    const found = documents.find(({ record }) => record.id === id);
    if (!found) throw error("This document is no longer in the library", null, { code: "not_found" });
    return found;
  }

  /** What opens the files named `locked`. */
  const key = "lantern";

  async function runJob(
    job: IndexJob,
    emit: Listener<IngestEvent>,
    retried = false,
    password: string | null = null,
  ): Promise<IndexJob["status"]> {
    const put = (change: Partial<IndexJob>) => {
      Object.assign(job, change);
      emit({ event: "job", job: { ...job } });
      return job.status;
    };
    const locked = job.path.includes("locked") && password !== key;
    const broken = job.path.includes("broken") && (!retried || window.fake.stillBroken);
    const steps: [Step, number][] = [
      ["hashing", 4_000_000],
      ["reading", 6],
      ["embedding", 18],
      ["writing", 18],
    ];
    for (const [step, total] of steps) {
      put({ status: "running", step });
      for (let i = 1; i <= 3; i += 1) {
        await waitFor();
        if (cancelJobs) {
          jobs.delete(job.id);
          return put({ status: "canceled" });
        }
        emit({ event: "progress", job: job.id, step, done: Math.round((total * i) / 3), total });
        if ((broken || locked) && step === "reading" && i === 2) {
          const name = job.path.split("/").at(-1) ?? "";
          const fact = password === null ? "The PDF is protected by a password" : "The password that was given does not open the PDF";
          const why = locked
            ? error(`${name}: ${fact}`, "Give its password, or save a copy without a password and add the copy", { code: "password_needed" })
            : error(`${name}, page 3: the page's data end too early`, "Download or export the file again, then retry");
          return put({ status: "failed", error: why });
        }
      }
    }
    const document = documentAt(job.path);
    documents = [...documents.filter(({ record }) => record.path !== job.path), document];
    jobs.delete(job.id);
    return put({ status: "done", step: "ready", document: document.record.id });
  }

  function again(id: string, password: string | null): void {
    const job = jobs.get(id);
    if (!job) throw error("This job is over", null, { code: "not_found" });
    cancelJobs = false;
    Object.assign(job, { status: "queued", step: "queued", error: null });
    // Like the engine, it reports to no channel of the window.
    void runJob(job, () => {}, true, password).then(changed);
  }

  async function addPaths(paths: string[], emit: Listener<IngestEvent>): Promise<void> {
    up();
    cancelJobs = false;
    await waitFor();
    const files = paths.filter((path) => /\.(pdf|md|txt|docx|html|png|xlsx|rs)$/.test(path));
    emit({ event: "planned", files: files.length, bytes: files.length * 4_000_000, unsupported: paths.length - files.length, errors: [] });
    const tally = { indexed: 0, unchanged: 0, failed: 0, canceled: 0 };
    const queue = files.map((path) => {
      jobCount += 1;
      const job: IndexJob = {
        id: `job-${jobCount}`,
        path,
        collection: "default",
        status: "queued",
        step: "queued",
        document: null,
        error: null,
        createdAt: new Date().toISOString(),
      };
      jobs.set(job.id, job);
      emit({ event: "job", job: { ...job } });
      return job;
    });
    for (const job of queue) {
      const known = documents.some(({ record }) => record.path === job.path);
      if (known && !cancelJobs) {
        jobs.delete(job.id);
        emit({ event: "job", job: { ...job, status: "unchanged", step: "ready" } });
        tally.unchanged += 1;
        continue;
      }
      const end = await runJob(job, emit);
      if (end === "done") tally.indexed += 1;
      else if (end === "failed") tally.failed += 1;
      else tally.canceled += 1;
    }
    emit({ event: "finished", ...tally });
  }

  function passage(document: FakeDocument, page: number, text: string, rank: number): Passage {
    const on = document.pages[page - 1];
    if (!on) throw new Error("no such page");
    const { id, revision, path, title } = document.record;
    const score = 0.95 - rank * 0.07;
    return {
      rank,
      document: id,
      revision: revision ?? "",
      path,
      title,
      page,
      ...spanOf(on.text, text),
      headings: [],
      injections: [],
      text,
      score,
      scores: { vector: score, text: 8 - rank, fused: 0.03, rerank: score },
    };
  }

  function cite(from: Passage, quote: string): Citation {
    const page = find(from.document).pages[from.page - 1];
    const span = spanOf(page?.text ?? "", quote);
    if (textOf(page?.text ?? "", span) !== quote) throw new Error("the fake quotes what is not there");
    const { document, revision, path, title } = from;
    return { n: from.rank, document, revision, path, title, page: from.page, ...span, quote, score: 0.9 };
  }

  function passagesFor(scope: string[]): Passage[] {
    const within = documents.filter(({ record }) => scope.length === 0 || scope.includes(record.id));
    const found: [FakeDocument, number, string][] = [];
    for (const document of within) {
      const path = document.record.path;
      if (document.bytes) {
        found.push([document, 2, (document.pages[1]?.text ?? "").slice(27)]);
        found.push([document, 3, (document.pages[2]?.text ?? "").slice(12)]);
        found.push([document, 1, (document.pages[0]?.text ?? "").slice(29)]);
      } else if (path.endsWith(".md")) {
        found.push([document, 1, document.pages[0]?.text.split("\n\n")[1] ?? ""]);
      } else if (path.endsWith(".xlsx")) {
        found.push([document, 1, document.pages[0]?.text.split("\n")[1] ?? ""]);
      } else if (path.endsWith(".docx")) {
        found.push([document, 1, document.pages[0]?.text.split("\n\n")[0] ?? ""]);
      }
    }
    return found.slice(0, 8).map(([document, page, text], i) => passage(document, page, text.trim(), i + 1));
  }

  const leaseAnswer: [text: string, verdict: Sentence["verdict"], quote: [fragment: string, words: string] | null][] = [
    [
      "After the first two years, either side may end the tenancy with **three months' written notice** to the end of a month.",
      "supported",
      ["three months' written", "either party may end the tenancy by giving three months' written notice to the end of a calendar month"],
    ],
    ["An e-mail is not enough.", "supported", ["electronic mail", "Notice by electronic mail is not sufficient."]],
    [
      "The deposit comes back within six weeks after the keys are returned.",
      "supported",
      ["within six weeks", "It is returned within six weeks after the keys are handed back, less any agreed deductions."],
    ],
    [
      "Two front-door keys and one for the cellar were handed over.",
      "supported",
      ["Two keys", "Two keys 🔑🔑 for the front door and one for cellar room B4 were handed over."],
    ],
    ["You should therefore write to the landlord by registered post.", "unsupported", null],
  ];

  /** What a `file:` in the question leaves. */
  function filteredBy(request: AskRequest): Answer["trace"]["filtered"] {
    const filters = request.question.match(/\bfile:\S+/g) ?? [];
    if (filters.length === 0) return null;
    const within = documents.filter(({ record }) => request.documents.length === 0 || request.documents.includes(record.id));
    const left = within.filter(({ record }) => filters.every((filter) => record.path.includes(filter.slice("file:".length))));
    const advice = left.length > 0 ? null : `No document's name has ${filters.join(" or ")}. Look at the names in the library.`;
    return { filters, documents: left.length, of: within.length, advice };
  }

  async function answer(id: string, request: AskRequest, emit: Listener<AnswerEvent>, wait = waitFor): Promise<void> {
    const began = performance.now();
    const ended = () => stopped.has(id);
    const passages = passagesFor(request.documents);
    const earlier = request.conversation ? (turns.get(request.conversation)?.length ?? 0) : 0;
    const searched = earlier > 0 ? `${request.question} (lease of 14 Mill Lane)` : request.question;
    const trace: Answer["trace"] = {
      query: searched,
      prompt: "answer/3",
      promptText: `Answer from the passages only.\n\n${passages.map((p) => `[${p.rank}] ${p.text}`).join("\n")}\n\n${searched}`,
      models: models.map((model) => [model.role, model.name]),
      index: { embedder: "e5-small", dimension: 384, chunker: "2", schema: 1 },
      candidates: [...passages, ...passages.map((p) => ({ ...p, rank: p.rank + passages.length }))].map((p) => ({
        chunk: `chunk-${p.rank}`,
        document: p.document,
        page: p.page,
        scores: p.scores,
        dropped: p.rank > passages.length ? "below the best passages" : null,
      })),
      evidence: 0.82,
      filtered: filteredBy(request),
      scan: null,
    };
    const whole = (text: string, sentences: Sentence[], citations: Citation[], abstained: boolean): Answer => {
      const conversation = request.conversation ?? `conversation-${asks}`;
      const now = new Date().toISOString();
      const saved: Answer = {
        answer: text,
        abstained,
        sentences,
        citations,
        passages,
        trace,
        timingsMs: { rewrite: 0, search: 84, rerank: 212, firstToken: 930, total: 930 + performance.now() - began },
        tokens: { prompt: 1840, generated: 96, confirmed: 61, reused: 412, omitted: 0 },
        conversation,
        turn: `turn-${asks}`,
      };
      turns.set(conversation, [
        ...(turns.get(conversation) ?? []),
        { id: saved.turn, conversation, question: request.question, answer: saved, createdAt: now },
      ]);
      const known = conversations.find((c) => c.id === conversation);
      const entry: Conversation = {
        id: conversation,
        title: known?.title ?? request.question.slice(0, 80),
        createdAt: known?.createdAt ?? now,
        updatedAt: now,
        turns: (known?.turns ?? 0) + 1,
        pinned: known?.pinned ?? false,
      };
      conversations = pinnedFirst([entry, ...conversations.filter((c) => c.id !== conversation)]);
      return saved;
    };

    /** Reads every page for a word, as the engine does for a question about all documents. */
    async function scan(word: string): Promise<void> {
      const within = documents.filter(({ record }) => request.documents.length === 0 || request.documents.includes(record.id));
      const all = within.flatMap(({ record, pages }) => pages.map((page) => ({ record, page })));
      emit({ event: "stage", stage: "scanning" });
      const tally = { mentions: 0, pagesWith: 0, with: new Set<string>(), unread: 0 };
      for (const [i, { record, page }] of all.entries()) {
        await wait();
        if (ended()) return emit({ event: "canceled", answer: null });
        const times = page.text.toLowerCase().split(word.toLowerCase()).length - 1;
        if (page.source === "failed") tally.unread += 1;
        if (times > 0) {
          tally.mentions += times;
          tally.pagesWith += 1;
          tally.with.add(record.id);
        }
        emit({ event: "progress", done: i + 1, total: all.length });
      }
      const having = passages.filter((p) => p.text.toLowerCase().includes(word.toLowerCase()));
      emit({ event: "passages", query: searched, passages: having });
      trace.scan = {
        terms: [word],
        mentions: tally.mentions,
        pagesWith: tally.pagesWith,
        documentsWith: tally.with.size,
        pages: all.length,
        documents: within.length,
        unreadPages: tally.unread,
      };
      trace.evidence = 0;
      const markers = having.map((p) => ` [${p.rank}]`).join("");
      const said = `${tally.with.size} of ${within.length} documents mention “${word}”${markers}.`;
      const citations = having.map((p) => cite(p, p.text.slice(p.text.toLowerCase().indexOf(word.toLowerCase())).slice(0, word.length)));
      emit({ event: "delta", text: said });
      citations.forEach((citation) => emit({ event: "citation", citation }));
      emit({ event: "done", answer: whole(said, [{ text: said, verdict: "supported", citations: having.map((p) => p.rank) }], citations, false) });
    }

    if (earlier > 0) emit({ event: "stage", stage: "rewriting" });
    await wait();
    const counted = /^How many documents mention (?:the )?(\w+)/.exec(request.question)?.[1];
    if (counted) return scan(counted);
    emit({ event: "stage", stage: "searching" });
    await wait(3);
    if (ended()) return emit({ event: "canceled", answer: null });
    emit({ event: "passages", query: searched, passages });
    if (request.question.includes("weather")) {
      const about = `No passage of ${documents.length} documents speaks of this. Searched for: “${searched}”.`;
      return emit({ event: "abstained", answer: whole(about, [], [], true) });
    }
    emit({ event: "stage", stage: "reading" });
    await wait(3);
    if (request.question.includes("too much memory")) {
      const why = error("The model ran out of memory", "Close other programs, then ask again", { kind: "runtime" });
      return emit({ event: "failed", error: why });
    }
    emit({ event: "stage", stage: "writing" });
    const sentences: Sentence[] = [];
    const citations: Citation[] = [];
    let text = "";
    const rounds = request.question.includes("at length") ? 12 : 1;
    for (let round = 0; round < rounds; round += 1) {
      if (round > 0) text += "\n\n";
      for (const [words, verdict, quote] of leaseAnswer) {
        const from = quote && passages.find((p) => p.text.includes(quote[0]));
        if (quote && !from) continue;
        const said = from ? `${words.slice(0, -1)} [${from.rank}].` : words;
        for (const token of `${text === "" || text.endsWith("\n") ? "" : " "}${said}`.match(/\s*\S{1,6}/g) ?? []) {
          await wait(0.5);
          if (ended()) return emit({ event: "canceled", answer: text ? whole(text, sentences, citations, false) : null });
          text += token;
          emit({ event: "delta", text: token });
        }
        sentences.push({ text: said, verdict, citations: from ? [from.rank] : [] });
        if (from && quote) {
          const citation = cite(from, quote[1]);
          citations.push(citation);
          emit({ event: "citation", citation });
        }
      }
    }
    emit({ event: "stage", stage: "checking" });
    await wait(3);
    emit({ event: "done", answer: whole(text, sentences, citations, false) });
  }

  const history = longHistory(Number(query.get("history") ?? 0)).then(() => manyChats(Number(query.get("chats") ?? 0)));
  return {
    async status() {
      await waitFor();
      if (failStatus) {
        failStatus = false;
        throw error("Another Footnote is open on the same data", "Close the other window, then try again", { code: "store_locked", kind: "runtime" });
      }
      return structuredClone(status);
    },
    async fetchModels(emit) {
      cancelFetch = false;
      for (const model of status.models) {
        if (model.state === "present" || model.state === "loaded") continue;
        for (let i = 1; i <= 10; i += 1) {
          await waitFor();
          if (cancelFetch) {
            model.state = "partial";
            throw error("Canceled", null, { code: "canceled" });
          }
          if (failFetch && model.id === "reranker" && i === 4) {
            failFetch = false;
            model.state = "partial";
            throw error("The download stopped: the connection was reset", "Check the network, then try again; what is here is kept", { kind: "runtime" });
          }
          emit({ model: model.id, file: "model.onnx", done: (model.bytes * i) / 10, total: model.bytes, bytesPerSecond: 11_400_000 });
        }
        model.state = "present";
      }
      status.state = "ready";
      statusListeners.forEach((listener) => listener(structuredClone(status)));
    },
    async cancelFetch() {
      cancelFetch = true;
    },
    addPaths,
    pickFiles: async () => window.fake.picks,
    pickFolder: async () => window.fake.picks,
    async cancelJobs() {
      cancelJobs = true;
    },
    retryJob: async (id) => again(id, null),
    unlockJob: async (id, password) => again(id, password),
    async dismissJob(id) {
      jobs.delete(id);
    },
    listJobs: async () => structuredClone([...jobs.values()]),
    async listDocuments() {
      up();
      if (failList) {
        failList = false;
        throw error("The library could not be read: the disk did not answer", "Check the disk, then try again", { kind: "runtime" });
      }
      return documents.map(({ record }) => ({ ...record }));
    },
    async removeDocument(id) {
      await waitFor();
      documents = documents.filter(({ record }) => record.id !== find(id).record.id);
    },
    async documentCoverage(id) {
      await waitFor(0.5);
      const { coverage, pages } = find(id);
      const each = pages.map(({ number, label, unit, source, confidence, text }) => ({ number, label, unit, source, confidence, chars: text.length }));
      return structuredClone(coverage ?? each);
    },
    async documentPage(id, revision, number) {
      await waitFor(0.5);
      const document = find(id);
      const page = document.pages[number - 1];
      if (!page) throw error(`${document.record.title} has no page ${number}`, null, { code: "not_found" });
      if (revision && revision !== document.record.revision) {
        throw error(`${document.record.title} has changed`, "Ask again to cite it as it is now", { code: "not_found" });
      }
      return structuredClone(page);
    },
    async documentBytes(id) {
      const document = find(id);
      if (!document.bytes || window.fake.lost.has(document.record.path)) {
        throw error("The file is not there any more", "Put it back, or remove it from the library", { code: "not_found" });
      }
      return document.bytes.slice(0);
    },
    async ask(request, emit) {
      window.fake.asked.push(structuredClone(request));
      asks += 1;
      const id = `ask-${asks}`;
      void answer(id, request, emit);
      return id;
    },
    async cancelAsk(id) {
      stopped.add(id);
    },
    async listConversations() {
      up();
      await history;
      return structuredClone(conversations);
    },
    async searchConversations(words) {
      const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
      if (wanted.length === 0) throw error("There is nothing to search for", "Type a word of the conversation");
      const hits: ConversationHit[] = [];
      for (const conversation of conversations) {
        const fits = (text: string) => wanted.every((word) => text.toLowerCase().includes(word));
        const said = (turns.get(conversation.id) ?? []).map((turn) => ({ turn: turn.id, text: `${turn.question} ${turn.answer.answer}` }));
        const hit = said.find(({ text }) => fits(text));
        if (hit) hits.push({ conversation, turn: hit.turn, excerpt: hit.text.slice(0, 120) });
        else if (fits(conversation.title)) hits.push({ conversation, turn: null, excerpt: conversation.title });
      }
      return structuredClone(hits);
    },
    async renameConversation(id, title) {
      const name = title.trim();
      if (!name) throw error("The title is empty", "Type a title, or leave it as it is");
      kept(id).title = name;
    },
    async pinConversation(id, pinned) {
      kept(id).pinned = pinned;
      conversations = pinnedFirst(conversations);
    },
    async exportConversation(id, format) {
      const { title } = kept(id);
      if (window.fake.cancelSave) return null;
      return `/home/ada/${title}.${format === "markdown" ? "md" : format}`;
    },
    conversationTurns: async (id) => structuredClone(turns.get(id) ?? []),
    async removeConversation(id) {
      conversations = conversations.filter((c) => c.id !== id);
      turns.delete(id);
    },
    onDrop(handler) {
      dropListeners.add(handler);
      return () => dropListeners.delete(handler);
    },
    onLibraryChanged(handler) {
      libraryListeners.add(handler);
      return () => libraryListeners.delete(handler);
    },
    onStatusChanged(handler) {
      statusListeners.add(handler);
      return () => statusListeners.delete(handler);
    },
  };
}
