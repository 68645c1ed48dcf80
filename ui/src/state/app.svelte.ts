import { getContext, setContext } from "svelte";
import { toErrorView, type Backend } from "../backend/backend";
import type { Conversation, ConversationId, Document, DocumentId, ErrorView, ExportFormat, TurnId } from "../backend/types";
import { t } from "../i18n/index.svelte";
import type { Source } from "../lib/answer";
import { Chat } from "./chat.svelte";
import { Engine } from "./engine.svelte";
import { Layout } from "./layout.svelte";
import { Library } from "./library.svelte";
import { Preferences } from "./preferences.svelte";
import { SourceView } from "./source.svelte";

/** A question before something is lost. */
export interface Confirmation {
  title: string;
  body: string;
  action: string;
  run: () => Promise<void> | void;
}

/** What is shown beside a marker while it is pointed at: the quote it stands for, or why a sentence is marked. */
export type Tip = { anchor: HTMLElement } & ({ source: Source } | { words: string });

/** A dialog that is opened by its name. */
export type Dialog = "palette" | "settings" | "help" | "about";

/** All state of the window, over one backend. */
export class App {
  readonly backend: Backend;
  readonly engine: Engine;
  readonly library: Library;
  readonly chat: Chat;
  readonly source = new SourceView();
  readonly layout = new Layout();
  readonly preferences = new Preferences();
  /** Read out politely to screen readers. */
  announcement = $state("");
  confirmation = $state.raw<Confirmation | null>(null);
  tip = $state.raw<Tip | null>(null);
  dialog = $state<Dialog | null>(null);
  /** The document whose details are shown. */
  details = $state.raw<Document | null>(null);

  constructor(backend: Backend) {
    this.backend = backend;
    const announce = (text: string) => (this.announcement = text);
    this.engine = new Engine(backend, () => {
      void this.library.refresh();
      void this.chat.refresh();
    });
    this.library = new Library(backend, announce);
    this.chat = new Chat(backend, announce);
  }

  async start(): Promise<void> {
    await Promise.all([this.engine.refresh(), this.library.refresh(), this.chat.refresh()]);
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
      path = await this.chat.export(conversation.id, format);
    } catch (thrown) {
      this.#tell(toErrorView(thrown));
      return;
    }
    this.layout.showSidebar();
    if (path === null) this.library.tell("info", t("chats.exportCanceled"), null);
    else this.library.tell("info", t("chats.exported", { title: conversation.title }), path);
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

  #tell(error: ErrorView | null): void {
    if (!error) return;
    this.layout.showSidebar();
    this.library.tell("error", error.message, error.hint);
  }

  /** Shows a document from a page on; focus comes back to `from`. */
  openDocument(document: Document, page: number, from: HTMLElement | null = null): void {
    this.layout.drawer = false;
    const { id, revision, path, title } = document;
    this.source.openOne({ n: 0, document: id, revision: revision ?? "", path, title, page, start: 0, end: 0, quote: "" }, from);
  }

  /** Shows a dialog in the place of the one that stands. */
  show(dialog: Dialog): void {
    this.tip = null;
    this.dialog = dialog;
  }

  /** Takes a dialog away, unless another already stands in its place. */
  closed(dialog: Dialog): void {
    if (this.dialog === dialog) this.dialog = null;
  }

  /** Takes a document's details away, unless another's already stand in their place. */
  closeDetails(document: DocumentId): void {
    if (this.details?.id === document) this.details = null;
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
