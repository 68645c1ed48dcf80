import type { Timings } from "../backend/types";

/** A stage of an answer: when it began and how long it took, in milliseconds. */
export interface Stage {
  stage: "rewrite" | "search" | "rerank" | "read" | "write";
  from: number;
  ms: number;
}

/** The stages in order. Reading lasts from the last stage before it to the first word, writing from there to the end. */
export function stages({ rewrite, search, rerank, firstToken, total }: Timings): Stage[] {
  const found: Stage[] = [];
  let at = 0;
  const push = (stage: Stage["stage"], ms: number) => {
    if (ms <= 0) return;
    found.push({ stage, from: at, ms });
    at += ms;
  };
  push("rewrite", rewrite);
  push("search", search);
  push("rerank", rerank);
  if (firstToken !== null) {
    push("read", firstToken - at);
    push("write", total - at);
  }
  return found;
}
