import type {
  AnswerEvent,
  Arrivals,
  AskId,
  AskRequest,
  Case,
  CaseId,
  CaseRun,
  Chunk,
  Conversation,
  ConversationHit,
  ConversationId,
  DataFolder,
  Document,
  DocumentHistory,
  DocumentId,
  EmbedderCost,
  EngineStatus,
  ErrorView,
  Explanation,
  ExportFormat,
  Fate,
  Feedback,
  FetchEvent,
  FolderId,
  IndexJob,
  IngestEvent,
  JobId,
  ModelEvent,
  ModelSpeed,
  ModelsView,
  MoveEvent,
  MovePlan,
  NewCase,
  Page,
  PageCoverage,
  DiffLine,
  Preflight,
  Prompt,
  Quoted,
  Quotes,
  RemovalEvent,
  RevisionId,
  Samples,
  Standings,
  MenuView,
  TrayView,
  Turn,
  WatchedFolder,
  TurnId,
  WhyRequest,
} from "./types";

/** Receives the events of one call, in order. */
export type Listener<T> = (event: T) => void;
/** Ends a subscription. */
export type Unlisten = () => void;
/** What a drag over the window is doing; paths are known from "over" on, and final at "drop". */
export type DropPhase = "over" | "drop" | "leave";

/**
 * Everything the window can ask of the engine. Every promise rejects with an `ErrorView`.
 * `tauri.ts` implements it over IPC, `fake/` in memory for tests in a plain browser.
 */
export interface Backend {
  status(): Promise<EngineStatus>;
  /** What starts of the program were told to show; each is told once. */
  takeArrivals(): Promise<Arrivals>;
  /** Ends the program without a question. */
  quit(): Promise<void>;
  /** Shows a notification of the system, unless the window has the focus. It must not name a document. */
  notify(title: string, body: string): Promise<void>;
  /** Shows the icon in the tray with this, or with null takes it away; whether the desktop shows it. */
  showTray(view: TrayView | null): Promise<boolean>;
  /** Shows these in the system's menu bar; whether it has one. */
  showMenus(menus: MenuView[]): Promise<boolean>;

  dataFolder(): Promise<DataFolder>;
  /** The system's dialog for the folder to move the data to; empty if it was canceled. */
  pickDataFolder(): Promise<string[]>;
  /** What moving the data would come to; rejects if it cannot be moved there. */
  planMove(to: string): Promise<MovePlan>;
  /** Resolves when the engine is up in the new place; rejects when it is up again in the old one. */
  moveData(to: string, onEvent: Listener<MoveEvent>): Promise<void>;
  cancelMove(): Promise<void>;
  /** Deletes the data where it was before. True if something else is still there. */
  removeOldData(): Promise<boolean>;
  /** The diagnostics as they would be saved, with the window's own settings. */
  diagnostics(settings: [name: string, value: string][]): Promise<string>;
  /** Asks where to, and writes the text; the path, or null if the dialog was canceled. */
  saveDiagnostics(text: string): Promise<string | null>;
  /** The licences of the libraries in the program; rejects with `not_found` where they were not made. */
  notices(): Promise<string>;

  /** Resolves when every missing model is on disk and verified. */
  fetchModels(onEvent: Listener<FetchEvent>): Promise<void>;
  cancelFetch(): Promise<void>;

  /** Says what adding these to a collection would do; rejects with `canceled` if it was stopped. */
  lookThrough(paths: string[], collection: string, onFound: Listener<number>): Promise<Preflight>;
  stopLooking(): Promise<void>;
  /** Ingests files and folders into a collection, but for the files of `except`; may resolve before or after the `finished` event. */
  addPaths(paths: string[], except: string[], collection: string, onEvent: Listener<IngestEvent>): Promise<void>;
  /** Documents to try the program with, made into files. */
  samples(): Promise<Samples>;
  /** The system's file dialog; empty if it was canceled. */
  pickFiles(): Promise<string[]>;
  /** The system's folder dialog; empty if it was canceled. */
  pickFolder(): Promise<string[]>;
  cancelJobs(): Promise<void>;
  retryJob(job: JobId): Promise<void>;
  /** As `retryJob`, with the password that opens the job's file. */
  unlockJob(job: JobId, password: string): Promise<void>;
  dismissJob(job: JobId): Promise<void>;
  /** Jobs that are neither done nor dismissed. */
  listJobs(): Promise<IndexJob[]>;
  /** Sets all failed jobs going again, but for those that need a password. */
  retryFailed(): Promise<void>;
  indexingPaused(): Promise<boolean>;
  /** Pauses over restarts, too. `now`: the file at work goes back to those that wait; else it is read to its end. */
  pauseIndexing(now: boolean): Promise<void>;
  resumeIndexing(): Promise<void>;

