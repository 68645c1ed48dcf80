/**
 * An engine in memory, for tests in a plain browser. It keeps the real one's promises: the order of
 * events, code-point spans, quotes equal to their pages' text, errors with remedies.
 *
 * The page's query chooses the scene: `library=sample|empty|many|huge`, `history=<turns of a chat>`, `chats=<number>`, `models=missing`, `fail=status|list`,
 * `data=named`, `notices=missing`, `tray=none`, `menus=shown`, `pace=<ms between events>`, `grace=<ms in which a removal can be undone>`.
 * `window.fake` lets a test drop files and see what was asked.
 */
import type { Backend, DropPhase, Listener } from "../backend";
import type {
  Answer,
  AnswerEvent,
  Arrivals,
  AskRequest,
  CharSpan,
  Citation,
  Conversation,
  ConversationHit,
  Disagreement,
  EngineStatus,
  IndexJob,
  IngestEvent,
  ModelStatus,
  Occasion,
  Passage,
  Scope,
  Sentence,
  Step,
  MenuView,
  TrayView,
  Turn,
  WatchedFolder,
} from "../types";
import { brokenPdf, error, failed, missing } from "./errors";
import { dataPlace } from "./data";
import { documentAt, drawn, manyDocuments, mixedLibrary, readEvent, rewrite, sampleLibrary, spanOf, type FakeDocument } from "./documents";
import { createModels } from "./models";
import { Judged } from "./judged";
import { sampleNotices } from "./notices";
import { preflight } from "./preflight";
import { lineChanges, Prompts } from "./prompts";
import { Removals } from "./removal";
import { standingOf } from "./standing";
import { withdrawn } from "./withdraw";
import { splitDates } from "../../lib/dates";
import { doubtfulLines } from "../../lib/doubt";
import { textOf } from "../../lib/spans";

