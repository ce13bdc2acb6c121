"""Runtimes as processes: peers that wait for their turn, `boardfit run` anew for each turn."""

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
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
OURS = "boardfit"


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


def peak_resident(status):
    """Peak resident bytes, from the text of /proc/PID/status: what wait4 tells includes those of the
    process that starts another."""
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line)


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
        else:
            self.timed.resident = peak_resident(
                pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
            )
        os.kill(self.child.pid, signal.SIGCONT)
        self.child.stdin.close()
        self.child.wait()
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
                    status = child.wait()
                answer.seek(0)
                messages.seek(0)
                if status:
                    raise Failure(last_line(messages.read()))
                figures = json.load(answer)
                self.timed.samples += figures["samplesSeconds"]
                self.timed.resident = max(self.timed.resident, figures["peakResidentBytes"])
            except Failure as failure:
                child.kill()
                self.timed.failure = str(failure)
            except (ValueError, KeyError) as problem:
                self.timed.failure = f"no JSON with samplesSeconds and peakResidentBytes: {problem!r}"

    def close(self):
        pass
