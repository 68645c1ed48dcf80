import { charLength } from "../../lib/spans";
import type { Block, CharSpan, Document, DocumentEvent, Occasion, Page, PageCoverage, PageSource } from "../types";
import { brokenPdf } from "./errors";
import { makePdf } from "./pdf";

/** A document of the fake library with its pages. */
export interface FakeDocument {
  record: Document;
  pages: Page[];
  bytes: ArrayBuffer | null;
  /** How its pages were read; else all are text. */
  coverage?: PageCoverage[];
  /** What became of it, the oldest first. */
  history: DocumentEvent[];
}

const lease = makePdf([
  [
    "Residential Lease Agreement",
    "This agreement is made between Alder Court Housing Ltd (the landlord) and the tenant named in the schedule. It covers the flat at 14 Mill Lane, including the cellar room marked B4.",
    "The tenancy begins on 1 March 2025 and runs for an initial term of twenty-four months.",
  ],
  [
    "4. Notice and termination",
    "After the initial term, either party may end the tenancy by giving three months' written notice to the end of a calendar month. Notice by electronic mail is not sufficient.",
    "The landlord may end the tenancy without notice if rent is more than two months in arrears.",
  ],
  [
    "5. Deposit",
    "The deposit equals two months' net rent and is held in a separate account. It is returned within six weeks after the keys are handed back, less any agreed deductions.",
    "Interest on the deposit belongs to the tenant.",
  ],
]);

const notes =
  "# Flat 🏠 handover 📝\n\nMet the caretaker on 27 February. 👍🏽 Two keys 🔑🔑 for the front door and one for cellar room B4 were handed over.\n\n- Electricity meter reading: 48 213 kWh\n- The kitchen tap drips; the caretaker will send a plumber within a week.\n\nThe caretaker's hours are 8 to 10 on weekdays.";

function blockOf(text: string, part: string, kind: Block["kind"]): Block {
  const span = spanOf(text, part);
  if (kind === "heading") return { kind, level: 1, ...span };
  return kind === "table" ? { kind, headerRows: 1, ...span } : { kind, ...span };
}

/** Where `part` stands in `text`, in code points. */
export function spanOf(text: string, part: string): CharSpan {
  const at = text.indexOf(part);
  if (at < 0) throw new Error(`"${part}" is not in the fake's page`);
  const start = charLength(text.slice(0, at));
  return { start, end: start + charLength(part) };
}

const notesPage: Page = {
  number: 1,
  label: null,
  text: notes,
  source: "text",
  confidence: null,
  unit: "section",
  places: [],
  links: [],
  lines: [],
  blocks: [
    blockOf(notes, "# Flat 🏠 handover 📝", "heading"),
    blockOf(notes, notes.split("\n\n")[1] ?? "", "paragraph"),
    blockOf(notes, "- Electricity meter reading: 48 213 kWh", "list_item"),
    blockOf(notes, "- The kitchen tap drips; the caretaker will send a plumber within a week.", "list_item"),
  ],
  rects: [],
  size: null,
};

let made = 0;

/** What a reading would leave in the history of a document. */
export function readEvent({ revision, pages, searchablePages, chunks, warnings }: Document, occasion: Occasion, at: string): DocumentEvent {
  return { what: "read", at, occasion, revision: revision ?? "", pages, searchablePages, chunks, warnings: warnings.length, embedder: "multilingual-e5-small" };
}