  /** Watched folders, oldest first. */
  listFolders(): Promise<WatchedFolder[]>;
  /** Which of these are folders. */
  foldersAmong(paths: string[]): Promise<string[]>;
  /** What is in the folder joins a collection. */
  watchFolder(path: string, collection: string): Promise<void>;
  unwatchFolder(folder: FolderId, documents: Fate): Promise<void>;
  pauseFolder(folder: FolderId, paused: boolean): Promise<void>;
  /** `patterns` are those of `.gitignore`. */
  ignoreInFolder(folder: FolderId, patterns: string[]): Promise<void>;
  /**
   * Has what comes in a folder join another collection, and moves its documents there. Resolves with those that stayed, because
   * the collection has the same files already.
   */
  moveFolder(folder: FolderId, collection: string): Promise<DocumentId[]>;
  /** Looks through a folder anew, and takes up what was left out before. */
  scanFolder(folder: FolderId): Promise<void>;
  /** Says what becomes of documents whose files went away all at once. */
  settleMissing(folder: FolderId, documents: Fate): Promise<void>;

  listDocuments(): Promise<Document[]>;
  /**
   * Takes documents out of sight at once, which `begun` says, and deletes them once they cannot be brought back any more.
   * Resolves when that is done, or undone; rejects with `canceled` if the program ends before, and the next start does it.
   */
  removeDocuments(documents: DocumentId[], quotes: Quotes, onEvent: Listener<RemovalEvent>): Promise<void>;
  /** Keeps a removal from being over while it is held; then its time begins anew. */
  holdRemoval(removal: string, held: boolean): Promise<void>;
  /** Ends the time in which a removal can be undone. */
  finishRemoval(removal: string): Promise<void>;
  /** Has a removal take what answers quote, too. False if it is over. */
  takeQuotes(removal: string): Promise<boolean>;
  /** Brings the documents of a removal back as they were; how many came. */
  undoRemoval(removal: string): Promise<number>;
  /** Moves documents to a collection, which is made if it is not there; those that stayed, because it has the same files already. */
  moveToCollection(documents: DocumentId[], collection: string): Promise<DocumentId[]>;
  renameCollection(from: string, to: string): Promise<void>;
  /** How each page was read, in order. */
  documentCoverage(document: DocumentId): Promise<PageCoverage[]>;
  /** The stretches that it is searched by, in order. */
  documentChunks(document: DocumentId): Promise<Chunk[]>;
  /** What became of it, and which of its revisions answers cite. */
  documentHistory(document: DocumentId): Promise<DocumentHistory>;
  /** Reads documents again, even if their files did not change; may resolve before or after the `finished` event. */
  readAgain(documents: DocumentId[], onEvent: Listener<IngestEvent>): Promise<void>;
  /** A page as the index holds it; the current revision if `revision` is null. */
  documentPage(document: DocumentId, revision: RevisionId | null, number: number): Promise<Page>;
  /** The file's bytes; rejects with `not_found` if the file went away. */
  documentBytes(document: DocumentId): Promise<ArrayBuffer>;
  /** A page of a picture as PNG, of a kind that the web view does not decode; rejects as `documentBytes` does. */
  documentPicture(document: DocumentId, page: number): Promise<ArrayBuffer>;
  /** What became of words quoted from earlier revisions of a document, in the same order. */
  standing(document: DocumentId, quoted: Quoted[]): Promise<Standings>;
  /** Opens the file in the system's program for it; rejects with `not_found` if it went away. */
  openDocument(document: DocumentId): Promise<void>;
  /** Shows the file in its folder. */
  revealDocument(document: DocumentId): Promise<void>;
  /** Opens an address in the system's browser or mail program; rejects those that hide something. */
  openAddress(address: string): Promise<void>;

  /** Starts an answer; may resolve before or after the first events. */
  ask(request: AskRequest, onEvent: Listener<AnswerEvent>): Promise<AskId>;
  cancelAsk(ask: AskId): Promise<void>;
  /** Pinned ones before others, then newest first. */
  listConversations(): Promise<Conversation[]>;
  /** Those that have all of the words in their title or in one turn, in the same order. */
  searchConversations(words: string): Promise<ConversationHit[]>;
  renameConversation(conversation: ConversationId, title: string): Promise<void>;
  pinConversation(conversation: ConversationId, pinned: boolean): Promise<void>;
  /** Asks where to, and writes the file; its path, or null if the dialog was canceled. */
  exportConversation(conversation: ConversationId, format: ExportFormat, mask: boolean): Promise<string | null>;
  /** As `exportConversation`, with how an answer came about, for OpenTelemetry; `texts`: what was said, too. */
  exportTrace(conversation: ConversationId, turn: TurnId, texts: boolean, mask: boolean): Promise<string | null>;
  /** Questions that the documents can answer, after this turn; often none. */
  suggestions(conversation: ConversationId, turn: TurnId): Promise<string[]>;
  /** Oldest first. */
  conversationTurns(conversation: ConversationId): Promise<Turn[]>;
  removeConversation(conversation: ConversationId): Promise<void>;

