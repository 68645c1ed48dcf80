import { untrack } from "svelte";

/** How many dialogs stand now. */
export const dialogs = $state({ open: 0 });

/** Attachment of a `<dialog>`: shows it over all else, and gives focus back where it came from. */
export function modal(dialog: HTMLDialogElement): () => void {
  const from = document.activeElement;
  dialog.showModal();
  dialog.addEventListener("keydown", leave);
  count(1);
  return () => {
    count(-1);
    if (from instanceof HTMLElement && from.isConnected) from.focus();
    else document.getElementById("question")?.focus();
  };
}

/** WebKit's search fields keep Escape for themselves, also when there is nothing to clear; it closes the dialog then, as it does elsewhere. */
function leave(this: HTMLDialogElement, event: KeyboardEvent): void {
  const box = event.target;
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  if (!(box instanceof HTMLInputElement) || box.type !== "search" || box.value !== "") return;
  event.preventDefault();
  if (this.dispatchEvent(new Event("cancel", { cancelable: true }))) this.close();
}

/** Whoever shows a dialog does not want to be told of it. */
function count(more: number): void {
  untrack(() => (dialogs.open += more));
}
