#!/usr/bin/env python3
"""Times `boardfit run` against its peers on the models of Benchmarks/peers/export; see `run`.

Every peer keeps one process a model, pinned to the first T cores and stopped while it is not its
turn, since idle threads of these runtimes spin. In each round every runtime is timed for the same
seconds, `boardfit run` as a process of its own; medians are over all samples of all rounds. An
outcome that differs from ONNX Runtime's is marked and left out of the ratio.
"""

import argparse
import contextlib
import json
import math
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

import numpy as np
import onnx

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "Scripts"))
import model_inputs  # noqa: E402

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
PEERS = ("onnxruntime", "openvino", "ncnn", "tract")
OURS = "boardfit"
TITLES = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
# The largest relative error of an output's norm that still counts as the same computation. Rounding
# in one layer of a quantized network sways the next ones, so that these differ by far more.
TOLERANCE, TOLERANCE_INT8 = 1e-3, 0.25
PAUSE = 0.05


@dataclass
class Timed:
    """What one runtime did with one model at one number of threads."""

    samples: list = field(default_factory=list)
    error: float = math.nan
    resident: int = 0
    failure: str = ""

    @property
    def median(self):
        return statistics.median(self.samples) if self.samples and not self.failure else math.nan


class Failure(Exception):
    """Why a runtime has no figure, in words for the table."""


def pinned(command, threads, **options):
    """Starts a process that has the first `threads` cores to itself and its threads."""
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "RAYON_NUM_THREADS": str(threads)}
    return subprocess.Popen(
        [str(word) for word in command],
        text=True,
        env=environment,
        preexec_fn=lambda: os.sched_setaffinity(0, range(threads)),
        **options,
    )


def ended(child):
    """The exit status and peak resident bytes of a process."""
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_maxrss * 1024


@contextlib.contextmanager
def deadline(seconds=600):
    """Raises `Failure` where a runtime takes longer than this to answer."""

    def expire(*_):
        raise Failure(f"no answer after {seconds} s")

    signal.signal(signal.SIGALRM, expire)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "said nothing"


# -- the runtimes ---------------------------------------------------------------------------------


class Peer:
    """A worker process that waits, stopped, for its turn."""

    def __init__(self, runtime, model, threads, folder):
        self.timed = Timed()
        self.messages = tempfile.TemporaryFile("w+")
        self.child = pinned(
            [sys.executable, HERE / "peer_worker.py", runtime, model, threads, folder],
            threads,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.messages,
        )
        try:
            self.answer()
        except Failure as failure:
            self.timed.failure = str(failure)
        os.kill(self.child.pid, signal.SIGSTOP)

    def answer(self):
        """The next line of JSON; runtimes print other lines too."""
        with deadline():
            for line in self.child.stdout:
                if line.startswith(("{", "[")):
                    return json.loads(line)
        self.messages.seek(0)
        raise Failure(last_line(self.messages.read()))

    def turn(self, seconds):
        if self.timed.failure:
            return
        os.kill(self.child.pid, signal.SIGCONT)
        try:
            self.child.stdin.write(f"{seconds}\n")
            self.child.stdin.flush()
            self.timed.samples += self.answer()
        except (Failure, OSError) as failure:
            self.timed.failure = str(failure)
        os.kill(self.child.pid, signal.SIGSTOP)

    def close(self):
        if self.timed.failure:
            os.kill(self.child.pid, signal.SIGKILL)
        os.kill(self.child.pid, signal.SIGCONT)
        self.child.stdin.close()
        _, self.timed.resident = ended(self.child)
        self.child.stdout.close()
        self.messages.close()


