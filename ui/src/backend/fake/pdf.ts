import type { Block, Page, TextRect } from "../types";

/** Advance widths of Helvetica for U+0020 to U+007E, in thousandths of the font size (Adobe AFM). */
const widths = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
  667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
  556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

const size: [number, number] = [612, 792];
const margin = 72;
const font = 12;
const leading = 18;

function widthOf(text: string): number {
  return [...text].reduce((sum, c) => sum + ((widths[c.charCodeAt(0) - 32] ?? 556) * font) / 1000, 0);
}

/** Lines of paragraphs, broken at the right margin. */
function lines(paragraphs: string[]): string[][] {
  return paragraphs.map((paragraph) => {
    const result = [""];
    for (const word of paragraph.split(" ")) {
      const last = result.at(-1) ?? "";
      const longer = last ? `${last} ${word}` : word;
      if (widthOf(longer) > size[0] - 2 * margin) result.push(word);
      else result[result.length - 1] = longer;
    }
    return result;
  });
}

/**
 * A small real PDF of ASCII paragraphs per page, with the pages as an extractor would report them:
 * one rectangle per word, in points from the top left.
 */
export function makePdf(pages: string[][]): { bytes: ArrayBuffer; pages: Page[] } {
  const extracted: Page[] = [];
  const contents: string[] = [];
  for (const [index, paragraphs] of pages.entries()) {
    let text = "";
    let baseline = margin + font;
    const rects: TextRect[] = [];
    const blocks: Block[] = [];
    const drawing: string[] = [];
    for (const paragraph of lines(paragraphs)) {
      const start = text.length;
      for (const [i, line] of paragraph.entries()) {
        if (i > 0) text += " ";
        drawing.push(`1 0 0 1 ${margin} ${size[1] - baseline} Tm (${line.replace(/[\\()]/g, "\\$&")}) Tj`);
        let x = margin;
        for (const [j, word] of line.split(" ").entries()) {
          if (j > 0) {
            text += " ";
            x += widthOf(" ");
          }
          const width = widthOf(word);
          rects.push({ start: text.length, end: text.length + word.length, x, y: baseline - font * 0.8, width, height: font * 1.05 });
          text += word;
          x += width;
        }
        baseline += leading;
      }
      blocks.push({ kind: "paragraph", start, end: text.length });
      text += "\n\n";
      baseline += leading / 2;
    }
    text = text.trimEnd();
    extracted.push({ number: index + 1, label: null, text, source: "text", confidence: null, unit: "page", blocks, rects, size, places: [], links: [], lines: [] });
    contents.push(`BT /F1 ${font} Tf ${drawing.join("\n")} ET`);
  }
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${contents.map((_, i) => `${4 + 2 * i} 0 R`).join(" ")}] /Count ${contents.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
  ];
  for (const [i, content] of contents.entries()) {
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${size.join(" ")}] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * i} 0 R >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    );
  }
  let file = "%PDF-1.4\n";
  const offsets = objects.map((object, i) => {
    const at = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  file += offsets.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("");
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  const buffer = new ArrayBuffer(file.length);
  new Uint8Array(buffer).set(new TextEncoder().encode(file));
  return { bytes: buffer, pages: extracted };
}
