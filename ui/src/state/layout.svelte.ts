import { store, stored } from "../lib/stored";

interface Saved {
  sidebar: number;
  source: number;
  sidebarOpen: boolean;
  pages: number;
  /** Null until the user has shown or hidden the pages: then they stand where there is room for them. */
  pagesOpen: boolean | null;
}

/** What a border can be moved of. */
export type Panel = "sidebar" | "source" | "pages";

const storageKey = "footnote.layout";
const defaults: Saved = { sidebar: 17, source: 32, sidebarOpen: true, pages: 8, pagesOpen: null };
/** Least widths, in rem. */
export const minimum = { sidebar: 13, chat: 22, source: 20, pages: 5 };
/** Width of the source from which on its pages are shown beside it unasked. */
const roomForPages = 38;
const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), Math.max(low, high));

/** Panel widths, in rem, so that they follow the text size, and which panels there is room for. */
export class Layout {
  #saved = $state<Saved>(load());
  /** The window's width in rem. */
  width = $state(80);
  /** The drawer, where the sidebar does not fit beside the rest. */
  drawer = $state(false);
  sourceOpen = $state(false);

  /** Whether the sidebar covers the conversation instead of standing beside it. */
  get narrow(): boolean {
    return this.width < minimum.sidebar + minimum.chat + (this.sourceOpen ? minimum.source + 8 : 4);
  }

  /** Whether the source covers the conversation. */
  get stacked(): boolean {
    return this.width < minimum.chat + minimum.source;
  }

  get sidebarShown(): boolean {
    return this.narrow ? this.drawer : this.#saved.sidebarOpen;
  }

  get sidebar(): number {
    return clamp(this.#saved.sidebar, minimum.sidebar, this.narrow ? this.width - 4 : this.width * 0.4);
  }

  get source(): number {
    const left = this.narrow || !this.#saved.sidebarOpen ? 0 : this.sidebar;
    return clamp(this.#saved.source, minimum.source, this.width - left - minimum.chat);
  }

  /** Width of the pages of the source, beside the one that is read. */
  get pages(): number {
    return clamp(this.#saved.pages, minimum.pages, this.most("pages"));
  }

  get pagesShown(): boolean {
    return this.#saved.pagesOpen ?? this.#sourceWidth >= roomForPages;
  }

  togglePages(): void {
    this.#saved.pagesOpen = !this.pagesShown;
    store(storageKey, this.#saved);
  }

  get #sourceWidth(): number {
    return this.stacked ? this.width : this.source;
  }

  /** How wide a panel can be made. */
  most(panel: Panel): number {
    if (panel === "pages") return Math.min(20, this.#sourceWidth * 0.45);
    return panel === "sidebar" ? 30 : this.width;
  }

  /** Shows the sidebar where it is hidden. */
  showSidebar(): void {
    if (!this.sidebarShown) this.toggleSidebar();
  }

  toggleSidebar(): void {
    if (this.narrow) this.drawer = !this.drawer;
    else {
      this.#saved.sidebarOpen = !this.#saved.sidebarOpen;
      store(storageKey, this.#saved);
    }
  }

  resize(panel: Panel, rem: number): void {
    this.#saved[panel] = clamp(rem, minimum[panel], this.most(panel));
    store(storageKey, this.#saved);
  }

  measure(): void {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    this.width = window.innerWidth / rem;
  }
}

function load(): Saved {
  const saved = stored<Record<keyof Saved, unknown>>(storageKey);
  const number = (value: unknown, otherwise: number) =>
    typeof value === "number" && Number.isFinite(value) ? value : otherwise;
  return {
    sidebar: number(saved.sidebar, defaults.sidebar),
    source: number(saved.source, defaults.source),
    sidebarOpen: saved.sidebarOpen !== false,
    pages: number(saved.pages, defaults.pages),
    pagesOpen: typeof saved.pagesOpen === "boolean" ? saved.pagesOpen : null,
  };
}
