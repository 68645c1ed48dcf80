import { Channel } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import type { Backend, Listener, Unlisten } from "./backend";
import { commands, events } from "./bindings";

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
    status: commands.status,
    fetchModels: async (onEvent) => void (await commands.fetchModels(channel(onEvent))),
    cancelFetch: async () => void (await commands.cancelFetch()),

    addPaths: async (paths, onEvent) => void (await commands.addPaths(paths, channel(onEvent))),
    pickFiles: commands.pickFiles,
    pickFolder: commands.pickFolder,
    cancelJobs: async () => void (await commands.cancelJobs()),
    retryJob: async (job) => void (await commands.retryJob(job)),
    unlockJob: async (job, password) => void (await commands.unlockJob(job, password)),
    dismissJob: async (job) => void (await commands.dismissJob(job)),
    listJobs: commands.listJobs,

    listDocuments: commands.listDocuments,
    removeDocument: async (document) => void (await commands.removeDocument(document)),
    documentCoverage: commands.documentCoverage,
    documentPage: commands.documentPage,
    documentBytes: commands.documentBytes,

    ask: (request, onEvent) => commands.ask(request, channel(onEvent)),
    cancelAsk: async (ask) => void (await commands.cancelAsk(ask)),
    listConversations: commands.listConversations,
    searchConversations: commands.searchConversations,
    renameConversation: async (conversation, title) => void (await commands.renameConversation(conversation, title)),
    pinConversation: async (conversation, pinned) => void (await commands.pinConversation(conversation, pinned)),
    exportConversation: commands.exportConversation,
    conversationTurns: commands.conversationTurns,
    removeConversation: async (conversation) => void (await commands.removeConversation(conversation)),

    onDrop: (handler) =>
      subscription(
        getCurrentWebview().onDragDropEvent(({ payload }) => {
          if (payload.type === "drop") handler(payload.paths, "drop");
          else if (payload.type === "leave") handler([], "leave");
          else handler(payload.type === "enter" ? payload.paths : [], "over");
        }),
      ),
    onLibraryChanged: (handler) => subscription(events.libraryChanged.listen(() => handler())),
    onStatusChanged: (handler) => subscription(events.statusChanged.listen(({ payload }) => handler(payload))),
  };
}
