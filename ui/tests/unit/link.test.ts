import { describe, expect, it } from "vitest";
import { linkTo, parseLink } from "../../src/lib/link";
import { pastedPaths } from "../../src/lib/pasted";

describe("a link", () => {
  it("leads where it was made", () => {
    for (const place of [
      { document: "01JAB-c", page: 12 },
      { document: "a/b ?#ü", page: null },
    ]) {
      expect(parseLink(linkTo(place))).toEqual(place);
    }
  });

  it("is read as people and systems write it", () => {
    const here = { document: "x", page: 2 };
    expect(parseLink(" FOOTNOTE://document/x?page=2\n")).toEqual(here);
    expect(parseLink("footnote://document/x/?page=2")).toEqual(here);
    expect(parseLink("footnote://document/x?from=mail&page=2&to=ada")).toEqual(here);
    expect(parseLink("footnote://document/x?page=")).toEqual({ document: "x", page: null });
  });

  it("leads nowhere if it is of another form", () => {
    for (const text of ["footnote://document/", "footnote://chat/x", "footnote://document/x/y", "footnote://document/%E0", "https://document/x"]) {
      expect(parseLink(text), text).toBeNull();
    }
  });
});

describe("what is pasted", () => {
  const paste = (data: Record<string, string>) => pastedPaths({ getData: (type: string) => data[type] ?? "" } as DataTransfer);

  it("is files if every line is one", () => {
    expect(paste({ "text/uri-list": "file:///a/%C3%BC%20b.pdf\r\nfile:///c", "text/plain": "x" })).toEqual(["/a/ü b.pdf", "/c"]);
    expect(paste({ "text/plain": "C:\\a\\b.pdf\nfile:///D:/c.txt" })).toEqual(["C:\\a\\b.pdf", "D:/c.txt"]);
  });

  it("is text otherwise", () => {
    for (const text of ["", "words", "/a/b.pdf\nwords", "// a comment", "https://example.org/a.pdf"]) expect(paste({ "text/plain": text }), text).toEqual([]);
  });
});
