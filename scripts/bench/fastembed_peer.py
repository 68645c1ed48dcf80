"""Texts/s of fastembed on the same ONNX weights, texts and threads as `footnote models bench`, whose texts are of one length;
with CORPUS, as the example `embed MODEL_FOLDER CORPUS [COUNT]`, on the lines of a corpus.jsonl.

Usage: fastembed_peer.py MODEL_FOLDER THREADS [CORPUS [COUNT]]; prints one JSON object.
"""

import json
import os
import shutil
import sys
import tempfile
import time

os.environ["HF_HUB_OFFLINE"] = "1"
from fastembed import TextEmbedding  # noqa: E402

folder, threads = sys.argv[1], int(sys.argv[2])
sentence = "The lamp of the lighthouse is cleaned every fortnight, and the keeper notes it in the log. "
texts = [f"{i}. {sentence * 8}" for i in range(64)]
if len(sys.argv) > 3:
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 200
    with open(sys.argv[3], encoding="utf-8") as corpus:
        rows = [json.loads(line) for line, _ in zip(corpus, range(count))]
    texts = [f"{row.get('title', '')} {row['text']}" for row in rows]

with tempfile.TemporaryDirectory() as model:
    for name in os.listdir(folder):
        if not name.startswith(".") and os.path.isfile(os.path.join(folder, name)):
            shutil.copy(os.path.join(folder, name), model)
    # What fastembed wants beside weights and tokenizer.json.
    files = {
        "config.json": {"pad_token_id": 0, "max_position_embeddings": 512},
        "tokenizer_config.json": {"model_max_length": 256, "max_length": 256, "pad_token": "[PAD]"},
        "special_tokens_map.json": {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]",
                                    "sep_token": "[SEP]", "mask_token": "[MASK]"},
    }
    for name, content in files.items():
        with open(os.path.join(model, name), "w") as file:
            json.dump(content, file)
    peer = TextEmbedding("sentence-transformers/all-MiniLM-L6-v2", specific_model_path=model, threads=threads)
    list(peer.embed(texts[:1]))
    started = time.perf_counter()
    list(peer.embed(texts))
    seconds = time.perf_counter() - started
print(json.dumps({"texts_per_second": len(texts) / seconds}))