export interface FakeControls {
  drag(paths: string[], phase: DropPhase): void;
  /** What the next file dialog answers. */
  picks: string[];
  /** Questions as they arrived. */
  asked: AskRequest[];
  /** Whether a retried file still fails. */
  stillBroken: boolean;
  /** Writes a new revision of a document, as an edit of its file would; `change` makes the texts of its pages what they are then. */
  edit(path: string, change?: (pages: string[]) => string[]): void;
  /** Whether what became of quotes cannot be found out. */
  failStanding: boolean;
  /** A document goes without the window, as one of a watched folder does whose file was deleted. */
  vanish(name: string): void;
  /** Whether the next file dialog that asks where to write is canceled. */
  cancelSave: boolean;
  /** Files that went away. */
  lost: Set<string>;
  /** Files that were opened or shown in the system's own programs. */
  opened: string[];
  /** The licences of the libraries in the program. */
  notices: string;
  /** Has something happen to a watched folder. */
  folder(path: string, change: Partial<WatchedFolder>): void;
  /** Whether opinions cannot be kept. */
  failFeedback: boolean;
  /** Starts the program a second time, with files or links. */
  arrive(told: Partial<Arrivals>): void;
  /** Closes the window as the system does; true if it stayed open for a question. */
  close(): boolean;
  /** The id of a document. */
  idOf(name: string): string;
  /** Whether the program has ended. */
  ended: boolean;
  /** Whether the window has the focus of the system. */
  focused: boolean;
  /** What notifications would say, and whether they are shown: they are not while the window has the focus. */
  notifications: { title: string; body: string; shown: boolean }[];
  /** What the tray shows; null while nothing is wanted there. */
  tray: TrayView | null;
  /** The menus that the window sent last. */
  menus: MenuView[];
  /** Chooses a command in the menu bar. */
  pickCommand: (id: string) => void;
  /** What it has shown, in order. */
  trayed: (TrayView | null)[];
  /** Whether the desktop has a tray. */
  trayThere(there: boolean): void;
  /** Chooses a line of the tray's menu. */
  chooseInTray(label: string): void;
  /** Diagnostics that were saved. */
  saved: string[];
  /** Settings that the window told for its diagnostics. */
  told: [name: string, value: string][];
  /** Whether opening the copy of a move fails. */
  failMove: boolean;
  /** Has the time be over in which removals can be undone. */
  passGrace(): void;
  /** How many removals are held. */
  heldRemovals(): number;
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

function collectionName(typed: string): string {
  const name = typed.trim();
  if (!name) throw error("A collection needs a name", "Give it one, like Work or Taxes 2025");
  if (name.length > 80) throw error("The name of a collection has 80 characters at most", "Choose a shorter one");
  return name;
}


export function createBackend(query = new URLSearchParams(window.location.search)): Backend {
  const pace = Number(query.get("pace") ?? 40);
  const waitFor = (ticks = 1) => new Promise<void>((done) => setTimeout(done, pace * ticks));
  const scene = query.get("library") ?? "sample";
  let documents: FakeDocument[] = scene === "empty" ? [] : scene === "many" ? manyDocuments(5000) : scene === "huge" ? manyDocuments(50_000) : scene === "mixed" ? mixedLibrary() : sampleLibrary();
  let failStatus = query.get("fail") === "status";
  let failList = query.get("fail") === "list";
  let failFetch = query.get("fail") === "fetch";

  const status: EngineStatus = {
    state: query.get("models") === "missing" ? "needs_models" : "ready",
    error: null,
    models: models.map((model) => ({ ...model, state: query.get("models") === "missing" ? "missing" : "loaded" })),
    provider: { name: "CPU", refused: [{ name: "WebGPU", reason: "this system has no graphics processor", lack: { lack: "no_graphics" } }] },
    dataDir: "/home/ada/.local/share/footnote",
    version: "0.1.0",
  };

  const jobs = new Map<string, IndexJob>();
  let jobCount = 0;
  let cancelJobs = false;
  let stopLooking = false;
  let paused = false;
  let folders: WatchedFolder[] = [];
  const watched = (id: string) => {
    const found = folders.find((folder) => folder.id === id);
    if (!found) throw missing("There is no such watched folder");
    return found;
  };
  function fileOf(id: string): string {
    const { path } = find(id).record;
    if (window.fake.lost.has(path)) {
      throw error(`${path} is not there any more`, "It was moved, renamed or deleted, or its drive is unplugged. What was read of it is still here", { code: "not_found", problem: { problem: "file_gone" }, places: [path] });
    }
    return path;
  }
  let cancelFetch = false;
  const libraryListeners = new Set<() => void>();
  const statusListeners = new Set<(status: EngineStatus) => void>();
  const arrivedListeners = new Set<() => void>();
  const quitListeners = new Set<(waiting: number) => void>();
  const trayListeners = new Set<(there: boolean) => void>();
  const questionListeners = new Set<() => void>();
  const commandListeners = new Set<(id: string) => void>();
  let trayThere = query.get("tray") !== "none";
  const arrivals: Arrivals = { paths: [], links: [] };
  const dropListeners = new Set<(paths: string[], phase: DropPhase) => void>();
  /** Before its models are there, the engine answers nothing. */
  const up = () => {
    if (status.state === "needs_models") {
      throw error("The models are not there yet", "Download them first; it is needed once", { kind: "runtime", code: "model_missing", problem: { problem: "models_missing" } });
    }
  };
  const changed = () => libraryListeners.forEach((listener) => listener());

  const page = createModels(query, waitFor, () => documents.length);
  let tryStopped = false;
  let conversations: Conversation[] = [];
  const pinnedFirst = (all: Conversation[]) => [...all].sort((a, b) => Number(b.pinned) - Number(a.pinned));
  function kept(id: string): Conversation {
    const found = conversations.find((each) => each.id === id);
    if (!found) throw missing("There is no such conversation");
    return found;
  }
  const turns = new Map<string, Turn[]>();
  const stopped = new Set<string>();
  let asks = 0;

  function named(name: string): FakeDocument {
    const found = documents.find(({ record }) => record.path.endsWith(name));
    if (!found) throw new Error(`no ${name}`);
    return found;
  }

  window.fake = {
    drag: (paths, phase) => dropListeners.forEach((listener) => listener(paths, phase)),
    picks: ["/home/ada/Documents/lease.pdf"],
    asked: [],
    stillBroken: false,
    idOf: (name) => named(name).record.id,
    edit(path, change) {
      const found = named(path);
      if (change) rewrite(found, change(found.pages.map(({ text }) => text)));
      found.record = { ...found.record, pages: found.pages.length, searchablePages: found.pages.length };
      reread(found, "changed");
      changed();
    },
    vanish(name) {
      const gone = named(name);
      documents = documents.filter((one) => one !== gone);
      changed();
    },
    cancelSave: false,
    lost: new Set(),
    opened: [],
    notices: sampleNotices,
    folder(path, change) {
      folders = folders.map((folder) => (folder.path === path ? { ...folder, ...change } : folder));
      changed();
    },
    failStanding: false,
    failFeedback: false,
    arrive(told) {
      arrivals.paths.push(...(told.paths ?? []));
      arrivals.links.push(...(told.links ?? []));
      arrivedListeners.forEach((listener) => listener());
    },
    close() {
      const waiting = paused ? 0 : [...jobs.values()].filter(({ status }) => status === "queued" || status === "running").length;
      if (waiting === 0) window.fake.ended = true;
      else quitListeners.forEach((listener) => listener(waiting));
      return waiting > 0;
    },
    ended: false,
    focused: true,
    notifications: [],
    tray: null,
    menus: [],
    pickCommand: (id) => commandListeners.forEach((listener) => listener(id)),
    trayed: [],
    trayThere(there) {
      trayThere = there;
      trayListeners.forEach((listener) => listener(there));
    },
    chooseInTray(label) {
      const chosen = window.fake.tray?.items.find((item) => item.label === label);
      if (!chosen) throw new Error(`"${label}" is not in the tray's menu`);
      if (chosen.action === "ask") questionListeners.forEach((listener) => listener());
      if (chosen.action === "pause") paused = true;
      if (chosen.action === "resume") resume();
      changed();
    },
    saved: [],
    told: [],
    failMove: false,
    passGrace: () => removals.pass(),
    heldRemovals: () => removals.held,
  };

  async function longHistory(count: number) {
    for (let i = 0; i < count; i += 1) {
      asks += 1;
      await answer(`ask-${asks}`, { question: `How do I end the lease, part ${i + 1}?`, conversation: asks === 1 ? null : "conversation-1", collection: null, documents: [], unproved: "marked" }, () => {}, () => Promise.resolve());
    }
  }

  async function manyChats(count: number) {
    for (let i = 0; i < count; i += 1) {
      asks += 1;
      await answer(`ask-${asks}`, { question: `What does chapter ${i + 1} say?`, conversation: null, collection: null, documents: [], unproved: "marked" }, () => {}, () => Promise.resolve());
    }
  }

  function find(id: string): FakeDocument {
    const found = documents.find(({ record }) => record.id === id);
    if (!found) throw missing("This document is no longer in the library");
    return found;
  }

  function documentOf({ path, collection }: IndexJob): FakeDocument | undefined {
    return documents.find(({ record }) => record.path === path && record.collection === collection);
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
    const known = removals.comeBack(job.path) ?? documentOf(job);
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
        if (known && window.fake.lost.has(job.path)) {
          const why = error(`${job.path} is not there any more`, "Check the path; the file may have been moved, or its drive unplugged", { code: "not_found", problem: { problem: "file_missing" }, places: [job.path] });
          known.history.push({ what: "failed", at: new Date().toISOString(), error: why });
          return put({ status: "failed", error: why });
        }
        if (cancelJobs) {
          jobs.delete(job.id);
          return put({ status: "canceled" });
        }
        emit({ event: "progress", job: job.id, step, done: Math.round((total * i) / 3), total });
        if ((broken || locked) && step === "reading" && i === 2) {
          const name = job.path.split("/").at(-1) ?? "";
          const fact = password === null ? "The PDF is protected by a password" : "The password that was given does not open the PDF";
          const why = locked
            ? error(`${name}: ${fact}`, "Give its password, or save a copy without a password and add the copy", { code: "password_needed", problem: { problem: password === null ? "password_needed" : "password_wrong" }, places: [name] })
            : brokenPdf(name);
          return put({ status: "failed", error: why });
        }
      }
    }
    const document = known ?? documentAt(job.path, job.collection);
    if (known) reread(known, "asked");
    else documents = [...documents, document];
    jobs.delete(job.id);
    return put({ status: "done", step: "ready", document: document.record.id });
  }

  /** Gives a document another revision. */
  function reread(document: FakeDocument, occasion: Occasion): void {
    const at = new Date().toISOString();
    document.record = { ...document.record, revision: `${document.record.revision ?? ""}b`, indexedAt: at };
    document.history.push(readEvent(document.record, occasion, at));
  }

  function resume(): void {
    paused = false;
    for (const job of jobs.values()) if (job.status === "queued") void runJob(job, () => {}).then(changed);
  }

  function again(id: string, password: string | null): void {
    const job = jobs.get(id);
    if (!job) throw missing("This job is over");
    cancelJobs = false;
    Object.assign(job, { status: "queued", step: "queued", error: null });
    // Like the engine, it reports to no channel of the window.
    void runJob(job, () => {}, true, password).then(changed);
  }

  async function addPaths(given: string[], except: string[], collection: string, emit: Listener<IngestEvent>): Promise<void> {
    up();
    cancelJobs = false;
    await waitFor();
    const paths = given.filter((path) => !except.includes(path));
    const files = paths.filter((path) => /\.(pdf|md|txt|docx|html|png|tif|xlsx|pptx|rs)$/.test(path));
    emit({ event: "planned", files: files.length, bytes: files.length * 4_000_000, unsupported: paths.length - files.length, errors: [] });
    await ingest(files.map((path) => ({ path, collection })), emit, false);
  }

  async function ingest(files: { path: string; collection: string }[], emit: Listener<IngestEvent>, asked: boolean): Promise<void> {
    cancelJobs = false;
    const tally = { indexed: 0, unchanged: 0, failed: 0, canceled: 0 };
    const queue = files.map(({ path, collection }) => {
      jobCount += 1;
      const job: IndexJob = {
        id: `job-${jobCount}`,
        path,
        collection,
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
      if (paused) continue;
      const known = documentOf(job) !== undefined;
      if (known && !asked && !cancelJobs) {
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

  /** How sure the least sure line of a place is. */
  function sureOf({ lines }: FakeDocument["pages"][number], span: CharSpan): number | null {
    const on = lines.filter((line) => line.start < span.end && line.end > span.start);
    return on.length > 0 ? Math.min(...on.map((line) => line.confidence)) : null;
  }

  function passage(document: FakeDocument, page: number, text: string, rank: number): Passage {
    const on = document.pages[page - 1];
    if (!on) throw new Error("no such page");
    const { id, revision, path, title } = document.record;
    const score = 0.95 - rank * 0.07;
    const span = spanOf(on.text, text);
    return {
      rank,
      document: id,
      revision: revision ?? "",
      path,
      title,
      page,
      ...span,
      locator: { unit: on.unit, label: on.label === String(page) ? null : on.label, cells: null, confidence: sureOf(on, span) },
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
    const locator = { ...from.locator, confidence: page ? sureOf(page, span) : null };
    return { n: from.rank, document, revision, path, title, page: from.page, ...span, locator, quote, score: 0.9 };
  }

  /** The documents of a scope. */
  function within({ collection, documents: only }: Scope): FakeDocument[] {
    return documents.filter(({ record }) => (only.length === 0 || only.includes(record.id)) && (collection === null || collection === record.collection));
  }

  function passagesFor(scope: Scope): Passage[] {
    const found: [FakeDocument, number, string][] = [];
    for (const document of within(scope)) {
      const path = document.record.path;
      if (document.bytes && document.pages.length >= 3) {
        found.push([document, 2, (document.pages[1]?.text ?? "").slice(27)]);
        found.push([document, 3, (document.pages[2]?.text ?? "").slice(12)]);
        found.push([document, 1, (document.pages[0]?.text ?? "").slice(29)]);
      } else if (path.endsWith(".md")) {
        found.push([document, 1, document.pages[0]?.text.split("\n\n")[1] ?? ""]);
      } else if (path.endsWith(".tif")) {
        found.push([document, 2, document.pages[1]?.text.split("\n").at(-1) ?? ""]);
      } else if (path.endsWith(".xlsx")) {
        found.push([document, 1, document.pages[0]?.text.split("\n")[1] ?? ""]);
      } else if (path.endsWith(".docx")) {
        found.push([document, 1, document.pages[0]?.text.split("\n\n")[0] ?? ""]);
      }
    }
    return found.slice(0, 8).map(([document, page, text], i) => passage(document, page, text.trim(), i + 1));
  }

  /** What the minutes say of the deposit, beside the lease. */
  function otherwise(citations: Citation[]): Disagreement[] {
    const minutes = documents.find(({ record }) => record.path.endsWith(".docx"));
    const cited = citations.find(({ quote }) => quote.includes("six weeks"));
    if (!minutes || !cited) return [];
    const said = "Securities are returned within four weeks after the keys are handed back.";
    const other = cite(passage(minutes, 1, said, cited.n + 1), said);
    return [{ sides: [{ citation: cited, date: "2025-02-11" }, { citation: other, date: null }] }];
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

  /** Moves documents to a collection; those that stay, because it has the same files. */
  function take(ids: string[], collection: string): string[] {
    return ids.filter((id) => {
      const { record } = find(id);
      if (record.collection === collection) return false;
      if (documents.some((other) => other.record.collection === collection && other.record.path === record.path)) return true;
      for (const job of jobs.values()) if (job.path === record.path && job.collection === record.collection) job.collection = collection;
      record.collection = collection;
      return false;
    });
  }

  /** What a `file:` in the question leaves. */
  function filteredBy(request: AskRequest): Answer["trace"]["filtered"] {
    const filters = request.question.match(/\bfile:\S+/g) ?? [];
    if (filters.length === 0) return null;
    const asked = within(request);
    const left = asked.filter(({ record }) => filters.every((filter) => record.path.includes(filter.slice("file:".length))));
    const advice = left.length > 0 ? null : `No document's name has ${filters.join(" or ")}. Look at the names in the library.`;
    const why = left.length > 0 ? null : { why: "not_named" as const, documents: asked.length, filters: filters.join(" ") };
    return { filters, documents: left.length, of: asked.length, advice, why };
  }

  /** The questions that a question is made of, if it is several. */
  function partsOf(question: string): string[] {
    const parts = question.replace(/\?$/, "").split(/,? and (?=how|when|which|who)/);
    return parts.length > 1 ? parts : [];
  }

  async function answer(id: string, request: AskRequest, emit: Listener<AnswerEvent>, wait = waitFor): Promise<void> {
    const began = performance.now();
    const ended = () => stopped.has(id);
    const passages = passagesFor(request);
    const earlier = request.conversation ? (turns.get(request.conversation)?.length ?? 0) : 0;
    const { words } = splitDates(request.question);
    const searched = earlier > 0 ? `${words} (lease of 14 Mill Lane)` : words;
    const trace: Answer["trace"] = {
      query: searched,
      scope: { collection: request.collection, documents: request.documents },
      prompt: "answer/3",
      rewritePrompt: null,
          promptText: `Answer from the passages only.\n\n${passages.map((p) => `[${p.rank}] ${p.text}`).join("\n")}\n\n${searched}`,
      models: models.map((model) => [model.role, model.name]),
      index: { embedder: "e5-small", dimension: 384, chunker: "2", schema: 1 },
      candidates: [...passages, ...passages.map((p) => ({ ...p, rank: p.rank + passages.length }))].map((p) => ({
        chunk: `chunk-${p.rank}`,
        document: p.document,
        page: p.page,
        scores: p.scores,
        dropped: p.rank > passages.length ? { why: "ranked_below" } : null,
      })),
      evidence: 0.82,
      filtered: filteredBy(request),
      acronyms: request.question.includes("DPA") ? [{ short: "DPA", long: "data processing agreement" }] : [],
      subQuestions: partsOf(request.question),
      corrections: { markersAdded: 0, markersMoved: 0, markersDropped: 0, sentencesRemoved: 0 },
      scan: null,
      summarized: null,
      table: null,
    };
    const whole = (text: string, sentences: Sentence[], citations: Citation[], abstained: boolean): Answer => {
      const conversation = request.conversation ?? `conversation-${asks}`;
      const now = new Date().toISOString();
      const saved: Answer = {
        answer: text,
        abstained,
        sentences,
        citations,
        disagreements: request.question.includes("paid back") ? otherwise(citations) : [],
        passages,
        trace,
        timingsMs: { rewrite: 0, search: 84, rerank: 212, firstToken: 930, total: 930 + performance.now() - began },
        tokens: { prompt: 1840, generated: 96, confirmed: 61, reused: 412, omitted: 0 },
        conversation,
        turn: `turn-${asks}`,
      };
      turns.set(conversation, [
        ...(turns.get(conversation) ?? []),
        { id: saved.turn, conversation, question: request.question, answer: saved, feedback: null, createdAt: now },
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
      const scoped = within(request);
      const all = scoped.flatMap(({ record, pages }) => pages.map((page) => ({ record, page })));
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
        documents: scoped.length,
        unreadPages: tally.unread,
      };
      trace.evidence = 0;
      const markers = having.map((p) => ` [${p.rank}]`).join("");
      const said = `${tally.with.size} of ${scoped.length} documents mention “${word}”${markers}.`;
      const citations = having.map((p) => cite(p, p.text.slice(p.text.toLowerCase().indexOf(word.toLowerCase())).slice(0, word.length)));
      emit({ event: "delta", text: said });
      citations.forEach((citation) => emit({ event: "citation", citation }));
      emit({ event: "done", answer: whole(said, [{ text: said, verdict: "supported", citations: having.map((p) => p.rank) }], citations, false) });
    }

    /** Computes over a table, as the engine does for a question about one. */
    async function compute(): Promise<void> {
      emit({ event: "stage", stage: "computing" });
      await wait(3);
      if (ended()) return emit({ event: "canceled", answer: null });
      const document = passages[0]?.document ?? "";
      const sql = 'SELECT SUM("Rent") FROM "rents" WHERE "City" = \'Hamburg\'';
      trace.table = { sql, tables: [{ document, label: "2024" }], matched: 12, rows: 340, totals: 1 };
      trace.candidates = [];
      trace.evidence = 0;
      emit({ event: "passages", query: searched, passages: passages.slice(0, 1) });
      const said = "The sum of Rent is €14,400.00, over 12 of 340 rows in rents.xlsx, 2024: City is “Hamburg”. [1]";
      const citations = passages.slice(0, 1).map((p) => cite(p, p.text.slice(0, 20)));
      emit({ event: "delta", text: said });
      citations.forEach((citation) => emit({ event: "citation", citation }));
      emit({ event: "done", answer: whole(said, [{ text: said, verdict: "supported", citations: [1] }], citations, false) });
    }

    if (earlier > 0) emit({ event: "stage", stage: "rewriting" });
    await wait();
    const counted = /^How many documents mention (?:the )?(\w+)/.exec(request.question)?.[1];
    if (counted) return scan(counted);
    if (request.question.startsWith("What is the total")) return compute();
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
      const why = failed("There is not enough memory to compute an answer", "Close other programs, or choose a smaller model in the settings", { problem: "model_needs_memory" });
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
        if (verdict === "unsupported" && request.unproved === "removed") {
          trace.corrections.sentencesRemoved += 1;
          continue;
        }
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

  function turnOf(id: string): Turn {
    const found = [...turns.values()].flat().find((turn) => turn.id === id);
    if (!found) throw missing("There is no such answer");
    return found;
  }
  const judged = new Judged(find, turnOf);
  /** The order documents had, in which one that comes back takes its place. */
  let order: string[] = [];
  const removals: Removals = new Removals(
    {
      hide(ids) {
        order = documents.map(({ record }) => record.id);
        const gone = documents.filter(({ record }) => ids.includes(record.id));
        documents = documents.filter((one) => !gone.includes(one));
        return gone;
      },
      show(back) {
        const place = ({ record }: FakeDocument) => (order.indexOf(record.id) + 1 || order.length + 1);
        documents = [...documents, ...back].sort((a, b) => place(a) - place(b));
        changed();
      },
      purge(gone, quotes) {
        for (const { record } of gone) {
          for (const [conversation, all] of turns) turns.set(conversation, all.map((turn) => withdrawn(turn, record.id, quotes)));
        }
      },
      quoted: (gone) => [...turns.values()].flat().some(({ answer }) => answer.citations.some(({ document }) => gone.some(({ record }) => record.id === document))),
    },
    Number(query.get("grace") ?? 20_000),
  );
  const prompts = new Prompts();

  const history = longHistory(Number(query.get("history") ?? 0)).then(() => manyChats(Number(query.get("chats") ?? 0)));
  return {
    async status() {
      await waitFor();
      if (failStatus) {
        failStatus = false;
        throw failed("Another Footnote is using the data folder /home/ada/.local/share/footnote", "Close the other Footnote window", { problem: "data_in_use", folder: "/home/ada/.local/share/footnote" }, { code: "store_locked" });
      }
      return structuredClone(status);
    },
    async takeArrivals() {
      return { paths: arrivals.paths.splice(0), links: arrivals.links.splice(0) };
    },
    async quit() {
      window.fake.ended = true;
    },
    async notify(title, body) {
      window.fake.notifications.push({ title, body, shown: !window.fake.focused });
    },
    async showTray(view) {
      window.fake.tray = view;
      window.fake.trayed.push(view);
      return view !== null && trayThere;
    },
    async showMenus(menus) {
      window.fake.menus = menus;
      return query.get("menus") === "shown";
    },
    ...dataPlace(query, waitFor, error, (state) => {
      status.state = state;
      statusListeners.forEach((listener) => listener(structuredClone(status)));
    }),
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
            throw failed("huggingface.co cannot be reached: the connection was reset", "Check the network and proxy", { problem: "unreachable", detail: "huggingface.co cannot be reached: the connection was reset" });
          }
          emit({ model: model.id, file: "model.onnx", done: (model.bytes * i) / 10, total: model.bytes, bytesPerSecond: 11_400_000, checking: false });
        }
        model.state = "present";
      }
      status.state = "ready";
      statusListeners.forEach((listener) => listener(structuredClone(status)));
    },
    async cancelFetch() {
      cancelFetch = true;
    },
    async lookThrough(paths, collection, onFound) {
      up();
      stopLooking = false;
      for (let found = 1; found <= 40 && paths.some((path) => path.includes("attic")); found += 1) {
        onFound(found * 1000);
        await waitFor(2);
        if (stopLooking) throw error("Canceled", null, { code: "canceled" });
      }
      return preflight(paths, documents.map(({ record }) => record).filter((record) => record.collection === collection));
    },
    async stopLooking() {
      stopLooking = true;
    },
    addPaths,
    samples: async () => ({
      paths: ["/home/ada/.local/share/footnote/samples/lighthouse-handbook.pdf", "/home/ada/.local/share/footnote/samples/lab-protocol.md"],
      question: "How often must the lighthouse lamp be cleaned?",
    }),
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
    async retryFailed() {
      for (const job of jobs.values()) if (job.status === "failed" && job.error?.code !== "password_needed") again(job.id, null);
    },
    indexingPaused: async () => paused,
    async pauseIndexing() {
      paused = true;
    },
    async resumeIndexing() {
      resume();
    },
    listFolders: async () => structuredClone(folders),
    foldersAmong: async (paths) => paths.filter((path) => !/\.\w+$/.test(path)),
    async watchFolder(path, collection) {
      const known = folders.find((folder) => folder.path === path);
      if (known) throw error(`${path} is watched already`, "It needs no second watch", { problem: { problem: "folder_watched" }, places: [path] });
      const of = documents.filter(({ record }) => record.path.startsWith(`${path}/`)).length;
      const folder: WatchedFolder = {
        id: `folder-${folders.length + 1}`,
        path,
        collection,
        ignore: [],
        state: "watching",
        documents: of,
        waiting: 0,
        missing: 0,
        lastScan: new Date().toISOString(),
        errors: [],
      };
      folders = [...folders, folder];
      changed();
    },
    async unwatchFolder(id, fate) {
      const { path } = watched(id);
      folders = folders.filter((folder) => folder.id !== id);
      if (fate !== "keep") documents = documents.filter(({ record }) => !record.path.startsWith(`${path}/`));
      changed();
    },
    async pauseFolder(id, on) {
      watched(id).state = on ? "paused" : "watching";
    },
    async ignoreInFolder(id, patterns) {
      watched(id).ignore = patterns.filter((pattern) => pattern.trim() !== "");
    },
    async moveFolder(id, name) {
      const collection = collectionName(name);
      await waitFor();
      const folder = watched(id);
      const inside = documents.filter(({ record }) => record.collection === folder.collection && record.path.startsWith(`${folder.path}/`));
      const stayed = take(inside.map(({ record }) => record.id), collection);
      folder.collection = collection;
      changed();
      return stayed;
    },
    async scanFolder(id) {
      watched(id).lastScan = new Date().toISOString();
    },
    async settleMissing(id, fate) {
      const folder = watched(id);
      if (fate !== "keep") folder.documents -= folder.missing;
      folder.missing = 0;
    },
    async listDocuments() {
      up();
      if (failList) {
        failList = false;
        throw failed("Reading or writing the register failed (the disk did not answer)", "Check the disk, then try again", { problem: "store_io", detail: "the disk did not answer" });
      }
      return documents.map(({ record }) => ({ ...record }));
    },
    ...removals.methods(() => error("There is no such document", "It may have been removed meanwhile", { code: "not_found" })),
    async moveToCollection(ids, name) {
      const collection = collectionName(name);
      await waitFor();
      const stayed = take(ids, collection);
      changed();
      return stayed;
    },
    async renameCollection(from, typed) {
      const to = collectionName(typed);
      await waitFor();
      const inside = <T extends { collection: string }>(name: string, all: T[]) => all.filter(({ collection }) => collection === name);
      const all = [...documents.map(({ record }) => record), ...folders, ...jobs.values()];
      if (inside(from, all).length === 0) throw error("There is no such collection", "It is gone with its last document, or was renamed", { code: "not_found", problem: { problem: "collection_gone" } });
      if (inside(to, all).length > 0) throw error(`There is a collection with the name ${to} already`, "Choose another name, or move the documents there", { problem: { problem: "collection_taken", name: to } });
      for (const one of inside(from, all)) one.collection = to;
      changed();
    },
    async documentCoverage(id) {
      await waitFor(0.5);
      const { coverage, pages } = find(id);
      const each = pages.map(({ number, label, unit, source, confidence, lines, text }) => ({
        number,
        label,
        unit,
        source,
        confidence,
        doubtful: doubtfulLines({ lines }).length,
        chars: text.length,
      }));
      return structuredClone(coverage ?? each);
    },
    async documentPage(id, revision, number) {
      await waitFor(0.5);
      const document = find(id);
      const page = document.pages[number - 1];
      if (!page) throw error(`${document.record.title} has no page ${number}`, null, { code: "not_found", problem: { problem: "page_missing", page: number, last: document.pages.length } });
      if (revision && revision !== document.record.revision) {
        throw error(`${document.record.title} has changed`, "Ask again to cite it as it is now", { code: "not_found" });
      }
      return structuredClone(page);
    },
    async documentHistory(id) {
      await waitFor(0.5);
      const cited = new Map<string, number>();
      for (const { answer } of [...turns.values()].flat()) {
        const revisions = new Set(answer.citations.filter(({ document }) => document === id).map(({ revision }) => revision));
        for (const revision of revisions) cited.set(revision, (cited.get(revision) ?? 0) + 1);
      }
      return { events: structuredClone(find(id).history), cited: [...cited].map(([revision, answers]) => ({ revision, answers })) };
    },
    async readAgain(ids, emit) {
      await ingest(ids.map((id) => find(id).record), emit, true);
    },
    async documentChunks(id) {
      await waitFor();
      return find(id).pages.flatMap(({ number, text }) =>
        text.split("\n\n").map((part) => ({ page: number, ...spanOf(text, part), headings: number > 1 ? [text.split("\n")[0] ?? ""] : [], opening: part.replace(/\s+/g, " ").slice(0, 240) })),
      );
    },
    async standing(id, quoted) {
      await waitFor();
      if (window.fake.failStanding) throw failed("Reading or writing the register failed (the disk did not answer)", "Check the disk, then try again", { problem: "store_io", detail: "the disk did not answer" });
      const { record, pages } = find(id);
      return { revision: record.revision, standings: quoted.map((one) => standingOf(one, pages)) };
    },
    async documentBytes(id) {
      const document = find(id);
      if (!document.bytes || window.fake.lost.has(document.record.path)) {
        throw error("The file is not there", "Check the path; the file may have been moved, or its drive unplugged", { code: "not_found", problem: { problem: "file_missing" } });
      }
      return document.bytes.slice(0);
    },
    async documentPicture(id, number) {
      const document = find(id);
      const page = document.pages.find((one) => one.number === number);
      if (!page || window.fake.lost.has(document.record.path)) {
        throw error("The file is not there any more", "Put it back, or remove it from the library", { code: "not_found" });
      }
      return drawn(page);
    },
    async openDocument(id) {
      window.fake.opened.push(fileOf(id));
    },
    async revealDocument(id) {
      window.fake.opened.push(`${fileOf(id)} in its folder`);
    },
    async openAddress(address) {
      window.fake.opened.push(address);
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
      if (wanted.length === 0) throw error("There is nothing to search for", "Type a word of the conversation", { problem: { problem: "search_empty" } });
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
      if (!name) throw error("The title is empty", "Type a title, or leave it as it is", { problem: { problem: "title_empty" } });
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
    exportTrace: async (id) => (window.fake.cancelSave ? null : `/home/ada/footnote-trace-${kept(id).id}.jsonl`),
    async suggestions(id, turn) {
      const asked = (turns.get(id) ?? []).find((kept) => kept.id === turn);
      if (!asked || asked.answer.abstained) return [];
      const all = ["What does Lease 2024 say about Notice period?", "What does Lease 2024 say about Repairs?"];
      return all.filter((question) => question !== asked.question);
    },
    conversationTurns: async (id) => structuredClone(turns.get(id) ?? []),
    async removeConversation(id) {
      conversations = conversations.filter((c) => c.id !== id);
      turns.delete(id);
    },
    ...page,
    async tryModel(model, question, emit) {
      const passages = passagesFor({ collection: null, documents: [] });
      const from = passages[0];
      emit({ event: "stage", stage: "searching" });
      await waitFor(2);
      emit({ event: "passages", query: question, passages });
      emit({ event: "stage", stage: "writing" });
      const [words, , quote] = leaseAnswer[model === "generator" ? 0 : 1] ?? ["", "supported", null];
      const source = quote && passages.find((p) => p.text.includes(quote[0]));
      const said = source ? `${words.slice(0, -1)} [${source.rank}].` : words;
      tryStopped = false;
      for (const token of said.match(/\s*\S{1,6}/g) ?? []) {
        await waitFor(model === "generator" ? 2 : 1);
        if (tryStopped) return emit({ event: "canceled", answer: null });
        emit({ event: "delta", text: token });
      }
      const citations = source && quote ? [cite(source, quote[1])] : [];
      citations.forEach((citation) => emit({ event: "citation", citation }));
      const slow = model === "generator";
      emit({
        event: "done",
        answer: {
          answer: said,
          abstained: false,
          sentences: [{ text: said, verdict: "supported", citations: citations.map(({ n }) => n) }],
          citations,
          disagreements: [],
          passages: from ? passages : [],
          trace: {
            query: question,
            scope: { collection: null, documents: [] },
            prompt: "answer/3",
            rewritePrompt: null,
          promptText: "",
            models: [],
            index: null,
            candidates: [],
            evidence: 0.8,
            filtered: null,
            acronyms: [],
            subQuestions: [],
            corrections: { markersAdded: 0, markersMoved: 0, markersDropped: 0, sentencesRemoved: 0 },
            scan: null,
            summarized: null,
            table: null,
          },
          timingsMs: { rewrite: 0, search: 80, rerank: 0, firstToken: slow ? 9000 : 3000, total: slow ? 13_000 : 4500 },
          tokens: { prompt: 900, generated: 58, confirmed: 20, reused: 0, omitted: 0 },
          conversation: "",
          turn: "",
        },
      });
    },
    async cancelModelWork() {
      tryStopped = true;
      await page.cancelModelWork();
    },
    async explain(request) {
      await waitFor();
      return structuredClone(judged.explain(request));
    },
    async setFeedback(id, feedback) {
      if (window.fake.failFeedback) throw failed("The disk is full; keeping feedback was undone", "Make room, then try again", { problem: "disk_full" }, { code: "disk_full" });
      turnOf(id).feedback = feedback;
    },
    listCases: async () => structuredClone(judged.cases),
    makeCase: async (made) => structuredClone(judged.make(made)),
    async removeCase(id) {
      judged.remove(id);
    },
    async runCase(id) {
      await waitFor(3);
      if (stopped.delete(id)) throw error("Canceled", null, { code: "canceled" });
      return structuredClone(judged.run(id));
    },
    listPrompts: async () => structuredClone(prompts.all),
    editPrompt: async (id, text) => structuredClone(prompts.edit(id, text)),
    usePrompt: async (id, number) => structuredClone(prompts.use(id, number)),
    textChanges: async (first, second) => lineChanges(first, second),
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
    onArrived(handler) {
      arrivedListeners.add(handler);
      return () => arrivedListeners.delete(handler);
    },
    onQuitAsked(handler) {
      quitListeners.add(handler);
      return () => quitListeners.delete(handler);
    },
    onTrayChanged(handler) {
      trayListeners.add(handler);
      return () => trayListeners.delete(handler);
    },
    onCommandPicked(handler) {
      commandListeners.add(handler);
      return () => commandListeners.delete(handler);
    },
    onQuestionWanted(handler) {
      questionListeners.add(handler);
      return () => questionListeners.delete(handler);
    },
  };
}
