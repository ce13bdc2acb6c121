#!/usr/bin/env python3
"""Derives the kernel efficiencies of HardwareProfiles/runtimes from published runs.

Reads ../shared/truth and ../shared/graphs beside the package, needs numpy, prints one Markdown
table for Documentation/Efficiencies.md, where the method is described.
"""
import csv
import math
import re
import statistics
from pathlib import Path

import numpy as np

from efficiency_networks import autoencoder, mobilenet_v1, mobilenet_v2, ncnn_graph, resnet_cifar

TRUTH = Path(__file__).resolve().parents[1].parent / "shared" / "truth"
CLASSES = ["pointwise", "spatial", "strided", "stem", "grouped", "depthwise", "vector"]
NAMES = CLASSES + ["bandwidth", "dispatch us"]
COUNT = len(CLASSES)
FIRST_GUESS = np.log([0.4, 0.4, 0.3, 0.3, 0.2, 0.15, 0.3, 0.6, 5e-6])
LOOSE = np.array([0.8] * COUNT + [0.5, 1.0])


class Configuration:
    """Runs of one runtime on one board with one dtype and thread count."""

    def __init__(self, name, peak, bandwidth, width, weight_bandwidth=None):
        self.name, self.peak, self.bandwidth, self.width = name, peak, bandwidth, width
        self.weight_bandwidth = weight_bandwidth or bandwidth
        self.nets, self.times, self.parts = [], [], []

    def add(self, layers, seconds, net=""):
        self.nets.append(net)
        self.times.append(seconds)
        onehot = np.array([[layer.kind == c for c in CLASSES] for layer in layers], float)
        work = np.array([2 * layer.macs for layer in layers], float) / self.peak
        traffic = self.width * np.array([layer.weights / self.weight_bandwidth
                                         + layer.elements / self.bandwidth for layer in layers])
        self.parts.append((onehot, np.where(onehot.any(1), work, 0), traffic))

    def predict(self, logs):
        """Sum over kernels of max(compute, memory) plus one dispatch each."""
        values = np.exp(logs)
        result = []
        for onehot, work, traffic in self.parts:
            share = onehot @ values[:COUNT]
            compute = np.divide(work, share, out=np.zeros_like(work), where=share > 0)
            result.append(np.maximum(compute, traffic / values[COUNT]).sum()
                          + len(work) * values[COUNT + 1])
        return np.log(result)

    def fit(self, prior, spread):
        """Levenberg-Marquardt on log residuals, Huber weights, Gaussian prior on the logs."""
        logs, damping = prior.copy(), 1e-2
        target = np.log(self.times)
        # Nets of one family share what the model misses: each counts as a third of a run.
        scale = 0.15 * math.sqrt(max(1.0, len(self.times) / 10))

        def residuals(p):
            raw = (self.predict(p) - target) / scale
            weight = np.sqrt(np.minimum(1, 1.5 / np.maximum(np.abs(raw), 1e-9)))
            return np.concatenate([raw * weight, (p - prior) / spread])

        current = residuals(logs)
        for _ in range(60):
            jacobian = np.stack([(residuals(logs + 1e-4 * unit) - current) / 1e-4
                                 for unit in np.eye(len(logs))], axis=1)
            step = np.linalg.solve(jacobian.T @ jacobian + damping * np.eye(len(logs)),
                                   -jacobian.T @ current)
            trial = logs + step
            trial[COUNT] = min(trial[COUNT], 0.0)
            after = residuals(trial)
            if after @ after < current @ current:
                logs, current, damping = trial, after, damping / 3
                if np.abs(step).max() < 1e-4:
                    break
            else:
                damping *= 4
        deviation = np.sqrt(np.diag(np.linalg.inv(jacobian.T @ jacobian)))
        return logs, self.predict(logs) - target, deviation


