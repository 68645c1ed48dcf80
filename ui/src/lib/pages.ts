import type { Page, PageCoverage, PageUnit } from "../backend/types";
import { t } from "../i18n/index.svelte";
import type { Source } from "./answer";
import { textOf } from "./spans";

/** A page in the list of a document's pages. */
export interface PageEntry {
  id: string;
  number: number;
  /** What the document itself calls it. */
  label: string | null;
  unit: PageUnit;
}

/** All pages of a document in order, also those of which no more than the number is known. */
export function pageEntries(count: number, coverage: PageCoverage[], unit: PageUnit): PageEntry[] {
  const known = new Map(coverage.map((page) => [page.number, page]));
  return Array.from({ length: count }, (_, i) => {
    const page = known.get(i + 1);
    return { id: String(i + 1), number: i + 1, label: page?.label ?? null, unit: page?.unit ?? unit };
  });
}

/** "Page 3, iii", "Sheet 1, Costs". */
export function pageName({ number, label, unit }: PageEntry): string {
  const name = t(`unit.one.${unit}`, { first: number });
  return label && label !== String(number) ? t("pages.labelled", { name, label }) : name;
}

/** What a page begins with: its first heading, or else its first words, without the marks of Markdown. */
export function firstWords(page: Pick<Page, "text" | "blocks">): string {
  const heading = page.blocks.find((block) => block.kind === "heading");
  const text = heading ? textOf(page.text, heading) : page.text.slice(0, 400);
  const plain = text.replace(/^\s*#{1,6}[ \t]+/, "").replace(/\s+/g, " ").trim();
  return plain.length > 120 ? `${plain.slice(0, 120).trimEnd()}…` : plain;
}

/** The pages of `document` that have quoted words, with the numbers of the citations. */
export function citedPages(sources: Source[], document: string | undefined): ReadonlyMap<number, number[]> {
  const pages = new Map<number, number[]>();
  for (const { n, page } of sources.filter((one) => one.document === document && one.end > one.start)) {
    const numbers = pages.get(page) ?? [];
    if (!numbers.includes(n)) pages.set(page, [...numbers, n]);
  }
  return pages;
}
