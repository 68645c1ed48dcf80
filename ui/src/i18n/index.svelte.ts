import { createInstance } from "i18next";
import { de } from "./de";
import { en } from "./en";

/** The languages of the window; each named in itself. */
export const languages = {
  en: { name: "English", dir: "ltr" },
  de: { name: "Deutsch", dir: "ltr" },
} as const satisfies Record<string, { name: string; dir: "ltr" | "rtl" }>;

export type Language = keyof typeof languages;

/** The catalogue's leaves with their dotted keys; the forms of a plural under one key. */
type Leaves<T, Prefix extends string = ""> = {
  [K in keyof T & string]: T[K] extends string
    ? [key: `${Prefix}${K extends `${infer Stem}_${"one" | "other"}` ? Stem : K}`, text: T[K]]
    : Leaves<T[K], `${Prefix}${K}.`>;
}[keyof T & string];
type Leaf = Leaves<typeof en>;
/** A key of the catalogue. */
export type Key = Leaf[0];
type TextOf<K extends Key> = Extract<Leaf, [K, string]>[1];
/** What a text has to be filled with. */
type Blanks<Text> = Text extends `${string}{{${infer Blank}}}${infer Rest}`
  ? (Blank extends `${infer Name},${string}` ? Name : Blank) | Blanks<Rest>
  : never;
/** The names of the blanks of a text. */
export type BlanksOf<K extends Key> = Blanks<TextOf<K>>;
type Filling<K extends Key> = [Blanks<TextOf<K>>] extends [never]
  ? []
  : [values: { [Name in Blanks<TextOf<K>>]: Name extends "count" ? number : string | number }];

const catalogues = createInstance({
  lng: "en",
  fallbackLng: false,
  resources: { en: { translation: en }, de: { translation: de } },
  // Components escape what they draw.
  interpolation: { escapeValue: false },
  initAsync: false,
});
void catalogues.init();
catalogues.services.formatter?.add("number", (value: number) => formatNumber(value));
catalogues.services.formatter?.add("percent", (value: number) => formatNumber(value, { style: "percent" }));

let language = $state<Language>("en");
let region = $state("en");
const translate = $derived(catalogues.getFixedT(language));

/** A text of the catalogue, in the window's language; whatever draws it is drawn anew when that changes. */
export function t<K extends Key>(key: K, ...values: Filling<K>): string {
  return translate(key, values[0] ?? {});
}

/** The first of the wished-for languages that there is; English if there is none. */
export function match(wished: readonly string[]): Language {
  for (const tag of wished) {
    const base = tag.toLowerCase().split("-")[0] ?? "";
    if (Object.hasOwn(languages, base)) return base as Language;
  }
  return "en";
}

/** Sets the window's language; numbers and dates follow the system's region where it speaks that language. */
export function setLanguage(to: Language, system: readonly string[] = navigator.languages): void {
  language = to;
  region = system.find((tag) => tag.toLowerCase().split("-")[0] === to) ?? to;
}

/** The window's language. */
export function currentLanguage(): Language {
  return language;
}

/** The BCP 47 tag that numbers, dates and names are written by. */
export function locale(): string {
  return region;
}

/** A number as the region writes it. */
export function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(region, options).format(value);
}
