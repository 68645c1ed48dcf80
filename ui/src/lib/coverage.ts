import type { PageCoverage, PageSource, PageUnit } from "../backend/types";
import { t } from "../i18n/index.svelte";

/** Pages in a row that were read alike. */
export interface Stretch {
  source: PageSource;
  unit: PageUnit;
  first: number;
  last: number;
  /** How sure the recognition was, from 0 to 1; null for other text. */
  confidence: number | null;
  /** Lines of recognised text that are to be compared with the picture. */
  doubtful: number;
}

/** The coverage map, pages in a row that were read alike taken together. */
export function stretches(coverage: PageCoverage[]): Stretch[] {
  const found: (Stretch & { sure: number[] })[] = [];
  for (const page of coverage) {
    let last = found.at(-1);
    if (last?.source !== page.source || last.unit !== page.unit) {
      last = { source: page.source, unit: page.unit, first: page.number, last: page.number, confidence: null, doubtful: 0, sure: [] };
      found.push(last);
    }
    last.last = page.number;
    last.doubtful += page.doubtful;
    if (page.confidence !== null) last.sure.push(page.confidence);
  }
  return found.map(({ sure, ...stretch }) => ({
    ...stretch,
    confidence: sure.length > 0 ? sure.reduce((sum, one) => sum + one, 0) / sure.length : null,
  }));
}

/** "Pages 3 to 7", "Sheet 1". */
export function stretchName({ unit, first, last }: Stretch): string {
  return first === last ? t(`unit.one.${unit}`, { first }) : t(`unit.many.${unit}`, { first, last });
}

/** How a stretch was read, in words. */
export function howRead({ source, confidence, doubtful }: Stretch): string {
  if (source !== "ocr" || confidence === null) return t(`document.read.${source}`);
  return doubtful > 0 ? t("document.read.ocrDoubtful", { sure: confidence, count: doubtful }) : t("document.read.ocrSure", { sure: confidence });
}
