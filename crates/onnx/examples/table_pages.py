"""Writes pages as a scanner gives them, with tables whose cells are known, and pages without any.

table_pages.py OUT [SEED] [TABLES] [PLAIN]     (needs pillow and numpy, and DejaVu's faces)

TABLES pages with one or two tables and PLAIN pages of prose, letters and lists (48 and 24 if not said), 150 or 200 dots an
inch, skewed by up to 1.9 degrees, blurred, noisy. Each is `NAME.pgm`, with the resolution in a comment, and `NAME.json`:
`kind`, and `tables` with `rows` of texts (a merged cell's text in its first place, nothing in the others) and `header_rows`.
The same arguments give the same pages, as long as pillow draws the same. The example `tables` measures how they are read.

Kinds: `ruled` (every cell), `levels` (a line under every row), `header` (a line under the names of the columns),
`book` (lines above, under the names, below), `none`; `prose`, `columns`, `letter`, `list`.
"""

import json
import random
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FACES = [
    ("DejaVuSans", "DejaVuSans-Bold"),
    ("DejaVuSerif", "DejaVuSerif-Bold"),
    ("DejaVuSansCondensed", "DejaVuSansCondensed-Bold"),
    ("DejaVuSerifCondensed", "DejaVuSerifCondensed-Bold"),
]
NOUNS = """harbour lamp ferry rope anchor ledger pump valve gasket filter boiler window roof ladder crate pallet timber
brick cement copper cable switch sensor battery charger motor bearing belt chain hinge lock handle paint varnish sealant
bucket glove helmet jacket boot compass chart mirror bench cabinet drawer shelf carpet curtain kettle plate cup spoon knife
bottle basket blanket pillow mattress garden fence gate hedge gravel sand clay seed bulb pot spade rake barrow hose""".split()
WORDS = """spare annual monthly northern southern upper lower small large heavy light steel brass oak pine rubber plastic
glass double single outer inner front rear main second third repaired new used painted galvanised spring winter summer
autumn coastal urban rural shared private common local foreign early late dry wet cold warm""".split()
NAMES = """Amsel Pritchard Lindqvist Okafor Moreau Tanaka Novak Silva Haddad Kowalski Byrne Castell Dorn Eklund Fabre Garvie
Holm Ivers Jansen Keller""".split()
TOWNS = """Netherby Port Ellery Lorne Ashford Bramley Corvel Dunmore Estwick Farrow Gillem Harwich Inchrae Jedfield Kelso
Ludlow Marne Norham""".split()
HEADS = """Item Article Part Place Town Keeper Supplier Month Year Amount Price Total Share Count Number Weight Length
Depth Date Delivered Ordered Paid Rate Class Remarks Note Description Use State""".split()
VERBS = "keeps paints repairs delivers counts checks measures replaces orders returns stores lends cleans closes".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def sentence(rng):
    """A sentence of 8 to 20 words that says nothing."""
    parts = []
    for _ in range(rng.randint(2, 4)):
        parts.append(f"the {rng.choice(WORDS)} {rng.choice(NOUNS)} {rng.choice(VERBS)} "
                     f"{rng.choice(['no', 'every', 'one', 'the', 'each'])} {rng.choice(NOUNS)}")
    text = rng.choice([", and ", " while ", ", so ", " where ", " because "]).join(parts)
    return text[0].upper() + text[1:] + "."


def content(rng, kind, row):
    """A cell's text."""
    if kind == "name":
        return f"{rng.choice(WORDS).capitalize()} {rng.choice(NOUNS)}"
    if kind == "word":
        return rng.choice(NOUNS + TOWNS + NAMES).capitalize()
    if kind == "person":
        return f"{rng.choice('ABCDEGHJKLMRSTW')}. {rng.choice(NAMES)}"
    if kind == "long":
        words = [f"{rng.choice(WORDS)} {rng.choice(NOUNS)}" for _ in range(rng.randint(2, 5))]
        return ", ".join(words).capitalize()
    if kind == "int":
        return str(rng.randint(2, 999))
    if kind == "money":
        return f"{rng.randint(10, 98_000):,}.{rng.randint(0, 99):02}"
    if kind == "share":
        return f"{rng.uniform(0, 100):.1f} %"
    if kind == "date":
        return f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02}.{rng.randint(2015, 2025)}"
    if kind == "month":
        return f"{MONTHS[row % 12]} {2018 + row // 12}"
    if kind == "code":
        return f"{rng.choice('ABCDEFKLM')}{rng.choice('ABCDEFKLM')}-{rng.randint(100, 9999)}"
    raise ValueError(kind)


