import { toErrorView, type Backend } from "../backend/backend";
import { t } from "../i18n/index.svelte";
import type { App } from "./app.svelte";

/** What the system asks of the window: to show what a start was given, and to close. */
export class Program {
  #app: App;
  #backend: Backend;
  #ready = false;

  constructor(app: App, backend: Backend) {
    this.#app = app;
    this.#backend = backend;
    backend.onArrived(() => void this.#take());
    backend.onQuitAsked((waiting) => this.#askQuit(waiting));
  }

  /** To be called when the engine came up and the library is known. */
  async ready(): Promise<void> {
    const { library } = this.#app;
    if (!this.#ready && library.active.length > 0 && !library.paused) {
      library.tell("info", t("program.goesOn", { count: library.active.length }), null);
    }
    this.#ready = true;
    await this.#take();
  }

  /** Ends the program; asks first if files are not read yet. */
  async quit(): Promise<void> {
    const { library } = this.#app;
    const waiting = library.paused ? 0 : library.active.length;
    if (waiting > 0) this.#askQuit(waiting);
    else await this.#end();
  }

  /** What starts were given waits until it can be dealt with. */
  async #take(): Promise<void> {
    if (!this.#ready) return;
    const told = await this.#backend.takeArrivals().catch(() => null);
    if (!told) return;
    for (const link of told.links) this.#app.openLink(link);
    await this.#app.adding.look(told.paths, true);
  }

  #askQuit(waiting: number): void {
    this.#app.confirm({
      title: t("program.quitTitle"),
      body: t("program.quitBody", { count: waiting }),
      action: t("program.quitAction"),
      run: () => this.#end(),
      stay: t("program.quitStay"),
      harmless: true,
    });
  }

  async #end(): Promise<void> {
    await this.#backend.quit().catch((thrown: unknown) => {
      this.#app.library.tellError(toErrorView(thrown));
    });
  }
}
