import type { Document, Preflight } from "../types";
import { error } from "./errors";

const kinds: Record<string, Preflight["kinds"][number]["kind"]> = {
  pdf: "pdf",
  docx: "document",
  xlsx: "sheet",
  pptx: "slides",
  html: "web",
  md: "text",
  txt: "text",
  png: "picture",
  tif: "picture",
  rs: "code",
};

/** What a folder holds, of whatever name; and in one named `attic`, very much. */
function inside(folder: string): string[] {
  const many = folder.includes("attic") ? 400 : 1;
  const names = ["contract.pdf", "letter.docx", "rents.xlsx", "film.mp4", "LICENSE"];
  return Array.from({ length: many }, (_, i) => names.map((name) => `${folder}/${i}/${name}`)).flat();
}

/** What adding these would do. A name with `copy of` has the content of the library's first document; one with `gone` is not there. */
export function preflight(paths: string[], documents: Document[]): Preflight {
  const found: Preflight = { files: 0, bytes: 0, kinds: [], seconds: null, unchanged: 0, changed: 0, copies: [], unsupported: [], errors: [] };
  const files = paths.flatMap((path) => (/\.\w+$/.test(path) ? [path] : inside(path)));
  const [first] = documents;
  for (const path of files) {
    const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
    const kind = kinds[extension];
    if (path.includes("gone")) {
      found.errors.push(error(`${path}: The file is not there`, "It may have been moved or renamed", { code: "not_found", problem: { problem: "file_missing" }, places: [path] }));
    } else if (!kind) {
      const known = found.unsupported.find((left) => left.extension === extension);
      if (known) known.files += 1;
      else found.unsupported.push({ extension, files: 1 });
    } else if (documents.some((document) => document.path === path)) {
      found.unchanged += 1;
    } else {
      if (path.includes("copy of") && first) found.copies.push({ path, of: first.path });
      const tally = found.kinds.find((known) => known.kind === kind);
      if (tally) Object.assign(tally, { files: tally.files + 1, bytes: tally.bytes + 4_000_000 });
      else found.kinds.push({ kind, files: 1, bytes: 4_000_000 });
      found.files += 1;
      found.bytes += 4_000_000;
    }
  }
  found.kinds.sort((a, b) => b.files - a.files);
  if (documents.length > 0) found.seconds = found.files * 3;
  return found;
}