class Sheet:
    """A page under construction, in pixels."""

    def __init__(self, rng):
        self.rng = rng
        self.dpi = rng.choice([150, 200])
        self.width, self.height = round(8.27 * self.dpi), round(11.69 * self.dpi)
        self.image = Image.new("L", (self.width, self.height), 255)
        self.draw = ImageDraw.Draw(self.image)
        self.faces = rng.choice(FACES)
        self.left = round(rng.uniform(0.7, 1.0) * self.dpi)
        self.right = self.width - round(rng.uniform(0.7, 1.0) * self.dpi)
        self.y = round(rng.uniform(0.7, 1.1) * self.dpi)
        self.bottom = self.height - round(0.8 * self.dpi)
        self.size = rng.choice([9, 10, 10, 11])

    def px(self, points):
        return points * self.dpi / 72

    def font(self, points, bold=False):
        return ImageFont.truetype(self.faces[int(bold)] + ".ttf", max(8, round(self.px(points))))

    def line(self, x, y, text, font):
        self.draw.text((x, y), text, font=font, fill=self.rng.randint(0, 30))

    def rule(self, x0, y0, x1, y1, points=0.6):
        self.draw.line((x0, y0, x1, y1), fill=20, width=max(1, round(self.px(points))))

    def paragraph(self, text, x0, x1, points=None, bold=False, justify=True):
        """Sets running text between two edges, and goes on below it."""
        font = self.font(points or self.size, bold)
        space = font.getlength(" ")
        pitch = round(self.px(points or self.size) * 1.3)
        lines = wrap(text, font, x1 - x0)
        for n, words in enumerate(lines):
            if self.y + pitch > self.bottom:
                return False
            if justify and n + 1 < len(lines) and len(words) > 1:
                free = (x1 - x0 - sum(font.getlength(word) for word in words)) / (len(words) - 1)
                x = x0
                for word in words:
                    self.line(x, self.y, word, font)
                    x += font.getlength(word) + free
            else:
                self.line(x0, self.y, " ".join(words), font)
            self.y += pitch
        self.y += round(space * 2)
        return True

    def prose(self, x0, x1, sentences, justify=True):
        return self.paragraph(" ".join(sentence(self.rng) for _ in range(sentences)), x0, x1, justify=justify)

    def heading(self, x0, x1, points):
        text = f"{self.rng.choice(WORDS)} {self.rng.choice(NOUNS)}s of {self.rng.choice(TOWNS)}".capitalize()
        return self.paragraph(text, x0, x1, points, True, False)

    def scanned(self):
        """The page as a scanner sees it: 8-bit grey."""
        rng = self.rng
        image = self.image.rotate(rng.uniform(-1.9, 1.9), Image.BICUBIC, fillcolor=255)
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.8)))
        values = np.asarray(image, dtype=np.float32)
        noise = np.random.default_rng(rng.randint(0, 2**31))
        paper, ink = rng.uniform(225, 252), rng.uniform(10, 60)
        values = ink + values / 255 * (paper - ink) + noise.normal(0, rng.uniform(3, 10), values.shape)
        specks = noise.random(values.shape) < rng.uniform(0, 0.0004)
        values[specks] = rng.uniform(0, 90)
        return np.clip(values, 0, 255).astype(np.uint8)


