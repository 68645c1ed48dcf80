import { getContext, setContext } from "svelte";
import { toErrorView, type Backend } from "../backend/backend";
import type { Answer, CharSpan, Conversation, ConversationId, Document, DocumentId, ErrorView, ExportFormat, Fate, Scope, TurnId, WatchedFolder } from "../backend/types";
import { t } from "../i18n/index.svelte";
import type { Source } from "../lib/answer";
import { placeOf } from "../lib/address";
import { linkTo, parseLink } from "../lib/link";
import { copyText } from "../lib/clipboard";
import { Batch } from "./batch.svelte";
import { Collections } from "./collections.svelte";
import { Chat, type TurnView } from "./chat.svelte";
import { collectionName, defaultCollection } from "../lib/collections";
import { fileName } from "../lib/format";
import { DataPlace } from "./data.svelte";
import { Engine } from "./engine.svelte";
import { Folders } from "./folders.svelte";
import { Layout } from "./layout.svelte";
import { Library } from "./library.svelte";
import { Living } from "./living.svelte";
import { MenuBar } from "./menuBar.svelte";
import { Models } from "./models.svelte";
import { Notifier } from "./notifier";
import { Preferences } from "./preferences.svelte";
import { Adding } from "./preflight.svelte";
import { Program } from "./program.svelte";
import { Removals } from "./removals.svelte";
import { Shelf } from "./shelf.svelte";
import { SourceView } from "./source.svelte";
import { Tray } from "./tray.svelte";

/** Reading so many pages again is done without a question. */
const pagesWithoutQuestion = 100;

/** Removing so many documents can be undone without a question before. */
const removedWithoutQuestion = 20;

/** Whether it is asked before so many documents are removed, some of which the filter hides. */
export function asksToRemove(count: number, hidden: number): boolean {
  return count > removedWithoutQuestion || hidden > 0;
}

/** A question before something is lost. */
export interface Confirmation {
  title: string;
  body: string;
  /** What else goes, which has to be looked up; null if nothing does. */
  besides?: Promise<string | null>;
  action: string;
  /** What can be done along with it, which is off unless it is chosen. */
  option?: string;
  /** `chosen`: whether the option is. */
  run: (chosen: boolean) => Promise<void> | void;
  /** Another way to go on. */
  other?: { action: string; run: () => Promise<void> | void };
  /** What the button says that leaves everything as it is. */
  stay?: string;
  /** Whether nothing is lost by it. */
  harmless?: true;
  /** Whether it leads out of this machine: the key that asked, held down, must not answer, too. */
  leaves?: true;
}

/** What should have been found for a question, as far as it is chosen. */
export interface WhyQuestion {
  turn: TurnId;
  question: string;
  document: DocumentId | null;
  page: number | null;
  span: [number, number] | null;
  /** In place of a span: words that stand there. */
  words: string | null;
}

/** What is shown beside a marker while it is pointed at: the quote it stands for, or why a sentence is marked. */
export type Tip = { anchor: HTMLElement } & ({ source: Source } | { words: string });

/** A dialog that is opened by its name. */
export type Dialog = "palette" | "settings" | "models" | "help" | "about" | "notices" | "diagnostics" | "cases" | "prompts" | "dates";

/** All state of the window, over one backend. */
export class App {
  readonly backend: Backend;
  readonly engine: Engine;
  readonly library: Library;
  readonly removals: Removals;
  readonly folders: Folders;
  readonly collections: Collections;
  readonly shelf: Shelf;
  readonly batch: Batch;
  readonly chat: Chat;
  readonly living: Living;
  readonly models: Models;
  readonly adding: Adding;
  readonly program: Program;
  readonly data: DataPlace;
  readonly tray: Tray;
  readonly menuBar: MenuBar;
  readonly source = new SourceView();
  readonly layout = new Layout();
  readonly preferences = new Preferences();
  /** Read out politely to screen readers. */
  announcement = $state("");
  confirmation = $state.raw<Confirmation | null>(null);
  tip = $state.raw<Tip | null>(null);
  dialog = $state<Dialog | null>(null);
  /** What is asked for why it was not found. */
  why = $state.raw<WhyQuestion | null>(null);
  /** The answer that a case is made of. */
  casing = $state.raw<TurnView | null>(null);
  /** The document whose details are shown. */
  details = $state.raw<Document | null>(null);

