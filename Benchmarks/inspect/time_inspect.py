"""Times `boardfit inspect` against onnx-tool on the same files; `run` starts it.

The two take turns on every model, so that a busy moment of the machine meets both; medians over
the runs, with the range, are reported. A tool's time is that of its whole process; for onnx-tool
the part after Python has started and imported it is given as well. Processor time is the fairer
measure on a busy machine: there a short process waits for its turn longer than it runs.
"""

import argparse
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
GRAPHS = HERE.parents[1] / "ModelGraphs"


class Timing:
    """The runs of one tool on one model."""

    def __init__(self):
        self.seconds, self.inner_seconds, self.peak_bytes = [], [], 0
        self.processor_seconds = []

    def add(self, command, reports_inner):
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with process.stdout, process.stderr:
            output = process.stdout.read()
            complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds.append(time.perf_counter() - begin)
        self.processor_seconds.append(usage.ru_utime + usage.ru_stime)
        if process.returncode != 0:
            sys.exit(f"{' '.join(command)} failed:\n{complaint.decode()[-2000:]}")
        if reports_inner:
            self.inner_seconds.append(float(output.split()[-1]))
        unit = 1 if platform.system() == "Darwin" else 1024  # of ru_maxrss
        self.peak_bytes = max(self.peak_bytes, usage.ru_maxrss * unit)


def milliseconds(seconds):
    low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
    return f"{1e3 * middle:.1f} ({1e3 * low:.1f}–{1e3 * high:.1f})"


def row(model, size, ours, theirs):
    median = statistics.median
    return [
        model,
        f"{size / 1e6:.2f}",
        milliseconds(ours.seconds),
        milliseconds(theirs.seconds),
        milliseconds(theirs.inner_seconds),
        f"{median(theirs.seconds) / median(ours.seconds):.1f}",
        f"{median(theirs.inner_seconds) / median(ours.seconds):.1f}",
        f"{median(theirs.processor_seconds) / median(ours.processor_seconds):.1f}",
        f"{ours.peak_bytes / 1e6:.0f}",
        f"{theirs.peak_bytes / 1e6:.0f}",
    ]


HEADER = [
    "model", "file, MB", "boardfit, ms", "onnx-tool, ms", "onnx-tool after imports, ms",
    "ratio", "ratio after imports", "ratio of processor time", "boardfit peak, MB", "onnx-tool peak, MB",
]  # fmt: skip


def table(rows):
    def line(cells):
        return "| " + " | ".join(cells) + " |"

    return "\n".join([line(HEADER), line(["---"] + ["---:"] * (len(HEADER) - 1)), *map(line, rows)])


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(": ")[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):
        return platform.processor() or platform.machine()


def versions(boardfit):
    from importlib.metadata import version

    result = subprocess.run([boardfit, "--version"], capture_output=True, text=True)
    ours = result.stdout.strip() if result.returncode == 0 else "unknown"
    return f"boardfit {ours}; onnx-tool {version('onnx-tool')}, Python {platform.python_version()}"


def peak_floor():
    """The lowest peak that can be read: Linux counts what a process held before it was the tool."""
    idle = Timing()
    idle.add(["true"], reports_inner=False)
    return idle.peak_bytes


def timed(boardfit, model, runs):
    ours, theirs = Timing(), Timing()
    for _ in range(runs):
        ours.add([boardfit, "inspect", str(model), "--format", "json"], reports_inner=False)
        theirs.add(
            [sys.executable, str(HERE / "profile_onnx_tool.py"), str(model)], reports_inner=True
        )
    return row(model.stem, model.stat().st_size, ours, theirs)


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/inspect/run", description=__doc__)
    parser.add_argument("boardfit", help="the release binary")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", default="", help="only models whose name contains this")
    parser.add_argument("--output", type=pathlib.Path, help="write the table here as well")
    arguments = parser.parse_args()

    models = [path for path in sorted(GRAPHS.glob("*/*.onnx")) if arguments.only in path.stem]
    with tempfile.TemporaryDirectory() as folder:
        if arguments.only in "bert-base-with-weights":
            bert = pathlib.Path(folder) / "bert-base-with-weights.onnx"
            subprocess.run([sys.executable, str(HERE / "make-bert.py"), str(bert)], check=True)
            models.append(bert)
        rows = [timed(arguments.boardfit, model, arguments.runs) for model in models]
    text = (
        f"{processor()}, {os.cpu_count()} cores; {versions(arguments.boardfit)}. Medians of "
        f"{arguments.runs} alternating runs (lowest–highest); whole processes; a ratio is "
        f"onnx-tool's time over boardfit's. A peak below {peak_floor() / 1e6:.0f} MB cannot be "
        f"told from the size of the process that starts the tools.\n\n{table(rows)}\n"
    )
    print(text, end="")
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
