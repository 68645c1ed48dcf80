/**
 * What crosses the window's boundary, as the generated bindings have it: the rest of the UI imports wire types from
 * here only. Offsets count Unicode code points, not UTF-16 units; `lib/spans.ts` converts.
 */

export type {
  Answer,
  AnswerEvent,
  AnswerStage,
  AskRequest,
  Block,
  BlockKind,
  Candidate,
  Citation,
  Conversation,
  ConversationHit,
  Document,
  EngineState,
  EngineStatus,
  ErrorCode,
  ErrorKind,
  ErrorView,
  ExportFormat,
  FetchEvent,
  IndexJob,
  IndexSpec,
  IngestEvent,
  JobStatus,
  ModelState,
  ModelStatus,
  Page,
  PageCoverage,
  PageSource,
  PageUnit,
  Passage,
  ProviderStatus,
  Scores,
  Sentence,
  Step,
  TextRect,
  Timings,
  TokenCounts,
  Trace,
  Turn,
  Verdict,
} from "./bindings";

// The bindings write ids as plain strings; these say which one is meant.
export type DocumentId = string;
export type RevisionId = string;
export type JobId = string;
export type ConversationId = string;
export type TurnId = string;
export type AskId = string;

/** A half-open range of code points of a page's text. */
export interface CharSpan {
  start: number;
  end: number;
}
