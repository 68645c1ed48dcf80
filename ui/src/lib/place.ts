import type { Locator } from "../backend/types";
import { t } from "../i18n/index.svelte";

/** A place as its document calls it: "page 4", "page iv (4)", "sheet Costs, B2:D7". Without a locator: the page. */
export function placeText(page: number, locator?: Locator | null): string {
  const { unit, label, cells } = locator ?? { unit: "page", label: null, cells: null };
  const name = label === null ? t(`place.${unit}`, { page }) : t(`place.${unit}Named`, { page, label });
  return cells === null ? name : t("place.cells", { place: name, cells });
}

/** The same where there is little room. */
export function shortPlace(page: number, locator?: Locator | null): string {
  const plain = !locator || (locator.unit === "page" && locator.label === null);
  return plain ? t("answer.page", { page }) : placeText(page, locator);
}
