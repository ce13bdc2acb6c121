"""Networks of published measurements that are not bundled: every width and size of MobileNet V1 and
V2, and the classifiers of torchvision in the depths that tables have.

The architectures are those of the papers that `catalog.py` names and of Howard et al. 2017
(MobileNets, arXiv 1704.04861), Simonyan and Zisserman 2015 (VGG, arXiv 1409.1556), and Krizhevsky
2014 (one weird trick, arXiv 1404.5997: torchvision's AlexNet). Normalization is folded, as it is in
the files that were measured.
"""

from . import convnets, layers

# channels of the pointwise convolution, stride of the depthwise one before it
MOBILENET_V1 = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    *((512, 1),) * 5, (1024, 2), (1024, 1),
)
# channels of each convolution, "M" for a pooling by 2
VGG = {
    11: (64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"),
    13: (64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"),
    16: (64, 64, "M", 128, 128, "M", *(256,) * 3, "M", *(512,) * 3, "M", *(512,) * 3, "M"),
    19: (64, 64, "M", 128, 128, "M", *(256,) * 4, "M", *(512,) * 4, "M", *(512,) * 4, "M"),
}
RESNET = {34: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def entries():
    """Every network: its name and the function that builds it."""
    for width in (0.25, 0.5, 0.75, 1.0):
        for size in (96, 128, 160, 192, 224):
            yield f"mobilenet_v1_{width}_{size}", _with(mobilenet_v1, width=width, size=size)
    for width in (0.35, 0.5, 0.75, 1.0):
        for size in (96, 128, 160, 192, 224):
            yield f"mobilenet_v2_{width}_{size}", _with(mobilenet_v2, width=width, size=size)
    for width in (1.3, 1.4):
        yield f"mobilenet_v2_{width}_224", _with(mobilenet_v2, width=width, size=224)
    for depth in VGG:
        yield f"vgg{depth}_torchvision", _with(vgg, layout=VGG[depth])
    yield "alexnet_torchvision", alexnet
    yield "resnet34", _with(resnet, block="_basic_block", blocks=RESNET[34], expansion=1)
    for depth in (101, 152):
        yield f"resnet{depth}", _with(resnet, block="_bottleneck", blocks=RESNET[depth], expansion=4)
    for depth, blocks in ((50, (3, 4, 6, 3)), (152, RESNET[152])):
        yield f"resnet{depth}_299", _with(
            resnet, block="_bottleneck", blocks=blocks, expansion=4, size=299)


def _with(build, **options):
    return lambda g: build(g, **options)


def _conv(g, x, channels, kernel, name, activation=layers.relu, **options):
    x = layers.conv(g, x, channels, kernel, name, bias=True, **options)
    return activation(g, x, f"{name}.activation") if activation else x


def mobilenet_v1(g, width, size):
    def scaled(channels):
        return max(8, int(channels * width))

    x = _conv(g, convnets.image(g, size), scaled(32), 3, "stem", layers.relu6, stride=2)
    for index, (channels, stride) in enumerate(MOBILENET_V1):
        groups = g.shape(x)[1]
        x = _conv(g, x, groups, 3, f"dw{index}", layers.relu6, stride=stride, groups=groups)
        x = _conv(g, x, scaled(channels), 1, f"pw{index}", layers.relu6)
    x = layers.flatten(g, layers.global_average_pool(g, x, "pool"), "flatten")
    g.output(layers.linear(g, x, 1001, "classifier"), "output")


def mobilenet_v2(g, width, size):
    def scaled(channels):
        return convnets.rounded(channels * width)

    x = _conv(g, convnets.image(g, size), scaled(32), 3, "stem", layers.relu6, stride=2)
    position = 0
    for expansion, channels, repeats, stride in convnets.MOBILENET_V2:
        for index in range(repeats):
            name, before, hidden = f"block{position}", x, g.shape(x)[1] * expansion
            if expansion != 1:
                x = _conv(g, x, hidden, 1, f"{name}.expand", layers.relu6)
            x = _conv(g, x, hidden, 3, f"{name}.depthwise", layers.relu6,
                      stride=stride if index == 0 else 1, groups=hidden)
            x = _conv(g, x, scaled(channels), 1, f"{name}.project", None)
            if g.shape(x) == g.shape(before):
                x = g.node("Add", [before, x], f"{name}.add")
            position += 1
    x = _conv(g, x, max(1280, scaled(1280)), 1, "last", layers.relu6)
    x = layers.flatten(g, layers.global_average_pool(g, x, "pool"), "flatten")
    g.output(layers.linear(g, x, 1001, "classifier"), "output")


def resnet(g, block, blocks, expansion, size=224):
    convnets.resnet(g, getattr(convnets, block), blocks, expansion, size)


def _pool(g, x, kernel, stride, name):
    batch, channels, height, width = g.shape(x)
    shape = (batch, channels, (height - kernel) // stride + 1, (width - kernel) // stride + 1)
    return g.node(
        "MaxPool", [x], name, shape, kernel_shape=[kernel, kernel], strides=[stride, stride])


def _dense_layers(g, x):
    x = layers.flatten(g, x, "flatten")
    for index, features in enumerate((4096, 4096, 1000)):
        x = layers.linear(g, x, features, f"fc{index}")
        x = layers.relu(g, x, f"fc{index}.relu") if features != 1000 else x
    g.output(x, "output")


def vgg(g, layout):
    x = convnets.image(g)
    for index, channels in enumerate(layout):
        if channels == "M":
            x = _pool(g, x, 2, 2, f"pool{index}")
        else:
            x = _conv(g, x, channels, 3, f"conv{index}")
    _dense_layers(g, x)


def alexnet(g):
    x = _conv(g, convnets.image(g), 64, 11, "conv0", stride=4, pads=(2, 2, 2, 2))
    x = _pool(g, x, 3, 2, "pool0")
    x = _pool(g, _conv(g, x, 192, 5, "conv1"), 3, 2, "pool1")
    for index, channels in enumerate((384, 256, 256)):
        x = _conv(g, x, channels, 3, f"conv{index + 2}")
    _dense_layers(g, _pool(g, x, 3, 2, "pool2"))
