import type { ConversationId } from "../backend/types";
import { isSpan, readPeriod, type Dates } from "../lib/dates";
import { store, stored } from "../lib/stored";

const key = "footnote.dates";

/** The dates that each conversation's questions are limited to, also over a restart; a new one's are under "". */
export class Dated {
  #kept = $state<Record<ConversationId, Dates>>(read());

  /** Null if they are limited to none. */
  of(id: ConversationId): Dates | null {
    return this.#kept[id] ?? null;
  }

  limit(id: ConversationId, dates: Dates | null): void {
    if (dates === null) delete this.#kept[id];
    else this.#kept[id] = dates;
    store(key, this.#kept);
  }
}

/** What was kept, without what is no date: it would become part of a question. */
function read(): Record<ConversationId, Dates> {
  const period = (text: unknown) => (typeof text === "string" ? readPeriod(text) : null);
  const kept = Object.entries(stored<Record<ConversationId, Partial<Dates> | null>>(key)).map(([id, dates]): [ConversationId, Dates] => [
    id,
    { from: period(dates?.from), until: period(dates?.until) },
  ]);
  return Object.fromEntries(kept.filter(([, dates]) => isSpan(dates)));
}
