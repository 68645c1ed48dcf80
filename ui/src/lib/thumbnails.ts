import type { PDFDocumentProxy, RenderTask } from "pdfjs-dist";

interface Waiting {
  number: number;
  width: number;
  signal: AbortSignal;
  resolve: (drawn: HTMLCanvasElement | null) => void;
}

/** The part of a PDF that thumbnails are drawn from. */
export type PageSupply = Pick<PDFDocumentProxy, "numPages" | "getPage">;

/**
 * Small pictures of a PDF's pages. One is drawn at a time, so that the page being read is not kept waiting; what
 * nobody waits for any more is not drawn, or not to its end. The latest ones are kept for when they come back in sight.
 */
export class Thumbnails {
  readonly #pdf: PageSupply;
  readonly #most: number;
  /** Oldest use first. */
  readonly #kept = new Map<number, HTMLCanvasElement>();
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(pdf: PageSupply, most = 60) {
    this.#pdf = pdf;
    this.#most = most;
  }

  /** The picture of a page as it was drawn last, however wide. */
  kept(number: number): HTMLCanvasElement | null {
    return this.#kept.get(number) ?? null;
  }

  /**
   * A page, `width` device pixels wide. Null if `signal` ended the wish or the page cannot be drawn: then its own view,
   * and not its thumbnail, says why.
   */
  draw(number: number, width: number, signal: AbortSignal): Promise<HTMLCanvasElement | null> {
    const kept = this.#kept.get(number);
    if (kept && Math.abs(kept.width - width) <= width / 8) {
      this.#keep(number, kept);
      return Promise.resolve(kept);
    }
    return new Promise((resolve) => {
      this.#waiting.push({ number, width, signal, resolve });
      signal.addEventListener("abort", () => this.#drop(signal), { once: true });
      void this.#next();
    });
  }

  #drop(signal: AbortSignal): void {
    for (const { resolve } of this.#waiting.filter((one) => one.signal === signal)) resolve(null);
    this.#waiting = this.#waiting.filter((one) => one.signal !== signal);
  }

  #keep(number: number, canvas: HTMLCanvasElement): void {
    this.#kept.delete(number);
    this.#kept.set(number, canvas);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most) break;
      this.#kept.delete(oldest);
    }
  }

  async #next(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let wanted = this.#waiting.shift(); wanted; wanted = this.#waiting.shift()) {
      const drawn = wanted.signal.aborted ? null : await this.#render(wanted).catch(() => null);
      if (drawn) this.#keep(wanted.number, drawn);
      wanted.resolve(wanted.signal.aborted ? null : drawn);
    }
    this.#busy = false;
  }

  async #render({ number, width, signal }: Waiting): Promise<HTMLCanvasElement | null> {
    const sheet = await this.#pdf.getPage(number);
    if (signal.aborted) return null;
    const viewport = sheet.getViewport({ scale: width / sheet.getViewport({ scale: 1 }).width });
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(viewport.width));
    canvas.height = Math.max(1, Math.round(viewport.height));
    const task: RenderTask = sheet.render({ canvas, viewport });
    const stop = () => task.cancel();
    signal.addEventListener("abort", stop, { once: true });
    try {
      await task.promise;
    } finally {
      signal.removeEventListener("abort", stop);
    }
    return canvas;
  }
}
