import { t } from "../i18n/index.svelte";
import type {
  AnswerEvent,
  AskId,
  AskRequest,
  Conversation,
  ConversationHit,
  ConversationId,
  Document,
  DocumentId,
  EngineStatus,
  ErrorView,
  ExportFormat,
  FetchEvent,
  IndexJob,
  IngestEvent,
  JobId,
  Page,
  PageCoverage,
  RevisionId,
  Turn,
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
  /** Resolves when every missing model is on disk and verified. */
  fetchModels(onEvent: Listener<FetchEvent>): Promise<void>;
  cancelFetch(): Promise<void>;

  /** Ingests files and folders; may resolve before or after the `finished` event. */
  addPaths(paths: string[], onEvent: Listener<IngestEvent>): Promise<void>;
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

  listDocuments(): Promise<Document[]>;
  removeDocument(document: DocumentId): Promise<void>;
  /** How each page was read, in order. */
  documentCoverage(document: DocumentId): Promise<PageCoverage[]>;
  /** A page as the index holds it; the current revision if `revision` is null. */
  documentPage(document: DocumentId, revision: RevisionId | null, number: number): Promise<Page>;
  /** The file's bytes; rejects with `not_found` if the file went away. */
  documentBytes(document: DocumentId): Promise<ArrayBuffer>;

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
  exportConversation(conversation: ConversationId, format: ExportFormat): Promise<string | null>;
  /** Oldest first. */
  conversationTurns(conversation: ConversationId): Promise<Turn[]>;
  removeConversation(conversation: ConversationId): Promise<void>;

  onDrop(handler: (paths: string[], phase: DropPhase) => void): Unlisten;
  /** Documents or jobs changed by something other than a call of this window. */
  onLibraryChanged(handler: () => void): Unlisten;
  onStatusChanged(handler: (status: EngineStatus) => void): Unlisten;
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
    };
  }
  const message = thrown instanceof Error ? thrown.message : typeof thrown === "string" ? thrown : "";
  return {
    kind: "bug",
    code: null,
    message: message || t("errors.bug"),
    hint: t("errors.bugHint"),
  };
}
