"""Writes `fixtures/blocks.json`: random blocks of every supported type with their values by the gguf package.

    python blocks.py

A list of [ggml type number, bytes in hex, float32 values in little-endian hex]; two rows of 256 elements each.
"""

import json
import os

import gguf
import numpy as np

TYPES = "F32 F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL".split()
# Places of half-precision parameters, which random bytes would make infinite.
HALVES = {"Q4_1": (0, 2), "Q5_1": (0, 2), "Q2_K": (80, 82), "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,)}

rng = np.random.default_rng(11)
golden = []
for name in TYPES:
    kind = gguf.GGMLQuantizationType[name]
    block_len, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    if block_len == 1:
        values = rng.standard_normal(512).astype(np.float32)
        rows = {"F32": values, "F16": values.astype(np.float16)}.get(name, (values.view(np.uint32) >> 16).astype(np.uint16))
        rows = rows.view(np.uint8).reshape(2, -1)
    else:
        rows = rng.integers(0, 256, (2, 256 // block_len * block_bytes), dtype=np.uint8)
        blocks = rows.reshape(-1, block_bytes)
        for at in HALVES.get(name, (0,)):
            blocks[:, at : at + 2] = (rng.standard_normal(len(blocks)) * 0.1).astype(np.float16).view(np.uint8).reshape(-1, 2)
    values = gguf.quants.dequantize(rows if block_len > 1 or name == "BF16" else rows.view(np.dtype("<f4") if name == "F32" else np.float16), kind)
    assert values.size == 512 and np.isfinite(values).all(), name
    golden.append([int(kind), rows.tobytes().hex(), values.astype("<f4").tobytes().hex()])
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "blocks.json")
open(path, "w").write(json.dumps(golden))
