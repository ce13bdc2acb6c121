"""Compares `boardfit run --save-outputs` with the TFLite interpreter; see `check-outputs`.

The verdict goes by one interpreter: that of the package named in tflite-requirements.txt with its
reference kernels (`OpResolverType.BUILTIN_REF`), which compute in the fixed point that the format's
specification and TensorFlow Lite Micro use:

- bytes: no value more than one step off;
- numbers of 16 bits: no value more than 0.2 % of their range off, since the interpreter's functions of
  them are tables, and its weights of a resize have ten digits;
- float32 outputs: ||ours - reference|| / ||reference|| <= 1e-4;
- other integers and truth values: equal.

How far the kernels that it prefers (XNNPACK) are from these is shown beside, and not judged.

`operators` stands for small models of one operator each (tflite_operators.py), of which only those
that are off are shown.

Then the arena that `boardfit predict` plans under TensorFlow Lite Micro beside the non-persistent part
of the arena that its interpreter reports; no more than 10 % may lie between them. Models that it does
not run (uint8) are skipped.

Exit status 1 on any failure.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

KERNELS = {"reference": OpResolverType.BUILTIN_REF, "preferred": OpResolverType.AUTO}
TOLERANCE = 1e-4
STEPS = {"int8": 1, "uint8": 1, "int16": 128}
ARENA_TOLERANCE = 0.1
# Of the interpreter: its C code prints to the process's own streams.
ARENA = """
import sys
from tflite_micro.python.tflite_micro import runtime
runtime.Interpreter.from_file(sys.argv[1]).print_allocations()
"""


def random_input(details, generator):
    """Any stored number, or real ones between -1 and 1."""
    dtype, shape = np.dtype(details["dtype"]), details["shape"]
    if dtype.kind == "f":
        return generator.uniform(-1, 1, shape).astype(dtype)
    limits = np.iinfo(dtype)
    return generator.integers(limits.min, limits.max, shape, dtype, endpoint=True)


def interpreted(path, kernels, feed):
    """The outputs in the file's order, with their names."""
    interpreter = Interpreter(
        model_path=str(path), num_threads=1, experimental_op_resolver_type=KERNELS[kernels]
    )
    interpreter.allocate_tensors()
    for details, content in zip(interpreter.get_input_details(), feed, strict=True):
        interpreter.set_tensor(details["index"], content)
    interpreter.invoke()
    return [
        (details["name"], interpreter.get_tensor(details["index"]))
        for details in interpreter.get_output_details()
    ]


def inputs(path, seed):
    interpreter = Interpreter(model_path=str(path))
    generator = np.random.default_rng(seed)
    details = interpreter.get_input_details()
    return [(each["name"], random_input(each, generator)) for each in details]


def file_name(name):
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name) + ".tflite"


def output_file(name):
    """The file that boardfit writes an output to."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    return f"_{plain}.npy" if plain.startswith(".") or not plain else f"{plain}.npy"


def ours(arguments, path, feed, names):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        command = [arguments.binary, "run", path, "--runs", 1, "--warmup", 0, "--format", "json"]
        command += ["--threads", arguments.threads, "--save-outputs", folder / "outputs"]
        command += ["--kernels", arguments.kernels] if arguments.kernels else []
        for position, (value, content) in enumerate(feed):
            np.save(folder / f"{position}.npy", content)
            command += ["--input", f"{value}={folder / f'{position}.npy'}"]
        result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if result.returncode:
            sys.exit(f"{path}: exit {result.returncode}: {result.stderr.strip()[-300:]}")
        return [np.load(folder / "outputs" / output_file(name)) for name in names]


def distance(found, expected):
    """(error over what is allowed, text): steps between numbers, else the relative error of the norm."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return float("inf"), f"{found.dtype}{found.shape} for {expected.dtype}{expected.shape}"
    apart = np.abs(found.astype(np.float64) - expected.astype(np.float64))
    if expected.dtype.kind == "f":
        error = np.linalg.norm(apart) / (np.linalg.norm(expected.astype(np.float64)) or 1)
        return float(error) / TOLERANCE, f"{error:.1e}"
    if not apart.size:
        return 0.0, "0 steps"
    allowed = STEPS.get(expected.dtype.name, 0.5)
    return (float(apart.max()) / allowed,
            f"{apart.max():.0f} steps, {np.mean(apart > 0):.2%} of values")  # fmt: skip


def worst(found, expected):
    pairs = [distance(mine, theirs) for mine, (_, theirs) in zip(found, expected, strict=True)]
    return max(pairs, key=lambda pair: pair[0])