/** A document as the register would hold it. */
export function fakeDocument(path: string, pages: Page[], bytes: ArrayBuffer | null, extra: Partial<Document> = {}): FakeDocument {
  made += 1;
  const name = path.split("/").at(-1) ?? path;
  const types: Record<string, string> = {
    pdf: "application/pdf",
    md: "text/markdown",
    txt: "text/plain",
    html: "text/html",
    png: "image/png",
    docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  };
  const record: Document = {
    id: `doc-${made}`,
    collection: "default",
    path,
    title: name.replace(/\.\w+$/, ""),
    author: null,
    date: null,
    language: null,
    mediaType: types[name.split(".").at(-1) ?? ""] ?? "text/plain",
    revision: `rev-${made}`,
    contentHash: `hash-${made}`,
    bytes: bytes?.byteLength ?? pages.reduce((sum, page) => sum + page.text.length, 0),
    pages: pages.length,
    searchablePages: pages.filter((page) => page.text).length,
    unreadImages: 0,
    chunks: pages.length * 3,
    warnings: [],
    indexedAt: "2026-01-15T09:30:00Z",
    ...extra,
  };
  return { record, pages, bytes, history: [readEvent(record, "added", record.indexedAt)] };
}

function textPage(text: string): Page {
  return { number: 1, label: null, text, source: "text", confidence: null, unit: "section", blocks: [], rects: [], size: null, places: [], links: [], lines: [] };
}

function coverageOf(sources: PageSource[]): PageCoverage[] {
  return sources.map((source, i) => ({
    number: i + 1,
    label: null,
    unit: "page",
    source,
    confidence: source === "ocr" ? 0.91 : null,
    doubtful: 0,
    chars: source === "text" || source === "ocr" ? 900 : 0,
  }));
}

/** A picture of one white dot. */
const dot = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="),
  (char) => char.charCodeAt(0),
);

const receipt: Page = {
  ...textPage("Received: 2,350 euros"),
  source: "ocr",
  confidence: 0.93,
  unit: "page",
  rects: [{ start: 0, end: 21, x: 10, y: 20, width: 60, height: 10 }],
  size: [100, 100],
};

/** A scan of several pages, of a kind that the engine draws: its lines, and where they stand. */
function scan(): Page[] {
  return [
    ["Alder Court Housing Ltd", "Received on 3 March 2025: 2,350 euros", "Deposit for the flat at 14 Mill Lane"],
    ["Page two of the receipt", "Returned within six weeks after the keys", "Notice by electronic mail is not sufficient."],
  ].map((lines, i) => {
    const text = lines.join("\n");
    const rects = lines.map((line, at) => ({ ...spanOf(text, line), x: 40, y: 60 + at * 48, width: line.length * 8, height: 20 }));
    // The last line of each page is hard to read.
    const sure = lines.map((line, at) => ({ ...spanOf(text, line), confidence: at === lines.length - 1 ? 0.62 : 0.97 }));
    return { ...textPage(text), number: i + 1, source: "ocr", confidence: 0.91, unit: "page", rects, size: [420, 300], lines: sure };
  });
}

