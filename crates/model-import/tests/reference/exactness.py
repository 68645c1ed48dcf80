"""Holds an imported decoder and llama.cpp against the source file where it matters, and against each other.

    python exactness.py MODEL.gguf IMPORTED_FOLDER LOGITS DOCUMENT [POSITIONS]

LOGITS is the program of crates/onnx/examples/logits.rs. DOCUMENT is a text of which a prompt of 1,000 tokens is made, by
the model's own template, with a task. Two kinds of positions are looked at, POSITIONS (200) of each:

* hard: inside of the prompt, spread evenly over those after which the float32 reference gives its first choice less
  than half of the probability;
* answer: those of the answer that llama.cpp writes greedily, computed as if each token had been written (teacher forcing).

Prints for each kind the KL divergence (nats) from a float32 forward pass of transformers over the dequantised weights of
the same file, of the import and of llama.cpp, and how often the import's first choice is llama.cpp's.
Needs torch, transformers, gguf, llama-cpp-python.
"""

import os
import sys

import llama_cpp
import numpy as np
import torch
import transformers

from kl import computed, log_softmax

PROMPT = 1000
TASK = "\n\nTell what this document says, section by section, in your own words."


def prompt(tokenizer, text):
    """Ids of a conversation that is PROMPT tokens long, or as long as the text allows."""
    ids = tokenizer(text).input_ids
    keep = len(ids)
    while True:
        content = tokenizer.decode(ids[:keep], skip_special_tokens=True) + TASK
        messages = [{"role": "user", "content": content}]
        rendered = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        made = tokenizer(rendered, add_special_tokens=False).input_ids
        if len(made) <= PROMPT:
            return made
        keep -= len(made) - PROMPT


def written(llama, ids, count):
    """Tokens that llama.cpp writes greedily, whether it would end or not."""
    tokens = []
    for token in llama.generate(ids, temp=0.0, top_k=1, repeat_penalty=1.0):
        tokens.append(token)
        if len(tokens) == count:
            return tokens


def report(kind, reference, ours, theirs):
    def kl(logits):
        p, q = log_softmax(reference), log_softmax(logits)
        values = (np.exp(p) * (p - q)).sum(-1)
        return f"{values.mean():.6f} (largest {values.max():.4f})"

    same = 100 * (ours.argmax(-1) == theirs.argmax(-1)).mean()
    right = [100 * (reference.argmax(-1) == logits.argmax(-1)).mean() for logits in (ours, theirs)]
    print(f"{kind}, {len(ours)} positions: first choice that of llama.cpp {same:.1f} %")
    print(f"  imported:  KL {kl(ours)}, first choice that of float32 {right[0]:.1f} %")
    print(f"  llama.cpp: KL {kl(theirs)}, first choice that of float32 {right[1]:.1f} %")


def main():
    path, folder, program, document = sys.argv[1:5]
    count = int(sys.argv[5]) if len(sys.argv) > 5 else 200
    place = {"pretrained_model_name_or_path": os.path.dirname(path), "gguf_file": os.path.basename(path)}
    tokenizer = transformers.AutoTokenizer.from_pretrained(**place)
    asked = prompt(tokenizer, open(document, encoding="utf-8").read())
    llama = llama_cpp.Llama(path, n_ctx=len(asked) + count + 8, n_batch=512, logits_all=True, verbose=False)
    ids = asked + written(llama, asked, count)[:-1]
    llama.reset()
    llama.eval(ids)
    theirs = np.array(llama.scores[: len(ids)])
    del llama
    model = transformers.AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32, attn_implementation="eager")
    with torch.no_grad():
        reference = model(torch.tensor([ids])).logits[0].numpy()
    del model
    ours = computed(program, folder, ids)
    sure = np.array([np.exp(log_softmax(row).max()) for row in reference[: len(asked) - 1]])
    hard = np.flatnonzero(sure < 0.5)
    chosen = hard[np.linspace(0, len(hard) - 1, min(count, len(hard))).astype(int)]
    print(f"prompt of {len(asked)} tokens, {len(hard)} hard positions in it")
    for kind, rows in (("hard", chosen), ("answer", np.arange(len(asked) - 1, len(ids)))):
        report(kind, reference[rows], ours[rows], theirs[rows])


main()