def reported_arena(path):
    """Bytes of the non-persistent part; `None` when the interpreter refuses the model."""
    result = subprocess.run(
        [sys.executable, "-c", ARENA, path], capture_output=True, text=True, timeout=600
    )
    found = re.search(r"Arena allocation head (\d+) bytes", result.stdout + result.stderr)
    return int(found[1]) if found else None


def planned_arena(arguments, path):
    command = [arguments.binary, "predict", path, "--board", arguments.board, "--runtime",
               "tflm-cmsis-nn", "--format", "json"]  # fmt: skip
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    found = set(re.findall(r'"arenaBytes"\s*:\s*(\d+)', result.stdout))
    if len(found) != 1:
        sys.exit(f"{path}: predict gives arenas {sorted(found)}: {result.stderr.strip()[-300:]}")
    return json.loads(found.pop())


def compared(arguments, path, feed, judge="reference", counted_by=None):
    """(whether it is right, how far we are off, how far the other kernels are) for one file and feed.

    Of the results only so many rows count as the one at `counted_by` says, where that is given.
    """
    contents = [content for _, content in feed]
    expected = {}
    for kernels in KERNELS:
        try:
            expected[kernels] = interpreted(path, kernels, contents)
        except RuntimeError as error:
            if kernels == judge:
                sys.exit(f"{path}: {error}")
    found = ours(arguments, path, feed, [name for name, _ in expected[judge]])
    if counted_by is not None:
        rows = int(expected[judge][counted_by][1][0])
        found = [value[:, :rows] if value.ndim > 1 else value for value in found]
        expected = {
            kernels: [(name, value[:, :rows] if value.ndim > 1 else value) for name, value in values]
            for kernels, values in expected.items()
        }
    error, text = worst(found, expected[judge])
    apart = "they refuse it"
    if len(expected) == len(KERNELS):
        apart = worst([value for _, value in expected["preferred"]], expected["reference"])[1]
    return error <= 1, text, apart


def check_operators(arguments, say):
    """Compares every operator of the catalogue; the failures."""
    from tflite_models import feed, write
    from tflite_operators import catalogue

    failures = rows = exact = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, operator in catalogue():
            path = pathlib.Path(folder) / file_name(name)
            write(operator, path)
            for seed in range(arguments.seeds):
                right, text, apart = compared(
                    arguments, path, feed(operator, seed), operator.judge, operator.counted_by)
                rows += 1
                failures += not right
                exact += text.startswith("0 steps")
                if not right:
                    say(f"| {name} | {seed} | {text} | {apart} | FAIL |")
    say(f"\n{rows} rows of single operators, {exact} of them equal, {failures} failed.")
    return failures


def check_arenas(arguments, paths, say):
    failures = 0
    say("\n| model | planned arena | reported by tflite-micro | apart | verdict |")
    say("| --- | ---: | ---: | ---: | --- |")
    for path in paths:
        reported = reported_arena(path)
        if reported is None:
            say(f"| {path.name} | | | | skipped: tflite-micro does not run it |")
            continue
        planned = planned_arena(arguments, path)
        apart = planned / reported - 1
        right = abs(apart) <= ARENA_TOLERANCE
        failures += not right
        say(f"| {path.name} | {planned:,} | {reported:,} | {apart:+.1%} "
            f"| {'ok' if right else 'FAIL'} |")  # fmt: skip
    return failures


def main():
    parser = argparse.ArgumentParser(description="Compare boardfit run with TFLite.")
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--kernels", choices=("tuned", "reference"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--board", default="stm32h743", help="for the arena")
    parser.add_argument("--output", type=pathlib.Path)
    arguments = parser.parse_args()
    if not os.access(arguments.binary, os.X_OK):
        parser.error(f"{arguments.binary} is no program")
    lines, failures = [], 0

    def say(line):
        lines.append(line)
        print(line, flush=True)
        if arguments.output:
            arguments.output.write_text("\n".join(lines) + "\n")

    paths = [path for path in arguments.models if path.name != "operators"]
    say("| model | seed | off the interpreter by | its preferred kernels off by | verdict |")
    say("| --- | ---: | ---: | ---: | --- |")
    for path in paths:
        for seed in range(arguments.seeds):
            right, text, apart = compared(arguments, path, inputs(path, seed))
            failures += not right
            verdict = "ok" if right else "FAIL"
            say(f"| {path.name} | {seed} | {text} | {apart} | {verdict} |")
    if len(paths) < len(arguments.models):
        failures += check_operators(arguments, say)
    if paths:
        failures += check_arenas(arguments, paths, say)
    say(f"\n{len(paths) * arguments.seeds} rows of models, {failures} failures in all.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
