import { tick } from "svelte";
import { t, languages, type Language } from "../i18n/index.svelte";
import { choices } from "./preferences.svelte";
import type { App } from "./app.svelte";
import { exportFormats, formatNames } from "./chat.svelte";

/** A combination of keys; `mod` is Command on a Mac and Control elsewhere. */
export interface Keys {
  key: string;
  mod?: true;
  shift?: true;
  alt?: true;
  /** Not while text is typed, where they do something else. */
  idle?: true;
}

/** Something a person can do from the keyboard, by its keys or by its name in the palette. */
export interface Command {
  id: string;
  group: "chat" | "library" | "source" | "view" | "app";
  title: string;
  keys: Keys[];
  /** Whether it can be done now; where it cannot, its keys do nothing and the palette leaves it out. */
  enabled: boolean;
  run: () => void;
}

export const groups = ["chat", "library", "source", "view", "app"] as const;

/** Everything that can be done, as it stands at the moment. */
export function commands(app: App): Command[] {
  const { chat, layout, library, preferences, source } = app;
  const scale = preferences.get("scale");
  const current = chat.current;
  const shown = source.current;
  const gone = shown !== null && !library.documents.some(({ id }) => id === shown.document);
  const answered = chat.answered;
  const command = (
    group: Command["group"],
    id: string,
    title: string,
    keys: Keys[],
    run: () => unknown,
    enabled = true,
  ): Command => ({ id, group, title, keys, enabled, run: () => void run() });
  return [
    command("chat", "newChat", t("app.newChat"), [{ mod: true, key: "n" }], () => app.newChat()),
    command("chat", "ask", t("command.ask"), [{ key: "/" }], () => document.getElementById("question")?.focus()),
    command("chat", "stop", t("command.stop"), [{ mod: true, key: "." }], () => chat.stop(), chat.thread.running !== null),
    command("chat", "searchChats", t("chats.search"), [{ mod: true, shift: true, key: "f" }], () => searchChats(app), chat.searchable),
    ...(current
      ? [
          command("chat", "renameChat", t("command.renameChat"), [{ key: "F2" }], () => app.startRename(current)),
          command("chat", "pinChat", t(current.pinned ? "command.unpinChat" : "command.pinChat"), [], () => app.pinChat(current, !current.pinned)),
          command("chat", "deleteChat", t("command.deleteChat"), [], () => app.removeChat(current)),
        ]
      : []),
    ...exportFormats.map((format) =>
      command("chat", `export-${format}`, t("command.exportChat", { format: formatNames[format] }), [], () => current && app.exportChat(current, format), current !== null),
    ),
    command("chat", "why", t("why.title"), [], () => answered && app.askWhy(answered), answered !== null),
    command("library", "addFiles", t("library.addFiles"), [{ mod: true, key: "o" }], () => app.addFiles()),
    command("library", "addFolder", t("library.addFolder"), [{ mod: true, shift: true, key: "o" }], () => app.addFolder()),
    command("library", "samples", t("welcome.samples"), [], () => app.addSamples()),
    command("library", "pauseIndexing", t("command.pauseIndexing"), [], () => library.pause(false), !library.paused),
    command("library", "resumeIndexing", t("command.resumeIndexing"), [], () => library.resume(), library.paused),
    command("library", "retryFailed", t("command.retryFailed"), [], () => library.retryFailed(), library.failed.length > 0),
    command("library", "undoRemoval", t("removal.command"), [{ mod: true, key: "z", idle: true }], () => app.removals.undo(), app.removals.last !== null),
    command("library", "askAll", t("command.askAll"), [], () => app.askAll(), app.narrowed),
    command(
      "library",
      "collect",
      t("command.collect"),
      [],
      () => (app.collections.collecting = { what: "move", documents: [...library.scoped] }),
      library.scoped.length > 0,
    ),
    command("source", "find", t("command.find"), [{ mod: true, key: "f" }], () => find(app), source.current !== null),
    command("source", "pages", t("pages.toggle"), [{ key: "F4" }], () => layout.togglePages(), shown !== null && !gone),
    command("source", "citationAfter", t("source.after"), [{ alt: true, key: "ArrowRight" }, { key: "]" }], () => source.step(1), source.canStep),
    command("source", "citationBefore", t("source.before"), [{ alt: true, key: "ArrowLeft" }, { key: "[" }], () => source.step(-1), source.canStep),
    command("source", "summarize", t("source.summarize"), [], () => summarize(app), source.current !== null && chat.thread.running === null),
    command("source", "openFile", t("command.openFile"), [], () => shown && app.openFile(shown.document), shown !== null),
    command("source", "revealFile", t("command.revealFile"), [], () => shown && app.revealFile(shown.document), shown !== null),
    command("source", "copyLink", t("command.copyLink"), [], () => shown && app.copyLink(shown.document, source.page), shown !== null && !gone),
    command("source", "closeSource", t("source.close"), [{ key: "Escape" }], () => source.close(), source.current !== null),
    command("view", "toggleSidebar", t("command.toggleSidebar"), [{ mod: true, key: "b" }], () => layout.toggleSidebar()),
    command("view", "larger", t("command.larger"), [{ mod: true, key: "+" }, { mod: true, key: "=" }], () => preferences.set("scale", scale + 0.1)),
    command("view", "smaller", t("command.smaller"), [{ mod: true, key: "-" }], () => preferences.set("scale", scale - 0.1)),
    command("view", "normalSize", t("command.normalSize"), [{ mod: true, key: "0" }], () => preferences.reset("scale")),
    ...choices.theme.map((theme) =>
      command(
        "view",
        `theme-${theme}`,
        t("command.theme", { name: t(`settings.theme.${theme}`) }),
        [],
        () => preferences.set("theme", theme),
        preferences.get("theme") !== theme,
      ),
    ),
    ...(Object.keys(languages) as Language[]).map((language) =>
      command(
        "view",
        `language-${language}`,
        t("command.language", { name: languages[language].name }),
        [],
        () => preferences.set("language", language),
        preferences.get("language") !== language,
      ),
    ),
    command("app", "palette", t("app.palette"), [{ mod: true, key: "k" }, { mod: true, key: "p" }], () => app.show("palette")),
    command("app", "settings", t("app.settings"), [{ mod: true, key: "," }], () => app.show("settings")),
    command("app", "models", t("modelsPage.title"), [{ mod: true, shift: true, key: "m" }], () => app.show("models")),
    command("app", "cases", t("cases.title"), [], () => app.show("cases")),
    command("app", "prompts", t("prompts.title"), [], () => app.show("prompts")),
    command("app", "help", t("app.help"), [{ key: "F1" }, { key: "?" }], () => app.show("help")),
    command("app", "about", t("app.about"), [], () => app.show("about")),
    command("app", "notices", t("notices.title"), [], () => app.show("notices")),
    command("app", "diagnostics", t("diagnostics.title"), [], () => app.show("diagnostics")),
    command("app", "moveData", t("command.moveData"), [], () => app.moveData()),
    command("app", "quit", t("command.quit"), [{ mod: true, key: "q" }], () => app.program.quit()),
  ];
}