def fit_group(title, configurations):
    """Fits each configuration twice, the second time around the medians of the first."""
    configurations = [c for c in configurations if len(c.times) >= 3]
    fits = [c.fit(FIRST_GUESS, LOOSE) for c in configurations]
    # What the runs of a typical configuration say, against the first guess alone.
    deviation = np.median([f[2] for f in fits], axis=0)
    determined = deviation < 0.6 * LOOSE
    prior = np.median([f[0] for f in fits], axis=0)
    fits = [c.fit(prior, np.full(len(NAMES), 0.5)) for c in configurations]
    prior = np.median([f[0] for f in fits], axis=0)
    logs = np.array([f[0] for f in fits])
    residuals = np.concatenate([f[1] for f in fits])
    noise = 1.4826 * np.median(np.abs(residuals))
    runs = sum(len(c.times) for c in configurations)
    seen = [sum((onehot[:, i] * work).sum() / max(work.sum(), 1e-30) > 0.03
                for c in configurations for onehot, work, _ in c.parts) for i in range(COUNT)]
    print(f"\n### {title}: {len(configurations)} configurations, {runs} runs, "
          f"median error {100 * np.median(np.abs(np.expm1(residuals))):.0f} %\n")
    print("| parameter | runs with it | median | low | high |\n|---|---|---|---|---|")
    for i, name in enumerate(NAMES):
        between = 1.4826 * np.median(np.abs(logs[:, i] - prior[i]))
        sigma = math.sqrt(noise**2 + between**2 + deviation[i]**2)
        low, mid, high = np.exp(prior[i] + np.array([-1.645, 0, 1.645]) * sigma)
        unit, scale = ("us", 1e6) if i > COUNT else ("%", 100)
        if i == COUNT:
            high = min(high, 1.0)
        count = seen[i] if i < COUNT else runs
        if determined[i]:
            print(f"| {name.split()[0]} | {count} | {mid * scale:.3g} {unit} | "
                  f"{low * scale:.3g} {unit} | {high * scale:.3g} {unit} |")
    for c, f in zip(configurations, fits):
        values = " ".join(f"{100 * v:.0f}" for v in np.exp(f[0][:-1]))
        micros = 1e6 * math.exp(f[0][-1])
        print(f"<!-- {c.name}: {len(c.times)} runs; {values} %; {micros:.1f} us -->")


