import { folded } from "./find";

/** A library in the program, with the texts of its licences. */
export interface Part {
  /** Name and version; no two are the same. */
  id: string;
  licence: string;
  texts: string[];
}

const rule = "-".repeat(80);

/**
 * Takes apart what `scripts/lib/notices.mjs` writes: "name version: licence" lines, then each text once, below a rule and the
 * names of all that share it. A rule within a text is followed by something else.
 */
export function partsOf(notices: string): Part[] {
  const lines = notices.split("\n");
  const first = lines.indexOf(rule);
  const parts = new Map<string, Part>();
  for (const line of lines.slice(0, first < 0 ? undefined : first)) {
    const at = line.lastIndexOf(": ");
    const id = line.slice(0, at);
    if (/^\S.* \d\S*$/.test(id) && !parts.has(id)) parts.set(id, { id, licence: line.slice(at + 2), texts: [] });
  }
  if (first < 0) return [...parts.values()];
  let sharing: Part[] = [];
  let begin = 0;
  const end = (at: number) => {
    const text = lines.slice(begin, at).join("\n").trim();
    for (const part of sharing) if (text) part.texts.push(text);
  };
  for (let at = first; at < lines.length - 1; at += 1) {
    if (lines[at] !== rule) continue;
    const named = (lines[at + 1] ?? "").split(", ").map((id) => parts.get(id));
    if (!named.every((part) => part !== undefined)) continue;
    end(at);
    sharing = named;
    begin = at + 2;
  }
  end(lines.length);
  return [...parts.values()];
}

/** A search over parts: by name, licence, and the texts. Each text is folded once, however many share it. */
export function searcher(parts: Part[]): (wanted: string) => Part[] {
  const texts = new Map<string, string>();
  const within = (text: string) => {
    const known = texts.get(text) ?? folded(text).replace(/\s+/g, " ");
    texts.set(text, known);
    return known;
  };
  return (wanted) => {
    const needle = folded(wanted).replace(/\s+/g, " ").trim();
    if (!needle) return parts;
    const named = parts.filter(({ id, licence }) => folded(`${id} ${licence}`).includes(needle));
    const holding = new Map<string, boolean>();
    const holds = (text: string) => {
      const found = holding.get(text) ?? within(text).includes(needle);
      holding.set(text, found);
      return found;
    };
    const rest = parts.filter((part) => !named.includes(part) && part.texts.some(holds));
    return [...named, ...rest];
  };
}