/** Goes to the box that searches the chats. */
function searchChats(app: App): void {
  app.layout.showSidebar();
  void tick().then(() => document.querySelector<HTMLInputElement>("#chat-search")?.select());
}

/** Opens the search in the source, or goes back to it. */
function find(app: App): void {
  app.source.finding = true;
  document.querySelector<HTMLInputElement>("#find")?.select();
}

/** Asks for a summary of the document in the source, whatever the other questions are asked of. */
export function summarize({ chat, source }: App): void {
  if (source.current) chat.ask(t("source.summarizeQuestion"), { collection: null, documents: [source.current.document] });
}

/** The command whose keys these are; while text is typed, keys without Control, Command or Alt are letters. */
export function commandFor(all: Command[], event: KeyboardEvent, typing: boolean): Command | null {
  const mod = event.ctrlKey || event.metaKey;
  const found = all.find(
    (command) =>
      command.enabled &&
      command.keys.some((keys) => {
        const character = keys.key.length === 1 && !/[a-z]/.test(keys.key);
        if (typing && keys.idle) return false;
        if (typing && !keys.mod && !keys.alt && keys.key.length === 1) return false;
        return (
          event.key.toLowerCase() === keys.key.toLowerCase() &&
          mod === Boolean(keys.mod) &&
          event.altKey === Boolean(keys.alt) &&
          // Which characters need Shift differs between keyboards.
          (character || event.shiftKey === Boolean(keys.shift))
        );
      }),
  );
  return found ?? null;
}

const mac = navigator.userAgent.includes("Mac OS");
const symbols: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", "-": "−" };

/** "Ctrl+Shift+O", as the system writes it. */
export function keyText({ key, mod, shift, alt }: Keys): string {
  const name = key === "Escape" ? t("keys.escape") : (symbols[key] ?? (key.length === 1 ? key.toUpperCase() : key));
  const parts = mac
    ? [alt && "⌥", shift && "⇧", mod && "⌘", name]
    : [mod && t("keys.control"), alt && t("keys.alt"), shift && t("keys.shift"), name];
  return parts.filter(Boolean).join(mac ? "" : "+");
}

/** A control's name with the keys that do the same, for its tooltip. */
export function titled(app: App, id: string): string {
  const command = commands(app).find((one) => one.id === id);
  const keys = command?.keys[0];
  return command && keys ? `${command.title} (${keyText(keys)})` : (command?.title ?? "");
}
