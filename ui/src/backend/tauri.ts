import { Channel, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import type { Backend, Listener, Unlisten } from "./backend";
import type { EngineStatus } from "./types";

function channel<T>(listener: Listener<T>): Channel<T> {
  const result = new Channel<T>();
  result.onmessage = listener;
  return result;
}

/** Tauri subscribes asynchronously; this lets go even if asked before the subscription stands. */
function subscription(pending: Promise<Unlisten>): Unlisten {
  let ended = false;
  let unlisten: Unlisten | null = null;
  pending.then(
    (done) => {
      if (ended) done();
      else unlisten = done;
    },
    (error: unknown) => console.error("Could not subscribe to a window event", error),
  );
  return () => {
    ended = true;
    unlisten?.();
    unlisten = null;
  };
}

/** The engine behind the window. */
export function createBackend(): Backend {
  return {
    status: () => invoke("status"),
    fetchModels: (onEvent) => invoke("fetch_models", { onEvent: channel(onEvent) }),
    cancelFetch: () => invoke("cancel_fetch"),

    addPaths: (paths, onEvent) => invoke("add_paths", { paths, onEvent: channel(onEvent) }),
    pickFiles: () => invoke("pick_files"),
    pickFolder: () => invoke("pick_folder"),
    cancelJobs: () => invoke("cancel_jobs"),
    retryJob: (job) => invoke("retry_job", { job }),
    dismissJob: (job) => invoke("dismiss_job", { job }),
    listJobs: () => invoke("list_jobs"),

    listDocuments: () => invoke("list_documents"),
    removeDocument: (document) => invoke("remove_document", { document }),
    documentPage: (document, revision, number) => invoke("document_page", { document, revision, number }),
    documentBytes: (document) => invoke("document_bytes", { document }),

    ask: (request, onEvent) => invoke("ask", { request, onEvent: channel(onEvent) }),
    cancelAsk: (ask) => invoke("cancel_ask", { ask }),
    listConversations: () => invoke("list_conversations"),
    conversationTurns: (conversation) => invoke("conversation_turns", { conversation }),
    removeConversation: (conversation) => invoke("remove_conversation", { conversation }),

    onDrop: (handler) =>
      subscription(
        getCurrentWebview().onDragDropEvent(({ payload }) => {
          if (payload.type === "drop") handler(payload.paths, "drop");
          else if (payload.type === "leave") handler([], "leave");
          else handler(payload.type === "enter" ? payload.paths : [], "over");
        }),
      ),
    onLibraryChanged: (handler) => subscription(listen("library-changed", () => handler())),
    onStatusChanged: (handler) =>
      subscription(listen<EngineStatus>("status-changed", ({ payload }) => handler(payload))),
  };
}
