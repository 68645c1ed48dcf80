import { SvelteMap } from "svelte/reactivity";
import { toErrorView, type Backend } from "../backend/backend";
import type { DocumentId, ErrorView, Quoted, Standing } from "../backend/types";
import type { Source } from "../lib/answer";
import type { Library } from "./library.svelte";

/** What a marker or card says of a source whose document was read again, or removed. */
export type Since = "changed" | "gone" | "withdrawn";

/** Quotes asked about at once; an answer to more would keep others waiting. */
const most = 100;

/** What became of quoted words whose documents were read again since: found out once a revision, and only for such. */
export class Living {
  readonly #backend: Backend;
  readonly #library: Library;
  /** By document, revision now, and place and words then. */
  readonly #known = new SvelteMap<string, Standing | ErrorView>();
  // Read by the asking alone.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #asked = new Set<string>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #waiting = new Map<DocumentId, Map<string, Quoted>>();
  #asking = false;

  constructor(backend: Backend, library: Library) {
    this.#backend = backend;
    this.#library = library;
  }

  /** Whether the words of `source` were quoted from an earlier revision of a document that is still here. */
  stale(source: Source): boolean {
    const revision = this.#revision(source);
    return revision !== null && source.revision !== "" && source.quote.trim() !== "" && revision !== source.revision;
  }

  /** Whether the document of `source` was removed. Of a library that could not be listed nothing is said. */
  withdrawn(source: Pick<Source, "document">): boolean {
    return this.#library.listed && !this.#library.byId.has(source.document);
  }

  /** What became of a stale source; null until it is known. */
  of(source: Source): Standing | null {
    const known = this.#known.get(this.#key(source));
    return known && "state" in known ? known : null;
  }

  /** Why that could not be found out. */
  error(source: Source): ErrorView | null {
    const known = this.#known.get(this.#key(source));
    return known && "kind" in known ? known : null;
  }

  /** What is to be said beside a source, if anything. */
  since(source: Source): Since | null {
    if (this.withdrawn(source)) return "withdrawn";
    const state = this.stale(source) ? this.of(source)?.state : undefined;
    return state === "changed" || state === "gone" ? state : null;
  }

  /** A source at the place where its words, or those in their stead, stand today; null if there is none, or none is known. */
  today(source: Source): Source | null {
    if (!this.stale(source)) return source;
    const standing = this.of(source);
    const place = standing && "places" in standing ? standing.places[0] : undefined;
    return place ? { ...source, ...place, revision: this.#revision(source) ?? "" } : null;
  }

  /** Has what is not known of these sources yet found out. */
  want(sources: Source[]): void {
    for (const source of sources) {
      if (!this.stale(source)) continue;
      const key = this.#key(source);
      if (this.#asked.has(key)) continue;
      this.#asked.add(key);
      const { document, page, start, quote, around } = source;
      let of = this.#waiting.get(document);
      // eslint-disable-next-line svelte/prefer-svelte-reactivity -- read by the asking alone
      if (!of) this.#waiting.set(document, (of = new Map<string, Quoted>()));
      of.set(key, { page, start, text: quote, around: around ?? null });
    }
    // All that is drawn in one go is asked for in one go.
    if (!this.#asking && this.#waiting.size > 0) {
      this.#asking = true;
      setTimeout(() => void this.#ask());
    }
  }

  /** As `want`, also if that failed before. */
  again(source: Source): void {
    this.#forget(this.#key(source));
    this.want([source]);
  }

  #forget(key: string): void {
    this.#asked.delete(key);
    this.#known.delete(key);
  }

  async #ask(): Promise<void> {
    for (let next = this.#waiting.entries().next(); !next.done; next = this.#waiting.entries().next()) {
      const [document, wanted] = next.value;
      const batch = [...wanted].slice(0, most);
      batch.forEach(([key]) => wanted.delete(key));
      if (wanted.size === 0) this.#waiting.delete(document);
      try {
        const { revision, standings } = await this.#backend.standing(document, batch.map(([, quoted]) => quoted));
        for (const [i, [key]] of batch.entries()) {
          const standing = standings[i];
          // It was read yet again meanwhile; the library will say so, and then it is asked for anew.
          if (standing && revision !== null && key.startsWith(prefix(document, revision))) this.#known.set(key, standing);
          else this.#asked.delete(key);
        }
      } catch (thrown) {
        const error = toErrorView(thrown);
        for (const [key] of batch) this.#known.set(key, error);
      }
    }
    this.#asking = false;
  }

  #revision(source: Source): string | null {
    return this.#library.byId.get(source.document)?.revision ?? null;
  }

  #key(source: Source): string {
    return `${prefix(source.document, this.#revision(source) ?? "")}${source.page}/${source.start}/${source.quote}`;
  }
}

function prefix(document: DocumentId, revision: string): string {
  return `${document}/${revision}/`;
}
