import { parse } from "svelte/compiler";
import { afterEach, describe, expect, it } from "vitest";
import { de } from "../../src/i18n/de";
import { en } from "../../src/i18n/en";
import { match, setLanguage, t } from "../../src/i18n/index.svelte";
import { bytes, dateText, percent } from "../../src/lib/format";

const components = import.meta.glob<string>("../../src/components/*.svelte", { query: "?raw", import: "default", eager: true });
const modules = import.meta.glob<string>("../../src/{backend,lib,state}/*.ts", { query: "?raw", import: "default", eager: true });

interface Catalogue {
  [key: string]: string | Catalogue;
}

/** Every text by its dotted key. */
function flat(catalogue: Catalogue, prefix = ""): [string, string][] {
  return Object.entries(catalogue).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`),
  );
}

afterEach(() => setLanguage("en", []));

describe("the catalogue", () => {
  it("has the same keys, forms and blanks in every language", () => {
    const blanks = (text: string) => [...text.matchAll(/\{\{(.+?)\}\}/g)].map((found) => found[1]).sort();
    const german = new Map(flat(de));
    for (const [key, text] of flat(en)) {
      // One singular may say in a word what the other says in a number.
      const optional = key.endsWith("_one") ? /^count/ : /^$/;
      const needed = (of: string) => blanks(of).filter((blank) => !optional.test(blank ?? ""));
      expect([key, needed(german.get(key) ?? "")]).toEqual([key, needed(text)]);
      expect(german.get(key)).not.toBe("");
    }
    expect([...german.keys()]).toEqual(flat(en).map(([key]) => key));
  });

  it("has no key that nothing shows", () => {
    const code = [...Object.values(components), ...Object.values(modules)].join("\n");
    const said = [...code.matchAll(/["'](\w+(?:\.\w+)+)["']/g)].map((found) => found[1] ?? "");
    const patterns = [...code.matchAll(/`((?:\w+\.)+)\$\{/g)].map((found) => found[1] ?? "");
    const unused = flat(en)
      .map(([key]) => key.replace(/_(one|other)$/, ""))
      .filter((key) => !said.includes(key) && !patterns.some((pattern) => key.startsWith(pattern)));
    expect([...new Set(unused)]).toEqual([]);
  });

  it("holds every text that a component shows", () => {
    const spoken = new Set(["aria-label", "aria-description", "aria-valuetext", "aria-roledescription", "title", "placeholder", "alt", "label"]);
    const found: string[] = [];
    for (const [path, text] of Object.entries(components)) {
      const walk = (node: unknown, attribute: string | null): void => {
        if (Array.isArray(node)) return node.forEach((one) => walk(one, attribute));
        if (typeof node !== "object" || node === null) return;
        const { type, name, data } = node as { type?: string; name?: string; data?: string };
        if (type === "StyleDirective") return;
        if (type === "Text" && /\p{L}{2,}/u.test(data ?? "") && (attribute === null || spoken.has(attribute))) {
          found.push(`${path}: ${String(data).trim()}`);
        }
        const within = type === "Attribute" ? (name ?? "") : attribute;
        for (const [key, value] of Object.entries(node)) if (key !== "parent") walk(value, within);
      };
      walk(parse(text, { modern: true }).fragment, null);
    }
    expect(found).toEqual([]);
    // Parsing every component takes its time on a busy machine.
  }, 60_000);
});

describe("a language", () => {
  it("is the first of the system's that there is", () => {
    expect(match(["fr-FR", "de-CH", "en"])).toBe("de");
    expect(match(["fr"])).toBe("en");
    expect(match([])).toBe("en");
  });

  it("chooses forms, and writes numbers, dates and sizes as its region does", () => {
    expect(t("library.pages", { count: 1 })).toBe("1 page");
    expect(t("library.pages", { count: 12_345 })).toBe("12,345 pages");
    setLanguage("de", ["de-DE"]);
    expect(t("library.pages", { count: 1 })).toBe("1 Seite");
    expect(t("library.pages", { count: 12_345 })).toBe("12.345 Seiten");
    expect(bytes(1_420_000_000)).toBe("1,4 GB");
    expect(dateText("2024-11-30")).toBe("30. November 2024");
    expect(percent(0.5)).toBe("50\u00a0%");
    setLanguage("en", ["en-GB"]);
    expect(dateText("2024-11-30")).toBe("30 November 2024");
  });

  it("does not let a name be taken for markup of the catalogue", () => {
    expect(t("chats.menu", { title: "{{count}} $t(app.name) <b>" })).toBe("Menu of chat “{{count}} $t(app.name) <b>”");
  });
});
