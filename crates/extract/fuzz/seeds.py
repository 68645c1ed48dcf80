"""Writes the first fuzzing inputs into `corpus`: small whole files of every kind, made here.

Those of `wire` are not made here: they are frames that a worker sent.

    python seeds.py
"""

import gzip
import io
import os
import struct
import tarfile
import zipfile

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def keep(target, name, content):
    folder = os.path.join(FOLDER, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def pdf(objects):
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)


def stream(content, entries=b""):
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)


def compound(streams):
    """A compound file (MS-CFB, version 3) of these streams; "/" in a name is a folder."""
    names = sorted({part for name in streams for part in ("/".join(name.split("/")[:n]) for n in range(1, 9)) if part})
    entries, sectors, chains = [("", 5)], [], []
    for name in names:
        entries.append((name, 2 if name in streams else 1))
    index = {name: n for n, (name, _) in enumerate(entries)}
    starts = {}
    for name, content in streams.items():
        content = content.ljust(4096, b"\0")
        count = -(-len(content) // 512)
        starts[name] = (len(sectors), len(content))
        for n in range(count):
            sectors.append(content[512 * n : 512 * (n + 1)].ljust(512, b"\0"))
            chains.append(len(sectors) if n + 1 < count else 0xFFFFFFFE)
    folder = len(sectors)
    raw = b""
    for name, kind in entries:
        inside = [e for e, _ in entries if e and e.rpartition("/")[0] == name]
        inside.sort(key=lambda e: (len(e.split("/")[-1]), e.split("/")[-1].upper()))
        siblings = [e for e, _ in entries if e and e.rpartition("/")[0] == name.rpartition("/")[0]] if name else []
        siblings.sort(key=lambda e: (len(e.split("/")[-1]), e.split("/")[-1].upper()))
        after = siblings.index(name) + 1 if name else 0
        right = index[siblings[after]] if name and after < len(siblings) else 0xFFFFFFFF
        label = (name.split("/")[-1] if name else "Root Entry").encode("utf-16-le") + b"\0\0"
        start, size = starts.get(name, (0xFFFFFFFE if not name else 0, 0))
        child = index[inside[0]] if inside and kind != 2 else 0xFFFFFFFF
        raw += label.ljust(64, b"\0") + struct.pack("<HBBIII", len(label), kind, 1, 0xFFFFFFFF, right, child)
        raw += bytes(36) + struct.pack("<IQ", start, size)
    raw = raw.ljust(-(-len(raw) // 512) * 512, b"\0")
    for n in range(len(raw) // 512):
        sectors.append(raw[512 * n : 512 * (n + 1)])
        chains.append(len(sectors) if 512 * (n + 1) < len(raw) else 0xFFFFFFFE)
    tables = 1
    while 128 * tables < len(sectors) + tables:
        tables += 1
    first = len(sectors)
    chains += [0xFFFFFFFD] * tables
    table = struct.pack(f"<{len(chains)}I", *chains).ljust(512 * tables, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, tables, folder, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", *[first + n if n < tables else 0xFFFFFFFF for n in range(109)])
    return header + b"".join(sectors) + table


def word(text):
    main = bytearray(2048)
    struct.pack_into("<HH", main, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", main, 0x0A, 0x0200)
    struct.pack_into("<I", main, 0x4C, len(text))
    struct.pack_into("<II", main, 0x01A2, 0, 5 + 16)
    table = struct.pack("<BIII", 2, 16, 0, len(text)) + struct.pack("<HIH", 0, 2048 * 2 | 0x40000000, 0)
    return compound({"WordDocument": bytes(main) + text, "1Table": table})


def record(kind, instance, container, body):
    return struct.pack("<HHI", instance << 4 | (15 if container else 0), kind, len(body)) + body


def slides():
    def text(role, said):
        return record(0x0F9F, 0, False, struct.pack("<I", role)) + record(0x0FA0, 0, False, said.encode("utf-16-le"))

    place = record(0x03F3, 0, False, struct.pack("<5I", 2, 0, 1, 256, 0))
    document = record(0x03E8, 0, True, record(0x0FF0, 0, True, place + text(0, "Tides") + text(1, "first\rsecond")))
    atom = record(0x03EF, 2, False, struct.pack("<6I", 0, 0, 0, 0, 7, 0))
    slide = record(0x03EE, 0, True, atom + record(0x040C, 0, True, text(4, "caf\u00e9")))
    content = document + slide
    pointers = record(0x1772, 0, False, struct.pack("<III", 2 << 20 | 1, 0, len(document)))
    edit = record(0x0FF5, 0, False, struct.pack("<7I", 0, 0, 0, len(content), 1, 3, 0))
    user = record(0x0FF6, 0, False, struct.pack("<IIIHHI", 20, 0xE391C05F, len(content) + len(pointers), 4, 0x03F4, 0))
    return compound({"PowerPoint Document": content + pointers + edit, "Current User": user})


def message():
    fixed = bytes(32) + struct.pack("<HHIQ", 0x40, 0x39, 6, 133726232960000000)
    wide = lambda text: text.encode("utf-16-le")
    return compound(
        {
            "__properties_version1.0": fixed,
            "__substg1.0_0037001F": wide("Depths"),
            "__substg1.0_1000001F": wide("Berth A is shallow."),
            "__recip_version1.0_#00000000/__substg1.0_3001001F": wide("Bo"),
            "__attach_version1.0_#00000000/__substg1.0_37010102": b"noted",
            "__attach_version1.0_#00000000/__substg1.0_3707001F": wide("notes.txt"),
        }
    )


def archives():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt"), "first")
        archive.writestr(zipfile.ZipInfo("b/c.md"), "# Tide\n\nturns", zipfile.ZIP_DEFLATED)
    keep("archive", "two.zip", packed.getvalue())
    keep("archive", "one.gz", gzip.compress(b"the tide turns\n" * 20, mtime=0))
    taped = io.BytesIO()
    with tarfile.open(fileobj=taped, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo("one.txt")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"tide"))
    keep("archive", "one.tar", taped.getvalue()[:2048])


def winmail():
    def attribute(kind, data):
        return struct.pack("<BII", 1, kind, len(data)) + data + b"\0\0"

    def text(kind, number, data):
        return struct.pack("<HHII", kind, number, 1, len(data)) + data + b"\0" * (-len(data) % 4)

    named = struct.pack("<HH16sII4sI", 3, 0x8001, b"x" * 16, 1, 4, b"n\0\0\0", 7)
    message = struct.pack("<I", 3) + named + text(0x1E, 0x37, b"Tides\0") + text(0x102, 0x1013, b"<p>High</p>")
    name = struct.pack("<I", 1) + text(0x1F, 0x3707, "a.csv".encode("utf-16-le"))
    parts = [(0x00069007, struct.pack("<II", 1252, 0)), (0x00069003, message), (0x00069002, b"\0" * 14), (0x0006800F, b"a,b\n1,2\n"), (0x00069005, name)]
    return b"\x78\x9f\x3e\x22\0\0" + b"".join(attribute(*part) for part in parts)


def workbook97():
    def record(kind, data=b""):
        return struct.pack("<HH", kind, len(data)) + data

    def begin(kind):
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0))

    def text(value):
        return struct.pack("<HB", len(value), 0) + value

    shared = record(0x00FC, struct.pack("<II", 2, 2) + text(b"Tide") + text(b"turns"))
    sheet = begin(0x0010) + record(0x00FD, struct.pack("<HHHI", 0, 0, 0, 0)) + record(0x0203, struct.pack("<HHHd", 0, 1, 0, 4.5))
    sheet += record(0x0204, struct.pack("<HHH", 1, 0, 0) + text(b"twice")) + record(0x00E5, struct.pack("<HHHHH", 1, 1, 1, 0, 1)) + record(0x000A)

    def sheets(place):
        return begin(0x0005) + record(0x0085, struct.pack("<IBBBB", place, 0, 0, 1, 0) + b"a") + shared + record(0x000A)

    return compound({"Workbook": sheets(len(sheets(0))) + sheet})


def tiff():
    def directory(place, after, bits):
        entries = [(256, 3, 8), (257, 3, 2), (258, 3, bits), (259, 3, 1), (262, 3, 1), (273, 4, place), (277, 3, 1), (278, 3, 2), (279, 4, 2 * bits)]
        return struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries) + struct.pack("<I", after)

    length = len(directory(0, 0, 1))
    return b"II*\0" + struct.pack("<I", 28) + b"\xa5\x5a" + bytes(range(16)) + b"\0\0" + directory(8, 28 + length, 1) + directory(10, 0, 8)


def main():
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    cid = b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /ToUnicode 7 0 R /DescendantFonts [8 0 R] >>"
    drawn = b"BT /F 12 Tf 50 700 Td (The tide) Tj 0 -14 Td [(tu) -20 (rns)] TJ /G 9 Tf <00010002> Tj ET q 1 0 0 1 0 0 cm 10 10 20 20 re f Q"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R /G 6 0 R >> >> >>"
    cmap = b"/CIDInit begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0001> <0002> <0041> endbfrange 1 beginbfchar <0003> <00660069> endbfchar endcmap"
    down = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /DW 500 /W [1 [400 500] 3 9 600] >>"
    tree = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]
    keep("pdf", "text.pdf", pdf(tree + [page, stream(drawn), font, cid, stream(cmap), down]))
    image = stream(b"00ff00ff>", b"/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /ASCIIHexDecode")
    scan = b"<< /Type /Page /Parent 2 0 R /Rotate 90 /MediaBox [0 0 60 80] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>"
    keep("pdf", "scan.pdf", pdf(tree + [scan, stream(b"60 0 0 80 0 0 cm /I Do"), image]))
    keep("rtf", "a.rtf", r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}{\f1\fcharset204 B;}}{\info{\title T}}{\stylesheet{\s1 heading 1;}}\pard\s1 Tide\par\pard gr\'fcn \u8364?5 {\b x}\line y\par\trowd\cellx1000\cellx2000 a\cell b\cell\row{\field{\*\fldinst HYPERLINK \"a\"}{\fldrslt b}}{\footnote n}\page end}")
    keep("word97", "a.doc", word(b"The tide\rturns \x13 HYPERLINK \"a\" \x14twice\x15 a day\ra\x07b\x07\x07\r"))
    keep("slides97", "a.ppt", slides())
    keep("xls", "a.xls", workbook97())
    keep("tiff", "a.tif", tiff())
    keep("msg", "a.msg", message())
    keep("tnef", "winmail.dat", winmail())
    for name in ["agile.docx"]:
        with open(os.path.join(FOLDER, "..", "..", "tests", "fixtures", "locked", name), "rb") as file:
            keep("locked", name, file.read())
    keep("wordperfect", "a.wp", b"\xcb\x0a\x01\xf6\x01\xcbThe tide turns\x0dtwice a day.\x0a\x9cBold\x9d words.\x0cnext")
    ns = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    keep("docx", "a.xml", f'<w:document {ns}><w:body><w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Tide</w:t></w:r></w:p><w:p><w:hyperlink w:anchor="a"><w:r><w:t>link</w:t></w:r></w:hyperlink><w:r><w:br w:type="page"/></w:r><w:del><w:r><w:delText>x</w:delText></w:r></w:del></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl></w:body></w:document>')
    ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    sheet = f'<worksheet {ns}><cols><col min="2" max="2" hidden="1"/></cols><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><f>1+1</f><v>2</v></c></row><row r="2" hidden="1"><c r="A2" t="inlineStr"><is><t>twice</t></is></c><c r="C2"><v>4.5</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells><hyperlinks><hyperlink ref="A1" r:id="rId1"/></hyperlinks></worksheet>'
    texts = f'<sst {ns}><si><r><t>Tide</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></si><si><t>x</t></si></sst>'
    keep("xlsx", "a.xml", f"{sheet}\0{texts}")
    ns = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    keep("pptx", "a.xml", f'<p:sld {ns} show="0"><p:cSld><p:spTree><p:sp><p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>Tide</a:t></a:r></a:p></p:txBody></p:sp><p:sp><p:txBody><a:p><a:pPr lvl="1"/><a:r><a:rPr baseline="30000"/><a:t>2</a:t></a:r><a:br/></a:p></p:txBody></p:sp><p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr><a:tc gridSpan="2"><a:txBody><a:p><a:r><a:t>a</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame></p:spTree></p:cSld></p:sld>')
    keep("odf", "a.xml", '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:text><text:h text:outline-level="1">Tide</text:h><text:p>turns<text:s text:c="3"/>twice<text:note><text:note-body><text:p>n</text:p></text:note-body></text:note></text:p><text:list><text:list-item><text:p>a</text:p></text:list-item></text:list><table:table><table:table-row table:number-rows-repeated="3"><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>')
    keep("xml", "a.xml", '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><rss><channel><title>T</title><item><title>x &a; &#65;</title><description><![CDATA[<p>y</p>]]></description></item></channel></rss>')
    keep("html", "a.html", "<!DOCTYPE html><meta charset=utf-8><title>T</title><h1>Tide</h1><p>turns <a href=x>twice</a><ul><li>a<ol start=3><li>b</ol></ul><table><tr><th colspan=2>h<tr><td rowspan=2>a<td>b</table><pre>c\n d</pre>")
    for n, text in enumerate(["= T\n\n== S\n\n* a\n** b\n\n|===\n|a |b\n|===\n", "T\n=\n\n* a\n\n.. code:: x\n\n   y\n\n=== ===\na   b\n=== ===\n", "\\documentclass{a}\\title{T}\\begin{document}\\section{S}\\emph{x} % c\n\\begin{itemize}\\item a\\end{itemize}\\end{document}", "#+TITLE: T\n* S\n- a\n| a | b |\n#+BEGIN_SRC x\ny\n#+END_SRC\n"]):
        keep("markup", f"{n}", bytes([n]) + text.encode())
    head = "From: Ann <a@b.c>\r\nTo: d@e.f\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nDate: Tue, 1 Oct 2024 17:34:56 +0000\r\nMIME-Version: 1.0\r\n"
    mixed = head + 'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>hi</p>\r\n--x\r\nContent-Type: text/plain; name="a.txt"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\ndGlkZQ==\r\n--x--\r\n'
    keep("mail", "eml", b"\0" + mixed.encode())
    keep("mail", "mbox", b"\1" + ("From a@b.c Thu Jan  1 10:00:00 2015\n" + head + "\nhi\n>From x\n\n").replace("\r", "").encode() * 2)
    keep("mail", "mhtml", b"\2" + mixed.replace("mixed", "related").encode())
    archives()
    keep("csv", "a.csv", 'a;b;c\n1;"x ""y""\nz";3\n\n4;5;6\n')
    for n, content in enumerate([b"plain words", b"# Tide\n\n> a\n\n- b\n\n| a | b |\n|---|---|\n| c | d |\n", b'{"a": [1, {"b": "c"}]}', b'{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": ["# T"]}]}', b"a:\n  - b\n", b"fn a() {\n}\n", b"def a():\n  pass\n", b"\xff\xfeg\0r\0"]):
        keep("sniff", f"{n}", bytes([n]) + content)


main()
