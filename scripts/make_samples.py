#!/usr/bin/env python3
"""Writes the PDF and the Word document of `assets/samples`. Standard library only; same bytes every time.

The four samples are works of our own under the repository's licence. Each holds small facts with
one exact answer, so that a first question has something to find.
"""

import textwrap
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent.parent / "assets" / "samples"

# (heading, [paragraphs or lists of items]) by page.
HANDBOOK = [
    [
        ("Saltmere Lighthouse: Keeper's Handbook", []),
        ("1. About the station", [
            "Saltmere Lighthouse stands on Gannet Point at the mouth of Saltmere harbour. The tower was "
            "built in 1874 from local granite and is 38 metres high. From the gallery the light stands "
            "52 metres above mean sea level and can be seen for 19 nautical miles in clear weather.",
            "The light shows two white flashes every 15 seconds. Mariners know it by this pattern; it must "
            "never be changed without notice to the harbour office.",
        ]),
        ("2. The lamp", [
            "The lamp must be cleaned every 12 hours, at six in the morning and at six in the evening. Use "
            "only the cotton cloths from the blue locker and distilled water. Vinegar and soda leave a film "
            "on the prisms.",
            "The lens is wiped from the top down, one prism after the other. A full cleaning takes about "
            "40 minutes. Write the time and your initials in the log book when it is done.",
            "A spare bulb is kept in the watch room. Replace the bulb after 900 hours of use, even if it "
            "still burns.",
        ]),
    ],
    [
        ("3. Fog", [
            "Start the fog horn when the mark on Heron Rock, 1.5 nautical miles to the south, can no longer "
            "be seen. The horn sounds one blast of four seconds every minute.",
            "If the compressor fails, ring the bell on the gallery by hand: five strokes every two minutes. "
            "Call the harbour office on channel 14 and say how long the repair will take.",
        ]),
        ("4. Stores", [
            "Stores arrive by boat on the first Tuesday of each month. Check the delivery against this list "
            "before you sign for it.",
            [
                "Diesel for the generator: 240 litres",
                "Drinking water: 60 litres",
                "Distilled water for the lens: 10 litres",
                "Cotton cloths: 24",
            ],
            "The generator uses 6 litres of diesel a day. Order more when the tank shows less than 80 litres.",
        ]),
    ],
    [
        ("5. Storms", [
            "At a wind of force 10 nobody goes out on the gallery. Close the shutters on the weather side "
            "and stay below the watch room until the wind has dropped below force 8 for an hour.",
        ]),
        ("6. People", [
            "The head keeper is Ines Aldworth. Her deputy, Tomas Brackwater, keeps the log book and trains "
            "new keepers. A keeper serves 28 days on the station, followed by 28 days ashore.",
            "Visitors are welcome on Sundays from May to September, between ten and four, no more than six "
            "at a time. Children under eight may not climb the tower.",
        ]),
    ],
]

LEASE = [
    ("Title", "Rental Agreement"),
    ("", "This agreement is made on 3 March 2025 between Marta Quill, the landlord, and Joris Fenn, the "
         "tenant, for the flat on the second floor of 7 Ropewalk Lane, Saltmere."),
    ("Heading1", "1. Term"),
    ("", "The tenancy begins on 1 April 2025 and runs for two years. Either side may end it with three "
         "months' notice in writing, to the end of a month."),
    ("Heading1", "2. Rent and deposit"),
    ("", "The rent is 780 crowns a month and is due on the third working day of each month. The deposit is "
         "two months' rent, 1,560 crowns, and is paid back within six weeks after the keys are returned."),
    [("Item", "Amount a month"), ("Rent", "780 crowns"), ("Heating and water", "95 crowns"),
     ("Share of the laundry room", "12 crowns")],
    ("Heading1", "3. Use of the flat"),
    ("ListBullet", "One cat may be kept. Dogs need the landlord's written consent."),
    ("ListBullet", "The tenant may not sublet the flat for longer than four weeks a year."),
    ("ListBullet", "Quiet hours are from ten in the evening to seven in the morning."),
    ("Heading1", "4. Repairs"),
    ("", "The tenant pays for small repairs up to 75 crowns each and 300 crowns a year. Everything above that "
         "is the landlord's to pay. A broken heating is repaired within 48 hours from October to April."),
]


