import type { PDFDocumentProxy } from "pdfjs-dist";
import { toErrorView, type Backend } from "../backend/backend";
import type { DocumentId, ErrorView, RevisionId } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { openPdf } from "../lib/pdf";

/** A PDF's file, open as long as the component that made this shows it. */
export class OpenedPdf {
  proxy = $state.raw<PDFDocumentProxy | null>(null);
  /** Why it cannot be opened. */
  error = $state.raw<ErrorView | null>(null);

  /** `file` says which is wanted; another revision of a document is another file. */
  constructor(backend: Backend, file: () => { id: DocumentId; revision: RevisionId | null } | null) {
    const key = $derived.by(() => {
      const wanted = file();
      return wanted && JSON.stringify([wanted.id, wanted.revision]);
    });
    $effect(() => {
      const wanted = key && (JSON.parse(key) as [DocumentId, RevisionId | null]);
      this.proxy = null;
      this.error = null;
      if (!wanted) return;
      let ended = false;
      let opened: PDFDocumentProxy | null = null;
      backend
        .documentBytes(wanted[0])
        .then(openPdf)
        .then(
          (proxy) => {
            if (ended) void proxy.destroy();
            else this.proxy = opened = proxy;
          },
          (thrown: unknown) => {
            if (ended) return;
            const error = toErrorView(thrown);
            this.error = error.kind === "bug" ? { ...error, message: t("errors.pdf") } : error;
          },
        );
      return () => {
        ended = true;
        void opened?.destroy();
      };
    });
  }

  /** Pages of the PDF itself; files embedded in it follow as pages of text. */
  get pages(): number {
    return this.proxy?.numPages ?? Infinity;
  }
}
