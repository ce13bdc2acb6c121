"""The probe beside likwid-bench and sysbench; see `compare`.

The other tools divide by the time on the wall, which counts what other programs took. Here their work is
divided by the processor time that they spend outside the kernel, between a short and a long run, so that
start-up and the filling of buffers cancel; the kernel's part, the paging in of buffers, varies more from
run to run than the reading takes. All three run once in each turn, in changing order; the ratio is taken within a turn, so
that both sides met the same machine, and the median of the turns' ratios counts.
"""

import json
import re
import resource
import subprocess
import sys


def run(command):
    """What a command prints, and the processor time that it took outside the kernel."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"compare: {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout, after.ru_utime - before.ru_utime


def rate(command, counts, work):
    """Work a second between a short and a long run; `work` reads it from what the command prints."""
    figures = []
    for count in counts:
        printed, seconds = run([part.replace("COUNT", str(count)) for part in command])
        figures.append((work(printed), seconds))
    (short_work, short_time), (long_work, long_time) = figures
    return (long_work - short_work) / max(long_time - short_time, 1e-9)


def printed(expression, scale=1.0):
    def read(text):
        found = re.search(expression, text)
        return float(found.group(1)) * scale if found else 0.0

    return read


def ours(boardfit):
    text, _ = run([boardfit, "probe", "--time", "4s", "--threads", "1", "--format", "json", "--quiet"])
    figures = {}
    for row in json.loads(text)["limits"]:
        if row["what"] == "peak" and row["dtype"] == "float32":
            figures["peak"] = max(figures.get("peak", 0), row["operationsPerSecond"])
        if row["what"] == "bandwidth" and row["level"] == "dram" and row["stream"] == "read":
            figures["read"] = row["bytesPerSecond"]
    return figures


def middle(numbers):
    ordered = sorted(numbers)
    return ordered[len(ordered) // 2]


def main(boardfit, turns):
    flags = open("/proc/cpuinfo").read().split()
    if "avx512f" in flags:
        kernels = ("peakflops_sp_avx512_fma", "load_avx512")
    elif "avx2" in flags:
        kernels = ("peakflops_sp_avx_fma", "load_avx")
    else:
        kernels = ("peakflops_sp", "load")

    def likwid():
        return {
            ("peak", "likwid-bench"): rate(
                ["likwid-bench", "-t", kernels[0], "-w", "S0:16kB:1", "-i", "COUNT"],
                (1_000_000, 3_000_000), printed(r"Number of Flops:\s+(\d+)")),
            ("read", "likwid-bench"): rate(
                ["likwid-bench", "-t", kernels[1], "-w", "S0:512MB:1", "-i", "COUNT"],
                (5, 20), printed(r"Data volume \(Byte\):\s+(\d+)")),
        }

    def sysbench():
        return {("read", "sysbench"): rate(
            ["sysbench", "memory", "--memory-block-size=512M", "--memory-total-size=COUNTG",
             "--memory-oper=read", "--threads=1", "--time=0", "run"],
            (4, 16), printed(r"([\d.]+) MiB transferred", 1 << 20))}

    def probe():
        return {(key, "boardfit probe"): value for key, value in ours(boardfit).items()}

    seen = []
    sides = [probe, likwid, sysbench]
    for turn in range(turns):
        figures = {}
        for side in sides[turn % 3:] + sides[:turn % 3]:
            figures |= side()
        seen.append(figures)
    print("| what | boardfit probe | other | by | ratio | least | greatest |\n|---|---|---|---|---|---|---|")
    for what, name, tool in [
        ("peak", "FP32 peak, GFLOP/s", "likwid-bench"), ("read", "memory read, GB/s", "likwid-bench"),
        ("read", "memory read, GB/s", "sysbench"),
    ]:
        mine = [turn[(what, "boardfit probe")] / 1e9 for turn in seen]
        other = [turn[(what, tool)] / 1e9 for turn in seen]
        ratios = [m / max(o, 1e-9) for m, o in zip(mine, other)]
        print(
            f"| {name} | {middle(mine):.1f} | {middle(other):.1f} | {tool} | {middle(ratios):.2f} "
            f"| {min(ratios):.2f} | {max(ratios):.2f} |")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
