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
    takeArrivals: commands.takeArrivals,
    quit: async () => void (await commands.quit()),
    notify: async (title, body) => void (await commands.notify(title, body)),
    showTray: commands.showTray,
    showMenus: commands.showMenus,

    dataFolder: commands.dataFolder,
    pickDataFolder: commands.pickDataFolder,
    planMove: commands.planMove,
    moveData: async (to, onEvent) => void (await commands.moveData(to, channel(onEvent))),
    cancelMove: async () => void (await commands.cancelMove()),
    removeOldData: commands.removeOldData,
    diagnostics: commands.diagnostics,
    saveDiagnostics: commands.saveDiagnostics,
    notices: commands.thirdPartyNotices,

    fetchModels: async (onEvent) => void (await commands.fetchModels(channel(onEvent))),
    cancelFetch: async () => void (await commands.cancelFetch()),

    lookThrough: (paths, collection, onFound) => commands.lookThrough(paths, collection, channel(onFound)),
    stopLooking: async () => void (await commands.stopLooking()),
    addPaths: async (paths, except, collection, onEvent) => void (await commands.addPaths(paths, except, collection, channel(onEvent))),
    samples: commands.samples,
    pickFiles: commands.pickFiles,
    pickFolder: commands.pickFolder,
    cancelJobs: async () => void (await commands.cancelJobs()),
    retryJob: async (job) => void (await commands.retryJob(job)),
    unlockJob: async (job, password) => void (await commands.unlockJob(job, password)),
    dismissJob: async (job) => void (await commands.dismissJob(job)),
    listJobs: commands.listJobs,
    retryFailed: async () => void (await commands.retryFailed()),
    indexingPaused: commands.indexingPaused,
    pauseIndexing: async (now) => void (await commands.pauseIndexing(now)),
    resumeIndexing: async () => void (await commands.resumeIndexing()),

    listFolders: commands.listFolders,
    foldersAmong: commands.foldersAmong,
    watchFolder: async (path, collection) => void (await commands.watchFolder(path, collection)),
    unwatchFolder: async (folder, documents) => void (await commands.unwatchFolder(folder, documents)),
    pauseFolder: async (folder, paused) => void (await commands.pauseFolder(folder, paused)),
    ignoreInFolder: async (folder, patterns) => void (await commands.ignoreInFolder(folder, patterns)),
    moveFolder: commands.moveFolder,
    scanFolder: async (folder) => void (await commands.scanFolder(folder)),
    settleMissing: async (folder, documents) => void (await commands.settleMissing(folder, documents)),

    listDocuments: commands.listDocuments,
    removeDocuments: async (documents, quotes, onEvent) => void (await commands.removeDocuments(documents, quotes, channel(onEvent))),
    holdRemoval: async (removal, held) => void (await commands.holdRemoval(removal, held)),
    finishRemoval: async (removal) => void (await commands.finishRemoval(removal)),
    takeQuotes: commands.takeQuotes,
    undoRemoval: commands.undoRemoval,
    moveToCollection: commands.moveToCollection,
    renameCollection: async (from, to) => void (await commands.renameCollection(from, to)),
    documentCoverage: commands.documentCoverage,
    documentPage: commands.documentPage,
    documentBytes: commands.documentBytes,
    documentPicture: commands.documentPicture,
    standing: commands.standing,
    documentChunks: commands.documentChunks,
    documentHistory: commands.documentHistory,
    readAgain: async (documents, onEvent) => void (await commands.readAgain(documents, channel(onEvent))),
    openDocument: async (document) => void (await commands.openDocument(document)),
    revealDocument: async (document) => void (await commands.revealDocument(document)),
    openAddress: async (address) => void (await commands.openAddress(address)),

    ask: (request, onEvent) => commands.ask(request, channel(onEvent)),
    cancelAsk: async (ask) => void (await commands.cancelAsk(ask)),
    listConversations: commands.listConversations,
    searchConversations: commands.searchConversations,
    renameConversation: async (conversation, title) => void (await commands.renameConversation(conversation, title)),
    pinConversation: async (conversation, pinned) => void (await commands.pinConversation(conversation, pinned)),
    exportConversation: commands.exportConversation,
    exportTrace: commands.exportTrace,
    suggestions: commands.suggestions,
    conversationTurns: commands.conversationTurns,
    removeConversation: async (conversation) => void (await commands.removeConversation(conversation)),

    modelsView: commands.modelsView,
    downloadModel: async (model, onEvent) => void (await commands.downloadModel(model, channel(onEvent))),
    pauseDownload: async (model) => void (await commands.pauseDownload(model)),
    discardDownload: async (model) => void (await commands.discardDownload(model)),
    useModel: async (model, onEvent) => void (await commands.useModel(model, channel(onEvent))),
    stopUsing: async (role) => void (await commands.stopUsing(role)),
    embedderCost: (model, onEvent) => commands.embedderCost(model, channel(onEvent)),
    importModel: (path, onEvent) => commands.importModel(path, channel(onEvent)),
    pickModelFile: commands.pickModelFile,
    measureModel: (model, onEvent) => commands.measureModel(model, channel(onEvent)),
    removeModel: async (model) => void (await commands.removeModel(model)),
    unloadModels: async () => void (await commands.unloadModels()),
    tryModel: async (model, question, onEvent) => void (await commands.tryModel(model, question, channel(onEvent))),
    cancelModelWork: async () => void (await commands.cancelModelWork()),
    explain: commands.explain,
    setFeedback: async (turn, feedback) => void (await commands.setFeedback(turn, feedback)),
    listCases: commands.listCases,
    makeCase: commands.makeCase,
    removeCase: async (id) => void (await commands.removeCase(id)),
    runCase: commands.runCase,
    listPrompts: commands.listPrompts,
    editPrompt: commands.editPrompt,
    usePrompt: commands.usePrompt,
    textChanges: commands.textChanges,

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
    onArrived: (handler) => subscription(events.arrived.listen(() => handler())),
    onQuitAsked: (handler) => subscription(events.quitAsked.listen(({ payload }) => handler(payload.waiting))),
    onTrayChanged: (handler) => subscription(events.trayChanged.listen(({ payload }) => handler(payload.there))),
    onQuestionWanted: (handler) => subscription(events.questionWanted.listen(() => handler())),
    onCommandPicked: (handler) => subscription(events.commandPicked.listen(({ payload }) => handler(payload.id))),
  };
}