def wrap(text, font, width):
    """The words of each line."""
    lines = [[]]
    for word in text.split():
        if lines[-1] and font.getlength(" ".join([*lines[-1], word])) > width:
            lines.append([])
        lines[-1].append(word)
    return lines


def table(sheet, style, columns, body_rows):
    """Draws a table where the sheet has come to. None if there is no room."""
    rng = sheet.rng
    kinds = [rng.choice(["name", "word", "long", "person", "month", "code"])]
    kinds += [rng.choice(["int", "money", "share", "date", "word", "name", "code", "money", "int", "long"])
              for _ in range(columns - 1)]
    if "long" in kinds and rng.random() < 0.4:
        kinds = [kind if kind != "long" else "name" for kind in kinds]
    empty = rng.choice([0, 0, 0.08, 0.2])
    texts = [[content(rng, kind, row) for kind in kinds] for row in range(body_rows)]
    for row in texts:
        for column in range(1, columns):
            if rng.random() < empty:
                row[column] = ""
    heads = rng.sample(HEADS, columns)
    for column in range(columns):
        if rng.random() < 0.25:
            heads[column] = f"{heads[column]} {rng.choice(['per unit', 'in total', '2024', 'in kg', 'by hand'])}"
    # Groups of columns under a common name.
    groups = []
    if columns >= 4 and rng.random() < 0.35:
        at = 1
        while at < columns:
            span = min(rng.choice([1, 2, 2, 3]), columns - at)
            if span > 1:
                groups.append((at, span, f"{rng.choice(WORDS).capitalize()} {rng.choice(NOUNS)}"))
            at += span
    ruled = style == "ruled"
    bold, points = rng.random() < 0.6, rng.choice([8, 9, 9, 10])
    pad_x, pad_y = rng.uniform(3, 6), rng.choice([0.6, 1.5, 2.5, 4])
    if not ruled:
        pad_x += rng.uniform(2, 6)
    most = rng.choice([90, 120, 150])
    while points >= 6.5:
        font, head_font = sheet.font(points), sheet.font(points, bold)
        side = sheet.px(pad_x)

        def width(text, face, limit=most):
            lines = wrap(text, face, sheet.px(limit))
            return max(face.getlength(" ".join(words)) for words in lines)

        widths = [max([width(row[c], font) for row in texts] + [width(heads[c], head_font, 70)]) + 2 * side
                  for c in range(columns)]
        for at, span, name in groups:
            missing = head_font.getlength(name) + 2 * side - sum(widths[at:at + span])
            if missing > 0:
                for c in range(at, at + span):
                    widths[c] += missing / span
        if sum(widths) <= sheet.right - sheet.left:
            break
        points -= 0.5
        most *= 0.9
    else:
        return None
    spare = sheet.right - sheet.left - sum(widths)
    stretch = 1 + rng.choice([0, 0, 0.5, 0.95]) * spare / sum(widths)
    widths = [w * stretch for w in widths]
    x = [sheet.left + (0 if rng.random() < 0.7 else rng.uniform(0, max(0, sheet.right - sheet.left - sum(widths))))]
    for w in widths:
        x.append(x[-1] + w)
    align = ["l" if kind in ("name", "word", "long", "person", "month", "code") else rng.choice("rrrlc") for kind in kinds]
    middle = rng.random() < 0.3
    pitch = sheet.px(points) * 1.22

    def lines_of(text, face, c, span=1):
        room = x[c + span] - x[c] - 2 * side + 1
        return [" ".join(words) for words in wrap(text, face, room)] if text else []

    truth, blocks = [], []  # Blocks: one a row, of (column, span, rows, lines, face).
    if groups:
        top, low = [""] * columns, [""] * columns
        cells, below = [], []
        grouped = {c for at, span, _ in groups for c in range(at, at + span)}
        for at, span, name in groups:
            top[at] = name
            cells.append((at, span, 1, lines_of(name, head_font, at, span), head_font, "c"))
        for c in range(columns):
            if c in grouped or not ruled:
                low[c] = heads[c]
                below.append((c, 1, 1, lines_of(heads[c], head_font, c), head_font, align[c]))
            else:
                top[c] = heads[c]
                cells.append((c, 1, 2, lines_of(heads[c], head_font, c), head_font, align[c]))
        truth += [top, low]
        blocks += [cells, below]
    else:
        truth.append(heads)
        blocks.append([(c, 1, 1, lines_of(heads[c], head_font, c), head_font, align[c]) for c in range(columns)])
    header_rows = len(truth)
    for row in texts:
        truth.append(row)
        blocks.append([(c, 1, 1, lines_of(row[c], font, c), font, align[c]) for c in range(columns)])
    heights = [max([len(lines) for _, _, rows, lines, _, _ in cells if rows == 1] + [1]) * pitch + 2 * sheet.px(pad_y)
               for cells in blocks]
    if groups:
        tall = max([len(lines) for _, _, rows, lines, _, _ in blocks[0] if rows == 2] + [0]) * pitch + 2 * sheet.px(pad_y)
        heights[1] += max(0, tall - heights[0] - heights[1])
    if sheet.y + sum(heights) > sheet.bottom:
        return None
    y = [sheet.y]
    for h in heights:
        y.append(y[-1] + h)
    if rng.random() < 0.3:
        shade = rng.randint(200, 235)
        sheet.draw.rectangle((x[0], y[0], x[-1], y[header_rows]), fill=shade)
    for r, cells in enumerate(blocks):
        for c, span, rows, lines, face, how in cells:
            room = y[r + rows] - y[r]
            free = room - len(lines) * pitch
            head = r < header_rows
            top = y[r] + (free / 2 if middle or head and rows > 1 else free - sheet.px(pad_y) if head else sheet.px(pad_y))
            for n, text in enumerate(lines):
                length = face.getlength(text)
                left = x[c] + side
                if how == "r":
                    left = x[c + span] - side - length
                elif how == "c":
                    left = (x[c] + x[c + span] - length) / 2
                sheet.line(left, top + n * pitch, text, face)
    weight = rng.choice([0.4, 0.6, 1.0])
    if ruled:
        for r, cells in enumerate(blocks):
            for c, span, rows, *_ in cells:
                sheet.draw.rectangle((x[c], y[r], x[c + span], y[r + rows]), outline=20, width=max(1, round(sheet.px(weight))))
    elif style == "levels":
        for r in range(len(y)):
            if r == 0 or r >= header_rows:
                sheet.rule(x[0], y[r], x[-1], y[r], weight)
    if style in ("header", "book"):
        sheet.rule(x[0], y[header_rows], x[-1], y[header_rows], weight)
    if style == "book":
        sheet.rule(x[0], y[0], x[-1], y[0], weight + 0.4)
        sheet.rule(x[0], y[-1], x[-1], y[-1], weight + 0.4)
    if groups and style in ("book", "levels"):
        for at, span, _ in groups:
            sheet.rule(x[at] + side / 2, y[1], x[at + span] - side / 2, y[1], 0.4)
    sheet.y = round(y[-1] + sheet.px(10))
    return {"rows": truth, "header_rows": header_rows, "rect": [round(v) for v in (x[0], y[0], x[-1], y[-1])]}


