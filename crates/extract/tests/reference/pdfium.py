"""PDFium's text of a robustness corpus beside Footnote's, both against the reference texts.

`pdfium.py CORPUS READER`: CORPUS has `manifest.csv` and `ground_truth.csv`, READER is the example `corpus` of
footnote-extract; pypdfium2 must be installed. Prints Markdown: means over the PDFs with a reference text, where a
score is that of `tests/robust.rs` (each word as often as it occurs), "pairs" the same for words that follow one another, and
"better" counts files where an engine's F1 leads by more than 0.01. Files that want a password or are broken on
purpose count by whether an engine ends in order.
"""

import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter

import pypdfium2

WORD = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|(?:(?![\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff])[^\W_])+")


def words(text):
    return [word.lower() for word in WORD.findall(text)]


def f1(wanted, got):
    wanted, got = Counter(wanted), Counter(got)
    total = sum(wanted.values()) + sum(got.values())
    return 2 * sum((wanted & got).values()) / total if total else 1.0


def scores(reference, text):
    wanted, got = words(reference), words(text)
    common = sum((Counter(wanted) & Counter(got)).values())
    recall = common / len(wanted) if wanted else 1.0
    return recall, f1(wanted, got), f1(zip(wanted, wanted[1:]), zip(got, got[1:]))


def by_pdfium(path):
    """The text, or None with the error's words, and seconds."""
    began = time.perf_counter()
    try:
        document = pypdfium2.PdfDocument(path)
        text = "\f".join(page.get_textpage().get_text_bounded() for page in document)
        return text, None, time.perf_counter() - began
    except pypdfium2.PdfiumError as error:
        return None, str(error), time.perf_counter() - began


def main():
    corpus, reader = sys.argv[1:3]
    records = lambda name: list(csv.DictReader(open(os.path.join(corpus, name), encoding="utf-8")))
    references = {record["file"]: record["gt"] for record in records("ground_truth.csv")}
    files = [record for record in records("manifest.csv") if record["type"] == "pdf"]
    rows, ends, seconds = [], Counter(), Counter()
    with tempfile.TemporaryDirectory() as texts:
        paths = [os.path.join(corpus, record["file"]) for record in files]
        began = time.perf_counter()
        subprocess.run([reader, texts], input="\n".join(paths), text=True, check=True, stdout=subprocess.DEVNULL)
        seconds["Footnote"] = time.perf_counter() - began
        for record, path in zip(files, paths):
            theirs, error, spent = by_pdfium(path)
            seconds["PDFium"] += spent
            name = os.path.join(texts, os.path.basename(path) + ".txt")
            ours = open(name, encoding="utf-8").read() if os.path.exists(name) else ""
            if record["expect"] == "text":
                ends["Footnote"] += bool(ours.strip())
                ends["PDFium"] += bool((theirs or "").strip())
                ends["files"] += 1
            gt = references.get(record["file"])
            if gt:
                reference = open(os.path.join(corpus, gt), encoding="utf-8").read()
                rows.append((record["file"], os.path.dirname(gt), scores(reference, ours), scores(reference, theirs or "")))
    print(f"{len(files)} PDFs; text where text is expected: Footnote {ends['Footnote']}, PDFium {ends['PDFium']} of {ends['files']}; "
          f"seconds: {seconds['Footnote']:.1f} (a process a file, two at work) and {seconds['PDFium']:.1f}")
    print("\n| reference | files | engine | recall | F1 | pairs | better |\n|---|---|---|---|---|---|---|")
    for kind in sorted({row[1] for row in rows}):
        of = [row for row in rows if row[1] == kind]
        for at, engine in ((2, "Footnote"), (3, "PDFium")):
            mean = [sum(row[at][part] for row in of) / len(of) for part in range(3)]
            better = sum(row[at][1] > row[5 - at][1] + 0.01 for row in of)
            print(f"| {kind} | {len(of)} | {engine} | {mean[0]:.4f} | {mean[1]:.4f} | {mean[2]:.4f} | {better} |")
    print("\nWhere PDFium leads most:")
    for row in sorted(rows, key=lambda row: row[2][1] - row[3][1])[:8]:
        print(f"  {row[0]}: {row[2][1]:.3f} against {row[3][1]:.3f}")


if __name__ == "__main__":
    main()
