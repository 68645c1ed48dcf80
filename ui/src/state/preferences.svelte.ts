import { languages, match, setLanguage, type Language } from "../i18n/index.svelte";
import { store, stored } from "../lib/stored";

/** The choices of each setting that has a fixed set of them, in the order they are shown. */
export const choices = {
  theme: ["system", "light", "dark", "contrast"],
  language: ["system", ...(Object.keys(languages) as Language[])],
  motion: ["system", "reduced"],
  send: ["enter", "modEnter"],
  unproved: ["marked", "removed"],
  suggest: ["shown", "hidden"],
  personal: ["kept", "masked"],
  notify: ["shown", "hidden"],
  tray: ["shown", "hidden"],
  closing: ["ends", "hides"],
} as const;

type Values = { -readonly [K in keyof typeof choices]: (typeof choices)[K][number] } & { scale: number };

export type Theme = Values["theme"];

export const defaults: Values = {
  theme: "system",
  language: "system",
  motion: "system",
  send: "enter",
  unproved: "marked",
  suggest: "shown",
  personal: "kept",
  notify: "shown",
  tray: "shown",
  closing: "ends",
  scale: 1,
};
export const scales = { least: 0.8, most: 2, step: 0.1 };

const storageKey = "footnote.preferences";

/** What a person sets once: looks, language, text size, the key that sends, what is offered and what is written out. */
export class Preferences {
  #values = $state<Values>(load());

  constructor() {
    this.#speak();
  }

  get<K extends keyof Values>(name: K): Values[K] {
    return this.#values[name];
  }

  /** Sets a value and keeps it; a text size is brought into bounds. */
  set<K extends keyof Values>(name: K, value: Values[K]): void {
    this.#values[name] = value;
    if (name === "scale") this.#values.scale = bounded(this.#values.scale);
    this.#speak();
    store(storageKey, this.#values);
  }

  /** All settings as they are, by name. */
  get all(): [name: string, value: string][] {
    return Object.entries(this.#values).map(([name, value]) => [name, String(value)]);
  }

  /** Names of the settings that are not as they came. */
  get changed(): (keyof Values)[] {
    return (Object.keys(defaults) as (keyof Values)[]).filter((name) => this.#values[name] !== defaults[name]);
  }

  reset<K extends keyof Values>(name: K): void {
    this.set(name, defaults[name]);
  }

  /** Puts the looks on the document, and keeps to the system's wishes until the returned function is called. */
  apply(): () => void {
    const moreContrast = window.matchMedia("(prefers-contrast: more)");
    const lessMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
    const { theme, motion, scale } = this.#values;
    const root = document.documentElement;
    const put = () => {
      const contrast = theme === "contrast" || (theme === "system" && moreContrast.matches);
      root.dataset["theme"] = theme === "light" || theme === "dark" ? theme : "system";
      root.dataset["contrast"] = contrast ? "more" : "normal";
      root.dataset["motion"] = motion === "reduced" || lessMotion.matches ? "reduced" : "full";
    };
    put();
    root.style.fontSize = scale === 1 ? "" : `${scale * 100}%`;
    root.lang = this.#language;
    root.dir = languages[this.#language].dir;
    const queries = [moreContrast, lessMotion];
    queries.forEach((query) => query.addEventListener("change", put));
    return () => queries.forEach((query) => query.removeEventListener("change", put));
  }

  get #language(): Language {
    return this.#values.language === "system" ? match(navigator.languages) : this.#values.language;
  }

  #speak(): void {
    setLanguage(this.#language);
  }
}

function bounded(scale: number): number {
  return Math.min(Math.max(Math.round(scale * 10) / 10, scales.least), scales.most);
}

function load(): Values {
  const saved = stored<Record<keyof Values, unknown>>(storageKey);
  const values = { ...defaults };
  const take = <K extends keyof typeof choices>(name: K) => {
    const known = (choices[name] as readonly string[]).find((choice) => choice === saved[name]);
    if (known !== undefined) values[name] = known as Values[K];
  };
  (Object.keys(choices) as (keyof typeof choices)[]).forEach(take);
  if (typeof saved.scale === "number" && Number.isFinite(saved.scale)) values.scale = bounded(saved.scale);
  return values;
}
