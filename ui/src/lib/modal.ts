/** Attachment of a `<dialog>`: shows it over all else, and gives focus back where it came from. */
export function modal(dialog: HTMLDialogElement): () => void {
  const from = document.activeElement;
  dialog.showModal();
  return () => {
    if (from instanceof HTMLElement && from.isConnected) from.focus();
    else document.getElementById("question")?.focus();
  };
}
