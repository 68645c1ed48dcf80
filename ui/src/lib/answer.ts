import DOMPurify from "dompurify";
import MarkdownIt from "markdown-it";
import type { Citation, Locator, Passage, Sentence, Verdict } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { fileName } from "./format";
import { placeText } from "./place";

/**
 * What a marker points to: the citation resolved for it or, before it is resolved, the passage.
 */
export interface Source {
  n: number;
  document: string;
  revision: string;
  path: string;
  title: string;
  page: number;
  start: number;
  end: number;
  quote: string;
  /** What the document calls the place; none of places that were opened without a citation. */
  locator?: Locator;
  /** The passage that the quote stands in. */
  around?: string;
}

/** An answer as far as it is known; while it streams, `sentences` is empty. */
export interface AnswerContent {
  text: string;
  streaming: boolean;
  sentences: Sentence[];
  citations: Citation[];
  passages: Passage[];
}

const marker = /^\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/;

// `html: false` shows tags as text. Links and images keep their words and lose their target:
// the window must not navigate, and nothing remote may load.
const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: false });
markdown.inline.ruler.before("link", "marker", (state, silent) => {
  const match = marker.exec(state.src.slice(state.pos));
  if (!match?.[1] || state.src[state.pos + match[0].length] === "(") return false;
  if (!silent) {
    for (const n of match[1].split(",")) state.push("marker", "", 0).meta = Number(n);
  }
  state.pos += match[0].length;
  return true;
});
markdown.renderer.rules["marker"] = (tokens, index) => `<sup data-n="${Number(tokens[index]?.meta)}"></sup>`;
markdown.renderer.rules["link_open"] = () => "<span data-link>";
markdown.renderer.rules["link_close"] = () => "</span>";
markdown.renderer.rules["image"] = (tokens, index) => markdown.utils.escapeHtml(tokens[index]?.content ?? "");
// An answer sits under the page's own headings; its highest level becomes the third.
markdown.renderer.rules["heading_open"] = (tokens, index) => `<${lowered(tokens[index]?.tag)}>`;
markdown.renderer.rules["heading_close"] = (tokens, index) => `</${lowered(tokens[index]?.tag)}>`;

function lowered(tag: string | undefined): string {
  return `h${Math.min(6, Number(tag?.slice(1) ?? 1) + 2)}`;
}

