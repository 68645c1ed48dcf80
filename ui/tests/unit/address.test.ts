import { describe, expect, it } from "vitest";
import { addressOf, linksOf, placeOf } from "../../src/lib/address";
import { charLength, lineParts, segmentPage, tableRows } from "../../src/lib/spans";

function spanned(text: string, words: string, target: string) {
  const start = charLength(text.slice(0, text.indexOf(words)));
  return { start, end: start + charLength(words), target };
}

describe("links of a document", () => {
  it("lead to the web or to mail, and nowhere else", () => {
    expect(addressOf("https://Example.org/a b")).toBe("https://example.org/a%20b");
    // What looks like a known name is shown as what it is.
    expect(addressOf("https://ex\u0430mple.org/")).toBe("https://xn--exmple-4nf.org/");
    expect(addressOf("mailto:a@b.example")).toBe("mailto:a@b.example");
    expect(["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "#top", "page.html", "//host/x", "footnote://document/1", ""].map(addressOf)).toEqual(
      Array(8).fill(null),
    );
  });

  it("name the site they lead to, and what stands before it as if it were one", () => {
    expect(placeOf("https://law.example:8080/a?b=c@d.example")).toEqual({ kind: "site", site: "law.example:8080" });
    expect(placeOf("https://bank.example@evil.example/")).toEqual({ kind: "hidden", site: "evil.example" });
    expect(placeOf("https://:secret@evil.example/")).toEqual({ kind: "hidden", site: "evil.example" });
    expect(placeOf("mailto:a@b.example")).toEqual({ kind: "mail" });
  });

  it("are those of the document, and addresses that stand in its text", () => {
    const text = "🏠 See the guide, or http://law.example/5. Not www.law.example, ftp://x.example or a@b.example.";
    const links = [spanned(text, "the guide", "https://guide.example/"), spanned(text, "See", "#see")];
    expect(linksOf({ text, links }).map(({ start, end, target }) => [text.slice(start, end), target])).toEqual([
      ["the guide", "https://guide.example/"],
      ["http://law.example/5", "http://law.example/5"],
    ]);
  });

  it("of an address that the document links elsewhere lead where the document says", () => {
    const text = "https://bank.example/";
    expect(linksOf({ text, links: [spanned(text, text, "https://other.example/")] })).toEqual([{ start: 0, end: 21, target: "https://other.example/" }]);
  });

  it("leave every character where it stands, also where the mark begins within one", () => {
    const text = "One https://a.example/x two\n\nthree";
    const links = linksOf({ text, links: [] });
    const [first, second] = segmentPage({ text, blocks: [] }, { start: 10, end: 25 }, links);
    expect(first?.parts).toEqual([
      { text: "One ", marked: false },
      { text: "https:", marked: false, target: "https://a.example/x" },
      { text: "//a.example/x", marked: true, target: "https://a.example/x" },
      { text: " t", marked: true },
      { text: "wo", marked: false },
    ]);
    expect(second?.parts).toEqual([{ text: "three", marked: false }]);
    expect(lineParts(text, null, links)[0]?.map((part) => part.text).join("")).toBe("One https://a.example/x two");
  });

  it("stand in their cells", () => {
    const text = "Name | Where\nBoard | the board of it";
    const links = linksOf({ text, links: [spanned(text, "the board", "https://board.example/")] });
    const [segment] = segmentPage({ text, blocks: [{ kind: "table", headerRows: 1, start: 0, end: text.length }] }, null, links);
    expect(tableRows(segment?.parts ?? [])[1]?.[1]).toEqual([
      { text: "the board", marked: false, target: "https://board.example/" },
      { text: " of it", marked: false },
    ]);
  });
});
