"""Peak memory, and the time from nothing to the first token, of answer_lines and of llama.cpp on one GGUF file.

memory.py GGUF ANSWER_LINES FOLDER [ROUNDS] [THREADS]     (needs llama-cpp-python; Linux)

Every run is a process of its own, by turns, with files warm. A short prompt gives the time, from the first byte loaded to
the first token, and a prompt of 1,000 tokens the peak of resident memory, mapped weights included. Prints medians.
"""

import json
import os
import statistics
import subprocess
import sys

SHORT = "What is the capital of France?"
LONG = "".join(f"Shelf {i} holds {i * 7 % 23} jars of {['plum', 'fig', 'pear', 'sloe'][i % 4]} jam. " for i in range(75))

THEIRS = """
import json, sys, time
from llama_cpp import Llama
asked = json.loads(sys.stdin.readline())
start = time.perf_counter()
llama = Llama(sys.argv[1], n_ctx=2048, n_threads=int(sys.argv[2]), n_threads_batch=int(sys.argv[2]), n_batch=512, verbose=False)
tokens = llama.tokenize(asked["rendered"].encode(), add_bos=False, special=True)
written = 0
for token in llama.generate(tokens, temp=0.0, top_k=1, repeat_penalty=1.0):
    written += 1
    if written == 1:
        first = time.perf_counter() - start
    if written == 4:
        break
print(json.dumps({"first": first, "prompt": len(tokens)}))
"""


def run(command, line):
    """The program's answer to a line, and its peak of resident memory in MB."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdin.write(json.dumps(line) + "\n")
    process.stdin.close()
    answer = json.loads(process.stdout.readline())
    _, _, usage = os.wait4(process.pid, 0)
    return answer, usage.ru_maxrss / 1000


def main():
    gguf, program, folder = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    threads = sys.argv[5] if len(sys.argv) > 5 else "2"
    for name, text in (("short prompt", SHORT), ("1,000 tokens", LONG)):
        rows = []
        for _ in range(rounds):
            question = {"system": "You answer questions.", "text": text, "max_tokens": 4}
            ours, our_peak = run([program, folder, threads, "plain"], question)
            theirs, their_peak = run([sys.executable, "-c", THEIRS, gguf, threads], {"rendered": ours["rendered"]})
            rows.append((ours["first"], theirs["first"], our_peak, their_peak, our_peak / their_peak))
        first, their_first, peak, their_peak, ratio = (statistics.median(column) for column in zip(*rows))
        print(
            f"{name} ({ours['prompt']} tokens): first token after {first:.2f} s, llama.cpp {their_first:.2f} s;"
            f" peak {peak:.0f} MB, llama.cpp {their_peak:.0f} MB, ratio {ratio:.2f}",
            flush=True,
        )


main()
