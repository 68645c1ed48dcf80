"""Holds an imported decoder against its source file.

    python kl.py MODEL.gguf IMPORTED_FOLDER [TEXT_FILE [LOGITS]]

LOGITS is the program of crates/onnx/examples/logits.rs, which a folder with operators of Footnote's own needs.

Prints the mean and largest KL divergence (nats) of the imported graph from a float32 forward pass of
transformers over the dequantised weights of the same file, the share of equal first choices, and the same
for llama.cpp, over 400 positions of the text. Needs torch, transformers, gguf, llama-cpp-python, onnxruntime.
"""

import json
import os
import subprocess
import sys
import tempfile

import llama_cpp
import numpy as np
import onnxruntime
import torch
import transformers

POSITIONS = 400


def log_softmax(logits):
    logits = logits.astype(np.float64)
    logits -= logits.max(-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def compare(name, reference, logits):
    p, q = log_softmax(reference), log_softmax(logits)
    kl = (np.exp(p) * (p - q)).sum(-1)
    same = (reference.argmax(-1) == logits.argmax(-1)).mean()
    largest = np.abs(reference - logits).max()
    print(f"{name}: KL mean {kl.mean():.6f} max {kl.max():.5f}, top-1 {100 * same:.1f} %, logits within {largest:.4f}")


def imported(folder, ids, chunk=128):
    """Logits of every position, computed in chunks as the generator does."""
    manifest = json.load(open(os.path.join(folder, "footnote-model.json")))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(os.path.join(folder, "model.onnx"), options)
    names = [output.name for output in session.get_outputs()]
    empty = np.zeros((1, manifest["kv_heads"], 0, manifest["head_dim"]), np.float32)
    cache = {f"past.{layer}.{part}": empty for layer in range(manifest["layers"]) for part in ("key", "value")}
    rows = []
    for at in range(0, len(ids), chunk):
        part = ids[at : at + chunk]
        total = at + len(part)
        feed = {
            "input_ids": np.array([part], np.int64),
            "seqlens_k": np.array([total - 1], np.int32),
            "total_len": np.array(total, np.int32),
            "logits_idx": np.arange(len(part), dtype=np.int64),
        }
        if "original_context_length" in manifest:
            original = manifest["original_context_length"]
            feed["rope_start"] = np.array([original if len(ids) > original else 0], np.int64)
        result = dict(zip(names, session.run(None, {**feed, **cache})))
        rows.append(result.pop("logits")[0])
        cache = {name.replace("present", "past"): value for name, value in result.items()}
    return np.concatenate(rows)


def computed(program, folder, ids):
    """The same by a program that knows the graph's operators."""
    with tempfile.TemporaryDirectory() as place:
        tokens, rows = os.path.join(place, "ids"), os.path.join(place, "rows")
        json.dump(ids, open(tokens, "w"))
        subprocess.run([program, folder, tokens, rows], check=True)
        return np.fromfile(rows, np.float32).reshape(len(ids), -1)


def main():
    path, folder = sys.argv[1:3]
    text = open(sys.argv[3] if len(sys.argv) > 3 else __file__, encoding="utf-8").read()
    llama = llama_cpp.Llama(path, n_ctx=1024, n_batch=512, logits_all=True, verbose=False)
    ids = llama.tokenize(text.encode(), add_bos=True, special=False)[: POSITIONS]
    llama.eval(ids)
    theirs = np.array(llama.scores[: len(ids)])
    del llama
    model = transformers.AutoModelForCausalLM.from_pretrained(
        os.path.dirname(path), gguf_file=os.path.basename(path), dtype=torch.float32, attn_implementation="eager"
    )
    with torch.no_grad():
        reference = model(torch.tensor([ids])).logits[0].numpy()
    del model
    print(f"{len(ids)} positions")
    ours = computed(sys.argv[4], folder, ids) if len(sys.argv) > 4 else imported(folder, ids)
    compare("imported ", reference, ours)
    compare("llama.cpp", reference, theirs)


if __name__ == "__main__":
    main()
