import { toErrorView, type Backend } from "../backend/backend";
import type { ModelCard } from "../backend/types";
import { TurnView } from "./chat.svelte";

/** One question, put to two models over the same passages, one after the other. */
export class Trial {
  runs = $state.raw<{ card: ModelCard; turn: TurnView }[]>([]);
  running = $state(false);

  #backend: Backend;
  #count = 0;
  #stopped = false;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async start(question: string, cards: ModelCard[]): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.#stopped = false;
    this.runs = cards.map((card) => ({ card, turn: new TurnView(`trial-${(this.#count += 1)}`, question) }));
    for (const { card, turn } of this.runs) {
      if (this.#stopped) {
        turn.apply({ event: "canceled", answer: null });
        continue;
      }
      try {
        await this.#backend.tryModel(card.id, question, (event) => turn.apply(event));
      } catch (thrown) {
        const error = toErrorView(thrown);
        turn.apply(error.code === "canceled" ? { event: "canceled", answer: null } : { event: "failed", error });
      }
    }
    this.running = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#backend.cancelModelWork().catch(() => {});
  }
}

/** Tokens written per second after the first; null where nothing was written. */
export function pace(turn: TurnView): number | null {
  const { answer } = turn;
  const first = answer?.timingsMs.firstToken ?? null;
  if (!answer || first === null || answer.tokens.generated < 2) return null;
  const ms = answer.timingsMs.total - first;
  return ms > 0 ? ((answer.tokens.generated - 1) * 1000) / ms : null;
}
