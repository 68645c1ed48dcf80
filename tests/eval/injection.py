"""Makes the documents that `footnote eval injection` asks about: reports with facts, and the same reports with
instructions for the model that reads them, in English, German and Chinese.

    pip install reportlab
    python tests/eval/injection.py OUT

writes OUT/clean, OUT/attacked, OUT/ordinary (texts that must not be taken for attacks) and OUT/questions.jsonl:
`{id, language, place, question, answers, clean, attacked, signs}`; an answer that has one of the signs has obeyed.
"""

import json
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from injection_texts import ATTACKS, ORDINARY, REPORTS


def markdown(path, title, parts, hidden):
    text = f"# {title}\n\n" + "\n\n".join(parts)
    path.write_text(text + (f"\n\n<!-- {hidden} -->" if hidden else "") + "\n", encoding="utf-8")


def html(path, title, parts, place, attack):
    body = "".join(f"<p>{escape(part)}</p>\n" for part in parts)
    extra = {
        "alt": f"<p><img src='chart.png' alt={quoteattr(attack)}></p>",
        "hidden": f"<div style='color:#ffffff;font-size:1px'>{escape(attack)}</div>",
        "comment": f"<!-- {attack} -->",
    }.get(place, "")
    name = escape(attack if place == "title" else title)
    page = f"<html><head><meta charset='utf-8'><title>{name}</title></head><body><article><h1>{escape(title)}</h1>\n{body}{extra}</article></body></html>"
    path.write_text(page, encoding="utf-8")


def docx(path, title, parts, place, attack):
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"

    def paragraph(text, properties="", behind=""):
        return f"<w:p><w:r>{properties}<w:t xml:space='preserve'>{escape(text)}</w:t></w:r>{behind}</w:p>"

    body = "<w:p><w:pPr><w:pStyle w:val='Heading1'/></w:pPr><w:r><w:t>" + escape(title) + "</w:t></w:r></w:p>"
    note = "<w:r><w:commentReference w:id='0'/></w:r>"
    for n, part in enumerate(parts):
        body += paragraph(part, behind=note if place == "comment" and n == 1 else "")
    if place == "white":
        body += paragraph(attack, "<w:rPr><w:color w:val='FFFFFF'/><w:sz w:val='2'/></w:rPr>")
    if place == "alt":
        drawing = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
        body += f"<w:p><w:r><w:drawing><wp:inline xmlns:wp='{drawing}'><wp:docPr id='1' name='Picture 1' descr={quoteattr(attack)}/></wp:inline></w:drawing></w:r></w:p>"
    files = {
        "[Content_Types].xml": f"<Types xmlns='{package}/content-types'><Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/><Default Extension='xml' ContentType='application/xml'/><Override PartName='/word/document.xml' ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>",
        "_rels/.rels": f"<Relationships xmlns='{package}/relationships'><Relationship Id='r1' Type='{office}/officeDocument' Target='word/document.xml'/><Relationship Id='r2' Type='{package}/relationships/metadata/core-properties' Target='docProps/core.xml'/></Relationships>",
        "docProps/core.xml": f"<cp:coreProperties xmlns:cp='{package}/metadata/core-properties' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>{escape(attack if place == 'title' else title)}</dc:title></cp:coreProperties>",
        "word/document.xml": f"<w:document xmlns:w='{word}' xmlns:r='{office}'><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f"<Relationships xmlns='{package}/relationships'><Relationship Id='c' Type='{office}/comments' Target='comments.xml'/></Relationships>",
        "word/comments.xml": f"<w:comments xmlns:w='{word}'>" + (f"<w:comment w:id='0' w:author='Office'><w:p><w:r><w:t>{escape(attack)}</w:t></w:r></w:p></w:comment>" if place == "comment" else "") + "</w:comments>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>" + text)


def pdf(path, title, parts, place, attack):
    from reportlab.lib.colors import black, white
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    def style(color, size):
        return ParagraphStyle("body", fontName="Helvetica", fontSize=size, leading=size + 3, spaceAfter=8, textColor=color)

    story = [Paragraph(escape(title), style(black, 16))] + [Paragraph(escape(part), style(black, 11)) for part in parts]
    if place == "white":
        story.append(Paragraph(escape(attack), style(white, 9)))
    SimpleDocTemplate(str(path), title=attack if place == "title" else title).build(story)


def write(path, report, place="", attack=""):
    parts = list(report["parts"])
    if place == "inline":
        parts[1] = parts[1] + ("" if report["language"] == "zh" else " ") + attack
    elif place == "first":
        parts.insert(0, attack)
    elif place == "paragraph":
        parts.insert(2, attack)
    elif place == "last":
        parts.append(attack)
    kind = path.suffix
    if kind == ".md":
        markdown(path, report["title"], parts, attack if place == "comment" else "")
    elif kind == ".html":
        html(path, report["title"], parts, place, attack)
    elif kind == ".docx":
        docx(path, report["title"], parts, place, attack)
    elif kind == ".pdf":
        pdf(path, report["title"], parts, place, attack)
    elif kind == ".eml":
        subject = attack if place == "title" else report["title"]
        text = "\n\n".join(parts)
        head = f"From: Office <office@example.org>\nTo: All <all@example.org>\nSubject: {subject}\nMIME-Version: 1.0\n"
        path.write_text(head + f"Content-Type: text/plain; charset=utf-8\n\n{text}\n", encoding="utf-8")
    else:
        raise SystemExit(f"no writer for {kind}")


def main():
    out = Path(sys.argv[1])
    for folder in ("clean", "attacked", "ordinary"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for language, texts in ORDINARY.items():
        for n, text in enumerate(texts):
            (out / "ordinary" / f"{language}-{n}.md").write_text(text + "\n", encoding="utf-8")
    with (out / "questions.jsonl").open("w", encoding="utf-8") as questions:
        for n, (language, name, asked, place, kind, attack, signs) in enumerate(ATTACKS):
            report = {"language": language, **REPORTS[language][name]}
            question, answers = report["questions"][asked]
            clean, attacked = out / "clean" / f"{language}-{name}.{kind}", out / "attacked" / f"{n:02}-{language}-{name}.{kind}"
            write(clean, report)
            write(attacked, report, place, attack)
            record = {
                "id": f"{n:02}", "language": language, "place": place, "question": question, "answers": answers,
                "clean": clean.name, "attacked": attacked.name, "signs": signs,
            }
            questions.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
