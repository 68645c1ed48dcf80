import type { ErrorView } from "../backend/types";
import type * as PdfJs from "pdfjs-dist";
import type { PDFDocumentProxy } from "pdfjs-dist";
// The legacy build: system webviews are older than the browsers the modern build asks for.
import workerUrl from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url";

type Library = typeof PdfJs;

let library: Promise<Library> | null = null;

/** pdf.js reads text with `for await` over a stream, which WebKit does not have yet. */
function iterableStreams(): void {
  const prototype = ReadableStream.prototype as { [Symbol.asyncIterator]?: unknown };
  if (prototype[Symbol.asyncIterator]) return;
  prototype[Symbol.asyncIterator] = async function* (this: ReadableStream) {
    const reader = this.getReader();
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    } finally {
      reader.releaseLock();
    }
  };
}

/** pdf.js, loaded at the first PDF. */
export function pdfjs(): Promise<Library> {
  library ??= import("pdfjs-dist/legacy/build/pdf.mjs").then((module) => {
    const pdf = module as unknown as Library;
    iterableStreams();
    pdf.GlobalWorkerOptions.workerSrc = workerUrl;
    return pdf;
  });
  return library;
}

/** Opens a PDF held in memory. The caller destroys it. */
export async function openPdf(data: ArrayBuffer): Promise<PDFDocumentProxy> {
  const pdf = await pdfjs();
  const asset = (folder: string) => new URL(`pdfjs/${folder}/`, document.baseURI).href;
  const task = pdf.getDocument({
    data: new Uint8Array(data),
    isEvalSupported: false,
    enableXfa: false,
    // Standard faces come with pdf.js: what a system has in their place is drawn too wide or too narrow.
    useSystemFonts: false,
    cMapUrl: asset("cmaps"),
    cMapPacked: true,
    standardFontDataUrl: asset("standard_fonts"),
    wasmUrl: asset("wasm"),
    iccUrl: asset("iccs"),
  });
  return task.promise.catch((thrown: unknown) => {
    if (!(thrown instanceof Error && thrown.name === "PasswordException")) throw thrown;
    const locked: ErrorView = {
      kind: "user",
      code: "password_needed",
      message: "The PDF is locked, and its password is not stored",
      hint: null,
      problem: { problem: "password_needed" },
      places: [],
    };
    throw locked;
  });
}
