import { getContext, setContext } from "svelte";
import type { Backend } from "../backend/backend";
import type { ConversationId, Document, DocumentId } from "../backend/types";
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

  async openChat(id: ConversationId): Promise<void> {
    if (this.chat.thread.id !== id) this.source.close();
    this.layout.drawer = false;
    await this.chat.open(id);
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
