#!/usr/bin/env python3
"""Writes the documents of this set that are no plain text: Word, PDF, OpenDocument, Excel, PowerPoint, EPUB.
Standard library only; same bytes every time. All documents are works of our own under the repository's licence."""

import sys
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2] / "scripts"))

from make_samples import docx, pdf, write_package  # noqa: E402

OUT = HERE / "documents"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

LEASE_2021 = [
    ("Title", "Office Lease"),
    ("", "This lease is made on 12 April 2021 between Harbour Estates Ltd, the landlord, and Tern & Lowe Surveyors, the "
         "tenant, for the rooms on the first floor of 14 Quay Street, Port Ellery."),
    ("Heading1", "1. Term"),
    ("", "The lease begins on 1 May 2021 and runs for three years. Either party may end it with six months' notice in writing."),
    ("Heading1", "2. Rent and deposit"),
    ("", "The rent is 2,150 pounds a month and is due on the first working day. The deposit is three months' rent, 6,450 pounds."),
    [("Item", "Pounds a month"), ("Rent", "2,150"), ("Service charge", "310"), ("Parking, two spaces", "120")],
    ("Heading1", "3. Use"),
    ("", "The rooms are used as offices only and may not be sublet. The tenant may put up one sign at the street door, no "
         "larger than 60 by 40 centimetres."),
    ("Heading1", "4. Repairs"),
    ("", "The landlord keeps the roof, the lift and the heating in repair. The tenant pays for broken windows."),
]

LEASE_2024 = [
    ("Title", "Office Lease"),
    ("", "This lease is made on 22 March 2024 between Harbour Estates Ltd, the landlord, and Tern & Lowe Surveyors, the "
         "tenant, for the rooms on the first and second floor of 14 Quay Street, Port Ellery. It replaces the lease of "
         "12 April 2021."),
    ("Heading1", "1. Term"),
    ("", "The lease begins on 1 May 2024 and runs for five years. The tenant may end it with four months' notice in writing, "
         "the landlord with nine."),
    ("Heading1", "2. Rent and deposit"),
    ("", "The rent is 3,480 pounds a month and is due on the first working day. The deposit is two months' rent, 6,960 pounds."),
    [("Item", "Pounds a month"), ("Rent", "3,480"), ("Service charge", "465"), ("Parking, four spaces", "240")],
    ("Heading1", "3. Use"),
    ("", "The rooms are used as offices only. One room may be sublet with the landlord's consent. The tenant may put up two "
         "signs at the street door."),
    ("Heading1", "4. Repairs"),
    ("", "The landlord keeps the roof, the lift and the heating in repair. The tenant pays for small repairs up to 150 pounds "
         "each."),
]

SERVICE = [
    [
        ("Service Agreement", []),
        ("1. Parties and subject", [
            "Kestrel Cooling GmbH services the refrigeration of Bramble Dairy at Netherby: two cold rooms, one blast chiller "
            "and the ice bank. The agreement was signed on 9 September 2023 by Ruth Amsel for Kestrel Cooling and by Owen "
            "Pritchard for Bramble Dairy.",
        ]),
        ("2. Visits", [
            "A technician visits once a quarter. The coils of the condensers are cleaned at every visit; the test for leaks "
            "is made once a year, in April. A visit is announced one week ahead.",
        ]),
    ],
    [
        ("3. Faults", [
            "Kestrel Cooling answers a call within two hours. A technician is on site within eight hours, on Sundays and "
            "holidays within twelve hours.",
        ]),
        ("4. Fees", [
            "The fee is 4,860 euros a year, paid in two instalments in January and July. Spare parts are charged at list "
            "price less 15 percent.",
        ]),
    ],
    [
        ("5. Liability", [
            "Kestrel Cooling is liable for spoiled milk up to 40,000 euros a case, provided that the temperatures were "
            "recorded. It is not liable for lost profit.",
        ]),
        ("6. Term", [
            "The agreement runs for two years and is renewed by a year at a time, unless one party ends it with ninety days' "
            "notice.",
        ]),
    ],
]

HEAT_PUMP = [
    [
        ("Wärmepumpe Alba 9: Betriebsanleitung", []),
        ("1. Aufstellung", [
            "Der Abstand zur Wand muss mindestens 40 Zentimeter betragen, vor dem Ventilator müssen 150 Zentimeter frei "
            "bleiben. Das Gerät steht auf einem Sockel von 20 Zentimetern, damit Schnee es nicht zudeckt.",
            "Das Gerät enthält 2,4 Kilogramm des Kältemittels R290. Zu Fenstern und Kellerschächten ist ein Abstand von einem "
            "Meter einzuhalten.",
        ]),
        ("2. Betrieb", [
            "Die Vorlauftemperatur darf 65 Grad nicht überschreiten. Mit einer Fußbodenheizung genügen 35 Grad.",
        ]),
    ],
    [
        ("3. Wartung", [
            "Das Gitter des Verdampfers wird alle drei Monate von Laub befreit. Den Kältekreis prüft ein Fachbetrieb einmal im "
            "Jahr.",
        ]),
        ("4. Störungen", [
            [
                "F11: Der Fühler außen ist defekt. Rufen Sie den Kundendienst.",
                "F14: Der Durchfluss ist zu gering. Reinigen Sie den Schmutzfänger und prüfen Sie den Druck.",
                "F20: Das Abtauen dauert zu lange. Schalten Sie das Gerät für zehn Minuten aus.",
            ],
        ]),
    ],
]

