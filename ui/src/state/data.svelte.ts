import { toErrorView, type Backend } from "../backend/backend";
import type { DataFolder, ErrorView, MoveEvent } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { bytes } from "../lib/format";
import type { Confirmation } from "./app.svelte";

/** A move under way. */
export interface Moving {
  to: string;
  event: MoveEvent | null;
  canceling: boolean;
}

/** Where the data is, and moving it. */
export class DataPlace {
  folder = $state.raw<DataFolder | null>(null);
  /** Why the folder cannot be looked into, or was not moved. */
  error = $state.raw<ErrorView | null>(null);
  moving = $state<Moving | null>(null);
  /** What came of the last move; read out politely. */
  announcement = $state("");

  #backend: Backend;
  #confirm: (confirmation: Confirmation) => void;

  constructor(backend: Backend, confirm: (confirmation: Confirmation) => void) {
    this.#backend = backend;
    this.#confirm = confirm;
  }

  async refresh(): Promise<void> {
    try {
      this.folder = await this.#backend.dataFolder();
    } catch (thrown) {
      this.error = toErrorView(thrown);
    }
  }

  /** Asks where to, and whether. */
  async choose(): Promise<void> {
    if (this.moving) return;
    this.error = null;
    this.announcement = "";
    try {
      const [to] = await this.#backend.pickDataFolder();
      if (to === undefined) return;
      const plan = await this.#backend.planMove(to);
      this.#confirm({
        title: t("data.moveTitle"),
        body: t("data.moveBody", { size: bytes(plan.bytes), to: plan.to }),
        action: t("data.moveAction"),
        run: () => this.#move(plan.to),
        stay: t("app.cancel"),
        harmless: true,
      });
    } catch (thrown) {
      this.error = toErrorView(thrown);
    }
  }

  async cancel(): Promise<void> {
    if (!this.moving) return;
    this.moving.canceling = true;
    await this.#backend.cancelMove().catch((thrown: unknown) => (this.error = toErrorView(thrown)));
  }

  async #move(to: string): Promise<void> {
    const old = this.folder ?? (await this.#backend.dataFolder().catch(() => null));
    this.moving = { to, event: null, canceling: false };
    try {
      await this.#backend.moveData(to, (event) => {
        if (this.moving) this.moving.event = event;
      });
    } catch (thrown) {
      const error = toErrorView(thrown);
      if (error.code === "canceled") this.announcement = t("data.canceled");
      else this.error = error;
      return;
    } finally {
      this.moving = null;
      await this.refresh();
    }
    this.announcement = t("data.moved", { to });
    if (old) this.#askOld(old, to);
  }

  #askOld(old: DataFolder, to: string): void {
    const from = old.path;
    this.#confirm({
      title: t("data.oldTitle"),
      body: t("data.oldBody", { to, from, size: bytes(old.bytes) }),
      action: t("data.oldAction"),
      run: () => this.#removeOld(from),
      stay: t("data.oldKeep"),
    });
  }

  async #removeOld(from: string): Promise<void> {
    try {
      const others = await this.#backend.removeOldData();
      this.announcement = others ? t("data.oldOthers", { from }) : t("data.oldDeleted");
    } catch (thrown) {
      this.error = toErrorView(thrown);
    }
    await this.refresh();
  }
}
