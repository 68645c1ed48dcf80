/** Steps through earlier questions, as a shell does; the draft comes back at the end. */
export class Recall {
  #entries: string[] = [];
  #at = 0;
  #draft = "";

  /** Remembers a question that was sent. */
  push(entry: string): void {
    if (this.#entries.at(-1) !== entry) this.#entries.push(entry);
    this.#at = this.#entries.length;
    this.#draft = "";
  }

  /** Puts the questions of another conversation in place. */
  reset(entries: string[]): void {
    this.#entries = [...entries];
    this.#at = entries.length;
    this.#draft = "";
  }

  /** The question before, or null at the oldest. */
  previous(current: string): string | null {
    if (this.#at === 0) return null;
    if (this.#at === this.#entries.length) this.#draft = current;
    this.#at -= 1;
    return this.#entries[this.#at] ?? null;
  }

  /** The question after, the draft at the end, or null beyond it. */
  next(): string | null {
    if (this.#at >= this.#entries.length) return null;
    this.#at += 1;
    return this.#at === this.#entries.length ? this.#draft : (this.#entries[this.#at] ?? null);
  }

  /** Whether an earlier question is on show. */
  get active(): boolean {
    return this.#at < this.#entries.length;
  }
}