const allowed = {
  ALLOWED_TAGS: [
    ..."p br hr em strong s del code pre ul ol li blockquote sup span h3 h4 h5 h6".split(" "),
    ..."table thead tbody tr th td".split(" "),
  ],
  ALLOWED_ATTR: ["data-n", "data-link", "start"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  KEEP_CONTENT: true,
  RETURN_DOM_FRAGMENT: true as const,
};

/** The sources of the markers of `text`, in order of appearance; null where a number was not supplied. */
export function markerSources(numbers: number[], citations: Citation[], passages: Passage[]): (Source | null)[] {
  const seen = new Map<number, number>();
  return numbers.map((n) => {
    const nth = seen.get(n) ?? 0;
    seen.set(n, nth + 1);
    const resolved = citations.filter((c) => c.n === n);
    const citation = resolved[nth] ?? resolved.at(-1);
    const passage = passages.find((p) => p.rank === n);
    if (citation) return citedSource(citation, passage);
    return passage ? passageSource(passage) : null;
  });
}

/** A citation as a source, with the passage it was taken from. */
export function citedSource(citation: Citation, passage: Passage | undefined): Source {
  return passage ? { ...citation, around: passage.text } : citation;
}

/** What the file of a source is called. Of a document that was removed with its quotes not even that is kept. */
export function nameOf({ path }: { path: string }): string {
  return path ? fileName(path) : t("source.removedName");
}

/** How a marker of `source` is read out. */
export function citationName({ n, title, page, locator }: Source): string {
  return t("answer.citation", { n, title: title || t("source.removedName"), place: placeText(page, locator) });
}

/** A whole passage as a source. */
export function passageSource(passage: Passage): Source {
  return { ...passage, n: passage.rank, quote: passage.text };
}

/**
 * Draws an answer. The text is data: it goes through a Markdown parser that knows no HTML and
 * through DOMPurify; only afterwards are buttons and marks added, as DOM nodes.
 * Buttons carry `data-index`, the index into the returned sources.
 */
export function renderAnswer(content: AnswerContent): { fragment: DocumentFragment; sources: Source[] } {
  const text = content.streaming ? content.text.replace(/\[[\d,\s]*$/, "") : content.text;
  const fragment = DOMPurify.sanitize(markdown.render(text), allowed);
  if (!content.streaming) markSentences(fragment, content.sentences);
  const sups = [...fragment.querySelectorAll("sup[data-n]")];
  const found = markerSources(
    sups.map((sup) => Number(sup.getAttribute("data-n"))),
    content.citations,
    content.passages,
  );
  const sources: Source[] = [];
  for (const [i, sup] of sups.entries()) {
    const source = found[i];
    if (!source) {
      // Not one of the supplied passages, so not a citation: show it as what it is, text.
      sup.replaceWith(`[${sup.getAttribute("data-n") ?? ""}]`);
      continue;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cite";
    button.textContent = String(source.n);
    button.dataset["index"] = String(sources.length);
    button.setAttribute("aria-label", citationName(source));
    sources.push(source);
    sup.replaceWith(button);
  }
  return { fragment, sources };
}

/** The answer as plain words, with its markers or without. */
export function plainText(answer: string, withMarkers: boolean): string {
  return withMarkers ? answer : answer.replace(/[ \t]*\[\d{1,3}(?:\s*,\s*\d{1,3})*\](?!\()/g, "");
}

/** Underlines the sentences that their sources do not carry, and puts a button that says so behind each. Spaces and markup do not count in matching. */
function markSentences(fragment: DocumentFragment, sentences: Sentence[]): void {
  const places: { node: Text; offset: number }[] = [];
  let letters = "";
  for (const node of textNodes(fragment)) {
    for (let offset = 0; offset < node.data.length; offset += 1) {
      if (/\s/.test(node.data[offset] ?? "")) continue;
      letters += node.data[offset];
      places.push({ node, offset });
    }
  }
  let from = 0;
  const ranges: { start: number; end: number; verdict: Exclude<Verdict, "supported"> }[] = [];
  for (const sentence of sentences) {
    const words = DOMPurify.sanitize(markdown.render(sentence.text), allowed).textContent.replace(/\s+/g, "");
    const start = words ? letters.indexOf(words, from) : -1;
    if (start < 0) continue;
    from = start + words.length;
    if (sentence.verdict !== "supported") ranges.push({ start, end: from, verdict: sentence.verdict });
  }
  // From the back, so that splitting a node does not move the places before it.
  for (const { start, end, verdict } of ranges.reverse()) {
    const pieces = new Map<Text, [number, number]>();
    for (let i = start; i < end; i += 1) {
      const place = places[i];
      if (!place) continue;
      const piece = pieces.get(place.node);
      if (piece) piece[1] = place.offset + 1;
      else pieces.set(place.node, [place.offset, place.offset + 1]);
    }
    let last: Element | null = null;
    for (const [node, [a, b]] of pieces) {
      const piece = node.splitText(a);
      piece.splitText(b - a);
      const claim = document.createElement("span");
      claim.className = `claim ${verdict}`;
      piece.replaceWith(claim);
      claim.append(piece);
      last = claim;
    }
    const label = document.createElement("button");
    label.type = "button";
    label.className = `verdict ${verdict}`;
    label.dataset["verdict"] = verdict;
    label.textContent = t(`answer.verdict.${verdict}`);
    // The label follows the sentence's own markers.
    let after: ChildNode | null = last;
    while (after?.nextSibling instanceof Element && after.nextSibling.matches("sup")) after = after.nextSibling;
    after?.after(label);
  }
}

function textNodes(root: Node): Text[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  while (walker.nextNode()) nodes.push(walker.currentNode as Text);
  return nodes;
}

/** "7 of 8 sentences supported". */
export function verdictSummary(sentences: Sentence[]): string {
  const supported = sentences.filter((s) => s.verdict === "supported").length;
  return t("answer.supported", { some: supported, count: sentences.length });
}
