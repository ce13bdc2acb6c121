"""Compares `boardfit run --save-outputs` with ONNX Runtime; see `check-outputs`.

The reference is ONNX Runtime with its graph optimizations off; how far its optimized run lies from
that is shown beside, as a yardstick. Judged are, by the worst output:

- float32: ||ours - reference|| / ||reference|| <= 1e-4 (5e-3 where the model holds float16);
- integers and truth values: all the same;
- a QDQ model, cut: every quantized activation is computed from the reference's inputs of its own
  layer; none may be more than one quantization step off, and that at most one value in a thousand,
  where it lies between two steps;
- a quantized model, whole: within one step of the output, where a DequantizeLinear makes it (its
  scale), or at most twice as far off as ONNX Runtime's own optimized run. Rounding in one layer
  sways the next ones, so a deep model does not stay within a step even for them.

A model that cannot be run, or of which an output is missing, fails. Exit status 1 on any failure.
"""

import argparse
import fnmatch
import os
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import model_inputs
import numpy as np
import onnx
import onnxruntime
import quantizers

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
CACHE = (
    pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "boardfit"
)
TOLERANCE, TOLERANCE_HALF = 1e-4, 5e-3
# The share of quantized values that may round the other way.
TIES = 1e-3
# Weights of billions that a run has to make first: free memory to ask for, and no optimized run.
LARGE, LARGE_NEEDS = "decoder-1b-*", 14 << 30
LEVELS = onnxruntime.GraphOptimizationLevel


class Failure(Exception):
    """Why a model could not be compared, in words for the table."""


@dataclass
class Row:
    """One line of the table."""

    model: str
    what: str
    error: str
    optimized: str
    yardstick: str
    verdict: str

    def __str__(self):
        cells = (
            self.model, self.what, self.error, self.optimized, self.yardstick, self.verdict,
        )  # fmt: skip
        return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


# -- running --------------------------------------------------------------------------------------


def reference(model, path, feed, level):
    """ONNX Runtime's outputs by name. External weights are found from the file's folder."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.log_severity_level = 4
    options.add_session_config_entry("session.model_external_initializers_file_folder_path",
                                     str(path.parent))  # fmt: skip
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, ["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feed), strict=True))


def ours(arguments, path, feed, names):
    """The outputs of `boardfit run` by name."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        command = [arguments.binary, "run", path, "--runs", 1, "--warmup", 0, "--format", "json"]
        command += ["--threads", arguments.threads, "--save-outputs", folder / "outputs"]
        command += ["--kernels", arguments.kernels] if arguments.kernels else []
        for position, (value, content) in enumerate(feed.items()):
            np.save(folder / f"{position}.npy", content)
            command += ["--input", f"{value}={folder / f'{position}.npy'}"]
        try:
            result = subprocess.run(
                [str(word) for word in command], capture_output=True, text=True, timeout=600
            )
        except subprocess.TimeoutExpired:
            raise Failure("still running after 600 s") from None
        if result.returncode:
            lines = result.stderr.strip().splitlines() or ["said nothing"]
            raise Failure(f"exit {result.returncode}: {lines[-1][:160]}")
        found = {}
        for value in names:
            file = folder / "outputs" / model_inputs.output_file(value)
            if not file.exists():
                raise Failure(f"no file for output '{value}'")
            found[value] = np.load(file)
        return found


# -- comparing ------------------------------------------------------------------------------------


