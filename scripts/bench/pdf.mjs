// A PDF with plain text pages, for benchmarks: Helvetica, A4, lines broken at 95 characters.

const escape = (text) => text.replace(/[\\()]/g, '\\$&');

function lines(paragraph) {
  const found = [''];
  for (const word of paragraph.split(' ')) {
    if (found.at(-1).length + word.length > 95) found.push('');
    found[found.length - 1] += (found.at(-1) ? ' ' : '') + word;
  }
  return [...found, ''];
}

/** The bytes of a PDF; `pages` holds a list of paragraphs for each page. */
export function textPdf(pages) {
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '', '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'];
  const kids = [];
  for (const paragraphs of pages) {
    const text = paragraphs.flatMap(lines).map((line) => `(${escape(line)}) '`).join('\n');
    const stream = `BT /F1 10 Tf 12 TL 50 800 Td\n${text}\nET`;
    objects.push(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
    objects.push(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${objects.length} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`);
    kids.push(`${objects.length} 0 R`);
  }
  objects[1] = `<< /Type /Pages /Count ${pages.length} /Kids [${kids.join(' ')}] >>`;
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const at = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const xref = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.map((o) => `${String(o).padStart(10, '0')} 00000 n \n`).join('')}`;
  file += `trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}
