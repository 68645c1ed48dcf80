import { tick } from "svelte";
import type { Backend } from "../backend/backend";
import type { JobId, TrayItem, TrayView } from "../backend/types";
import { t } from "../i18n/index.svelte";
import type { App } from "./app.svelte";
import { Run } from "./run";

/** The tray is told no more often than a person could read along; milliseconds. */
const pace = 500;

/** The icon in the system's tray: how reading files stands, with counts and never with names. */
export class Tray {
  /** Whether the desktop shows it; null while it is not wanted, or not known. */
  there = $state<boolean | null>(null);

  #app: App;
  #backend: Backend;
  #focused = $state(document.hasFocus());
  #run = new Run();
  /** Failures that stood in the window while it was in front. */
  #looked: JobId[] = [];
  #view: TrayView | null = null;
  #sent = "null";
  #sentAt = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(app: App, backend: Backend) {
    this.#app = app;
    this.#backend = backend;
    backend.onTrayChanged((there) => {
      if (this.#view) this.there = there;
    });
    backend.onQuestionWanted(() => this.#toQuestion());
  }

  /** Whether closing the window leaves Footnote in the tray. */
  get keeps(): boolean {
    return this.there === true && this.#app.preferences.get("closing") === "hides";
  }

  /** The window came to the front, or another did. */
  focus(focused: boolean): void {
    this.#focused = focused;
  }

  /** Shows how things stand. Called from an effect, it is called again whenever they change. */
  show(): void {
    this.#view = this.#app.preferences.get("tray") === "shown" ? this.#now() : null;
    if (JSON.stringify(this.#view) === this.#sent) return;
    this.#timer ??= setTimeout(() => void this.#send(), Math.max(this.#sentAt + pace - Date.now(), 0));
  }

  async #send(): Promise<void> {
    this.#timer = null;
    const view = this.#view;
    this.#sent = JSON.stringify(view);
    this.#sentAt = Date.now();
    try {
      const there = await this.#backend.showTray(view);
      this.there = this.#view ? there : null;
    } catch (thrown) {
      console.warn("The tray was not told", thrown);
      this.there = false;
    }
  }

  #now(): TrayView {
    const { library, preferences } = this.#app;
    const failed = library.failed.map(({ id }) => id);
    if (this.#focused) this.#looked = failed;
    const state = this.#state();
    const braking = library.paused || library.active.length > 0;
    const items: TrayItem[] = [
      { action: "show", label: t("tray.show") },
      { action: "ask", label: t("tray.ask") },
      ...(braking ? [library.paused ? ({ action: "resume", label: t("tray.resume") } as const) : ({ action: "pause", label: t("tray.pause") } as const)] : []),
      { action: "quit", label: t("tray.quit") },
    ];
    return {
      title: t("tray.title", { state: [state, this.#app.library.paused ? "" : this.#app.batch.left].filter(Boolean).join(" · ") }),
      state,
      attention: failed.some((id) => !this.#looked.includes(id)),
      items,
      keeps: preferences.get("closing") === "hides",
    };
  }

  #state(): string {
    const { engine, library } = this.#app;
    const run = this.#run.look(library.active);
    switch (engine.error ? "failed" : engine.status?.state) {
      case "failed":
        return t("tray.broken");
      case "needs_models":
        return t("tray.needsModels");
      case "ready":
        break;
      default:
        return t("tray.starting");
    }
    if (run && library.paused) return t("tray.paused", { count: library.active.length });
    if (run) return t("tray.reading", run);
    if (library.failed.length > 0) return t("tray.failed", { count: library.failed.length });
    return t(library.paused ? "tray.pausedIdle" : "tray.ready");
  }

  /** Goes to the box for questions, past what stands before it. */
  #toQuestion(): void {
    const { layout, source } = this.#app;
    this.#app.dialog = null;
    layout.drawer = false;
    if (layout.stacked) source.close();
    void tick().then(() => document.getElementById("question")?.focus());
  }
}