def rows(name):
    with open(TRUTH / f"{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


# Device text, core, threads at most, unit kind, float FLOP and int8 operations a cycle, GHz,
# bytes of a float, GB/s of one core and of all.
NCNN = [
    (r"Raspberry Pi 3 Model B\+", "", 4, "in-order", 8, 16, 1.4, 4, 2.2, 2.5),
    (r"Rockchip RK3399", "little", 4, "in-order", 8, 16, 1.5, 4, 3.5, 6),
    (r"RDK X3", "", 4, "in-order", 8, 16, 1.5, 4, 3, 6),
    (r"NanoPi R2S", "", 4, "in-order", 8, 16, 1.3, 4, 2, 4),
    (r"EAIDK 310", "", 4, "in-order", 8, 16, 1.3, 4, 2, 4),
    (r"Arduino UNO Q", "", 4, "in-order", 8, 16, 2.0, 4, 4.5, 8),
    (r"RK3588", "little", 4, "in-order", 16, 32, 1.8, 2, 8, 20),
    (r"RK3568", "", 4, "in-order", 16, 32, 2.0, 2, 4, 8),
    (r"OrangePicm4|Station-M2", "", 4, "in-order", 16, 32, 1.8, 2, 4, 8),
    (r"Radxa Zero 3W", "", 4, "in-order", 16, 32, 1.416, 2, 4, 8),
    (r"Avaota", "big", 4, "in-order", 16, 32, 2.2, 2, 4, 8),
    (r"Raspberry Pi 4 Model B", "", 4, "out-of-order", 8, 16, 1.8, 4, 5.16, 5.56),
    (r"RK3399", "big", 2, "out-of-order", 8, 16, 1.8, 4, 6, 8),
    (r"RK3588", "big", 4, "out-of-order", 32, 64, 2.4, 2, 25.6, 29.9),
    (r"Ryzen 5700g", "", 1, "out-of-order", 32, 64, 4.5, 4, 30, 40),
    (r"Threadripper 3970X", "", 1, "out-of-order", 32, 64, 4.5, 4, 25, 80),
    (r"Celeron N5105", "", 4, "out-of-order", 8, 16, 2.9, 4, 12, 20),
]
# Vulkan devices with a known peak: float16 GFLOP/s, GB/s.
VULKAN = {"Mali-G610": (1024, 20), "Mali-G52": (108, 6), "NVIDIA Tegra Orin": (2560, 60),
          "NVIDIA Tegra X1": (472, 22), "Radeon(TM) Vega 8": (2253, 25),
          "UHD Graphics 630": (883, 30), "UHD Graphics 770": (1577, 52)}


def ncnn_groups():
    groups = {}
    cache = {}
    for row in rows("ncnn_benchmark"):
        model = row["model"].replace("mobilenet-", "mobilenet_")
        if model not in cache:
            cache[model] = ncnn_graph(model)
        if cache[model] is None:
            continue
        noisy, low = row["noisy"] == "1", row["latency_min_ms"]
        seconds = float(low if noisy and low else row["latency_ms"]) / 1e3
        if row["runtime"] == "ncnn-vulkan":
            match = [v for k, v in VULKAN.items() if k in row["gpu_name"]]
            if not match or row["precision"] == "int8":
                continue
            key, spec = ("gpu", row["gpu_name"], row["threads"]), (*match[0], 2)
        else:
            core, threads = row["powersave"].split()[0], int(row["threads"])
            match = [s for s in NCNN if re.search(s[0], row["device"]) and s[1] in ("", core)
                     and threads <= s[2] and not (core == "all" and "A55 1.8" in row["device"])]
            if not match:
                continue
            _, _, _, kind, rate, rate8, clock, width, one, every = match[0]
            eight = row["precision"] == "int8"
            spec = ((rate8 if eight else rate) * clock * threads, min(one * threads, every),
                    1 if eight else width)
            kind += " int8" if eight else " float"
            key = (kind, row["device"][:40], f"{core} {threads} threads")
        group = groups.setdefault(key[0], {})
        if key not in group:
            group[key] = Configuration(" ".join(map(str, key[1:])), spec[0] * 1e9, spec[1] * 1e9,
                                       spec[2])
        group[key].add(cache[model], seconds, model)
    for kind, group in sorted(groups.items()):
        fit_group(f"ncnn, {kind}", group.values())


def tflite_groups():
    """MLPerf Inference single stream classifiers (TFLite with ruy, all big cores)."""
    peaks = {("Raspberry Pi 4", "fp32"): (57.6, 5.56, 4), ("RK3588", "fp32"): (150.2, 29.9, 4),
             ("Raspberry Pi 4", "uint8"): (115.2, 5.56, 1), ("RK3588", "uint8"): (602.2, 29.9, 1)}
    groups = {}
    resnet = ncnn_graph("resnet50")
    for row in rows("mlperf_inference_edge"):
        version = re.match(r"TFLite v2\.(4|5|7|11)", row["runtime"])
        if row["scenario"] != "singlestream" or not version:
            continue
        spec = [v for (d, p), v in peaks.items()
                if row["canon_device"].startswith(d) and row["precision"] == p]
        net = re.match(r"mobilenet-v([12])-([\d.]+)-(\d+)", row["model"])
        if not spec or not (net or row["model"] == "resnet50"):
            continue
        layers = resnet if not net else (mobilenet_v1 if net[1] == "1" else mobilenet_v2)(
            float(net[2]), int(net[3]))
        key = f"{row['canon_device']} {row['runtime']} {row['precision']} {row['system_id'][:12]}"
        group = groups.setdefault("float32" if row["precision"] == "fp32" else "uint8", {})
        group.setdefault(key, Configuration(key, spec[0][0] * 1e9, spec[0][1] * 1e9, spec[0][2]))
        group[key].add(layers, float(row["latency_ms"]) / 1e3, row["model"])
    for kind, group in sorted(groups.items()):
        fit_group(f"TensorFlow Lite, out-of-order {kind}", group.values())


def microcontrollers():
    """ST model zoo on the STM32H747 at 400 MHz and MLPerf Tiny boards; 4 operations a cycle."""
    st, tflm = {}, {}
    tiny = {"ic": resnet_cifar(1), "vww": mobilenet_v1(0.25, 96, 3, 2), "ad": autoencoder()}

    def add(group, key, clock, layers, ms, net):
        # Flash and SRAM of these parts deliver about one 64-bit word each second cycle.
        group.setdefault(key, Configuration(key, 4 * clock * 1e6, 4 * clock * 1e6, 1))
        group[key].add(layers, float(ms) / 1e3, net)

    zoo = rows("stm32_modelzoo") + rows("stm32_modelzoo_2023") + rows("manual_transcribed")
    for row in zoo:
        if row["device"] != "STM32H747I-DISCO" or row["precision"] != "int8":
            continue
        net = re.search(r"^mobilenet[ _]v([12])[ _]([\d.]+)", row["model"].lower())
        size = re.search(r"(\d+) ?x ?\1 ?x ?([13])", row["input_shape"])
        residual = re.search(r"^resnet v1 (8|32) ", row["model"].lower())
        if net and float(net[2]) > 0.5:
            continue  # activations in external SDRAM
        if net:
            classes = 1000 if "ImageNet" in row["model"] else 5
            layers = (mobilenet_v1(float(net[2]), int(size[1]), int(size[2]), classes)
                      if net[1] == "1" else mobilenet_v2(float(net[2]), int(size[1]), classes))
        elif residual:
            layers = resnet_cifar({"8": 1, "32": 5}[residual[1]])
        else:
            continue
        add(st, f"STM32H747 {row['runtime']}", 400, layers, row["latency_ms"], row["model"])
    for row in rows("mlperf_tiny"):
        if row["mode"] != "performance" or row["division"] != "closed":
            continue
        clock = re.match(r"[\d.]+", row["clock"])
        if row["runtime"].startswith("X-CUBE-AI"):
            group = st
        elif row["runtime"].startswith("TensorFlow Lite for Micro") or row["device"] == "EK-RA6M4":
            group = tflm
        else:
            continue
        add(group, f"{row['device']} {row['runtime']}", float(clock[0]), tiny[row["benchmark"]],
            row["latency_ms"], row["benchmark"])
    fit_group("ST Edge AI (X-CUBE-AI), Cortex-M int8", st.values())
    fit_group("TensorFlow Lite Micro with CMSIS-NN, Cortex-M int8", tflm.values())


def tensorrt_groups():
    """torch2trt in float16 (synchronous latency) and MLPerf in int8; nets with an ncnn graph."""
    graphs = {n: n for n in ("alexnet", "resnet18", "resnet50", "vgg16", "mobilenet_v2")}
    graphs |= {"mnasnet1_0": "mnasnet", "shufflenet_v2_x1_0": "shufflenet_v2"}
    peaks = {"NVIDIA Jetson Nano": (472e9, 25.6e9), "NVIDIA Jetson AGX Xavier": (11.3e12, 137e9)}
    group = {}
    for row in rows("torch2trt_jetson"):
        net = row["model"].rsplit(".", 1)[-1].replace("_bn", "")
        if "TensorRT" not in row["runtime"] or net not in graphs or row["device"] not in peaks:
            continue
        key = row["device"]
        group.setdefault(key, Configuration(key, *peaks[key], 2))
        group[key].add(ncnn_graph(graphs[net]), float(row["latency_ms"]) / 1e3, net)
    fit_group("TensorRT, float16", group.values())


# STM32N6570-DK, int8, ms: github.com/STMicroelectronics/stm32ai-modelzoo image_classification,
# mobilenetv1 (ST Edge AI 2.0) and mobilenetv2 (4.0), by width, size, classes. The last layer alone
# makes the difference between 101 and 1000 classes: 373 to 383 MB/s of weights from flash.
N6 = {1: [(0.25, 224, 101, 2.83), (0.5, 224, 101, 6.06), (1, 224, 101, 16.94),
          (0.25, 224, 1000, 3.57), (0.5, 224, 1000, 7.38), (1, 224, 1000, 19.41)],
      2: [(0.35, 128, 101, 2.82), (0.35, 224, 101, 5.67), (1, 224, 101, 17.44),
          (0.35, 128, 1000, 5.83), (0.35, 224, 1000, 8.68), (1, 224, 1000, 20.45),
          (1.4, 224, 1000, 34.74)]}
# STM32H743 at 480 MHz, int8, ms: github.com/mit-han-lab/tinyengine README.md; million MAC by
# mcunet_tinyengine.csv, CMSIS-NN, X-CUBE-AI 7.3.
H743 = [(6.0, 53, 32), (11.6, 97, 57), (55.8, 478, 269), (6.4, 51, 35), (12.8, 103, 63),
        (67.3, 642, 351), (81.8, 770, 414), (38.3, 380, 205)]


def neural_art():
    group = []
    for version, runs in N6.items():
        group.append(Configuration(f"MobileNet v{version}", 600e9, 25.6e9, 1, 0.38e9))
        for alpha, size, classes, ms in runs:
            layers = (mobilenet_v1(alpha, size, 3, classes) if version == 1
                      else mobilenet_v2(alpha, size, classes))
            group[-1].add(layers, ms / 1e3)
    fit_group("ST Neural-ART, int8", group)


def tpu_groups():
    """Coral tables: nets whose weights stay on the chip, less hand-over and input transfer."""
    nets = {"MobileNet v1": mobilenet_v1(1, 224), "MobileNet v2": mobilenet_v2(1, 224),
            "MobileNet V1 0.25": mobilenet_v1(0.25, 128), "Inception v1": ncnn_graph("googlenet")}
    group = {}
    for row in rows("manual_transcribed"):
        if "Coral" in row["device"] and "CPU" not in row["device"] and row["model"] in nets \
                and "edgetpu" in row["runtime"] and "Python" not in row["runtime"]:
            key = "USB 3" if "USB" in row["device"] else "Dev Board"
            group.setdefault(key, Configuration(key, 4e12, 30.7e9, 1))
            handover, rate = (0.4e-3, 444e6) if key == "USB 3" else (0.2e-3, 383e6)
            side = int(row["input_shape"].split("x")[1])
            seconds = float(row["latency_ms"]) / 1e3 - handover - 3 * side * side / rate
            group[key].add(nets[row["model"]], seconds, row["model"])
    fit_group("Edge TPU, int8", group.values())


def whole(title, entries, peak):
    """Achieved over peak of whole nets: entries are (net, operations, seconds)."""
    shares = sorted((ops / seconds / peak, net) for net, ops, seconds in entries)
    if not shares:
        return
    values = [s for s, _ in shares]
    low, high = np.quantile(values, [0.05, 0.95])
    print(f"| {title} | {len(values)} | {100 * statistics.median(values):.3g} % | "
          f"{100 * low:.3g} % | {100 * high:.3g} % | {shares[0][1]} to {shares[-1][1]} |")


# Giga operations of a run, two a multiply-accumulate, as the nets' own cards state them.
CARDS = {"mobilenetv2-12": 0.6, "resnet50-v2-7": 8.2, "yolov5n": 4.5, "yolov5s": 16.5,
         "yolov5m": 49, "yolov6n": 11.4, "yolov6s": 45.3, "yolov6m": 85.8, "yolov7-tiny": 13.7,
         "yolov7": 104.7, "yolov8n": 8.7, "yolov8s": 28.6, "yolov8m": 78.9, "yolox_s": 26.8,
         "yolox_m": 73.8, "ppyoloe_s": 17.4, "ppyoloe_m": 49.9, "alexnet": 1.43, "resnet18": 3.63,
         "resnet34": 7.34, "resnet50": 8.2, "resnet101": 15.6, "resnet152": 23, "vgg11": 15.2,
         "vgg13": 22.6, "vgg16": 31, "vgg19": 39.3, "mobilenet_v2": 0.6, "mnasnet0_5": 0.21,
         "mnasnet1_0": 0.63, "shufflenet_v2_x1_0": 0.29, "ssd-mobilenet": 2.5,
         "ssd-resnet34": 433, "SSDLite Mobilenet v2": 1.6}
DEPTHWISE = ("mobile", "mnas", "shuffle", "ghost")


def carded(table, keep, net=lambda row: row["model"]):
    """(net, operations, seconds) of the rows whose net has a card."""
    return [(net(row), CARDS[net(row)] * 1e9, float(row["latency_ms"]) / 1e3)
            for row in rows(table) if keep(row) and net(row) in CARDS]


def both(title, entries, peak):
    light = [e for e in entries if any(word in e[0].lower() for word in DEPTHWISE)]
    whole(f"{title}, dense", [e for e in entries if e not in light], peak)
    whole(f"{title}, depthwise nets", light, peak)


def whole_models():
    print("\n### Whole nets: 2 MAC / latency / peak\n")
    print("| runs | n | median | low | high | from, to |\n|---|---|---|---|---|---|")
    both("RKNN int8, one core of RK3588", carded(
        "rknn_model_zoo", lambda r: r["device"] == "RK3588" and r["precision"] == "int8"), 2e12)
    for device, peak in [("Jetson Nano", 472e9), ("Jetson AGX Xavier", 11.3e12)]:
        both(f"TensorRT float16, {device}", carded(
            "torch2trt_jetson", lambda r: "TensorRT" in r["runtime"] and device in r["device"],
            lambda r: r["model"].rsplit(".", 1)[-1].replace("_bn", "")), peak)
    for device, system, peak in [("Jetson AGX Xavier", r"AGX_Xavier_TRT(_Triton)?$", 22.6e12),
                                 ("A2", r"A2x1_TRT(_Triton)?$", 36e12)]:
        both(f"TensorRT int8, {device}", carded(
            "mlperf_inference_edge", lambda r: r["scenario"] == "singlestream"
            and r["precision"] == "int8" and re.match(system, r["system_id"])), peak)
    for link in ("USB3", "Dev Board"):
        # Megabytes of int8 weights above the 6.5 that stay on the chip.
        rates = [{"VGG16": 131.9, "VGG19": 137.2}[r["model"]] / float(r["latency_ms"]) * 1e3
                 for r in rows("manual_transcribed") if link in r["device"]
                 and "libedgetpu" in r["runtime"] and r["model"] in ("VGG16", "VGG19")]
        print(f"<!-- Edge TPU weights over {link}: {[round(v) for v in rates]} MB/s -->")
    both("Hailo-8 throughput, 2 to 26 M parameters",
         [(r["model"], float(r["ops_G"]) * 1e9, 1 / float(r["fps"]))
          for r in rows("hailo_model_zoo") if r["device"] == "Hailo-8" and r["batch"] == "1"
          and r["fps"] and r["ops_G"] and 2 <= float(r["params_M"] or 0) <= 26], 26e12)
    for board, clock in [("Raspberry Pi 3 B+ 64bit", 1.4), ("Raspberry Pi 4 64bit", 1.5)]:
        for dtype, rate in [("fp32", 8), ("int8", 16)]:
            for threads in ("1", "4"):
                whole(f"TensorFlow Lite {dtype}, {board}, {threads} threads", carded(
                    "nobuo_tflite", lambda r: (r["device"], r["threads"], r["precision"])
                    == (board, threads, dtype) and "EdgeTPU" not in r["runtime"]),
                      rate * clock * 1e9 * int(threads))
    for column, name in [(1, "CMSIS-NN"), (2, "X-CUBE-AI 7.3")]:
        whole(f"{name}, STM32H743, MCUNet family",
              [(f"{row[0]} M MAC", 2e6 * row[0], row[column] / 1e3) for row in H743], 1.92e9)
    whole("ESP-DL and ESP-NN, one core of ESP32-S3",
          [(r["model"], 0.6e9 if "SINGLE" in r["model"] else 14.3e6, float(r["latency_ms"]) / 1e3)
           for r in rows("espressif") if r["device"] == "ESP32-S3" and r["latency_ms"]
           and ("SINGLE_CORE" in r["model"] or "ESP-NN" in r["runtime"])], 7.68e9)


if __name__ == "__main__":
    ncnn_groups()
    tflite_groups()
    microcontrollers()
    tensorrt_groups()
    tpu_groups()
    neural_art()
    whole_models()
