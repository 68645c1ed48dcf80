"""Compares answer_lines with llama.cpp on one GGUF file: alternating runs with the same threads.

compare.py GGUF ANSWER_LINES FOLDER [ROUNDS] [THREADS] [plain]     (needs llama-cpp-python)

On a busy machine give it one thread: llama.cpp's threads spin while they wait for one that lost its core.

Prompts: a document of 1,000 tokens with an open task (128 tokens written), and passages with a question that is
answered from them. Every round has a number in its first words, so that nothing is reused. Prints medians and the
ratios of tokens/s, ours over llama.cpp's.
"""

import json
import statistics
import subprocess
import sys
import time

from llama_cpp import Llama

SYSTEM = "Round {round}. You answer questions about documents."
SHELVES = "".join(f"Shelf {i} holds {i * 7 % 23} jars of {['plum', 'fig', 'pear', 'sloe'][i % 4]} jam. " for i in range(75))
OPEN = SHELVES + "\n\nWrite a story of a person who looks after these shelves, at length, in your own words."
PASSAGES = """Passages:

[1] (Keeper's handbook)
The lamp of the lighthouse must be cleaned every fourteen days with a dry linen cloth. The keeper writes the date and
the weather into the log book after each cleaning. In winter the glass is also checked for ice before sunset. Oil is
delivered by the supply boat on the first Monday of every month, weather permitting, and is kept in the stone shed.

[2] (Harbour rules, Section 4)
Vessels longer than twenty metres must announce their arrival at least two hours ahead on channel 12. The harbour master
may refuse entry when the wind is stronger than force eight. Fees are paid at the office before noon of the day after
arrival; vessels that stay longer than a week pay half of the fee from the eighth day on.

[3] (Letters)
My dear sister, the keeper's house stands on the east side of the island, where the cliffs are lowest, and from the
kitchen one sees the whole bay. We had the first storm of the year last night and the boat could not land.

"""
QUESTIONS = [
    "How is the lamp looked after, and what does the keeper write down?",
    "What do the harbour rules say about arrivals, wind and fees?",
    "Where is the house, and what is seen from it?",
]


def theirs(llama, rendered, most):
    tokens = llama.tokenize(rendered.encode(), add_bos=False, special=True)
    llama.reset()
    start = time.perf_counter()
    written, first = 0, None
    for token in llama.generate(tokens, temp=0.0, top_k=1, repeat_penalty=1.0, reset=True):
        if first is None:
            first = time.perf_counter() - start
        if llama._model.token_is_eog(token) if hasattr(llama._model, "token_is_eog") else token == llama.token_eos():
            break
        written += 1
        if written >= most:
            break
    rest = time.perf_counter() - start - first
    return {"prompt": len(tokens), "first": first, "rest": rest, "written": written}


def main():
    gguf, program, folder = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    threads = int(sys.argv[5]) if len(sys.argv) > 5 else 2
    llama = Llama(gguf, n_ctx=2048, n_threads=threads, n_threads_batch=threads, n_batch=512, verbose=False)
    arguments = [program, folder, str(threads)] + sys.argv[6:7]
    ours = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(text, number, most):
        line = {"system": SYSTEM.format(round=number), "text": text, "max_tokens": most}
        ours.stdin.write(json.dumps(line) + "\n")
        ours.stdin.flush()
        return json.loads(ours.stdout.readline())

    warm = ask("Hello", 0, 4)
    theirs(llama, warm["rendered"], 4)
    tasks = [("1,000 tokens, open", [OPEN] * rounds), ("passages", [PASSAGES + "Question: " + q for q in QUESTIONS] * ((rounds + 1) // 2))]
    number = 0
    for name, texts in tasks:
        prefill, decode, rows = [], [], []
        for text in texts:
            number += 1
            mine = ask(text, number, 128)
            peer = theirs(llama, mine["rendered"], 128)
            speed = lambda run: (run["prompt"] / run["first"], max(run["written"] - 1, 1) / run["rest"])
            (a, b), (c, d) = speed(mine), speed(peer)
            print(f"  {a:.0f} / {b:.1f}, llama.cpp {c:.0f} / {d:.1f}", file=sys.stderr, flush=True)
            prefill.append(a / c)
            decode.append(b / d)
            rows.append((a, b, c, d, mine["confirmed"] / max(mine["written"], 1), mine["prompt"], mine["written"], peer["written"]))
        middle = [statistics.median(column) for column in zip(*rows)]
        print(
            f"{name}: prompt {middle[5]:.0f} tokens; ours {middle[0]:.0f} / {middle[1]:.1f}, llama.cpp {middle[2]:.0f} / {middle[3]:.1f}"
            f" tokens/s; ratios {statistics.median(prefill):.2f} / {statistics.median(decode):.2f}"
            f" (decode {', '.join(f'{r:.2f}' for r in decode)}); confirmed {middle[4]:.0%}, written {middle[6]:.0f} and {middle[7]:.0f}",
            flush=True,
        )
    ours.stdin.close()
    ours.wait()


main()
