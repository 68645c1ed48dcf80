import type { CharSpan, Piece, PageSpan } from "../backend/types";

/** The earlier of two compared texts. */
export function comparedWords(pieces: Piece[]): string {
  return pieces
    .filter((piece) => piece.kind !== "inserted")
    .map((piece) => piece.text)
    .join("")
    .trim();
}

/** Whether more than the quote was compared: words that say too little alone are, with the row or sentence they stood in. */
export function isWider(quote: string, pieces: Piece[]): boolean {
  const bare = (text: string) => text.replace(/\s+/g, "");
  return bare(comparedWords(pieces)) !== bare(quote);
}

/** The part of a stretch that lies on a page. */
export function spanOn(places: PageSpan[], page: number): CharSpan | null {
  const place = places.find((one) => one.page === page);
  return place ? { start: place.start, end: place.end } : null;
}
