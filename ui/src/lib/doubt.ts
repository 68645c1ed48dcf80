import type { LineConfidence, Locator, Page } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { boxesOn, textOf, type Box } from "./spans";

/** Lines of a picture that were read with less confidence are to be compared with it; the engine's limit, and a test of the window holds them together. */
const DOUBTFUL = 0.9;

/** The lines of a page that are to be compared with its picture. */
export function doubtfulLines(page: Pick<Page, "lines">): LineConfidence[] {
  return page.lines.filter(({ confidence }) => confidence < DOUBTFUL);
}

/** "Read from a picture, 62 % sure: compare it with the page", of a place for which that holds. */
export function doubtOf(locator?: Locator | null): string | null {
  const sure = locator?.confidence ?? null;
  return sure !== null && sure < DOUBTFUL ? t("answer.doubtful", { sure }) : null;
}

/** A doubtful line where it stands: boxes in hundredths of the page's width and height. */
export interface DoubtfulLine {
  name: string;
  boxes: Box[];
}

/** The doubtful lines of a page that is drawn, with their names; `size` if the page does not know its own. */
export function doubtsOn(page: Page, size: [number, number]): DoubtfulLine[] {
  return doubtfulLines(page)
    .map((line) => ({
      name: t("source.lineSure", { line: textOf(page.text, line), sure: line.confidence }),
      boxes: boxesOn(page, line, size),
    }))
    .filter(({ boxes }) => boxes.length > 0);
}