class Ours:
    """`boardfit run`, a process a turn."""

    def __init__(self, binary, model, threads, folder):
        self.timed = Timed()
        self.threads, self.folder = threads, folder
        self.command = [binary, "run", model, "--threads", threads, "--format", "json"]
        for path in sorted((folder / "inputs").iterdir()):
            self.command += ["--input", f"{path.stem}={path}"]

    def turn(self, seconds):
        if self.timed.failure:
            return
        outputs = [] if self.timed.samples else ["--save-outputs", self.folder / OURS]
        with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as messages:
            command = [*self.command, "--warmup", 2, "--time", f"{seconds}s", *outputs]
            child = pinned(command, self.threads, stdout=answer, stderr=messages)
            try:
                with deadline():
                    status, resident = ended(child)
                answer.seek(0)
                messages.seek(0)
                if status:
                    raise Failure(last_line(messages.read()))
                self.timed.samples += json.load(answer)["samplesSeconds"]
                self.timed.resident = max(self.timed.resident, resident)
            except Failure as failure:
                child.kill()
                self.timed.failure = str(failure)
            except (ValueError, KeyError) as problem:
                self.timed.failure = f"no JSON with samplesSeconds: {problem!r}"

    def close(self):
        pass


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
        return [np.load(folder / OURS / f"{name}.npy") for name in names]
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
    return ended(pinned([sys.executable, "-c", "import numpy, onnxruntime"], 1))[1]


# -- the table ------------------------------------------------------------------------------------


@dataclass
class Row:
    """The figures of one model at one number of threads."""

    name: str
    threads: int
    macs: float
    peak: float
    timed: dict

    @property
    def tolerance(self):
        return TOLERANCE_INT8 if self.name.endswith("-int8") else TOLERANCE

    def agrees(self, runtime):
        return self.timed[runtime].error <= self.tolerance

    @property
    def best(self):
        """The fastest peer's median among those that compute the same; NaN without any."""
        peers = [name for name in self.timed if name != OURS and self.agrees(name)]
        return min((self.timed[name].median for name in peers), default=math.nan)

    @property
    def ratio(self):
        ours = self.timed.get(OURS, Timed())
        return self.best / ours.median if OURS in self.timed and self.agrees(OURS) else math.nan

    def share(self, seconds):
        return 2 * self.macs / seconds / (self.peak * 1e9 * self.threads)

    def cells(self, runtimes):
        yield from (self.name, str(self.threads))
        for runtime in runtimes:
            timed = self.timed[runtime]
            mark = "" if self.agrees(runtime) else " †"
            yield "—" if timed.failure else f"{timed.median * 1e3:.2f}{mark}"
        ours = self.timed.get(OURS, Timed())
        yield number(self.ratio, ".2f")
        yield number(self.share(ours.median), ".0%")
        yield number(self.share(self.best), ".0%")
        for runtime in (OURS, "onnxruntime"):
            resident = self.timed.get(runtime, Timed()).resident
            yield f"{resident / 2**20:.0f}" if resident else "—"

    def notes(self):
        for runtime, timed in self.timed.items():
            title = f"{self.name}, {self.threads} T, {TITLES.get(runtime, runtime)}"
            if timed.failure:
                yield f"- {title}: {timed.failure}"
            elif not self.agrees(runtime):
                yield f"- † {title}: outputs differ from ONNX Runtime's by {timed.error:.1e}"


def number(value, form):
    return "—" if math.isnan(value) else format(value, form)


def header(runtimes):
    titles = ["model", "T", *(TITLES.get(name, name) for name in runtimes)]
    titles += ["best peer / boardfit", "share of peak", "best peer's share"]
    titles += ["peak RSS, MiB", "ONNX Runtime's"]
    return table_line(titles) + "\n" + table_line(["---"] * 2 + ["---:"] * (len(titles) - 2))


def table_line(cells):
    return "| " + " | ".join(cells) + " |"


def means(rows):
    """The geometric mean of the ratios, for each number of threads and over all."""
    for label, chosen in [
        *(
            (f"{t} T", [r for r in rows if r.threads == t])
            for t in sorted({r.threads for r in rows})
        ),
        ("all", rows),
    ]:
        ratios = [row.ratio for row in chosen if not math.isnan(row.ratio)]
        mean = f"{statistics.geometric_mean(ratios):.3f}" if ratios else "—"
        yield f"- {label}: geometric mean of best peer / boardfit {mean} ({len(ratios)} rows)"


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
