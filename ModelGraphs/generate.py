#!/usr/bin/env python3
"""Writes the bundled model graphs and their cards.

    ModelGraphs/generate.py [NAME ...]

Each model becomes `ModelGraphs/<name>/<name>.onnx` (opset 17, IR version 8) and `card.yaml` beside
it. The graphs carry no trained weights: a weight is a ConstantOfShape node, so a file stays at
kilobytes, yet ONNX Runtime and Netron open it unchanged. Output is the same on every run.

Needs only `onnx` and `numpy`. The counts on a card come from the builders, which add them up layer
by layer; `ModelGraphs/check.py` counts them again from the files alone.
"""

import argparse
import json
import pathlib
import sys

from generator.builder import GraphBuilder
from generator.card import card
from generator.catalog import ENTRIES

HERE = pathlib.Path(__file__).resolve().parent
ONNX_TOOL_COUNTS = HERE / "generator" / "onnx_tool_counts.json"


def generate(entry, onnx_tool):
    builder = GraphBuilder()
    entry.build(builder)
    model = builder.model(entry.name)
    folder = HERE / entry.name
    folder.mkdir(exist_ok=True)
    (folder / f"{entry.name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    (folder / "card.yaml").write_text(card(entry, builder, model, onnx_tool), encoding="utf-8")
    print(f"{entry.name}: {builder.parameters:,} parameters, {builder.macs:,} MACs")


def main():
    parser = argparse.ArgumentParser(description="Write the bundled model graphs.")
    parser.add_argument("names", nargs="*", help="models to write; all when none is named")
    names = parser.parse_args().names
    unknown = set(names) - {entry.name for entry in ENTRIES}
    if unknown:
        sys.exit(f"no such model: {', '.join(sorted(unknown))}")
    counts = json.loads(ONNX_TOOL_COUNTS.read_text()) if ONNX_TOOL_COUNTS.exists() else {}
    for entry in ENTRIES:
        if not names or entry.name in names:
            generate(entry, counts.get(entry.name))


if __name__ == "__main__":
    main()
