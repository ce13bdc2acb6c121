"""The table of figures: a row for each model and number of threads, notes, and the means."""

import math
import statistics
from dataclasses import dataclass

from peer_runners import OURS, Timed

TITLES = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
# The largest relative error of an output's norm that still counts as the same computation. Rounding
# in one layer of a quantized network sways the next ones, so that these differ by far more.
TOLERANCE, TOLERANCE_INT8 = 1e-3, 0.25


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
