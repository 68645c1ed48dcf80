import { locale, t } from "../i18n/index.svelte";

/** The collection that documents join when none is chosen. It has no name of its own. */
export const defaultCollection = "default";

/** A collection's name for people. */
export function collectionName(name: string): string {
  return name === defaultCollection ? t("collections.default") : name;
}

/** The order in which collections are offered: the one that none is chosen for, then by name. */
export function inOrder(names: Iterable<string>): string[] {
  const rank = (name: string) => (name === defaultCollection ? 0 : 1);
  return [...names].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, locale(), { numeric: true }));
}

/** What a typed name stands for: one that is there, however it is written, or a new one. */
export function typedCollection(typed: string, names: readonly string[]): string {
  const folded = (name: string) => name.trim().normalize("NFC").toLocaleLowerCase(locale());
  return [defaultCollection, ...names].find((name) => folded(collectionName(name)) === folded(typed)) ?? typed.trim();
}
