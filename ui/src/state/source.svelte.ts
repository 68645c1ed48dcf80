import type { Source } from "../lib/answer";

/** The source on show beside the chat, and the row of citations it belongs to. */
export class SourceView {
  current = $state.raw<Source | null>(null);
  #row = $state.raw<Source[]>([]);
  #index = 0;
  /** The page of it that is looked at. */
  page = $state(1);
  position = $state<{ at: number; of: number } | null>(null);
  /** `turn/index` of the marker on show, to mark it in the answer and to give focus back to it. */
  key = $state<string | null>(null);
  /** Whether words are looked for in the document. */
  finding = $state(false);
  #turn = "";
  #return: HTMLElement | null = null;

  /** Shows `row[index]`; `turn` names the answer that the row's markers stand in. */
  open(row: Source[], index: number, turn: string, from: HTMLElement | null): void {
    this.#row = row;
    this.#turn = turn;
    this.#return = from;
    this.#show(index);
  }

  /** Shows one source that is no marker of an answer: a passage card or a document. */
  openOne(source: Source, from: HTMLElement | null): void {
    this.#row = [];
    this.#return = from;
    this.key = null;
    this.position = null;
    this.current = source;
  }

  /** The citations of the answer on show, or what else is on show. */
  get row(): Source[] {
    return this.#row.length > 0 || !this.current ? this.#row : [this.current];
  }

  get canStep(): boolean {
    return this.#row.length > 1;
  }

  /** Goes to the citation before or after; stays at the ends. */
  step(by: 1 | -1): boolean {
    const next = this.#index + by;
    if (this.#row.length === 0 || next < 0 || next >= this.#row.length) return false;
    this.#show(next);
    return true;
  }

  close(): void {
    if (!this.current) return;
    const key = this.key;
    this.current = null;
    this.finding = false;
    this.key = null;
    this.position = null;
    this.#row = [];
    // A finished answer is drawn anew, so look the marker up rather than trust the old node.
    const marker = key && document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    const target = marker || (this.#return?.isConnected ? this.#return : document.querySelector<HTMLElement>("#question"));
    target?.focus();
  }

  #show(index: number): void {
    const source = this.#row[index];
    if (!source) return;
    this.#index = index;
    this.current = source;
    this.position = { at: index + 1, of: this.#row.length };
    this.key = `${this.#turn}/${index}`;
  }
}