  constructor(backend: Backend) {
    this.backend = backend;
    const announce = (text: string) => (this.announcement = text);
    const notifier = new Notifier(backend, () => this.preferences.get("notify") === "shown");
    this.engine = new Engine(
      backend,
      () => {
        void this.library.refresh().then(() => this.program.ready());
        void this.folders.refresh();
        void this.chat.refresh();
      },
      notifier,
    );
    this.library = new Library(backend, announce, notifier);
    this.removals = new Removals(backend, this.library, announce);
    this.folders = new Folders(backend, (error) => this.#tell(error));
    this.collections = new Collections(backend, this.library, this.folders, announce, (from, to) => {
      this.chat.collectionRenamed(from, to);
      this.shelf.collectionRenamed(from, to);
    });
    this.shelf = new Shelf(this.library, this.folders, this.collections);
    this.batch = new Batch(this.library);
    this.chat = new Chat(backend, announce, this.preferences);
    this.living = new Living(backend, this.library);
    this.models = new Models(backend, (question) => this.confirm(question), notifier);
    this.adding = new Adding(
      backend,
      (paths, except, collection) => this.library.add(paths, except, collection),
      // What is dropped while a collection is looked at is meant for it.
      () => this.shelf.collection ?? defaultCollection,
      (error) => this.#tell(error),
    );
    this.program = new Program(this, backend);
    this.data = new DataPlace(backend, (question) => this.confirm(question));
    this.tray = new Tray(this, backend);
    this.menuBar = new MenuBar(this, backend);
  }

  async start(): Promise<void> {
    await Promise.all([this.engine.refresh(), this.library.refresh(), this.folders.refresh(), this.chat.refresh()]);
  }

  /** What the next question is asked of: the documents that are checked, else a collection, else everything. */
  get scope(): Scope {
    const documents = this.library.scoped;
    const { collection } = this.chat;
    const there = collection !== null && documents.length === 0 && this.collections.names.includes(collection);
    return { collection: there ? collection : null, documents };
  }

  /** Whether the next question is limited to something. */
  get narrowed(): boolean {
    return this.scope.collection !== null || this.scope.documents.length > 0 || this.chat.dates !== null;
  }

  /** Limits questions to a collection. */
  askCollection(name: string): void {
    this.library.scope = {};
    this.chat.collection = name;
    this.announcement = t("collections.asking", { name: collectionName(name) });
  }

  /** Asks everything again. */
  askAll(): void {
    this.library.scope = {};
    this.chat.collection = null;
    this.chat.dates = null;
  }

  newChat(): void {
    this.source.close();
    this.tip = null;
    this.chat.startNew();
    document.querySelector<HTMLElement>("#question")?.focus();
  }

  /** Shows a conversation, from one of its turns on if one is named. */
  async openChat(id: ConversationId, turn: TurnId | null = null): Promise<void> {
    if (this.chat.thread.id !== id) this.source.close();
    this.layout.drawer = false;
    this.chat.sought = turn;
    await this.chat.open(id);
  }

  /** Makes a conversation's title a box to type in. */
  startRename(conversation: Conversation): void {
    this.layout.showSidebar();
    if (!this.chat.hits?.some((hit) => hit.conversation.id === conversation.id)) void this.chat.search("");
    this.chat.renaming = conversation.id;
  }

  async renameChat(conversation: Conversation, title: string): Promise<void> {
    this.chat.renaming = null;
    this.#tell(await this.chat.rename(conversation, title));
  }

  async pinChat(conversation: Conversation, pinned: boolean): Promise<void> {
    this.#tell(await this.chat.pin(conversation, pinned));
  }

  /** Asks where to, writes the conversation, and says where it is. */
  async exportChat(conversation: Conversation, format: ExportFormat): Promise<void> {
    let path: string | null;
    try {
      path = await this.chat.export(conversation.id, format, this.#masks);
    } catch (thrown) {
      this.#tell(toErrorView(thrown));
      return;
    }
    this.layout.showSidebar();
    if (path === null) this.library.tell("info", t("chats.exportCanceled"), null);
    else this.library.tell("info", t("chats.exported", { title: conversation.title }), path);
  }

  /** Asks where to, writes how an answer came about for OpenTelemetry, and says where it is. */
  async exportTrace(answer: Answer, texts: boolean): Promise<void> {
    try {
      const path = await this.chat.exportTrace(answer, texts, this.#masks);
      this.library.tell("info", t(path === null ? "chats.exportCanceled" : "trace.saved"), path);
    } catch (thrown) {
      this.#tell(toErrorView(thrown));
    }
    this.layout.showSidebar();
  }

  /** Whether personal data is masked in what is written out. */
  get #masks(): boolean {
    return this.preferences.get("personal") === "masked";
  }

  /** Deletes a conversation, after a question. */
  removeChat(conversation: Conversation): void {
    this.confirm({
      title: t("chats.deleteTitle"),
      body: t("chats.deleteBody", { title: conversation.title, count: conversation.turns }),
      action: t("chats.deleteAction"),
      run: async () => this.#tell(await this.chat.remove(conversation.id)),
    });
  }

  async addFiles(): Promise<void> {
    await this.adding.look(await this.library.chooseFiles());
  }

  async addFolder(): Promise<void> {
    await this.adding.look(await this.library.chooseFolder());
  }

  /** Adds the samples, and puts the question that they answer into the box unless something stands there. */
  async addSamples(): Promise<void> {
    const samples = await this.library.samples();
    if (!samples) return;
    if (this.chat.draft.trim() === "") this.chat.draft = samples.question;
    document.getElementById("question")?.focus();
    await this.library.add(samples.paths);
  }

  /** Stops watching a folder, after the question what becomes of its documents. */
  stopWatching(folder: WatchedFolder): void {
    const stop = (documents: Fate) => this.folders.stop(folder.id, documents);
    const title = t("folders.stopTitle", { name: fileName(folder.path) });
    if (folder.documents === 0) {
      this.confirm({ title, body: t("folders.stopEmpty"), action: t("folders.stop"), run: () => stop("keep"), harmless: true });
      return;
    }
    this.confirm({
      title,
      body: t("folders.stopBody", { count: folder.documents }),
      action: t("folders.stopRemove"),
      option: t("removal.withQuotes"),
      run: (quotes) => stop(quotes ? "remove_with_quotes" : "remove"),
      other: { action: t("folders.stopKeep"), run: () => stop("keep") },
      stay: t("app.cancel"),
    });
  }

  /** Removes the documents whose files went away all at once, after a question. */
  removeMissing(folder: WatchedFolder): void {
    this.confirm({
      title: t("library.removeManyTitle"),
      body: t("folders.missingBody", { count: folder.missing, name: fileName(folder.path) }),
      action: t("library.removeManyAction"),
      option: t("removal.withQuotes"),
      run: (quotes) => this.folders.settle(folder.id, quotes ? "remove_with_quotes" : "remove"),
    });
  }

  /** Removes documents; after a question if they are many, or if some are not on show in the library. */
  async removeDocuments(documents: Document[], hidden = 0): Promise<void> {
    const remove = async (quotes: boolean) => {
      if (documents.some(({ id }) => id === this.source.current?.document)) this.source.close();
      await this.removals.remove(documents, quotes ? "go" : "stay");
    };
    if (!asksToRemove(documents.length, hidden)) {
      await remove(false);
      return;
    }
    const body = t("library.removeManyBody", { count: documents.length });
    this.confirm({
      title: t("library.removeManyTitle"),
      body: hidden > 0 ? `${body} ${t("library.removeManyHidden", { count: hidden })}` : body,
      action: t("library.removeManyAction"),
      option: t("removal.withQuotes"),
      run: remove,
    });
  }

  /** Narrows the library to what lies in a folder. */
  showFolder(folder: string): void {
    this.layout.showSidebar();
    this.shelf.clear();
    this.shelf.shownCollection = null;
    this.shelf.folders = [folder];
  }

  /** Reads documents again; after a question if that may take long. */
  readAgain(ids: DocumentId[]): void {
    const known = this.library.documents.filter(({ id }) => ids.includes(id));
    const pages = known.reduce((sum, document) => sum + document.pages, 0);
    const run = () => this.library.readAgain(ids);
    if (known.length === 1 && pages <= pagesWithoutQuestion) {
      void run();
      return;
    }
    this.confirm({
      title: t("library.rereadTitle", { count: known.length }),
      body: t("library.rereadBody", { count: pages }),
      action: t("library.rereadAction"),
      run,
      stay: t("app.cancel"),
      harmless: true,
    });
  }

  /** Opens a document's file in the system's program for it. */
  async openFile(document: DocumentId): Promise<void> {
    await this.backend.openDocument(document).catch((thrown: unknown) => this.#tell(toErrorView(thrown)));
  }

  /** Shows a document's file in its folder. */
  async revealFile(document: DocumentId): Promise<void> {
    await this.backend.revealDocument(document).catch((thrown: unknown) => this.#tell(toErrorView(thrown)));
  }

  /**
   * Says where a link of a document leads, and goes there once it is told to. The window itself goes nowhere: a link has
   * no address that it could follow.
   */
  askAddress(address: string): void {
    const place = placeOf(address);
    const copy = async () => {
      if (await copyText(address)) this.announcement = t("source.link.copied");
      else this.library.tell("error", t("source.link.notCopied"), address);
    };
    const copied = { action: t("source.link.copy"), run: copy };
    const common = { title: t("source.link.title"), body: address, stay: t("app.cancel"), harmless: true } as const;
    if (place.kind === "hidden") {
      this.confirm({ ...common, ...copied, besides: Promise.resolve(t("source.link.hidden", { site: place.site })) });
      return;
    }
    this.confirm({
      ...common,
      besides: Promise.resolve(place.kind === "site" ? t("source.link.noteSite", { site: place.site }) : t("source.link.noteMail")),
      action: t(place.kind === "site" ? "source.link.open" : "source.link.write"),
      run: () => this.backend.openAddress(address).catch((thrown: unknown) => this.#tell(toErrorView(thrown))),
      other: copied,
      leaves: true,
    });
  }

  #tell(error: ErrorView | null): void {
    if (!error) return;
    this.layout.showSidebar();
    this.library.tellError(error);
  }

  /** Shows a document from a page on, with a stretch of that page marked; focus comes back to `from`. */
  openDocument(document: Document, page: number, from: HTMLElement | null = null, span: CharSpan = { start: 0, end: 0 }): void {
    this.layout.drawer = false;
    const { id, revision, path, title } = document;
    this.source.openOne({ n: 0, document: id, revision: revision ?? "", path, title, page, ...span, quote: "" }, from);
  }

  /** Opens the page that a link leads to, or says why not. */
  openLink(link: string): void {
    const place = parseLink(link);
    const document = place && this.library.documents.find(({ id }) => id === place.document);
    if (!document) {
      this.layout.showSidebar();
      if (place) this.library.tell("error", t("link.gone"), t("link.goneHint"));
      else this.library.tell("error", t("link.wrong"), t("link.wrongHint"));
      return;
    }
    const pages = Math.max(document.pages, 1);
    const page = place.page ?? 1;
    if (page > pages) {
      this.layout.showSidebar();
      this.library.tell("info", t("link.fewer", { page, count: pages }), null);
    }
    this.openDocument(document, Math.min(page, pages), globalThis.document.querySelector<HTMLElement>("#question"));
  }

  /** Puts a link to a document on the clipboard, or to one of its pages. */
  async copyLink(document: DocumentId, page: number | null): Promise<void> {
    const link = linkTo({ document, page });
    if (await copyText(link)) this.announcement = t("link.copied");
    else this.library.tell("error", t("link.notCopied"), link);
  }

  /** Asks where to move the data; the settings show where it is, and what came of it. */
  moveData(): void {
    this.show("settings");
    void this.data.choose();
  }

  /** Shows a dialog in the place of the one that stands. */
  show(dialog: Dialog): void {
    this.tip = null;
    this.dialog = dialog;
  }

  /** Takes in what was dropped on the window: models where they are looked at, documents anywhere else. */
  drop(paths: string[]): void {
    const models = this.dialog === "models" || (paths.length > 0 && paths.every((path) => path.toLowerCase().endsWith(".gguf")));
    if (!models) return void this.adding.look(paths);
    this.show("models");
    if (!this.models.busy) void this.models.import(paths);
  }

  /** Takes a dialog away, unless another already stands in its place. */
  closed(dialog: Dialog): void {
    if (this.dialog === dialog) this.dialog = null;
  }

  /** Takes a document's details away, unless another's already stand in their place. */
  closeDetails(document: DocumentId): void {
    if (this.details?.id === document) this.details = null;
  }

  /** Asks why something was not found for an answered question. */
  askWhy(turn: TurnView, about: Partial<WhyQuestion> = {}): void {
    if (!turn.answer) return;
    this.tip = null;
    const nothing = { document: null, page: null, span: null, words: null };
    this.why = { ...nothing, ...about, turn: turn.answer.turn, question: turn.question };
  }

  confirm(confirmation: Confirmation): void {
    this.confirmation = confirmation;
  }

  /** Takes the answered question away, unless another one already stands in its place. */
  answered(confirmation: Confirmation): void {
    if (this.confirmation === confirmation) this.confirmation = null;
  }
}

const key = Symbol("app");

export function provideApp(app: App): void {
  setContext(key, app);
}

export function useApp(): App {
  return getContext<App>(key);
}
