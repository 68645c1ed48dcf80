"""Writes pages whose lines are from easy to impossible to read, to measure how well the recogniser knows which it read wrongly.

line_pages.py OUT [SEED] [PAGES]     (needs pillow and numpy, and DejaVu's faces)

PAGES pages (20 if not said) of 24 lines, each with a face, size, contrast, blur, noise and resolution of its own. Each is `NAME.pgm` and
`NAME.txt`, a line a line. The same arguments give the same pages, as long as pillow draws the same. The example `ocr` measures them.
"""

import random
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from table_pages import FACES, NAMES, NOUNS, TOWNS, WORDS

WIDTH, LINES, PITCH = 1240, 24, 68


def words(rng):
    """A line with names and numbers, which no model of a language can guess."""
    parts = []
    for _ in range(rng.randint(5, 8)):
        parts.append(rng.choice([
            lambda: rng.choice(WORDS), lambda: rng.choice(NOUNS), lambda: rng.choice(NAMES), lambda: rng.choice(TOWNS),
            lambda: f"{rng.randint(2, 98_000):,}", lambda: f"{rng.randint(1, 28)}.{rng.randint(1, 12)}.{rng.randint(1960, 2025)}",
            lambda: f"{rng.choice('ABCDEFKLM')}{rng.randint(100, 9999)}",
        ])())
    return " ".join(parts)


def line(rng, noise, text):
    """The text as a strip of the page."""
    face = ImageFont.truetype(f"{rng.choice(rng.choice(FACES))}.ttf", rng.randint(18, 30))
    strip = Image.new("L", (WIDTH - 120, PITCH - 18), 255)
    ImageDraw.Draw(strip).text((4, 6), text, font=face, fill=rng.choice([0, 0, 60, 120, 170, 200]))
    # From a whole scan down to a thumbnail, and up again.
    factor = rng.choice([1, 1, 1, 1.5, 2, 2.5, 3])
    if factor > 1:
        small = strip.resize((round(strip.width / factor), round(strip.height / factor)), Image.BOX)
        strip = small.resize(strip.size, Image.BICUBIC)
    strip = strip.filter(ImageFilter.GaussianBlur(rng.choice([0, 0, 0.6, 1.2, 1.8, 2.4])))
    grey = np.asarray(strip, dtype=np.float32) + noise.normal(0, rng.choice([2, 6, 15, 30]), (strip.height, strip.width))
    return np.clip(grey, 0, 255)


def main():
    out = Path(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    out.mkdir(parents=True, exist_ok=True)
    for n in range(int(sys.argv[3]) if len(sys.argv) > 3 else 20):
        rng, noise = random.Random(f"{seed} {n}"), np.random.default_rng([seed, n])
        page = np.full((LINES * PITCH + 120, WIDTH), 250, dtype=np.float32)
        texts = [words(rng) for _ in range(LINES)]
        for at, text in enumerate(texts):
            top = 60 + at * PITCH
            strip = line(rng, noise, text)
            page[top:top + strip.shape[0], 60:60 + strip.shape[1]] = strip
        pixels = page.astype(np.uint8)
        header = f"P5\n# dpi 150\n{pixels.shape[1]} {pixels.shape[0]}\n255\n".encode()
        (out / f"{n:03}.pgm").write_bytes(header + pixels.tobytes())
        (out / f"{n:03}.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
