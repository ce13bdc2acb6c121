#!/usr/bin/env python3
"""Times single kernels of boardfit on one thread of this machine: layers, never whole models.

    measure-boardfit-kernels.py PEAK [WRAPPER…] BOARDFIT      PEAK in GFLOP/s, of one core

Needs numpy and onnx. Prints achieved over peak by kernel class or operator: 5th percentile, median and 95th
over shapes, of each the median run; changes of layout before and after are not counted.
"""
import json
import subprocess
import sys
import tempfile

import numpy as np

from kernel_shapes import (CELLS, CONVOLUTIONS, OTHERS, PRODUCTS, SEQUENCES, convolution, other,
                           product, recurrent)

SIZES = ((56, 24), (56, 64), (28, 40), (28, 128), (14, 96), (14, 256), (7, 160), (7, 512))
MORE = {
    "pointwise": [(c, 4 * c, 1, 1, s) for s, c in SIZES] + [(6 * c, c, 1, 1, s) for s, c in SIZES],
    "spatial": [(c, c, 3, 1, s) for s, c in SIZES],
    "strided": [(c, 2 * c, 3, 2, s) for s, c in SIZES],
    "depthwise": [(c, c, k, t, s, c) for s, c in SIZES for k, t in ((3, 1), (3, 2), (5, 1))],
    "matrix product": [(m, n, k) for m in (48, 128, 256) for n in (256, 1024) for k in (256, 1024)],
    "matrix vector": [(1, n, k) for n in (96, 256, 512) for k in (128, 384, 512)],
}
IMAGES = [(1, 24, 56, 56), (1, 64, 28, 28), (1, 96, 14, 14), (1, 64, 112, 112)]
ROWS = [(4, 64, 64), (8, 196, 196), (1, 128, 512), (1, 256, 1024)]
MORE_OTHERS = [(name, IMAGES[1], IMAGES[1], 1, {}) for name in ("Gelu", "HardSwish")]


def variants(name, shape, output, attributes):
    """The operator over shapes like its first."""
    yield shape, output
    for other_shape in IMAGES if len(shape) == 4 else ROWS:
        if name == "Transpose":
            yield other_shape, tuple(other_shape[i] for i in attributes["perm"])
        elif name == "MaxPool":
            yield other_shape, other_shape[:2] + tuple(e // 2 for e in other_shape[2:])
        elif name == "GlobalAveragePool":
            yield other_shape, other_shape[:2] + (1, 1)
        else:
            yield other_shape, other_shape


def measured(command, graph, operator):
    """Seconds and operations of the operator's kernel; copies into its layout are steps too."""
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(graph)
        file.flush()
        answer = json.loads(subprocess.run(
            [*command, "run", file.name, "--time", "0.2s", "--format", "json", "--quiet"],
            check=True, capture_output=True, timeout=60).stdout)
    rows = [row for row in answer["operators"] if operator in row["operators"]]
    kernels = [row for row in rows if not row["kernel"].startswith("copy")]
    return max((row["medianSeconds"], row["flops"]) for row in kernels or rows
               or answer["operators"])


def main():
    peak, command = float(sys.argv[1]) * 1e9, sys.argv[2:]
    print("| class | shapes | 5th percentile | median | 95th |\n|---|---|---|---|---|")

    def report(name, shares):
        low, middle, high = 100 * np.percentile(shares, (5, 50, 95))
        print(f"| {name} | {len(shares)} | {low:.3g} % | {middle:.3g} % | {high:.3g} % |",
              flush=True)

    for table, build, operator in (
            (CONVOLUTIONS, convolution, "Conv"), (PRODUCTS, product, "MatMul")):
        for name, shapes in table.items():
            shares = []
            for shape in shapes + MORE.get(name, []):
                graph, _, macs = build(*shape)
                shares.append(2 * macs / measured(command, graph, operator)[0] / peak)
            report(name, shares)
    for operator, shape, output, operations, attributes in OTHERS + MORE_OTHERS:
        shares = []
        for one, result in variants(operator, shape, output, attributes):
            elapsed, count = measured(command, other(operator, one, result, attributes), operator)
            shares.append((count or operations * np.prod(one)) / elapsed / peak)
        report(operator, shares)
    shares = {}
    for cell, gates, attributes in CELLS:
        for shape in SEQUENCES:
            elapsed, count = measured(command, recurrent(cell, gates, attributes, *shape), cell)
            for name in (cell, "recurrent"):
                shares.setdefault(name, []).append(count / elapsed / peak)
    for name, of_cell in shares.items():
        report(name, of_cell)


if __name__ == "__main__":
    main()
