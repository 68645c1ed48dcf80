"""Sets the same documents as text, PDF and DOCX, to see whether retrieval suffers from the container.

    pip install reportlab python-docx
    python tests/eval/containers.py BEIR_FOLDER OUT [COUNT]

writes OUT/text, OUT/pdf and OUT/docx, each for `footnote eval retrieval`: the first COUNT documents (300) that
answer a query, the queries that they answer, and the judgements about them. The PDFs have two columns, running
headers and page numbers, as journals have.
"""

import csv
import json
import sys
from pathlib import Path

from docx import Document
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph
from xml.sax.saxutils import escape

TITLE = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=13, leading=16, spaceAfter=8)
BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=9.5, leading=12, alignment=TA_JUSTIFY, spaceAfter=6)


def lines(path):
    return [json.loads(line) for line in path.open(encoding="utf-8") if line.strip()]


def pdf(path, title, text):
    width, height = A5
    margin, gutter, top = 36, 14, 40
    column = (width - 2 * margin - gutter) / 2

    def furniture(canvas, page):
        canvas.setFont("Helvetica", 7)
        canvas.drawString(margin, height - 26, "Annals of Evaluation, Vol. 12")
        canvas.drawCentredString(width / 2, 20, str(canvas.getPageNumber()))

    frames = [Frame(margin + n * (column + gutter), top, column, height - 2 * top, 0, 0, 0, 0) for n in range(2)]
    made = BaseDocTemplate(str(path), pagesize=A5, title=title)
    made.addPageTemplates(PageTemplate(frames=frames, onPage=furniture))
    made.build([Paragraph(escape(title), TITLE)] + [Paragraph(escape(part), BODY) for part in text.split("\n") if part])


def docx(path, title, text):
    made = Document()
    made.add_heading(title, 1)
    for part in text.split("\n"):
        if part:
            made.add_paragraph(part)
    made.save(path)


def main():
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    judged = sorted((source / "qrels").glob("*.tsv"))[-1]
    judgements = list(csv.reader(judged.open(encoding="utf-8"), delimiter="\t"))
    header, rows = judgements[0], judgements[1:]
    relevant = {row[1] for row in rows}
    documents = [d for d in lines(source / "corpus.jsonl") if d["_id"] in relevant and d.get("title")][:count]
    ids = {d["_id"] for d in documents}
    rows = [row for row in rows if row[1] in ids]
    asked = {row[0] for row in rows}
    queries = [q for q in lines(source / "queries.jsonl") if q["_id"] in asked]
    for kind, write in (("text", None), ("pdf", pdf), ("docx", docx)):
        folder = out / kind
        (folder / "qrels").mkdir(parents=True, exist_ok=True)
        with (folder / "queries.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(query) + "\n" for query in queries)
        with (folder / "qrels" / "test.tsv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t", lineterminator="\n").writerows([header, *rows])
        if write is None:
            with (folder / "corpus.jsonl").open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(document) + "\n" for document in documents)
            continue
        (folder / "documents").mkdir(exist_ok=True)
        for document in documents:
            write(folder / "documents" / f"{document['_id']}.{kind}", document["title"], document["text"])
    print(f"{len(documents)} documents, {len(queries)} queries")


main()