STORAGE = [
    ("h", "Mietvertrag über einen Lagerraum"),
    ("p", "Vermieterin ist Petra Sonnleitner, Mieter ist der Fahrradladen Speiche e.K. Vermietet wird der Lagerraum im "
          "Untergeschoss der Kanalstraße 5 in Regensburg mit 80 Quadratmetern."),
    ("h", "1. Dauer"),
    ("p", "Das Mietverhältnis beginnt am 1. Oktober 2023 und läuft auf unbestimmte Zeit. Die Kündigungsfrist beträgt drei "
          "Monate zum Monatsende."),
    ("h", "2. Miete und Kaution"),
    ("p", "Die Miete beträgt 640 Euro im Monat, die Kaution 1.920 Euro. Strom wird nach dem Zähler abgerechnet."),
    ("h", "3. Nutzung"),
    ("p", "Im Lager darf nicht geraucht werden. Lithium-Akkus sind in dem Metallschrank neben der Tür aufzubewahren. Die "
          "Rampe ist freizuhalten."),
]

MONTHS = "January February March April May June July August September October November December".split()
ELECTRICITY = [18420, 17150, 17980, 16840, 17310, 18660, 20140, 20870, 18230, 17040, 16920, 17890]
GAS = [2310, 2120, 1870, 1240, 760, 410, 320, 335, 690, 1180, 1960, 2275]
WATER = [640, 610, 655, 670, 702, 745, 790, 812, 731, 688, 650, 627]
ENERGY = {
    "Consumption": [("Month", "Electricity kWh", "Gas m3", "Water m3"), *zip(MONTHS, ELECTRICITY, GAS, WATER)],
    "Meters": [
        ("Meter", "Kind", "Location", "Installed"),
        ("EL-1", "Electricity", "Packing hall", "2016-03-14"),
        ("EL-2", "Electricity", "Cold rooms", "2021-11-02"),
        ("GA-1", "Gas", "Boiler house", "2012-06-20"),
        ("WA-1", "Water", "Gate house", "2019-08-27"),
    ],
}

PITCH = [
    ("Tidebook: the logbook that knows the tide", ["Signe Marlow and Tobias Renn, Port Ellery, April 2025"]),
    ("The problem", ["Small-boat sailors keep paper logs and tide tables apart",
                     "Three of four groundings in the Ellery estuary happened on a falling tide"]),
    ("Where we are", ["2,400 sailors pay 9.90 euros a month", "Tidebook covers 310 harbours in five countries"]),
    ("What we ask for", ["We ask investors for 350,000 euros for 18 months",
                         "Half of it goes into charts of the Baltic, a third into sales"]),
]

WALKS = [
    ("Getting to Skerra", [
        "The ferry from Port Ellery takes 50 minutes. In summer the last ferry leaves Skerra at 18:20, in winter at 16:45. "
        "Dogs travel free. There is no bank on the island."]),
    ("The North Cliff path", [
        "The North Cliff path is 11 kilometres long and takes four hours. It begins at the chapel and ends at the lighthouse. "
        "Do not walk it in a wind of more than force 6; the railing at Raven's Step was washed away in 2022."]),
    ("Seal Bay and the old mill", [
        "The way to Seal Bay is 3 kilometres long and fit for prams. From September to November keep 100 metres away from the "
        "seals, which have young then. The loop by the old mill is 6 kilometres long and takes two hours."]),
]


def odt(parts):
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    names = f'xmlns:office="{office}office:1.0" xmlns:text="{office}text:1.0" office:version="1.3"'
    tags = {"h": ('text:h text:outline-level="1"', "text:h"), "p": ("text:p", "text:p")}
    body = "".join(f"<{tags[kind][0]}>{escape(text)}</{tags[kind][1]}>" for kind, text in parts)
    mime = "application/vnd.oasis.opendocument.text"
    manifest = f"{office}manifest:1.0"
    return {
        "mimetype": mime,
        "META-INF/manifest.xml": HEAD + f'<manifest:manifest xmlns:manifest="{manifest}" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
        "content.xml": HEAD + f"<office:document-content {names}><office:body><office:text>{body}</office:text>"
        "</office:body></office:document-content>",
    }


