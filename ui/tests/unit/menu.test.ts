import { describe, expect, it } from "vitest";
import { createBackend } from "../../src/backend/fake";
import { App } from "../../src/state/app.svelte";
import { commands } from "../../src/state/commands";
import { accelerator, menus } from "../../src/state/menuBar.svelte";
import keysOfMenus from "./menu.keys.txt?raw";

const app = new App(createBackend());
const all = commands(app);
const lines = (blocked = false) => menus(all, blocked).flatMap((menu) => menu.lines);
const ofWindow = (blocked = false) => lines(blocked).flatMap((line) => (line.kind === "command" ? [line] : []));

describe("the menu bar", () => {
  it("has only what the palette has, each once", () => {
    const ids = ofWindow().map(({ id }) => id);
    expect(ids.filter((id) => !all.some((command) => command.id === id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(20);
  });

  it("has the items without which the clipboard has no keys on a Mac", () => {
    const edit = menus(all, false).find(({ kind }) => kind === "edit");
    const standard = edit?.lines.flatMap((line) => (line.kind === "standard" ? [line.item] : []));
    expect(standard).toEqual(["undo", "redo", "cut", "copy", "paste", "select_all"]);
  });

  it("takes no letter from whoever types", () => {
    expect(accelerator([{ key: "/" }])).toBeNull();
    expect(accelerator([{ key: "F1" }, { key: "?" }])).toBeNull();
    expect(accelerator([{ alt: true, key: "ArrowRight" }])).toBeNull();
    expect(accelerator([{ mod: true, key: "+" }, { mod: true, key: "=" }])).toBe("CmdOrCtrl+=");
  });

  // The same file is read by a test in Rust, against what the system takes.
  it("sends only keys that the system is known to take", () => {
    const known = keysOfMenus.trim().split("\n");
    expect(ofWindow().flatMap(({ keys }) => keys ?? []).sort()).toEqual(known.sort());
  });

  it("offers nothing but the end while a dialog waits for an answer", () => {
    expect(ofWindow(true).filter(({ enabled }) => enabled).map(({ id }) => id)).toEqual(["quit"]);
    expect(ofWindow().filter(({ enabled }) => enabled).length).toBeGreaterThan(10);
  });
});
