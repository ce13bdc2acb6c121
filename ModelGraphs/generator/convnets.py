"""Image classifiers: ResNet, MobileNet V2 and V3, EfficientNet-Lite0; input 1x3x224x224.

Batch normalization stands as nodes of its own, so that the parameters are those the papers count
and a runtime's folding of it is exercised. Module names follow torchvision.
"""

from . import layers


def image(g, size=224):
    return g.input("input", (1, 3, size, size))


def _conv_norm(g, x, channels, kernel, names, activation=None, epsilon=1e-5, **options):
    """Convolution, normalization and activation; `names` are the names of the first two."""
    x = layers.conv(g, x, channels, kernel, names[0], **options)
    x = layers.batch_norm(g, x, names[1], epsilon)
    return activation(g, x, f"{names[1]}.activation") if activation else x


def rounded(channels, divisor=8):
    """The MobileNet rule: the nearest multiple of `divisor`, never more than 10 % below."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


# -- ResNet ---------------------------------------------------------------------------------------


def resnet_18(g):
    resnet(g, _basic_block, blocks=(2, 2, 2, 2), expansion=1)


def resnet_50(g):
    resnet(g, _bottleneck, blocks=(3, 4, 6, 3), expansion=4)


def resnet(g, block, blocks, expansion, size=224):
    x = _conv_norm(g, image(g, size), 64, 7, ("conv1", "bn1"), layers.relu, stride=2)
    batch, channels, height, width = g.shape(x)
    x = g.node(
        "MaxPool",
        [x],
        "maxpool",
        (batch, channels, (height + 1) // 2, (width + 1) // 2),
        kernel_shape=[3, 3],
        pads=[1, 1, 1, 1],
        strides=[2, 2],
    )
    for stage, count in enumerate(blocks):
        width = 64 << stage
        for index in range(count):
            stride = 2 if stage > 0 and index == 0 else 1
            x = _residual(
                g, x, block, width, width * expansion, stride, f"layer{stage + 1}.{index}"
            )
    x = layers.flatten(g, layers.global_average_pool(g, x, "avgpool"), "flatten")
    g.output(layers.linear(g, x, 1000, "fc"), "output")


def _residual(g, x, block, width, channels, stride, name):
    y = block(g, x, width, channels, stride, name)
    if g.shape(x) != g.shape(y):
        names = (f"{name}.downsample.0", f"{name}.downsample.1")
        x = _conv_norm(g, x, channels, 1, names, stride=stride)
    return layers.relu(g, g.node("Add", [y, x], f"{name}.add"), f"{name}.relu")


def _basic_block(g, x, width, channels, stride, name):
    x = _conv_norm(g, x, width, 3, (f"{name}.conv1", f"{name}.bn1"), layers.relu, stride=stride)
    return _conv_norm(g, x, channels, 3, (f"{name}.conv2", f"{name}.bn2"))


def _bottleneck(g, x, width, channels, stride, name):
    """The stride sits in the 3x3 convolution ("v1.5"), as in the figures quoted today."""
    x = _conv_norm(g, x, width, 1, (f"{name}.conv1", f"{name}.bn1"), layers.relu)
    x = _conv_norm(g, x, width, 3, (f"{name}.conv2", f"{name}.bn2"), layers.relu, stride=stride)
    return _conv_norm(g, x, channels, 1, (f"{name}.conv3", f"{name}.bn3"))


# -- MobileNet V2 ---------------------------------------------------------------------------------

# expansion, channels, repeats, stride
MOBILENET_V2 = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def mobilenet_v2(g):
    x = _conv_norm(g, image(g), 32, 3, _pair("features.0"), layers.relu6, stride=2)
    position = 1
    for expansion, channels, repeats, stride in MOBILENET_V2:
        for index in range(repeats):
            name = f"features.{position}"
            x = _inverted_residual(g, x, expansion, channels, stride if index == 0 else 1, name)
            position += 1
    x = _conv_norm(g, x, 1280, 1, _pair(f"features.{position}"), layers.relu6)
    x = layers.flatten(g, layers.global_average_pool(g, x, "avgpool"), "flatten")
    g.output(layers.linear(g, x, 1000, "classifier.1"), "output")


def _pair(name):
    return f"{name}.0", f"{name}.1"


def _inverted_residual(g, x, expansion, channels, stride, name):
    hidden = g.shape(x)[1] * expansion
    y, step = x, 0
    if expansion != 1:
        y = _conv_norm(g, y, hidden, 1, _pair(f"{name}.conv.0"), layers.relu6)
        step = 1
    y = _conv_norm(
        g, y, hidden, 3, _pair(f"{name}.conv.{step}"), layers.relu6, stride=stride, groups=hidden
    )
    y = _conv_norm(g, y, channels, 1, (f"{name}.conv.{step + 1}", f"{name}.conv.{step + 2}"))
    return g.node("Add", [x, y], f"{name}.add") if g.shape(x) == g.shape(y) else y


# -- MobileNet V3 small ---------------------------------------------------------------------------

# kernel, expanded channels, channels, squeeze-and-excite, activation, stride
MOBILENET_V3_SMALL = (
    (3, 16, 16, True, layers.relu, 2),
    (3, 72, 24, False, layers.relu, 2),
    (3, 88, 24, False, layers.relu, 1),
    (5, 96, 40, True, layers.hard_swish, 2),
    (5, 240, 40, True, layers.hard_swish, 1),
    (5, 240, 40, True, layers.hard_swish, 1),
    (5, 120, 48, True, layers.hard_swish, 1),
    (5, 144, 48, True, layers.hard_swish, 1),
    (5, 288, 96, True, layers.hard_swish, 2),
    (5, 576, 96, True, layers.hard_swish, 1),
    (5, 576, 96, True, layers.hard_swish, 1),
)


def mobilenet_v3_small(g):
    epsilon = 1e-3
    x = _conv_norm(g, image(g), 16, 3, _pair("features.0"), layers.hard_swish, epsilon, stride=2)
    for position, row in enumerate(MOBILENET_V3_SMALL, start=1):
        x = _mobilenet_v3_block(g, x, *row, epsilon, f"features.{position}")
    x = _conv_norm(g, x, 576, 1, _pair("features.12"), layers.hard_swish, epsilon)
    x = layers.flatten(g, layers.global_average_pool(g, x, "avgpool"), "flatten")
    x = layers.hard_swish(g, layers.linear(g, x, 1024, "classifier.0"), "classifier.1")
    g.output(layers.linear(g, x, 1000, "classifier.3"), "output")


def _mobilenet_v3_block(g, x, kernel, hidden, channels, excite, activation, stride, epsilon, name):
    y, step = x, 0
    if hidden != g.shape(x)[1]:
        y = _conv_norm(g, y, hidden, 1, _pair(f"{name}.block.0"), activation, epsilon)
        step = 1
    y = _conv_norm(
        g,
        y,
        hidden,
        kernel,
        _pair(f"{name}.block.{step}"),
        activation,
        epsilon,
        stride=stride,
        groups=hidden,
    )
    if excite:
        step += 1
        y = _squeeze_excite(g, y, rounded(hidden / 4), f"{name}.block.{step}")
    y = _conv_norm(g, y, channels, 1, _pair(f"{name}.block.{step + 1}"), epsilon=epsilon)
    return g.node("Add", [x, y], f"{name}.add") if g.shape(x) == g.shape(y) else y


def _squeeze_excite(g, x, squeezed, name):
    y = layers.global_average_pool(g, x, f"{name}.avgpool")
    y = layers.relu(g, layers.conv(g, y, squeezed, 1, f"{name}.fc1", bias=True), f"{name}.relu")
    y = layers.conv(g, y, g.shape(x)[1], 1, f"{name}.fc2", bias=True)
    y = g.node("HardSigmoid", [y], f"{name}.scale", alpha=1 / 6, beta=0.5)
    return g.node("Mul", [y, x], name)


# -- EfficientNet-Lite0 ---------------------------------------------------------------------------

# repeats, kernel, stride, expansion, channels
EFFICIENTNET_LITE0 = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def efficientnet_lite0(g):
    """Padding is TensorFlow's SAME, uneven where the stride is 2, as in the original."""
    x = _same_conv_norm(g, image(g), 32, 3, ("stem.conv", "stem.bn"), layers.relu6, stride=2)
    for stage, (repeats, kernel, stride, expansion, channels) in enumerate(EFFICIENTNET_LITE0):
        for index in range(repeats):
            name = f"blocks.{stage}.{index}"
            step = stride if index == 0 else 1
            x = _lite_block(g, x, kernel, step, expansion, channels, name)
    x = _same_conv_norm(g, x, 1280, 1, ("head.conv", "head.bn"), layers.relu6)
    x = layers.flatten(g, layers.global_average_pool(g, x, "avgpool"), "flatten")
    g.output(layers.linear(g, x, 1000, "classifier"), "output")


def _same_conv_norm(g, x, channels, kernel, names, activation=None, stride=1, groups=1):
    before, after = layers.same_pads(g.shape(x)[2], kernel, stride)
    pads = (before, before, after, after)
    return _conv_norm(
        g,
        x,
        channels,
        kernel,
        names,
        activation,
        epsilon=1e-3,
        stride=stride,
        pads=pads,
        groups=groups,
    )


def _lite_block(g, x, kernel, stride, expansion, channels, name):
    hidden = g.shape(x)[1] * expansion
    y = x
    if expansion != 1:
        names = (f"{name}.expand.conv", f"{name}.expand.bn")
        y = _same_conv_norm(g, y, hidden, 1, names, layers.relu6)
    names = (f"{name}.depthwise.conv", f"{name}.depthwise.bn")
    y = _same_conv_norm(g, y, hidden, kernel, names, layers.relu6, stride, groups=hidden)
    y = _same_conv_norm(g, y, channels, 1, (f"{name}.project.conv", f"{name}.project.bn"))
    return g.node("Add", [x, y], f"{name}.add") if g.shape(x) == g.shape(y) else y