def types(parts):
    overrides = "".join(f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'
                        for name, kind in parts)
    return HEAD + (f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
                   'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' + overrides + "</Types>")


def relations(*targets):
    rows = "".join(f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
                   for n, (kind, target) in enumerate(targets, 1))
    return HEAD + f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def xlsx(sheets):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

    def cell(row, column, value):
        at = f"{chr(ord('A') + column)}{row}"
        if isinstance(value, str):
            return f'<c r="{at}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f'<c r="{at}"><v>{value}</v></c>'

    files = {
        "[Content_Types].xml": types([("xl/workbook.xml", "spreadsheetml.sheet.main")]
                                     + [(f"xl/worksheets/sheet{n}.xml", "spreadsheetml.worksheet")
                                        for n in range(1, len(sheets) + 1)]),
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": HEAD + f'<workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets>'
        + "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(*(("worksheet", f"worksheets/sheet{n}.xml")
                                                  for n in range(1, len(sheets) + 1))),
    }
    for n, rows in enumerate(sheets.values(), 1):
        data = "".join(f'<row r="{at}">' + "".join(cell(at, column, value) for column, value in enumerate(row)) + "</row>"
                       for at, row in enumerate(rows, 1))
        files[f"xl/worksheets/sheet{n}.xml"] = HEAD + f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>'
    return files


def pptx(slides):
    main = "http://schemas.openxmlformats.org/presentationml/2006/main"
    draw = "http://schemas.openxmlformats.org/drawingml/2006/main"
    names = f'xmlns:p="{main}" xmlns:a="{draw}" xmlns:r="{OFFICE}"'

    def shape(n, kind, lines):
        text = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in lines)
        return (f'<p:sp><p:nvSpPr><p:cNvPr id="{n}" name="{kind} {n}"/><p:cNvSpPr/><p:nvPr><p:ph type="{kind}"/></p:nvPr>'
                f"</p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>{text}</p:txBody></p:sp>")

    files = {
        "[Content_Types].xml": types([("ppt/presentation.xml", "presentationml.presentation.main")]
                                     + [(f"ppt/slides/slide{n}.xml", "presentationml.slide")
                                        for n in range(1, len(slides) + 1)]),
        "_rels/.rels": relations(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": HEAD + f"<p:presentation {names}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in range(1, len(slides) + 1))
        + '</p:sldIdLst><p:sldSz cx="12192000" cy="6858000"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": relations(*(("slide", f"slides/slide{n}.xml") for n in range(1, len(slides) + 1))),
    }
    for n, (title, lines) in enumerate(slides, 1):
        files[f"ppt/slides/slide{n}.xml"] = HEAD + (
            f"<p:sld {names}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>"
            f"<p:grpSpPr/>{shape(2, 'title', [title])}{shape(3, 'body', lines)}</p:spTree></p:cSld></p:sld>")
    return files


def epub(title, chapters):
    names = [f"chapter{n}.xhtml" for n in range(1, len(chapters) + 1)]
    container = "urn:oasis:names:tc:opendocument:xmlns:container"
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": HEAD + f'<container version="1.0" xmlns="{container}"><rootfiles>'
        '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        "book.opf": HEAD + '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">skerra-walks</dc:identifier>'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>Una Thorburn</dc:creator><dc:language>en</dc:language>"
        '<meta property="dcterms:modified">2023-05-01T00:00:00Z</meta></metadata><manifest>'
        + "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in names)
        + "</manifest><spine>" + "".join(f'<itemref idref="{name}"/>' for name in names) + "</spine></package>",
    }
    for name, (heading, paragraphs) in zip(names, chapters):
        files[name] = HEAD + (
            f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{escape(heading)}</title></head><body>'
            f"<h1>{escape(heading)}</h1>" + "".join(f"<p>{escape(text)}</p>" for text in paragraphs) + "</body></html>")
    return files


def main():
    write_package(OUT / "office-lease-2021.docx", docx(LEASE_2021))
    write_package(OUT / "office-lease-2024.docx", docx(LEASE_2024))
    (OUT / "kestrel-service-agreement.pdf").write_bytes(pdf("Service Agreement", SERVICE))
    (OUT / "waermepumpe-anleitung.pdf").write_bytes(pdf("Wärmepumpe Alba 9: Betriebsanleitung", HEAT_PUMP, "de"))
    write_package(OUT / "mietvertrag-lager.odt", odt(STORAGE))
    write_package(OUT / "energy-2024.xlsx", xlsx(ENERGY))
    write_package(OUT / "tidebook-pitch.pptx", pptx(PITCH))
    write_package(OUT / "skerra-walks.epub", epub("Walks on Skerra", WALKS))


main()