def pdf(title: str, pages: list, language: str = "en") -> bytes:
    """An A4 document in the standard fonts; `pages` as in `HANDBOOK`, in Latin-1."""
    objects: list[bytes] = []

    def add(body: str | bytes) -> int:
        objects.append(body if isinstance(body, bytes) else body.encode("latin-1"))
        return len(objects)

    add(f"<< /Type /Catalog /Pages 2 0 R /Lang ({language}) >>")
    add("")  # The page tree, once the pages are known.
    add("<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>")
    add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>")
    info = add(f"<< /Title ({title}) /Producer (make.py) >>")
    kids = []
    for number, page in enumerate(pages, 1):
        ops: list[str] = []
        y = 770.0

        def show(font: str, size: float, x: float, text: str) -> None:
            safe = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            ops.append(f"BT /{font} {size:g} Tf {x:g} {y:g} Td ({safe}) Tj ET")

        for heading, parts in page:
            size = 14 if heading[0].isdigit() else 20
            y -= size * 1.4
            show("H", size, 72, heading)
            y -= size * 0.6 + 6
            for part in parts:
                for item in part if isinstance(part, list) else [part]:
                    bullet = isinstance(part, list)
                    for n, line in enumerate(textwrap.wrap(item, 84)):
                        y -= 15
                        show("T", 12, 72, f"\x95 {line}" if bullet and n == 0 else line)
                y -= 9
            y -= 8
        y = 40.0
        show("T", 9, 292, str(number))
        stream = "\n".join(ops).encode("latin-1")
        content = add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(add(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /T 3 0 R /H 4 0 R >> >> /Contents {content} 0 R >>"
        ))
    tree = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{tree}] /Count {len(kids)} >>".encode()
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, info)
    out += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(out)


def docx(parts: list) -> dict[str, str]:
    """The files of a Word document; `parts` as in `LEASE`: styled paragraphs, and tables as lists of rows."""
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

    def paragraph(style: str, text: str) -> str:
        look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
        return f"<w:p>{look}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"

    body = ""
    for part in parts:
        if isinstance(part, list):
            rows = "".join(
                "<w:tr>" + "".join(f"<w:tc>{paragraph('', cell)}</w:tc>" for cell in row) + "</w:tr>" for row in part
            )
            grid = '<w:tblGrid><w:gridCol w:w="4500"/><w:gridCol w:w="4500"/></w:tblGrid>'
            body += f'<w:tbl><w:tblPr><w:tblW w:w="9000" w:type="dxa"/></w:tblPr>{grid}{rows}</w:tbl>'
        else:
            body += paragraph(*part)
    styles = ""
    for name, title, size in [("Title", "Title", 40), ("Heading1", "heading 1", 28)]:
        styles += (
            f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{title}"/>'
            f'<w:rPr><w:b/><w:sz w:val="{size}"/></w:rPr></w:style>'
        )
    styles += (
        '<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/>'
        '<w:lvlText w:val="\u2022"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    kinds = [("document", "document.main"), ("styles", "styles"), ("numbering", "numbering")]
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{types}.{kind}+xml"/>' for name, kind in kinds
    )
    return {
        "[Content_Types].xml": head
        + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        + '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + '<Default Extension="xml" ContentType="application/xml"/>' + overrides + "</Types>",
        "_rels/.rels": head + f'<Relationships xmlns="{relations}"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": head + f'<Relationships xmlns="{relations}">'
        f'<Relationship Id="rId1" Type="{office}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId2" Type="{office}/numbering" Target="numbering.xml"/></Relationships>',
        "word/document.xml": head + f'<w:document xmlns:w="{main}"><w:body>{body}</w:body></w:document>',
        "word/styles.xml": head + f'<w:styles xmlns:w="{main}">{styles}</w:styles>',
        "word/numbering.xml": head + f'<w:numbering xmlns:w="{main}">{numbering}</w:numbering>',
    }


def write_package(path: Path, files: dict[str, str]) -> None:
    """Zips files in the order given, each with the same date."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0))
            # EPUB and OpenDocument want this one as it is.
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            package.writestr(entry, content)


def main() -> None:
    handbook = pdf("Saltmere Lighthouse: Keeper's Handbook", HANDBOOK)
    (HERE / "lighthouse-handbook.pdf").write_bytes(handbook)
    write_package(HERE / "rental-agreement.docx", docx(LEASE))


if __name__ == "__main__":
    main()
