import type { DiffLine, Prompt } from "../types";
import { error, missing } from "./errors";

const texts: [id: string, text: string][] = [
  ["answer.v1", "You answer questions from numbered passages.\n- Answer in one to four short sentences.\n- If the passages do not contain the answer, write only: NOT FOUND"],
  [
    "answer-brief.v1",
    "You answer questions from numbered passages of the user's own documents.\nRules:\n- Use only what the passages say.\n- If the passages do not contain the answer, write only: NOT FOUND\n---\nAnswer as briefly as possible.",
  ],
  ["decide.v1", "You find the sentence that answers a yes-or-no question.\n- If no sentence speaks of it, write only: NOT FOUND"],
  ["summary.v1", "You summarize numbered passages.\n---\nWrite the {sentences} most important facts of these passages."],
  ["about.v1", "You tell what numbered passages say about one thing.\n- Otherwise: NOT FOUND\n---\nWrite {sentences} sentences about {about}."],
  ["rewrite.v2", "Rewrite the user's last question so that it can be understood without the conversation. Reply with JSON only."],
];

/** Prompts of the fake engine, with copies as the real one keeps them. */
export class Prompts {
  all: Prompt[] = texts.map(([id, text]) => ({ id, text, copies: [] }));

  edit(id: string, text: string): Prompt {
    const prompt = this.#of(id);
    const kept = text.trimEnd();
    if (id !== "rewrite.v2" && id !== "summary.v1" && !kept.includes("NOT FOUND")) {
      throw error(`The copy of ${id} does not say NOT FOUND`, "Tell the model to write NOT FOUND if the passages do not answer; otherwise it makes something up", { problem: { problem: "prompt_lacks", words: "NOT FOUND" } });
    }
    if (kept === prompt.text) return this.use(id, null);
    const same = prompt.copies.find((copy) => copy.text === kept);
    if (same) return this.use(id, same.number);
    const number = (prompt.copies.at(-1)?.number ?? 0) + 1;
    prompt.copies.push({ number, text: kept, madeAt: new Date().toISOString(), inUse: true });
    return this.use(id, number);
  }

  use(id: string, number: number | null): Prompt {
    const prompt = this.#of(id);
    prompt.copies = prompt.copies.map((copy) => ({ ...copy, inUse: copy.number === number }));
    return prompt;
  }

  #of(id: string): Prompt {
    const found = this.all.find((prompt) => prompt.id === id);
    if (!found) {
      throw missing(`There is no prompt ${id}`);
    }
    return found;
  }
}

/** What both have in front and behind stays; what is between was exchanged. */
export function lineChanges(first: string, second: string): DiffLine[] {
  const [a, b] = [first.split("\n"), second.split("\n")];
  let front = 0;
  while (front < Math.min(a.length, b.length) && a[front] === b[front]) front += 1;
  let back = 0;
  while (back < Math.min(a.length, b.length) - front && a.at(-1 - back) === b.at(-1 - back)) back += 1;
  const lines = (change: DiffLine["change"], from: string[]) => from.map((text): DiffLine => ({ change, text }));
  return [
    ...lines("same", a.slice(0, front)),
    ...lines("removed", a.slice(front, a.length - back)),
    ...lines("added", b.slice(front, b.length - back)),
    ...lines("same", a.slice(a.length - back)),
  ];
}