def table_page(rng, style):
    """A page of prose around one or two tables."""
    while True:
        sheet = Sheet(rng)
        if rng.random() < 0.6:
            sheet.heading(sheet.left, sheet.right, rng.choice([14, 16]))
        for _ in range(rng.randint(0, 2)):
            sheet.prose(sheet.left, sheet.right, rng.randint(2, 5))
        tables = []
        for n in range(2 if rng.random() < 0.15 else 1):
            if rng.random() < 0.5:
                sheet.paragraph(f"Table {n + 1}: {rng.choice(WORDS)} {rng.choice(NOUNS)}s by {rng.choice(NOUNS)}",
                                sheet.left, sheet.right, 9, False, False)
            sheet.y += round(sheet.px(rng.uniform(2, 10)))
            made = table(sheet, style, rng.randint(3, 7), rng.randint(3, 19))
            if made is None:
                break
            tables.append(made)
            if rng.random() < 0.7:
                sheet.prose(sheet.left, sheet.right, rng.randint(2, 5))
        if tables:
            while sheet.y < sheet.bottom - sheet.px(60) and rng.random() < 0.6:
                sheet.prose(sheet.left, sheet.right, rng.randint(2, 5))
            return sheet, tables


def plain_page(rng, kind):
    """A page that has no table."""
    sheet = Sheet(rng)
    left, right = sheet.left, sheet.right
    if kind == "prose":
        sheet.heading(left, right, 16)
        while sheet.prose(left, right, rng.randint(3, 7), rng.random() < 0.5):
            if rng.random() < 0.2:
                sheet.heading(left, right, 12)
    elif kind == "columns":
        if rng.random() < 0.7:
            sheet.heading(left, right, 16)
        count, justify = rng.choice([2, 2, 2, 3]), rng.random() < 0.6
        gap = sheet.px(rng.uniform(12, 24))
        top, width = sheet.y, (right - left - (count - 1) * gap) / count
        for n in range(count):
            sheet.y = top
            x0 = left + n * (width + gap)
            while sheet.prose(x0, x0 + width, rng.randint(3, 6), justify):
                if rng.random() < 0.2:
                    sheet.heading(x0, x0 + width, 11)
    elif kind == "letter":
        top = sheet.y
        for line in (f"{rng.choice(NAMES)} and {rng.choice(NAMES)}", f"{rng.randint(2, 99)} {rng.choice(TOWNS)} Road",
                     f"{rng.choice(TOWNS)} {rng.randint(10000, 99999)}"):
            sheet.paragraph(line, left, right, justify=False)
        end, sheet.y = sheet.y, top
        middle = left + (right - left) * 0.62
        for line in (f"Date: {content(rng, 'date', 0)}", f"Our sign: {content(rng, 'code', 0)}"):
            sheet.paragraph(line, middle, right, justify=False)
        sheet.y = max(end, sheet.y) + round(sheet.px(30))
        sheet.paragraph(f"Your order of {rng.choice(NOUNS)}s", left, right, 11, True, False)
        for _ in range(rng.randint(3, 6)):
            sheet.prose(left, right, rng.randint(2, 5), False)
        sheet.y += round(sheet.px(30))
        sheet.paragraph(rng.choice(NAMES), left, right, justify=False)
    else:
        sheet.heading(left, right, 14)
        number = 0
        while sheet.y < sheet.bottom - sheet.px(50):
            if rng.random() < 0.3:
                sheet.prose(left, right, 3)
            for _ in range(rng.randint(3, 6)):
                number += 1
                font = sheet.font(sheet.size)
                if sheet.y > sheet.bottom - sheet.px(40):
                    break
                sheet.line(left + sheet.px(6), sheet.y, f"{number}.", font)
                sheet.prose(left + sheet.px(rng.choice([24, 30])), right, 1, False)
    return sheet


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    seed, tables, plain = (int(sys.argv[n]) if len(sys.argv) > n else default for n, default in ((2, 1), (3, 48), (4, 24)))
    styles, kinds = ["ruled", "levels", "header", "book", "none", "ruled", "none"], ["prose", "columns", "letter", "list", "columns", "columns"]
    for n in range(tables + plain):
        rng = random.Random(f"{seed} {n}")
        if n < tables:
            kind = styles[n % len(styles)]
            sheet, found = table_page(rng, kind)
        else:
            kind = kinds[(n - tables) % len(kinds)]
            sheet, found = plain_page(rng, kind), []
        name = out / f"{n:03}-{kind}"
        values = sheet.scanned()
        head = f"P5\n# dpi {sheet.dpi}\n{sheet.width} {sheet.height}\n255\n".encode()
        name.with_suffix(".pgm").write_bytes(head + values.tobytes())
        name.with_suffix(".json").write_text(json.dumps({"kind": kind, "tables": found}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
