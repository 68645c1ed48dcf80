import type { DocumentId, Quotes, Turn } from "../types";

/** A saved turn without what it held of a removed document: the answer's own text stays, and what it quotes as said. */
export function withdrawn(turn: Turn, document: DocumentId, quotes: Quotes): Turn {
  const kept = structuredClone(turn);
  const { answer } = kept;
  const held = [...answer.citations, ...answer.passages].some((one) => one.document === document);
  if (!held) return turn;
  answer.passages = answer.passages.filter((passage) => passage.document !== document);
  answer.trace.candidates = answer.trace.candidates.filter((candidate) => candidate.document !== document);
  answer.trace.promptText = "";
  if (quotes === "stay") return kept;
  for (const citation of answer.citations) {
    if (citation.document === document) Object.assign(citation, { quote: "", path: "", title: "" });
  }
  for (const disagreement of answer.disagreements) {
    disagreement.sides = disagreement.sides.filter((side) => side.citation.document !== document);
  }
  answer.disagreements = answer.disagreements.filter(({ sides }) => sides.length > 1);
  return kept;
}
