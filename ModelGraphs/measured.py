#!/usr/bin/env python3
"""Writes graphs of networks that published tables measured and that are not bundled.

    ModelGraphs/measured.py FOLDER

`Scripts/validate-truth` reads them. They carry no trained weights and take some kilobytes each.
Needs only `onnx` and `numpy`.
"""

import pathlib
import sys

from generator import measured
from generator.builder import GraphBuilder


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, build in measured.entries():
        builder = GraphBuilder()
        build(builder)
        model = builder.model(name)
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
