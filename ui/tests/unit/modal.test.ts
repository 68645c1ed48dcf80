import { afterEach, describe, expect, it, vi } from "vitest";
import { modal } from "../../src/lib/modal.svelte";

/** A dialog with a search field and a button in it, as it stands; jsdom shows none. */
function standing(): { dialog: HTMLDialogElement; field: HTMLInputElement; button: HTMLButtonElement; close: ReturnType<typeof vi.fn> } {
  const dialog = document.body.appendChild(document.createElement("dialog"));
  const close = vi.fn();
  Object.assign(dialog, { showModal: () => undefined, close });
  const field = dialog.appendChild(Object.assign(document.createElement("input"), { type: "search" }));
  const button = dialog.appendChild(document.createElement("button"));
  modal(dialog);
  return { dialog, field, button, close };
}

const escape = () => new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });

describe("Escape in the search field of a dialog", () => {
  afterEach(() => document.body.replaceChildren());

  it("closes the dialog once there is nothing to clear, also where the field keeps the key for itself", () => {
    const { field, close } = standing();
    field.value = "lease";
    const first = escape();
    field.dispatchEvent(first);
    expect(close).not.toHaveBeenCalled();
    expect(first.defaultPrevented).toBe(false);
    field.value = "";
    const second = escape();
    field.dispatchEvent(second);
    expect(close).toHaveBeenCalledOnce();
    // Neither the web view nor the window does anything more with it.
    expect(second.defaultPrevented).toBe(true);
  });

  it("asks the dialog as the key itself would, and leaves it to the web view elsewhere", () => {
    const { dialog, field, button, close } = standing();
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    field.dispatchEvent(escape());
    const elsewhere = escape();
    button.dispatchEvent(elsewhere);
    expect(close).not.toHaveBeenCalled();
    expect(elsewhere.defaultPrevented).toBe(false);
  });
});
