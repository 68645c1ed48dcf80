export type Theme = "system" | "light" | "dark";

interface Saved {
  theme: Theme;
  scale: number;
  sidebar: number;
  source: number;
  sidebarOpen: boolean;
}

const storageKey = "footnote.layout";
const defaults: Saved = { theme: "system", scale: 1, sidebar: 17, source: 32, sidebarOpen: true };
const minimum = { sidebar: 13, chat: 22, source: 20 };
const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), Math.max(low, high));

/** Theme, text size and panel widths; widths are in rem, so they follow the text size. */
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

  get theme(): Theme {
    return this.#saved.theme;
  }

  get scale(): number {
    return this.#saved.scale;
  }

  setTheme(theme: Theme): void {
    this.#saved.theme = theme;
    this.#save();
  }

  setScale(scale: number): void {
    this.#saved.scale = clamp(Math.round(scale * 10) / 10, 0.8, 2);
    this.#save();
  }

  toggleSidebar(): void {
    if (this.narrow) this.drawer = !this.drawer;
    else {
      this.#saved.sidebarOpen = !this.#saved.sidebarOpen;
      this.#save();
    }
  }

  resize(panel: "sidebar" | "source", rem: number): void {
    this.#saved[panel] = panel === "sidebar" ? clamp(rem, minimum.sidebar, 30) : clamp(rem, minimum.source, this.width);
    this.#save();
  }

  /** Puts theme and text size on the document and measures the window. */
  apply(): void {
    const root = document.documentElement;
    if (this.theme === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = this.theme;
    root.style.fontSize = this.scale === 1 ? "" : `${this.scale * 100}%`;
    this.measure();
  }

  measure(): void {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    this.width = window.innerWidth / rem;
  }

  #save(): void {
    try {
      localStorage.setItem(storageKey, JSON.stringify(this.#saved));
    } catch {
      // Private storage may be refused; then sizes last as long as the window.
    }
  }
}

function load(): Saved {
  try {
    const saved = JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Saved>;
    const number = (value: unknown, otherwise: number) =>
      typeof value === "number" && Number.isFinite(value) ? value : otherwise;
    return {
      theme: saved.theme === "light" || saved.theme === "dark" ? saved.theme : "system",
      scale: clamp(number(saved.scale, 1), 0.8, 2),
      sidebar: number(saved.sidebar, defaults.sidebar),
      source: number(saved.source, defaults.source),
      sidebarOpen: saved.sidebarOpen !== false,
    };
  } catch {
    return { ...defaults };
  }
}
