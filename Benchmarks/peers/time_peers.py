#!/usr/bin/env python3
"""Times `boardfit run` against its peers on the models of Benchmarks/peers/export; see `run`.

Every peer keeps one process a model, pinned to the first T cores and stopped while it is not its
turn, since idle threads of these runtimes spin. In each round every runtime is timed for the same
seconds, `boardfit run` as a process of its own; medians are over all samples of all rounds. An
outcome that differs from ONNX Runtime's is marked and left out of the ratio.
"""

import argparse
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "Scripts"))
import model_inputs  # noqa: E402
from peer_runners import OURS, Ours, Peer, peak_resident, pinned  # noqa: E402
from peer_table import Row, header, means, number, table_line  # noqa: E402

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
PEERS = ("onnxruntime", "openvino", "ncnn", "tract")
PAUSE = 0.05


# -- one model ------------------------------------------------------------------------------------


def stored_inputs(model, folder):
    """Writes the seeded inputs, for workers in one file and for `boardfit run` one by one."""
    feed = model_inputs.feed(onnx.load(model, load_external_data=False))
    np.savez(folder / "inputs.npz", **feed)
    (folder / "inputs").mkdir()
    for name, content in feed.items():
        np.save(folder / "inputs" / f"{name}.npy", content)


def output_names(model):
    return [output.name for output in onnx.load(model, load_external_data=False).graph.output]


def outputs(runtime, names, folder):
    if runtime == OURS:
        return [np.load(folder / OURS / model_inputs.output_file(name)) for name in names]
    with np.load(folder / f"{runtime}.npz") as stored:
        return [stored[f"arr_{i}"] for i in range(len(stored.files))]


def relative_error(found, expected):
    """The largest ||found - expected|| / ||expected|| of the outputs; infinite for other sizes."""
    if [each.size for each in found] != [each.size for each in expected]:
        return math.inf
    flat = [[each.ravel().astype(float) for each in outputs] for outputs in (found, expected)]
    pairs = zip(*flat, strict=True)
    return max(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-30) for a, b in pairs)


def measured(model, threads, arguments):
    """A `Timed` for every runtime, by name."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        stored_inputs(model, folder)
        runners = {peer: Peer(peer, model, threads, folder) for peer in arguments.runtimes}
        if arguments.binary:
            runners[OURS] = Ours(arguments.binary, model, threads, folder)
        try:
            for turn in range(arguments.rounds):
                names = list(runners)
                for runtime in names[turn % len(names) :] + names[: turn % len(names)]:
                    time.sleep(PAUSE)
                    runners[runtime].turn(arguments.seconds)
        finally:
            for runner in runners.values():
                runner.close()
        timed = {runtime: runner.timed for runtime, runner in runners.items()}
        names = output_names(model)
        for runtime, each in timed.items():
            if not each.failure:
                try:
                    expected = outputs("onnxruntime", names, folder)
                    each.error = relative_error(outputs(runtime, names, folder), expected)
                except OSError as problem:
                    each.failure = f"outputs: {problem}"
        return timed


def macs(binary, model):
    """Multiply-adds of a model as `boardfit inspect` counts them, or NaN."""
    command = [str(binary), "inspect", str(model), "--format", "json", "--quiet"]
    result = subprocess.run(command, capture_output=True, text=True)
    try:
        return float(json.loads(result.stdout)["macs"])
    except (ValueError, KeyError):
        return math.nan


# -- the machine ----------------------------------------------------------------------------------


def peaks(given):
    """fp32 and int8 operations a second of one core in 1e9, from the option or measured."""
    if given:
        return [*map(float, given.split(",")), math.nan][:2]
    with tempfile.TemporaryDirectory() as folder:
        binary = pathlib.Path(folder) / "peak"
        compiler = os.environ.get("CC", "cc")
        flags = ["-O3", "-march=native", HERE / "peak.c", "-o", binary]
        subprocess.run([compiler, *flags], check=True)
        answer = subprocess.run([binary], capture_output=True, text=True, check=True).stdout
    return [float(word) or math.nan for word in answer.split()]


def imports_resident():
    """Peak resident bytes of Python with numpy and ONNX Runtime and no model."""
    program = "import numpy, onnxruntime; print(open('/proc/self/status').read())"
    with pinned([sys.executable, "-c", program], 1, stdout=subprocess.PIPE) as child:
        return peak_resident(child.stdout.read())


# -- all models ----------------------------------------------------------------------------------


def parsed():
    parser = argparse.ArgumentParser(description="Time boardfit run against its peers.")
    parser.add_argument("binary", nargs="?", type=pathlib.Path, help="without it, peers alone")
    parser.add_argument("--folder", type=pathlib.Path, default=CACHE / "boardfit/peers/models")
    parser.add_argument("--models", default="", help="only names that contain one of TEXT,TEXT")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--runtimes", default=",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.6, help="of one runtime in one round")
    parser.add_argument("--peak", help="GFLOP/s of one core in fp32, and in int8 after a comma")
    parser.add_argument("--output", type=pathlib.Path, help="the table; samples beside it, .json")
    arguments = parser.parse_args()
    if arguments.binary and not os.access(arguments.binary, os.X_OK):
        parser.error(f"{arguments.binary} is no program")
    arguments.runtimes = arguments.runtimes.split(",")
    if unknown := set(arguments.runtimes) - set(PEERS):
        parser.error(f"unknown runtimes: {', '.join(sorted(unknown))}")
    if "onnxruntime" not in arguments.runtimes:
        parser.error("outputs are compared with onnxruntime's: it cannot be left out")
    return arguments


def main():
    arguments = parsed()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no worker stays behind, stopped
    wanted = arguments.models.split(",")
    models = sorted(arguments.folder.glob("*.onnx"))
    models = [path for path in models if any(text in path.stem for text in wanted)]
    if not models:
        sys.exit(f"no such models in {arguments.folder}: Benchmarks/peers/export makes them")
    threads = [int(word) for word in arguments.threads.split(",")]
    fp32, int8 = peaks(arguments.peak)
    runtimes = [*arguments.runtimes, *([OURS] if arguments.binary else [])]
    lines, rows, raw = [], [], []

    def say(line):
        lines.append(line)
        print(line, flush=True)
        if arguments.output:
            arguments.output.write_text("\n".join(lines) + "\n")

    say(
        f"Peak of a core: {fp32:.0f} GFLOP/s fp32, {number(int8, '.0f')} GOP/s int8. Medians in ms,"
    )
    say(
        f"{arguments.rounds} rounds of {arguments.seconds} s. Python with ONNX Runtime and no model"
    )
    say(f"holds {imports_resident() / 2**20:.0f} MiB.\n")
    say(header(runtimes))
    for model in models:
        work = macs(arguments.binary, model) if arguments.binary else math.nan
        peak = int8 if model.stem.endswith("-int8") else fp32
        for count in threads:
            rows.append(Row(model.stem, count, work, peak, measured(model, count, arguments)))
            say(table_line(rows[-1].cells(runtimes)))
            raw += [
                {"model": model.stem, "threads": count, "runtime": name} | vars(timed)
                for name, timed in rows[-1].timed.items()
            ]
            if arguments.output:
                arguments.output.with_suffix(".json").write_text(json.dumps(raw))
    say("")
    for line in [*means(rows), "", *(note for row in rows for note in row.notes())]:
        say(line)


if __name__ == "__main__":
    main()
