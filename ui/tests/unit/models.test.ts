import { describe, expect, it, vi } from "vitest";
import { toErrorView, type Backend } from "../../src/backend/backend";
import type { ModelCard, ModelsView } from "../../src/backend/types";
import type { Confirmation } from "../../src/state/app.svelte";
import { Models } from "../../src/state/models.svelte";

const card = { id: "small", role: "embedder", name: "Small", onDisk: 1, imported: null } as ModelCard;
const view = { models: [card], failure: null } as unknown as ModelsView;

function models(parts: Partial<Backend>) {
  const asked: Confirmation[] = [];
  const page = new Models({ modelsView: () => Promise.resolve(view), ...parts } as Backend, (question) => asked.push(question));
  return { page, asked };
}

describe("the page of models", () => {
  it("uses another embedder only after the question that says what it costs", async () => {
    const useModel = vi.fn(() => Promise.resolve());
    const { page, asked } = models({ embedderCost: () => Promise.resolve({ documents: 12, seconds: 300 }), useModel });
    await page.use(card);
    expect(useModel).not.toHaveBeenCalled();
    expect(asked[0]?.body).toContain("12 documents are read anew: about 5 minutes");
    await asked[0]?.run(false);
    expect(useModel).toHaveBeenCalledOnce();
  });

  it("asks nothing where there is nothing to read anew", async () => {
    const useModel = vi.fn(() => Promise.resolve());
    const { page, asked } = models({ embedderCost: () => Promise.resolve({ documents: 0, seconds: 0 }), useModel });
    await page.use(card);
    expect([asked.length, useModel.mock.calls.length]).toEqual([0, 1]);
  });

  it("keeps a fault with its model, and takes a pause for none", async () => {
    const fail = vi.fn<() => Promise<void>>();
    const { page } = models({ downloadModel: fail });
    fail.mockRejectedValueOnce({ ...toErrorView("full"), code: "disk_full" });
    await page.download(card);
    expect(page.faults["small"]?.code).toBe("disk_full");
    fail.mockRejectedValueOnce({ ...toErrorView("stopped"), code: "canceled" });
    await page.download(card);
    expect([page.faults["small"], page.downloads]).toEqual([undefined, {}]);
  });

  it("stops at the first file that is not taken", async () => {
    const importModel = vi.fn(() => Promise.reject(toErrorView("not a model")));
    const { page } = models({ importModel });
    await page.import(["/a.gguf", "/b.gguf"]);
    expect([importModel.mock.calls.length, page.importFault?.message, page.work]).toEqual([1, "not a model", null]);
  });
});
