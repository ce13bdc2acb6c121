"""Layers that several networks share, each the nodes an exporter writes for it."""

import math


def same_pads(size, kernel, stride):
    """TensorFlow's SAME padding of one axis: what is needed, the odd element at the end."""
    out = math.ceil(size / stride)
    total = max((out - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def conv(g, x, channels, kernel, name, stride=1, pads=None, groups=1, bias=False):
    """A square-kernel convolution, padded by half the kernel unless `pads` says otherwise."""
    in_channels = g.shape(x)[1] // groups
    shape = (channels, in_channels, kernel, kernel)
    weight = g.weight(f"{name}.weight", shape, 1 / math.prod(shape[1:]))
    offset = g.weight(f"{name}.bias", (channels,), 0.01) if bias else None
    pads = pads or (kernel // 2,) * 4
    return g.conv(x, weight, offset, name, (stride, stride), pads, groups)


def batch_norm(g, x, name, epsilon=1e-5):
    channels = (g.shape(x)[1],)
    inputs = [
        x,
        g.weight(f"{name}.weight", channels, 1.0),
        g.weight(f"{name}.bias", channels, 0.01),
        g.weight(f"{name}.running_mean", channels, 0.0, trained=False),
        g.weight(f"{name}.running_var", channels, 1.0, trained=False),
    ]
    return g.node("BatchNormalization", inputs, name, g.shape(x), epsilon=epsilon)


def relu(g, x, name):
    return g.node("Relu", [x], name)


def relu6(g, x, name):
    limits = [g.constant("zero", 0.0), g.constant("six", 6.0)]
    return g.node("Clip", [x, *limits], name)


def hard_swish(g, x, name):
    return g.node("HardSwish", [x], name)


def silu(g, x, name):
    return g.node("Mul", [x, g.node("Sigmoid", [x], f"{name}.sigmoid")], name)


def gelu(g, x, name):
    """x * (1 + erf(x / sqrt(2))) / 2"""
    scaled = g.node("Div", [x, g.constant("sqrt_2", math.sqrt(2.0))], f"{name}.scale")
    erf = g.node("Erf", [scaled], f"{name}.erf")
    shifted = g.node("Add", [erf, g.constant("one", 1.0)], f"{name}.shift")
    product = g.node("Mul", [x, shifted], f"{name}.product")
    return g.node("Mul", [product, g.constant("half", 0.5)], name)


def global_average_pool(g, x, name):
    return g.node("GlobalAveragePool", [x], name, (*g.shape(x)[:2], 1, 1))


def flatten(g, x, name):
    batch, *rest = g.shape(x)
    return g.node("Flatten", [x], name, (batch, math.prod(rest)), axis=1)


def linear(g, x, features, name):
    """A fully connected layer over [batch, features]."""
    in_features = g.shape(x)[-1]
    weight = g.weight(f"{name}.weight", (features, in_features), 1 / in_features)
    return g.gemm(x, weight, g.weight(f"{name}.bias", (features,), 0.01), name)


def dense(g, x, features, name, bias=True):
    """A fully connected layer over the last axis of any tensor, as MatMul and Add."""
    in_features = g.shape(x)[-1]
    weight = g.weight(f"{name}.weight", (in_features, features), 1 / in_features)
    if not bias:
        return g.matmul(x, weight, name)
    product = g.matmul(x, weight, f"{name}.product")
    return g.node("Add", [product, g.weight(f"{name}.bias", (features,), 0.01)], name)


def layer_norm(g, x, name, epsilon):
    size = (g.shape(x)[-1],)
    scale, offset = g.weight(f"{name}.weight", size, 1.0), g.weight(f"{name}.bias", size, 0.01)
    inputs = [x, scale, offset]
    return g.node("LayerNormalization", inputs, name, g.shape(x), axis=-1, epsilon=epsilon)
