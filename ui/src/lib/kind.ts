import type { FileKind } from "../backend/types";

const ofMedia: Record<string, FileKind> = {
  "application/pdf": "pdf",
  "application/msword": "document",
  "application/vnd.wordperfect": "document",
  "application/rtf": "document",
  "text/csv": "sheet",
  "text/html": "web",
  "multipart/related": "web",
  "message/rfc822": "mail",
  "application/mbox": "mail",
  "application/vnd.ms-outlook": "mail",
  "application/vnd.ms-tnef": "mail",
  "application/epub+zip": "book",
  "application/zip": "archive",
  "application/gzip": "archive",
  "application/x-tar": "archive",
  "application/xml": "code",
  "application/x-ipynb+json": "code",
  "application/json": "code",
  "application/yaml": "code",
  "text/javascript": "code",
  "text/plain": "text",
  "text/markdown": "text",
  "text/asciidoc": "text",
  "text/calendar": "text",
  "text/x-rst": "text",
  "text/x-org": "text",
  "application/x-latex": "text",
};

/** Families of the media types that the reader reports, the more special ones first. */
const families: [RegExp, FileKind][] = [
  [/^image\//, "picture"],
  [/presentation|powerpoint/, "slides"],
  [/spreadsheet|ms-excel/, "sheet"],
  [/wordprocessing|opendocument\.text/, "document"],
  // What is left of `text/x-…` are languages.
  [/^text\/x-/, "code"],
];

/** What a document is, by the media type it was read as. */
export function kindOfMedia(mediaType: string): FileKind {
  return ofMedia[mediaType] ?? families.find(([family]) => family.test(mediaType))?.[1] ?? "text";
}

const ofExtension: Record<string, FileKind> = Object.fromEntries(
  (
    [
      ["pdf", "pdf"],
      ["document", "docx docm dotx dotm doc dot wp wpd odt ott fodt sxw rtf"],
      ["sheet", "xlsx xlsm xltx xltm xlsb xls xlt ods ots fods sxc csv tsv tab"],
      ["slides", "pptx pptm ppsx ppsm potx potm ppt pps pot odp otp fodp sxi odg"],
      ["web", "html htm xhtml mht mhtml"],
      ["mail", "eml emlx mbox msg"],
      ["book", "epub"],
      ["picture", "png jpg jpeg jpe jfif tif tiff webp bmp gif jp2 pbm pgm ppm"],
      ["archive", "zip gz tgz tar"],
      ["code", "xml json jsonl yaml yml toml ini ipynb rs py js ts java c h cpp go cs sh sql css"],
      ["text", "txt text log md markdown rst adoc tex org ics vcf"],
    ] as const
  ).flatMap(([kind, extensions]) => extensions.split(" ").map((extension) => [extension, kind])),
);

/** What the name of a file that could not be read promises; null if it promises nothing. */
export function kindOfName(path: string): FileKind | null {
  const extension = /\.([^.\\/]+)$/.exec(path)?.[1]?.toLowerCase();
  return (extension && ofExtension[extension]) || null;
}
