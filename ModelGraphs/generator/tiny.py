"""Networks for microcontrollers: keyword spotting, anomaly detection, a small LSTM."""

from . import layers


def ds_cnn(g, channels=64, blocks=4):
    """DS-CNN of MLPerf Tiny: 49 frames of 10 coefficients to 12 words, normalization folded."""
    x = g.input("input", (1, 1, 49, 10))
    x = _same_conv(g, x, channels, (10, 4), (2, 2), 1, "conv")
    for index in range(blocks):
        x = _same_conv(g, x, channels, (3, 3), (1, 1), channels, f"block{index}.depthwise")
        x = _same_conv(g, x, channels, (1, 1), (1, 1), 1, f"block{index}.pointwise")
    size = list(g.shape(x)[2:])
    x = g.node("AveragePool", [x], "pool", (1, channels, 1, 1), kernel_shape=size, strides=size)
    x = layers.linear(g, layers.flatten(g, x, "flatten"), 12, "dense")
    g.output(g.node("Softmax", [x], "softmax", axis=-1), "output")


def _same_conv(g, x, channels, kernel, stride, groups, name):
    (top, bottom), (left, right) = (
        layers.same_pads(size, k, s) for size, k, s in zip(g.shape(x)[2:], kernel, stride)
    )
    shape = (channels, g.shape(x)[1] // groups, *kernel)
    weight = g.weight(f"{name}.weight", shape, 1 / (shape[1] * kernel[0] * kernel[1]))
    bias = g.weight(f"{name}.bias", (channels,), 0.01)
    x = g.conv(x, weight, bias, name, stride, (top, left, bottom, right), groups)
    return layers.relu(g, x, f"{name}.relu")


def deep_autoencoder(g, widths=(128, 128, 128, 128, 8, 128, 128, 128, 128)):
    """Deep autoencoder of MLPerf Tiny: 640 spectrogram values to their reconstruction."""
    x = g.input("input", (1, 640))
    for index, width in enumerate(widths):
        x = layers.relu(g, layers.linear(g, x, width, f"dense{index}"), f"relu{index}")
    g.output(layers.linear(g, x, 640, f"dense{len(widths)}"), "output")


def lstm_small(g, steps=100, features=40, hidden=128, depth=2, classes=12):
    """Stacked LSTM layers over a feature sequence; the last hidden state is classified."""
    x = g.input("input", (1, steps, features))
    x = g.transpose(x, [1, 0, 2], "steps_first")
    for index in range(depth):
        x = _lstm_layer(g, x, hidden, index)
    x = g.node("Gather", [x, g.indices("last", -1)], "last_step", (1, hidden), axis=0)
    g.output(layers.linear(g, x, classes, "classifier"), "output")


def _lstm_layer(g, x, hidden, index):
    steps, batch, features = g.shape(x)
    weight = g.weight(f"lstm{index}.W", (1, 4 * hidden, features), 1 / features)
    recurrence = g.weight(f"lstm{index}.R", (1, 4 * hidden, hidden), 1 / hidden)
    bias = g.weight(f"lstm{index}.B", (1, 8 * hidden), 0.01)
    states = g.lstm(x, weight, recurrence, bias, f"lstm{index}")
    return g.squeeze(states, 1, f"lstm{index}.squeeze")
