import { tick } from "svelte";
import type { Backend } from "../backend/backend";
import type { MenuLine, MenuView, StandardItem } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { dialogs } from "../lib/modal.svelte";
import type { App } from "./app.svelte";
import { exportFormats } from "./chat.svelte";
import { commands, type Command, type Keys } from "./commands";
import { choices } from "./preferences.svelte";

/** A line between groups. */
const line = null;
/** Commands by their ids, what the system does by its name, and lines. */
type Row = { id: string; label?: () => string } | { item: StandardItem; label: () => string } | typeof line;

const system = (item: StandardItem): Row => ({ item, label: () => t(`menu.${item}`) });
const own = (...ids: string[]): Row[] => ids.map((id) => ({ id }));

/** What stands where. What it is called, does, and whether it can be done is said in `commands`, as for the palette. */
function layout(): { kind: MenuView["kind"]; label: string; rows: Row[] }[] {
  return [
    {
      kind: "app",
      label: t("app.name"),
      rows: [
        { id: "about", label: () => t("menu.about") },
        line,
        ...own("settings", "models"),
        line,
        system("services"),
        line,
        ...(["hide", "hide_others", "show_all"] as const).map(system),
        line,
        ...own("quit"),
      ],
    },
    {
      kind: "file",
      label: t("menu.file"),
      rows: [
        ...own("newChat"),
        line,
        ...own("addFiles", "addFolder"),
        line,
        ...own(...exportFormats.map((format) => `export-${format}`)),
        line,
        ...own("openFile", "revealFile"),
        line,
        system("close_window"),
      ],
    },
    {
      kind: "edit",
      label: t("menu.edit"),
      rows: [system("undo"), system("redo"), line, ...(["cut", "copy", "paste", "select_all"] as const).map(system), line, ...own("find", "searchChats")],
    },
    {
      kind: "view",
      label: t("menu.view"),
      rows: [
        ...own("toggleSidebar", "pages", "closeSource"),
        line,
        ...own("larger", "smaller", "normalSize"),
        line,
        ...own(...choices.theme.map((theme) => `theme-${theme}`)),
        line,
        system("fullscreen"),
      ],
    },
    { kind: "window", label: t("menu.window"), rows: [system("minimize"), system("maximize"), line, system("bring_to_front")] },
    { kind: "help", label: t("menu.help"), rows: own("help", "palette", "notices", "diagnostics") },
  ];
}

/**
 * Keys as the system's menus have them: only those with Command or Control. A letter alone would be taken from whoever
 * types it, and "+" parts keys there.
 */
export function accelerator(keys: Keys[]): string | null {
  const known = keys.find(({ mod, key }) => mod && key !== "+");
  if (!known) return null;
  const key = known.key.length === 1 ? known.key.toUpperCase() : known.key;
  return ["CmdOrCtrl", known.alt && "Alt", known.shift && "Shift", key].filter(Boolean).join("+");
}

/** The menus as they stand now; `blocked` while a dialog waits for an answer, past which only the end leads. */
export function menus(all: Command[], blocked: boolean): MenuView[] {
  const view = (row: Row): MenuLine => {
    if (row === line) return { kind: "separator" };
    if ("item" in row) return { kind: "standard", item: row.item, label: row.label() };
    const command = all.find(({ id }) => id === row.id);
    return {
      kind: "command",
      id: row.id,
      label: row.label?.() ?? command?.title ?? row.id,
      keys: accelerator(command?.keys ?? []),
      enabled: Boolean(command?.enabled) && (!blocked || row.id === "quit"),
    };
  };
  return layout().map(({ kind, label, rows }) => ({ kind, label, lines: rows.map(view) }));
}

/** The menu bar of the system, where it has one. */
export class MenuBar {
  #app: App;
  #backend: Backend;
  /** False once the system has said that it has none. */
  #there = true;
  #sent = "";

  constructor(app: App, backend: Backend) {
    this.#app = app;
    this.#backend = backend;
    backend.onCommandPicked((id) => void this.#pick(id));
  }

  /** Shows what can be done now. Called from an effect, it is called again whenever that changes. */
  show(): void {
    if (!this.#there) return;
    const view = menus(commands(this.#app), dialogs.open > 0);
    const text = JSON.stringify(view);
    if (text === this.#sent) return;
    this.#sent = text;
    this.#backend.showMenus(view).then(
      (there) => (this.#there = there),
      (thrown: unknown) => console.warn("The menu bar stays as it was", thrown),
    );
  }

  async #pick(id: string): Promise<void> {
    await tick();
    if (dialogs.open > 0 && id !== "quit") return;
    const command = commands(this.#app).find((one) => one.id === id);
    if (command?.enabled) command.run();
  }
}
