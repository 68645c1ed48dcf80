// A small PDF with real text, written here so that the test needs no fixture of anybody's.

/** One string a page; lines are as given. */
export function pdf(title, pages) {
  const objects = [];
  const add = (body) => objects.push(body);
  const escape = (text) => text.replace(/[\\()]/g, (c) => `\\${c}`);
  add('<< /Type /Catalog /Pages 2 0 R >>');
  add(`<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, i) => `${5 + 2 * i} 0 R`).join(' ')}] >>`);
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>');
  add(`<< /Title (${escape(title)}) >>`);
  for (const [i, text] of pages.entries()) {
    const lines = text.split('\n').map((line) => `(${escape(line)}) Tj T*`).join('\n');
    const content = `BT\n/F1 12 Tf\n16 TL\n72 760 Td\n${lines}\nET`;
    add(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${6 + 2 * i} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`);
    add(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  }
  let out = '%PDF-1.4\n';
  const offsets = objects.map((body, i) => {
    const at = out.length;
    out += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`;
  out += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n${out.lastIndexOf('xref\n0')}\n%%EOF\n`;
  return Buffer.from(out, 'latin1');
}
