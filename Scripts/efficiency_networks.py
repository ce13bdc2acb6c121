"""Networks behind the published runs as lists of layers, written in code or read from ncnn."""
import math
from pathlib import Path

GRAPHS = Path(__file__).resolve().parents[1].parent / "shared" / "graphs"


class Layer:
    """One kernel: its class (None moves bytes only), multiply-accumulates, weights, elements."""

    def __init__(self, kind, macs, weights, elements):
        self.kind, self.macs, self.weights, self.elements = kind, macs, weights, elements


def convolution(cin, cout, kernel, stride, size, groups=1, dilation=1):
    """A same-padded convolution over a square or (width, height) input, and its output size."""
    width, height = size if isinstance(size, tuple) else (size, size)
    kw, kh = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    out = (math.ceil(width / stride), math.ceil(height / stride))
    weights = cin // groups * cout * kw * kh
    if groups > 1:
        kind = "depthwise" if groups == cin else "grouped"
    elif cin <= 4:
        kind = "stem"
    elif kw * kh == 1:
        kind = "pointwise"
    else:
        kind = "strided" if stride > 1 or dilation > 1 else "spatial"
    elements = cin * width * height + cout * out[0] * out[1]
    return Layer(kind, weights * out[0] * out[1], weights, elements), out


class Builder:
    """Collects the layers of a network written in code."""

    def __init__(self, size, channels):
        self.size, self.channels, self.layers = size, channels, []

    def conv(self, cout, kernel, stride=1, groups=1):
        layer, self.size = convolution(self.channels, cout, kernel, stride, self.size, groups)
        self.layers.append(layer)
        self.channels = cout

    def depthwise(self, stride, kernel=3):
        self.conv(self.channels, kernel, stride, self.channels)

    def bytes(self, elements):
        self.layers.append(Layer(None, 0, 0, elements))

    def dense(self, cout):
        self.layers.append(Layer("vector", self.channels * cout, self.channels * cout, cout))
        self.channels = cout


def rounded(channels):
    """The channel rule of MobileNet: multiples of 8, never 10 % below."""
    value = max(8, int(channels + 4) // 8 * 8)
    return value + 8 if value < 0.9 * channels else value


def mobilenet_v1(alpha, size, channels=3, classes=1001):
    net = Builder(size, channels)
    net.conv(int(32 * alpha), 3, 2)
    for cout, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + \
            [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
        net.depthwise(stride)
        net.conv(int(cout * alpha), 1)
    net.bytes(net.channels * net.size[0] ** 2)
    net.dense(classes)
    return net.layers


def mobilenet_v2(alpha, size, classes=1001):
    net = Builder(size, 3)
    net.conv(rounded(32 * alpha), 3, 2)
    for t, c, n, s in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                       (6, 160, 3, 2), (6, 320, 1, 1)]:
        for index in range(n):
            before = net.channels
            if t > 1:
                net.conv(before * t, 1)
            net.depthwise(s if index == 0 else 1)
            net.conv(rounded(c * alpha), 1)
            if index:
                net.bytes(3 * net.channels * net.size[0] ** 2)
    net.conv(max(1280, rounded(1280 * alpha)), 1)
    net.bytes(net.channels * net.size[0] ** 2)
    net.dense(classes)
    return net.layers


def resnet_cifar(blocks):
    """ResNet v1 of MLPerf Tiny (one block a stage) and of the ST model zoo."""
    net = Builder(32, 3)
    net.conv(16, 3)
    for cout, stride in [(16, 1), (32, 2), (64, 2)]:
        for index in range(blocks):
            start, cin = net.size, net.channels
            net.conv(cout, 3, stride if index == 0 else 1)
            net.conv(cout, 3)
            if index == 0 and stride > 1:
                net.layers.append(convolution(cin, cout, 1, stride, start)[0])
            net.bytes(3 * cout * net.size[0] ** 2)
    net.dense(10)
    return net.layers


def autoencoder():
    net = Builder(1, 640)
    for width in [128, 128, 128, 128, 8, 128, 128, 128, 128, 640]:
        net.dense(width)
    return net.layers


def ncnn_graph(name):
    """Layers of an ncnn text graph by its -23330 hints (rank, width, height, channels), if any."""
    shapes, layers = {}, []
    text = (GRAPHS / "ncnn" / f"{name}.param").read_text()
    if "-23330" not in text:
        return None
    for line in text.splitlines()[2:]:
        kind, _, inputs, outputs, *rest = line.split()
        inputs, outputs = int(inputs), int(outputs)
        sources, targets = rest[:inputs], rest[inputs:inputs + outputs]
        values = dict(entry.split("=", 1) for entry in rest[inputs + outputs:])
        hint = [int(v) for v in values.get("-23330", "").split(",")[1:] if v]
        for target in targets:
            rank = hint[0] if hint else 0
            shapes[target], hint = hint[1:rank + 1], hint[rank + 1:]
        count = lambda blob: math.prod(max(v, 1) for v in shapes.get(blob) or [1])
        if kind in ("Input", "Split", "Dropout", "Reshape", "Flatten", "Noop"):
            continue
        elements = sum(map(count, sources)) + sum(map(count, targets))
        number = lambda key, default: int(values.get(key, default))
        if kind.startswith("Convolution"):
            width, height, cin = shapes[sources[0]]
            layer, _ = convolution(
                cin, number("0", 1), (number("1", 1), number("11", number("1", 1))),
                number("3", 1), (width, height), number("7", 1), number("2", 1))
            positions = math.prod(shapes[targets[0]][:2])
            layers.append(Layer(layer.kind, number("6", 0) * positions, number("6", 0), elements))
        elif kind == "InnerProduct":
            layers.append(Layer("vector", number("2", 0), number("2", 0), elements))
        else:
            layers.append(Layer(None, 0, 0, elements))
    return layers
