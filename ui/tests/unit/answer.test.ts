import { describe, expect, it } from "vitest";
import type { Citation, Locator, Passage, Sentence } from "../../src/backend/types";
import { markerSources, plainText, renderAnswer, verdictSummary } from "../../src/lib/answer";
import { placeText, shortPlace } from "../../src/lib/place";

const locator: Locator = { unit: "page", label: null, cells: null, confidence: null };
const where = { document: "d", revision: "r", path: "/x/lease.pdf", title: "Lease", locator };
function passage(rank: number): Passage {
  const scores = { vector: null, text: null, fused: null, rerank: null };
  return { ...where, rank, page: rank, start: 0, end: 9, headings: [], text: `passage ${rank}`, score: 1, scores, injections: [] };
}
function citation(n: number, start: number): Citation {
  return { ...where, n, page: n, start, end: start + 5, quote: `quote ${start}`, score: 1 };
}

function draw(text: string, more: { sentences?: Sentence[]; citations?: Citation[]; passages?: Passage[]; streaming?: boolean } = {}) {
  const { fragment, sources } = renderAnswer({
    text,
    streaming: false,
    sentences: [],
    citations: [],
    passages: [passage(1), passage(2), passage(3)],
    ...more,
  });
  const box = document.createElement("div");
  box.append(fragment);
  return { box, sources };
}

describe("sanitising", () => {
  const attacks = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![tracker](https://evil.example/pixel.png)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[click](javascript:alert(1))",
    "[click](https://evil.example/)",
    "<https://evil.example/>",
    "<a href='https://evil.example'>x</a>",
    "<iframe src='https://evil.example'></iframe>",
    "<style>@import 'https://evil.example'</style>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<form action=https://evil.example><button>go</button></form>",
    "```html\n<img src=x onerror=alert(1)>\n```",
    "<button class='cite' data-index='0'>1</button>",
    '<sup data-n="1"></sup>',
    "[ref]: https://evil.example\n\n[ref] ![ref]",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
  ];

  it.each(attacks)("draws %s as words only", (attack) => {
    const { box } = draw(attack);
    expect(box.querySelectorAll("script, img, iframe, style, svg, math, form, a, object, embed, link, button, input")).toHaveLength(0);
    for (const element of box.querySelectorAll("*")) {
      for (const { name } of element.attributes) expect(["class", "data-link", "start"]).toContain(name);
    }
  });

  it("keeps the words of links and images", () => {
    expect(draw("See [the rules](https://evil.example) and ![a plan](https://evil.example/x.png).").box.textContent.trim()).toBe(
      "See the rules and a plan.",
    );
  });

  it("draws ordinary Markdown", () => {
    const { box } = draw("# Title\n\n**bold** and `code`\n\n1. one\n2. two\n\n| a | b |\n|---|---|\n| 1 | 2 |");
    expect(box.querySelector("h3")?.textContent).toBe("Title");
    expect(box.querySelector("strong")?.textContent).toBe("bold");
    expect(box.querySelectorAll("ol li")).toHaveLength(2);
    expect(box.querySelectorAll("td")).toHaveLength(2);
  });
});

describe("markers", () => {
  it("become buttons that name their source", () => {
    const { box, sources } = draw("Yes [2]. No [1, 3][2].");
    const buttons = [...box.querySelectorAll<HTMLElement>("button.cite")];
    expect(buttons.map((b) => b.textContent)).toEqual(["2", "1", "3", "2"]);
    expect(buttons[0]?.getAttribute("aria-label")).toBe("Citation 2: Lease, page 2");
    expect(sources.map((s) => s.quote)).toEqual(["passage 2", "passage 1", "passage 3", "passage 2"]);
  });

  it("that name no supplied passage stay text", () => {
    const { box } = draw("Sure [7].");
    expect(box.querySelectorAll("button")).toHaveLength(0);
    expect(box.textContent.trim()).toBe("Sure [7].");
  });

  it("take their own citation each, in order of appearance", () => {
    const found = markerSources([1, 2, 1, 1], [citation(1, 10), citation(2, 20), citation(1, 30)], []);
    expect(found.map((s) => s?.start)).toEqual([10, 20, 30, 30]);
  });

  it("in code are code", () => {
    expect(draw("`a[1]`").box.querySelectorAll("button")).toHaveLength(0);
  });

  it("half arrived are not shown", () => {
    expect(draw("It ends [1", { streaming: true }).box.textContent.trim()).toBe("It ends");
    expect(draw("It ends [", { streaming: true }).box.textContent.trim()).toBe("It ends");
  });

  it("can be left out of a copy", () => {
    expect(plainText("It ends [1]. So [2][3].", false)).toBe("It ends. So.");
    expect(plainText("It ends [1].", true)).toBe("It ends [1].");
  });
});

describe("verdicts", () => {
  const text = "It **ends** in *May* [1]. You should write a letter. All is paid in part [2].";
  const sentences: Sentence[] = [
    { text: "It **ends** in *May* [1].", verdict: "supported", citations: [1] },
    { text: "You should write a letter.", verdict: "unsupported", citations: [] },
    { text: "All is paid in part [2].", verdict: "partly", citations: [2] },
  ];

  it("underline exactly the sentences that are not carried, markup and markers aside", () => {
    const { box } = draw(text, { sentences });
    const claims = [...box.querySelectorAll(".claim")];
    const words = (kind: string) => claims.filter((c) => c.matches(kind)).map((c) => c.textContent.trim()).join("");
    expect(words(".unsupported")).toBe("You should write a letter.");
    expect(words(".partly")).toBe("All is paid in part.");
    expect([...box.querySelectorAll(".verdict")].map((v) => v.textContent)).toEqual(["not supported", "partly supported"]);
    expect(box.querySelectorAll("button.cite")).toHaveLength(2);
  });

  it("reach across markup inside the sentence", () => {
    const one: Sentence[] = [{ text: "It **ends** in *May* [1].", verdict: "unsupported", citations: [] }];
    const claims = [...draw(text, { sentences: one }).box.querySelectorAll(".claim")];
    expect(claims.map((c) => c.textContent.trim())).toEqual(["It", "ends", "in", "May", "."]);
  });

  it("are summed up", () => {
    expect(verdictSummary(sentences)).toBe("1 of 3 sentences supported");
  });

  it("that match nothing change nothing", () => {
    const odd: Sentence[] = [{ text: "Not there.", verdict: "unsupported", citations: [] }];
    expect(draw(text, { sentences: odd }).box.querySelectorAll(".claim, .verdict")).toHaveLength(0);
  });
});

describe("a place", () => {
  it("is named as its document names it", () => {
    expect(placeText(4)).toBe("page 4");
    expect(placeText(4, { unit: "page", label: "iv", cells: null, confidence: null })).toBe("page iv (4)");
    expect(placeText(1, { unit: "sheet", label: "Costs", cells: "B2:D7", confidence: null })).toBe("sheet Costs, B2:D7");
    expect(placeText(3, { unit: "slide", label: null, cells: null, confidence: null })).toBe("slide 3");
    expect(shortPlace(4, null)).toBe("p. 4");
    expect(shortPlace(1, { unit: "sheet", label: "Costs", cells: "B2", confidence: null })).toBe("sheet Costs, B2");
  });
});
