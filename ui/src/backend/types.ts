/**
 * What crosses the window's boundary. Every type mirrors the one of that name in `crates/core`:
 * fields in camelCase, tagged unions as serde writes them, ids and paths as strings. Offsets count
 * Unicode code points, not UTF-16 units; `lib/spans.ts` converts.
 *
 * The rest of the UI imports wire types from here only.
 */

export type DocumentId = string;
export type RevisionId = string;
export type JobId = string;
export type ConversationId = string;
export type TurnId = string;
export type AskId = string;

export type ErrorKind = "user" | "runtime" | "bug";
export type ErrorCode =
  | "canceled"
  | "model_missing"
  | "runtime_missing"
  | "store_locked"
  | "disk_full"
  | "password_needed"
  | "not_found"
  | "question_too_long"
  | "unsupported";

/** A fact and its remedy; every rejected command carries one. */
export interface ErrorView {
  kind: ErrorKind;
  code: ErrorCode | null;
  message: string;
  hint: string | null;
}

/** A half-open range of code points of a page's text. */
export interface CharSpan {
  start: number;
  end: number;
}

export type EngineState = "starting" | "needs_models" | "ready" | "failed";
export type ModelState = "missing" | "partial" | "present" | "loading" | "loaded" | "failed";

export interface ModelStatus {
  id: string;
  role: string;
  name: string;
  bytes: number;
  state: ModelState;
  licence: string;
}

export interface ProviderStatus {
  name: string;
  /** Why this one and not a faster one; null if it is the one wanted. */
  reason: string | null;
}

export interface EngineStatus {
  state: EngineState;
  error: ErrorView | null;
  models: ModelStatus[];
  provider: ProviderStatus;
  dataDir: string;
  version: string;
}

/** Progress of a model download; `done` and `total` are bytes of the whole model. */
export interface FetchEvent {
  model: string;
  file: string;
  done: number;
  total: number;
  bytesPerSecond: number;
}

export type PageSource = "text" | "ocr" | "empty" | "failed";

export type BlockKind =
  | { kind: "heading"; level: number }
  | { kind: "paragraph" }
  | { kind: "list_item" }
  | { kind: "table" }
  | { kind: "code" };
export type Block = BlockKind & CharSpan;

/** A run of characters in PDF points, origin at the top left of the page as displayed. */
export interface TextRect extends CharSpan {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Page {
  number: number;
  label: string | null;
  text: string;
  source: PageSource;
  confidence: number | null;
  blocks: Block[];
  rects: TextRect[];
  size: [number, number] | null;
}

export interface Document {
  id: DocumentId;
  collection: string;
  path: string;
  title: string;
  mediaType: string;
  revision: RevisionId | null;
  contentHash: string;
  bytes: number;
  pages: number;
  searchablePages: number;
  chunks: number;
  warnings: string[];
  indexedAt: string;
}

export type JobStatus = "queued" | "running" | "done" | "unchanged" | "failed" | "canceled";
export type Step = "queued" | "hashing" | "reading" | "embedding" | "writing" | "ready";

export interface IndexJob {
  id: JobId;
  path: string;
  collection: string;
  status: JobStatus;
  step: Step;
  document: DocumentId | null;
  error: ErrorView | null;
  createdAt: string;
}

export type IngestEvent =
  | { event: "planned"; files: number; bytes: number; unsupported: number; errors: ErrorView[] }
  | { event: "job"; job: IndexJob }
  | { event: "progress"; job: JobId; step: Step; done: number; total: number | null }
  | { event: "finished"; indexed: number; unchanged: number; failed: number; canceled: number };

export interface Scores {
  vector: number | null;
  text: number | null;
  fused: number | null;
  rerank: number | null;
}

export interface Passage extends CharSpan {
  rank: number;
  document: DocumentId;
  revision: RevisionId;
  path: string;
  title: string;
  page: number;
  headings: string[];
  text: string;
  score: number;
  scores: Scores;
}

export type Verdict = "supported" | "partly" | "unsupported";

export interface Citation extends CharSpan {
  n: number;
  document: DocumentId;
  revision: RevisionId;
  path: string;
  title: string;
  page: number;
  quote: string;
  score: number;
}

export interface Sentence {
  text: string;
  verdict: Verdict;
  /** Numbers of the passages cited. */
  citations: number[];
}

export interface Timings {
  rewrite: number;
  search: number;
  rerank: number;
  firstToken: number | null;
  total: number;
}

export interface TokenCounts {
  prompt: number;
  generated: number;
}

export interface IndexSpec {
  embedder: string;
  dimension: number;
  chunker: string;
  schema: number;
}

export interface Candidate {
  chunk: string;
  document: DocumentId;
  page: number;
  scores: Scores;
  dropped: string | null;
}

export interface Trace {
  query: string;
  prompt: string;
  promptText: string;
  models: [role: string, id: string][];
  index: IndexSpec | null;
  candidates: Candidate[];
  evidence: number;
}

export interface Answer {
  answer: string;
  abstained: boolean;
  sentences: Sentence[];
  citations: Citation[];
  passages: Passage[];
  trace: Trace;
  timingsMs: Timings;
  tokens: TokenCounts;
  conversation: ConversationId;
  turn: TurnId;
}

export type AnswerStage = "rewriting" | "searching" | "reading" | "writing" | "checking";

/** Order: stage* and passages, then (delta | citation)*, then exactly one of the last four. */
export type AnswerEvent =
  | { event: "stage"; stage: AnswerStage }
  | { event: "passages"; query: string; passages: Passage[] }
  | { event: "delta"; text: string }
  | { event: "citation"; citation: Citation }
  | { event: "done"; answer: Answer }
  | { event: "abstained"; answer: Answer }
  | { event: "failed"; error: ErrorView }
  | { event: "canceled"; answer: Answer | null };

export interface Conversation {
  id: ConversationId;
  title: string;
  createdAt: string;
  updatedAt: string;
  turns: number;
}

export interface Turn {
  id: TurnId;
  conversation: ConversationId;
  question: string;
  answer: Answer;
  createdAt: string;
}

export interface AskRequest {
  question: string;
  conversation: ConversationId | null;
  /** Only these documents; all of them if empty. */
  documents: DocumentId[];
}
