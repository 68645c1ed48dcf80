import type { Backend } from "../backend";
import type { DataFolder, EngineState, ErrorView, MoveEvent } from "../types";

type Place = Pick<
  Backend,
  "dataFolder" | "pickDataFolder" | "planMove" | "moveData" | "cancelMove" | "removeOldData" | "diagnostics" | "saveDiagnostics" | "notices"
>;

/** The data folder and the diagnostics of the engine in memory. `/full` has no room, `/taken` is not empty. */
export function dataPlace(
  query: URLSearchParams,
  waitFor: (ticks?: number) => Promise<void>,
  error: (message: string, hint: string | null, rest?: Partial<ErrorView>) => ErrorView,
  tell: (state: EngineState) => void,
): Place {
  const folder: DataFolder = {
    path: "/home/ada/.local/share/footnote",
    origin: query.get("data") === "named" ? "named" : "default",
    bytes: 2_340_000_000,
    free: 181_000_000_000,
  };
  let stopped = false;
  return {
    dataFolder: async () => ({ ...folder }),
    pickDataFolder: async () => window.fake.picks,
    async planMove(to) {
      if (to === "/taken") throw error("The folder /taken is not empty", "Choose an empty folder, or make a new one", { problem: { problem: "move_not_empty", folder: to } });
      if (to === "/full") {
        throw error("There is too little room in /full: 120 MB are free, and 2407 MB are needed", "Choose a folder on a disk with more room, or free some", { code: "disk_full", problem: { problem: "move_no_room", folder: to, needed_mb: 2407, free_mb: 120 } });
      }
      return { to, bytes: folder.bytes };
    },
    async moveData(to, emit) {
      stopped = false;
      const step = (stage: MoveEvent["stage"], done = 0, total = 0) => emit({ stage, done, total });
      tell("starting");
      try {
        step("stopping");
        await waitFor();
        for (const stage of ["copying", "comparing"] as const) {
          for (let i = 1; i <= 10; i += 1) {
            await waitFor();
            if (stopped) throw error("Canceled", null, { code: "canceled" });
            step(stage, (folder.bytes * i) / 10, folder.bytes);
          }
        }
        step("opening");
        await waitFor(2);
        if (window.fake.failMove) throw error("The copy cannot be used: the register is damaged", "Your data is used where it was", { kind: "runtime", problem: { problem: "move_unsound", detail: "the register is damaged" } });
      } finally {
        tell("ready");
      }
      folder.path = to;
      folder.origin = "moved";
    },
    async cancelMove() {
      stopped = true;
    },
    removeOldData: async () => false,
    async notices() {
      if (query.get("notices") === "missing") throw error("THIRD-PARTY.txt is not beside this program", "Packages carry it", { code: "not_found" });
      return window.fake.notices;
    },
    async diagnostics(settings) {
      window.fake.told = settings;
      await waitFor(2);
      const lines = [
        "Footnote diagnostics",
        "Written 2026-11-22T07:09:17Z",
        "No text of a document, no question, and no name of a file, a folder or a person is in it.",
        "",
        "[program]",
        "version: 0.1.0",
        "started as: window",
        "",
        "[machine]",
        "system: linux x86_64, Debian GNU/Linux 12 (bookworm), kernel 6.1.0-28-amd64, wayland",
        "processor: avx2 avx512f avx512vnni",
        "cores: 8",
        "memory: 16642998272 bytes",
        "data folder: in the system's folder for application data",
        "",
        "[models]",
        "ONNX Runtime: 1.24.0",
        "provider: CPU",
        "not CUDA: the library is not installed",
        "embedder: multilingual-e5-small, loaded",
        "",
        "[settings]",
        ...settings.map(([name, value]) => `${name}: ${value}`),
        "",
        "[documents]",
        "application/pdf: 3 documents (3 searchable, 1 with gaps, 1 with warnings), 41 pages (0 images not read), 96 chunks, 1204331 bytes",
        "",
        "[jobs]",
        "done: 7",
        "failed: 1",
        "failed, pdf, reading: user: 1",
        "",
        "[log]",
        ...Array.from({ length: 30 }, (_, i) => `2026-11-22T07:0${i % 10}:17.123Z INFO  footnote_core::engine: files were gone through files=${i} indexed=${i} failed=0 (engine.rs:641)`),
        "",
      ];
      return lines.join("\n");
    },
    async saveDiagnostics(text) {
      if (window.fake.cancelSave) return null;
      window.fake.saved.push(text);
      return "/home/ada/footnote-diagnostics-2026-11-22.txt";
    },
  };
}