def distance(found, expected):
    """The relative error of the norm; of integers and truth values the share that differs."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return float("inf")
    if expected.dtype.kind != "f":
        return float(np.mean(found != expected)) if expected.size else 0.0
    found, expected = found.astype(np.float64), expected.astype(np.float64)
    finite = np.isfinite(expected)
    if not np.array_equal(found[~finite], expected[~finite], equal_nan=True):
        return float("inf")
    length = np.linalg.norm(expected[finite])
    apart = np.linalg.norm(found[finite] - expected[finite])
    return float(apart / length) if length else float(apart)


def worst(found, expected):
    """(name, distance) of the output that is farthest off."""
    distances = {name: distance(found[name], content) for name, content in expected.items()}
    return max(distances.items(), key=lambda pair: pair[1])


def described(name, expected):
    """The output, and what its dimensions are."""
    shape = "x".join(map(str, expected[name].shape)) or "scalar"
    count = f", worst of {len(expected)}" if len(expected) > 1 else ""
    return f"`{name}` {shape}{count}"


def steps(found, expected):
    """Whether integer tensors agree but for ties, and how far and how often they differ."""
    apart = [np.abs(found[n].astype(np.int64) - expected[n].astype(np.int64)) for n in expected]
    most = max(int(each.max()) for each in apart)
    off, total = sum(int((each > 0).sum()) for each in apart), sum(each.size for each in apart)
    right = most <= 1 and off <= TIES * total
    return right, f"{most} {'step' if most == 1 else 'steps'}, {off:,} of {total:,} values"


# -- one model ------------------------------------------------------------------------------------


def compare(arguments, name, path):
    """The rows of one model."""
    model = onnx.load(path)
    feed = model_inputs.feed(model, model_inputs.known_options(name), arguments.seed)
    expected = reference(model, path, feed, LEVELS.ORT_DISABLE_ALL)
    large = fnmatch.fnmatch(path.stem, LARGE)
    optimized = expected if large else reference(model, path, feed, LEVELS.ORT_ENABLE_ALL)
    rounding = any("QuantizeLinear" in node.op_type for node in model.graph.node)
    found = ours(arguments, path, feed, list(expected))
    output, error = worst(found, expected)
    yardstick = worst(optimized, expected)[1]
    tolerance = TOLERANCE_HALF if quantizers.is_half(model) else TOLERANCE
    right = error <= tolerance
    said = f"{error:.1e}"
    if rounding and expected[output].dtype.kind == "f":
        step = quantizers.final_step(model, output)
        if step:
            apart = np.abs(found[output] - expected[output]).max() / step
            said += f", {apart:.2f} steps of {step:.3g}"
            right = right or apart <= 1.001  # one step, as float32 knows it
        right = right or error <= 2 * yardstick
    yield Row(
        name,
        described(output, expected),
        said,
        "not run" if large else f"{worst(found, optimized)[1]:.1e}",
        "not run" if large else f"{yardstick:.1e}",
        "ok" if right else "FAIL",
    )
    if quantizers.activations(model):
        yield compared_cut(arguments, name, model, path, feed)


def compared_cut(arguments, name, model, path, feed):
    """The row of a model cut apart at its quantizers."""
    names = [node.output[0] for node in quantizers.activations(model)]
    whole = quantizers.with_outputs(model, names)
    values = reference(whole, path, feed, LEVELS.ORT_DISABLE_ALL)
    values = {each: values[each] for each in names}
    apart, added = quantizers.cut(model, values)
    optimized = reference(apart, path, feed | added, LEVELS.ORT_ENABLE_ALL)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / f"{path.stem}-cut.onnx"
        onnx.save(apart, file)
        try:
            found = ours(arguments, file, feed | added, names)
        except Failure as failure:
            return Row(name, f"cut at {len(names)} quantizers", "", "", "", f"FAIL: {failure}")
    right, said = steps(found, values)
    return Row(
        name,
        f"cut at {len(names)} quantizers",
        said,
        steps(found, {each: optimized[each] for each in names})[1],
        steps(optimized, values)[1],
        "ok" if right else "FAIL",
    )


def locate(arguments, name, path):
    """The first value, in the order of the nodes, that is off: every value becomes an output."""
    model = onnx.load(path)
    feed = model_inputs.feed(model, model_inputs.known_options(name), arguments.seed)
    nodes = {value: node for node in model.graph.node for value in node.output if value}
    every = quantizers.with_outputs(model, nodes)
    expected = reference(every, path, feed, LEVELS.ORT_DISABLE_ALL)
    types = {
        value: onnx.helper.make_tensor_value_info(
            value, onnx.helper.np_dtype_to_tensor_dtype(content.dtype), content.shape
        )
        for value, content in expected.items()
    }
    del every.graph.output[:]
    every.graph.output.extend(types.values())
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / f"{path.stem}-every.onnx"
        onnx.save(every, file)
        found = ours(arguments, file, feed, list(types))
    for value, node in nodes.items():
        error = distance(found[value], expected[value])
        if error > TOLERANCE:
            yield Row(
                name, f"first off: `{value}` of {node.op_type}", f"{error:.1e}", "", "", "FAIL"
            )
            return
    yield Row(name, f"all {len(nodes)} values", "", "", "", "ok")


# -- all models -----------------------------------------------------------------------------------


def models(arguments):
    """(name, file) of what was asked for; the name is what `shape-runs.txt` knows a file by."""
    groups = {
        "peers": (CACHE / "peers/models", "*.onnx", "Benchmarks/peers/export"),
        "packages": (arguments.fetched / "packages", "*/*.onnx", "Scripts/fetch-models DIR"),
        "bundled": (REPOSITORY / "ModelGraphs", "*/*.onnx", "git"),
    }
    for asked in arguments.models or groups:
        if asked not in groups:
            yield asked, pathlib.Path(asked)
            continue
        folder, pattern, source = groups[asked]
        found = sorted(folder.glob(pattern))
        if not found:
            sys.exit(f"check-outputs: no models in {folder}: {source} makes them")
        base = {"peers": folder, "packages": arguments.fetched, "bundled": folder.parent}[asked]
        for path in found:
            relative = path.relative_to(base)
            name = f"ModelGraphs/{path.stem}" if asked == "bundled" else str(relative)
            yield name, path


def free_memory():
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable"):
            return int(line.split()[1]) << 10
    return 0


def rows(arguments, name, path):
    if fnmatch.fnmatch(path.stem, LARGE) and free_memory() < LARGE_NEEDS:
        yield Row(name, "", "", "", "", f"skipped: needs {LARGE_NEEDS >> 30} GiB of free memory")
        return
    try:
        yield from (locate if arguments.locate else compare)(arguments, name, path)
    except Exception as problem:  # one model's failure must not cost the others
        first = (str(problem).strip() or type(problem).__name__).splitlines()[0]
        yield Row(name, "", "", "", "", f"FAIL: {first[:200]}")


def main():
    parser = argparse.ArgumentParser(description="Compare boardfit run with ONNX Runtime.")
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("models", nargs="*", help="files, or peers, packages, bundled")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--kernels", choices=("tuned", "reference"))
    parser.add_argument("--seed", type=int, default=1)
    fetched = os.environ.get("BOARDFIT_MODELS") or REPOSITORY / ".build/models"
    parser.add_argument("--fetched", type=pathlib.Path, default=pathlib.Path(fetched))
    parser.add_argument("--locate", action="store_true", help="name the first value that is off")
    parser.add_argument("--output", type=pathlib.Path)
    arguments = parser.parse_args()
    if not os.access(arguments.binary, os.X_OK):
        parser.error(f"{arguments.binary} is no program")
    lines, failures, skipped, count = [], 0, 0, 0

    def say(line):
        lines.append(line)
        print(line, flush=True)
        if arguments.output:
            arguments.output.write_text("\n".join(lines) + "\n")

    version = onnxruntime.__version__
    say(f"Against ONNX Runtime {version}: without graph optimizations (the reference, which the")
    say("verdict goes by), with them, and how far these two are apart.\n")
    say("| model | what | off by | off the optimized by | optimized, off by | verdict |")
    say("| --- | --- | ---: | ---: | ---: | --- |")
    for name, path in models(arguments):
        for row in rows(arguments, name, path):
            say(str(row))
            count += 1
            failures += row.verdict.startswith("FAIL")
            skipped += row.verdict.startswith("skipped")
    say(f"\n{count} rows, {failures} failed, {skipped} skipped.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
