"""onnx-tool's profile of one model, timed from inside: `profile_onnx_tool.py MODEL`.

Prints the seconds from opening the file to having its figures, without Python's start and the
imports.
"""

import contextlib
import io
import sys
import time

import onnx_tool

begin = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    graph = onnx_tool.Model(sys.argv[1], {"verbose": False}).graph
    graph.shape_infer(None)
    graph.profile()
print(time.perf_counter() - begin)