  /** All models that are known or here, and what this machine has room for. */
  modelsView(): Promise<ModelsView>;
  /** Resolves when the model is on disk and checked; rejects with `canceled` if it was paused or thrown away. */
  downloadModel(model: string, onEvent: Listener<FetchEvent>): Promise<void>;
  /** What has arrived is kept. */
  pauseDownload(model: string): Promise<void>;
  /** Stops a download if it is under way, and throws away what has arrived. */
  discardDownload(model: string): Promise<void>;
  /** Puts a model to work once it has computed something; the one before stays in use if it does not. */
  useModel(model: string, onEvent: Listener<ModelEvent>): Promise<void>;
  stopUsing(role: string): Promise<void>;
  /** What it costs to use another embedder; measures it if that was not done yet. */
  embedderCost(model: string, onEvent: Listener<ModelEvent>): Promise<EmbedderCost>;
  /** Converts a GGUF file or a safetensors folder; the id of what came of it. */
  importModel(path: string, onEvent: Listener<ModelEvent>): Promise<string>;
  /** The system's dialog for a model file; empty if it was canceled. */
  pickModelFile(): Promise<string[]>;
  measureModel(model: string, onEvent: Listener<ModelEvent>): Promise<ModelSpeed>;
  /** Takes a model off the disk; what it was imported from is not touched. */
  removeModel(model: string): Promise<void>;
  unloadModels(): Promise<void>;
  /** Answers with a model that need not be in use; nothing is kept. Resolves after the last event. */
  tryModel(model: string, question: string, onEvent: Listener<AnswerEvent>): Promise<void>;
  /** Stops a change, an import, a measurement or a trial. */
  cancelModelWork(): Promise<void>;
  /** Why something was not found, or not used, for a question that was asked. */
  explain(request: WhyRequest): Promise<Explanation>;
  /** Keeps what the user thinks of an answer; null takes it back. */
  setFeedback(turn: TurnId, feedback: Feedback | null): Promise<void>;
  /** The user's cases, oldest first. */
  listCases(): Promise<Case[]>;
  makeCase(made: NewCase): Promise<Case>;
  removeCase(id: CaseId): Promise<void>;
  /** Asks a case's question without keeping the answer; `cancelAsk` with the case's id stops it. */
  runCase(id: CaseId): Promise<CaseRun>;
  /** What the model is told to do, with the user's copies of it. */
  listPrompts(): Promise<Prompt[]>;
  /** Makes a copy with another text, and uses it from the next question on. */
  editPrompt(id: string, text: string): Promise<Prompt>;
  /** Uses a copy, or with none the prompt that comes with Footnote. */
  usePrompt(id: string, number: number | null): Promise<Prompt>;
  /** What makes one text of another, line by line. */
  textChanges(first: string, second: string): Promise<DiffLine[]>;

  onDrop(handler: (paths: string[], phase: DropPhase) => void): Unlisten;
  /** Documents or jobs changed by something other than a call of this window. */
  onLibraryChanged(handler: () => void): Unlisten;
  onStatusChanged(handler: (status: EngineStatus) => void): Unlisten;
  /** A later start was told to show something. */
  onArrived(handler: () => void): Unlisten;
  /** The window is to be closed while `waiting` files are not read; closing it again closes it. */
  onQuitAsked(handler: (waiting: number) => void): Unlisten;
  /** The desktop began or ceased to show icons of programs. */
  onTrayChanged(handler: (there: boolean) => void): Unlisten;
  /** A question is to be typed; the window is in front. */
  onQuestionWanted(handler: () => void): Unlisten;
  /** A command was chosen in the menu bar; the window is in front. */
  onCommandPicked(handler: (id: string) => void): Unlisten;
}

/** Makes an `ErrorView` of whatever was thrown, so that no error reaches a person as "undefined". */
export function toErrorView(thrown: unknown): ErrorView {
  if (typeof thrown === "object" && thrown !== null && "message" in thrown && "kind" in thrown) {
    const view = thrown as Partial<ErrorView>;
    return {
      kind: view.kind ?? "bug",
      code: view.code ?? null,
      message: String(view.message),
      hint: view.hint ?? null,
      problem: view.problem ?? null,
      places: view.places ?? [],
    };
  }
  const message = thrown instanceof Error ? thrown.message : typeof thrown === "string" ? thrown : "";
  return {
    kind: "bug",
    code: null,
    message,
    hint: null,
    problem: null,
    places: [],
  };
}
