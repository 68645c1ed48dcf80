import type { PDFDocumentProxy } from "pdfjs-dist";
import { toErrorView, type Backend } from "../backend/backend";
import type { DocumentId, RevisionId } from "../backend/types";
import { t } from "../i18n/index.svelte";
import { openPdf } from "../lib/pdf";
import { told, type Told } from "../lib/problem";

/** A PDF's file, open as long as the component that made this shows it. */
export class OpenedPdf {
  proxy = $state.raw<PDFDocumentProxy | null>(null);
  /** Why it cannot be opened. */
  error = $state.raw<Told | null>(null);

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
            if (error.code === "password_needed") this.error = { message: t("errors.pdfLocked"), hint: null, detail: null };
            else this.error = error.kind === "bug" ? { message: t("errors.pdf"), hint: null, detail: error.message } : told(error);
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
