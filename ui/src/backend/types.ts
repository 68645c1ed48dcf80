/**
 * What crosses the window's boundary, as the generated bindings have it: the rest of the UI imports wire types from
 * here only. Offsets count Unicode code points, not UTF-16 units; `lib/spans.ts` converts.
 */

export type {
  Answer,
  AnswerEvent,
  AnswerStage,
  Arrivals,
  AskRequest,
  Block,
  BlockKind,
  Candidate,
  Case,
  CaseRun,
  Chunk,
  CitedRevision,
  Citation,
  Complaint,
  Conversation,
  ConversationHit,
  DataFolder,
  DataOrigin,
  DiffLine,
  Disagreement,
  Document,
  DocumentEvent,
  DocumentHistory,
  EmbedderCost,
  EngineState,
  EngineStatus,
  ErrorCode,
  ErrorKind,
  ErrorView,
  Explanation,
  ExportFormat,
  Fact,
  Fate,
  Fault,
  Feedback,
  FileKind,
  FetchEvent,
  FolderState,
  Fit,
  IndexJob,
  IndexSpec,
  IngestEvent,
  JobStatus,
  Locator,
  ModelCard,
  ModelEvent,
  ModelFailure,
  ModelSpeed,
  ModelState,
  ModelStatus,
  ModelStep,
  ModelsView,
  MoveEvent,
  MovePlan,
  MoveStage,
  NewCase,
  Occasion,
  Page,
  PageCoverage,
  PageSource,
  PageSpan,
  PageUnit,
  Passage,
  Piece,
  Preflight,
  Prompt,
  ProviderStatus,
  Quoted,
  Quotes,
  RemovalEvent,
  Remedy,
  Scope,
  Samples,
  Scores,
  SearchStage,
  SearchStep,
  Sentence,
  Side,
  Standing,
  Standings,
  Step,
  TableQuery,
  TableUsed,
  TextRect,
  Timings,
  TokenCounts,
  Trace,
  MenuLine,
  MenuView,
  StandardItem,
  TrayItem,
  TrayView,
  Turn,
  Verdict,
  WatchedFolder,
  WhyRequest,
} from "./bindings";

// The bindings write ids as plain strings; these say which one is meant.
export type DocumentId = string;
export type RevisionId = string;
export type JobId = string;
export type FolderId = string;
export type ConversationId = string;
export type TurnId = string;
export type AskId = string;
export type CaseId = string;

/** A half-open range of code points of a page's text. */
export interface CharSpan {
  start: number;
  end: number;
}