/** A page as the engine would draw it: every rectangle's words within it. */
export async function drawn({ text, rects, size }: Page): Promise<ArrayBuffer> {
  const [width, height] = size ?? [100, 100];
  const canvas = new OffscreenCanvas(width * 2, height * 2);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.scale(2, 2);
  context.fillStyle = "#fbfaf4";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#23318a";
  context.textBaseline = "middle";
  context.font = "15px serif";
  const chars = [...text];
  for (const rect of rects) context.fillText(chars.slice(rect.start, rect.end).join(""), rect.x, rect.y + rect.height / 2, rect.width);
  return (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer();
}

const cells = [
  ["Month", "Rent", "Heating"],
  ["January 2025", "1,234.50", "98.00"],
  ["February 2025", "1,234.50", ""],
];

/** A sheet as the engine reads it: rows as lines, and the place of every cell that holds something. */
function sheet(): Page {
  const text = cells.map((row) => row.join(" | ")).join("\n");
  const places: Page["places"] = [];
  let at = 0;
  for (const [r, row] of cells.entries()) {
    for (const [c, cell] of row.entries()) {
      if (cell) places.push({ start: at, end: at + cell.length, address: `${"BCE".charAt(c)}${r + 2}` });
      at += cell.length + (c < row.length - 1 ? 3 : 1);
    }
  }
  return { ...textPage(text), label: "Costs", unit: "sheet", places, blocks: [{ kind: "table", headerRows: 1, start: 0, end: charLength(text) }] };
}

const program = "fn main() {\n\tlet rent = 1234.5;\n\n\tprintln!(\"{rent}\");\n}";

/** A PDF of many pages, the first of which are numbered as books do. */
function handbook(path: string): FakeDocument {
  const { bytes, pages } = makePdf(
    Array.from({ length: 60 }, (_, i) => [`Chapter ${i + 1}`, ...Array.from({ length: 1 + (i % 4) }, () => "The caretaker looks after the stairs, the lift and the yard, and answers letters within a week of their arrival.")]),
  );
  const roman = ["i", "ii", "iii", "iv"];
  return fakeDocument(path, pages.map((page, i) => ({ ...page, label: roman[i] ?? String(i - 3) })), bytes);
}

function slides(): Page[] {
  return ["Welcome", "Where the money went", "What comes next"].map((title, i) => {
    const text = `${title}\n\nPoint one of slide ${i + 1}, which says what it says at some length.\nPoint two.`;
    return { ...textPage(text), number: i + 1, unit: "slide", blocks: [blockOf(text, title, "heading")] };
  });
}

/** A web page with links: to the web, to mail, to a place within itself, and to what must never run; and an address that is none of them. */
function linked(): Page {
  const text =
    "Tenants' advice 🏠\n\nRead the guide to deposits or write to the office. Back to the top. Press here.\n\nThe law stands at https://law.example/tenancy?section=5.\n\n| What | Where |\n| --- | --- |\n| Mediation | the board |";
  const table = text.slice(text.indexOf("| What"));
  const to = (words: string, target: string) => ({ ...spanOf(text, words), target });
  return {
    ...textPage(text),
    links: [
      to("guide to deposits", "https://advice.example/deposits?for=tenants&lang=en#returned-within-six-weeks"),
      to("write to the office", "mailto:office@advice.example"),
      to("Back to the top", "#top"),
      to("Press here", "javascript:alert(1)"),
      to("the board", "https://board.example/"),
    ],
    blocks: [blockOf(text, "Tenants' advice 🏠", "heading"), blockOf(text, text.split("\n\n")[1] ?? "", "paragraph"), blockOf(text, text.split("\n\n")[2] ?? "", "paragraph"), blockOf(text, table, "table")],
  };
}

/** What a path that the tests add becomes. */
export function documentAt(path: string, collection = "default"): FakeDocument {
  const document = read(path);
  document.record.collection = collection;
  return document;
}

function read(path: string): FakeDocument {
  if (path.endsWith("advice.html")) return fakeDocument(path, [linked()], null);
  if (path.endsWith("handbook.pdf")) return handbook(path);
  if (path.endsWith(".pptx")) return fakeDocument(path, slides(), null, { mediaType: "application/vnd.openxmlformats-officedocument.presentationml.presentation" });
  if (path.endsWith(".png")) return fakeDocument(path, [receipt], dot.buffer.slice(0));
  if (path.endsWith(".tif")) return fakeDocument(path, scan(), new ArrayBuffer(8), { mediaType: "image/tiff" });
  if (path.endsWith(".xlsx")) return fakeDocument(path, [sheet()], null, { mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" });
  if (path.endsWith(".rs")) return fakeDocument(path, [textPage(program)], null, { mediaType: "text/x-rust" });
  if (path.endsWith(".pdf")) return fakeDocument(path, lease.pages, lease.bytes.slice(0));
  return fakeDocument(path, [textPage(`Contents of ${path}.`)], null);
}

/** Gives a document other texts, a page each, and a file to match. */
export function rewrite(document: FakeDocument, texts: string[]): void {
  if (document.bytes) {
    const made = makePdf(texts.map((text) => text.split("\n\n")));
    document.pages = made.pages;
    document.bytes = made.bytes;
    return;
  }
  const [like] = document.pages;
  document.pages = texts.map((text, i) => ({ ...textPage(text), unit: like?.unit ?? "section", number: i + 1 }));
}

/** The library most tests begin with. */
export function sampleLibrary(): FakeDocument[] {
  const documents = sampleDocuments();
  const invoices = documents.find(({ record }) => record.path.endsWith("scanned invoices.pdf"));
  if (invoices) invoices.history = longHistory(invoices.record);
  return documents;
}

/** Of a document that much became of. */
function longHistory(record: Document): DocumentEvent[] {
  const read = (occasion: Occasion, at: string, change: Partial<Document> = {}) => readEvent({ ...record, revision: `${record.revision ?? ""}-${at}`, ...change }, occasion, at);
  return [
    { ...read("unrecorded", "2025-06-02T07:12:00Z", { pages: 10, searchablePages: 3, chunks: 9 }), embedder: null },
    { what: "moved", at: "2025-08-19T15:40:00Z", from: "/home/ada/Downloads/scan 2024-11-30 (2).pdf" },
    read("changed", "2025-08-20T15:02:00Z", { searchablePages: 5, chunks: 15 }),
    {
      what: "failed",
      at: "2025-10-03T11:20:00Z",
      error: brokenPdf("scanned invoices.pdf"),
    },
    { ...read("index", "2025-12-01T20:05:00Z"), embedder: "multilingual-e5-base" },
    { ...readEvent(record, "images", record.indexedAt), embedder: "multilingual-e5-base" },
  ] as DocumentEvent[];
}

function sampleDocuments(): FakeDocument[] {
  return [
    fakeDocument("/home/ada/Documents/Flat/Residential lease agreement 14 Mill Lane (signed, final copy 2025-02-11).pdf", lease.pages, lease.bytes),
    fakeDocument("/home/ada/Documents/Flat/handover notes.md", [notesPage], null),
    fakeDocument(
      "/home/ada/Documents/House/Protokoll der ordentlichen Eigentümerversammlung vom 12. November 2024.docx",
      [textPage("The annual service charge rises by 4 percent from January 2026.\n\nThe roof will be renewed in the summer of 2026.\n\nSecurities are returned within four weeks after the keys are handed back.")],
      null,
    ),
    {
      ...fakeDocument("/home/ada/Documents/House/scanned invoices.pdf", lease.pages, null, {
        pages: 12,
        searchablePages: 8,
        unreadImages: 2,
        author: "Alder Court Housing Ltd",
        date: "2024-11-30",
        language: "en",
        warnings: [
          { text: "page 8 could not be read (the image is damaged)", place: null, notices: [{ notice: "page_unreadable", page: 8, detail: "the image is damaged" }] },
          {
            text: "2 pages are images, and the model that reads images is not here; fetch the models, and the document is read again",
            place: null,
            notices: [{ notice: "images_unread", images: 2 }],
          },
        ],
        bytes: 18_340_112,
      }),
      coverage: coverageOf(["text", "text", "text", "ocr", "ocr", "empty", "ocr", "failed", "failed", "failed", "text", "text"]),
    },
  ];
}

/** The sample's documents, and files of many kinds in folders of which two have the same name. */
export function mixedLibrary(): FakeDocument[] {
  const paths = [
    "Taxes/2024/Einkommensteuerbescheid mit Erläuterungen zur Festsetzung (zweite Ausfertigung).pdf",
    "Taxes/2024/receipts.xlsx",
    "Taxes/2025/receipts.xlsx",
    "Letters/2024/to the caretaker.txt",
    "Letters/2024/from the caretaker.txt",
    "Letters/talk for the tenants' meeting.pptx",
    "Photos/meter.png",
    "Photos/cellar.png",
    "Code/rent.rs",
  ];
  return [...sampleLibrary(), ...paths.map((path) => documentAt(`/home/ada/Documents/${path}`))];
}

/** Thousands of short documents of many years, to see that the list keeps up. */
export function manyDocuments(count: number): FakeDocument[] {
  return Array.from({ length: count }, (_, i) =>
    fakeDocument(`/home/ada/Archive/${1950 + (i % 75)}/letter ${String(i + 1).padStart(5, "0")}.txt`, [textPage(`Letter ${i + 1}.`)], null),
  );
}
