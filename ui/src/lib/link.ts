/** A place that a link leads to. */
export interface LinkedPlace {
  document: string;
  /** None: from the beginning. */
  page: number | null;
}

/** `footnote://document/ID?page=3`: a page of a document in this library. */
export function linkTo({ document, page }: LinkedPlace): string {
  return `footnote://document/${encodeURIComponent(document)}${page === null ? "" : `?page=${page}`}`;
}

/** Where a link leads; null if it is none that Footnote makes. */
export function parseLink(text: string): LinkedPlace | null {
  const parts = /^footnote:\/\/document\/([^/?#]+)\/?(?:\?(?:.*&)?page=([1-9]\d{0,8})(?:&.*)?|\?.*)?$/i.exec(text.trim());
  if (!parts?.[1]) return null;
  try {
    return { document: decodeURIComponent(parts[1]), page: parts[2] === undefined ? null : Number(parts[2]) };
  } catch {
    return null;
  }
}

/** Whether a text was meant to be a link of ours. */
export function isLink(text: string): boolean {
  return /^footnote:/i.test(text.trim());
}
