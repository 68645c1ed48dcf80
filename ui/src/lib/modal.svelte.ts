import { untrack } from "svelte";

/** How many dialogs stand now. */
export const dialogs = $state({ open: 0 });

/** Attachment of a `<dialog>`: shows it over all else, and gives focus back where it came from. */
export function modal(dialog: HTMLDialogElement): () => void {
  const from = document.activeElement;
  dialog.showModal();
  count(1);
  return () => {
    count(-1);
    if (from instanceof HTMLElement && from.isConnected) from.focus();
    else document.getElementById("question")?.focus();
  };
}

/** Whoever shows a dialog does not want to be told of it. */
function count(more: number): void {
  untrack(() => (dialogs.open += more));
}
