"""YOLOv8n at 640x640, batch normalization folded and the detection head decoded to boxes.

Module names count as in the published configuration: model.0 is the stem, model.22 the head.
"""

import numpy as np

from . import layers

CLASSES = 80
BINS = 16  # of the distribution each box side is read from
STRIDES = (8, 16, 32)
BOX_WIDTH, CLASS_WIDTH = 64, 80  # channels inside the head's two branches


def yolov8n(g):
    x = g.input("images", (1, 3, 640, 640))
    x = _conv_silu(g, x, 16, 3, "model.0", stride=2)
    x = _conv_silu(g, x, 32, 3, "model.1", stride=2)
    x = _c2f(g, x, 32, 1, "model.2", shortcut=True)
    x = _conv_silu(g, x, 64, 3, "model.3", stride=2)
    p3 = _c2f(g, x, 64, 2, "model.4", shortcut=True)
    x = _conv_silu(g, p3, 128, 3, "model.5", stride=2)
    p4 = _c2f(g, x, 128, 2, "model.6", shortcut=True)
    x = _conv_silu(g, p4, 256, 3, "model.7", stride=2)
    x = _c2f(g, x, 256, 1, "model.8", shortcut=True)
    p5 = _spatial_pyramid(g, x, 256, "model.9")

    up4 = _c2f(g, _joined_above(g, p5, p4, 10), 128, 1, "model.12")
    out3 = _c2f(g, _joined_above(g, up4, p3, 13), 64, 1, "model.15")
    down = _conv_silu(g, out3, 64, 3, "model.16", stride=2)
    out4 = _c2f(g, g.concat([down, up4], 1, "model.17"), 128, 1, "model.18")
    down = _conv_silu(g, out4, 128, 3, "model.19", stride=2)
    out5 = _c2f(g, g.concat([down, p5], 1, "model.20"), 256, 1, "model.21")
    _detect(g, (out3, out4, out5), "model.22")


def _conv_silu(g, x, channels, kernel, name, stride=1):
    x = layers.conv(g, x, channels, kernel, f"{name}.conv", stride, bias=True)
    return layers.silu(g, x, f"{name}.act")


def _c2f(g, x, channels, repeats, name, shortcut=False):
    """Two branches of which one passes `repeats` bottlenecks; every stage is joined at the end."""
    half = channels // 2
    x = _conv_silu(g, x, channels, 1, f"{name}.cv1")
    stages = g.split(x, [half, half], 1, f"{name}.split")
    for index in range(repeats):
        inner = f"{name}.m.{index}"
        y = _conv_silu(g, stages[-1], half, 3, f"{inner}.cv1")
        y = _conv_silu(g, y, half, 3, f"{inner}.cv2")
        stages.append(g.node("Add", [stages[-1], y], f"{inner}.add") if shortcut else y)
    return _conv_silu(g, g.concat(stages, 1, f"{name}.concat"), channels, 1, f"{name}.cv2")


def _spatial_pyramid(g, x, channels, name):
    stages = [_conv_silu(g, x, channels // 2, 1, f"{name}.cv1")]
    for index in range(3):
        stages.append(
            g.node(
                "MaxPool",
                [stages[-1]],
                f"{name}.m.{index}",
                kernel_shape=[5, 5],
                pads=[2, 2, 2, 2],
                strides=[1, 1],
            )
        )
    return _conv_silu(g, g.concat(stages, 1, f"{name}.concat"), channels, 1, f"{name}.cv2")


def _joined_above(g, x, skip, position):
    """`x` at twice its resolution, joined with `skip`."""
    batch, channels, height, width = g.shape(x)
    scales = g.constant("upsample_scales", [1.0, 1.0, 2.0, 2.0])
    x = g.node(
        "Resize",
        [x, "", scales],
        f"model.{position}",
        (batch, channels, height * 2, width * 2),
        coordinate_transformation_mode="asymmetric",
        mode="nearest",
        nearest_mode="floor",
    )
    return g.concat([x, skip], 1, f"model.{position + 1}")


# -- the head -------------------------------------------------------------------------------------


def _detect(g, maps, name):
    boxes = _branch(g, maps, BOX_WIDTH, 4 * BINS, f"{name}.cv2")
    scores = _branch(g, maps, CLASS_WIDTH, CLASSES, f"{name}.cv3")
    boxes = _decoded_boxes(g, _box_sides(g, boxes, f"{name}.dfl"), maps, name)
    scores = g.node("Sigmoid", [scores], f"{name}.sigmoid")
    g.output(g.concat([boxes, scores], 1, f"{name}.concat"), "output0")


def _branch(g, maps, width, channels, name):
    """Three convolutions on each map, the results in one row of cells."""
    rows = []
    for level, x in enumerate(maps):
        x = _conv_silu(g, x, width, 3, f"{name}.{level}.0")
        x = _conv_silu(g, x, width, 3, f"{name}.{level}.1")
        x = layers.conv(g, x, channels, 1, f"{name}.{level}.2", bias=True)
        _, _, height, across = g.shape(x)
        rows.append(g.reshape(x, (1, channels, height * across), f"{name}.{level}.row"))
    return g.concat(rows, 2, f"{name}.rows")


def _box_sides(g, x, name):
    """The mean of each side's distribution over distances 0...15."""
    cells = g.shape(x)[2]
    x = g.reshape(x, (1, 4, BINS, cells), f"{name}.sides")
    x = g.transpose(x, [0, 2, 1, 3], f"{name}.transpose")
    x = g.node("Softmax", [x], f"{name}.softmax", axis=1)
    distances = np.arange(BINS).reshape(1, BINS, 1, 1)
    weight = g.constant(f"{name}.conv.weight", distances)
    g.parameters += BINS  # fixed, but published counts include it
    x = g.conv(x, weight, None, f"{name}.conv", (1, 1), (0, 0, 0, 0))
    return g.reshape(x, (1, 4, cells), f"{name}.distances")


def _decoded_boxes(g, sides, maps, name):
    """Left, top, right and bottom distances to a box's centre, width and height in pixels."""
    centres, strides = _grid(g, maps, name)
    near = g.slice(sides, 1, 0, 2, f"{name}.near")
    far = g.slice(sides, 1, 2, 4, f"{name}.far")
    low = g.node("Sub", [centres, near], f"{name}.low")
    high = g.node("Add", [centres, far], f"{name}.high")
    total = g.node("Add", [low, high], f"{name}.total")
    middle = g.node("Div", [total, g.constant("two", 2.0)], f"{name}.middle")
    size = g.node("Sub", [high, low], f"{name}.size")
    boxes = g.concat([middle, size], 1, f"{name}.boxes")
    return g.node("Mul", [boxes, strides], f"{name}.pixels")


def _grid(g, maps, name):
    """The centre of every cell, in cells, and the pixels a cell covers."""
    centres, strides = [], []
    for x, stride in zip(maps, STRIDES):
        _, _, height, width = g.shape(x)
        rows, columns = np.mgrid[0:height, 0:width] + 0.5
        centres.append(np.stack([columns.ravel(), rows.ravel()]))
        strides.append(np.full((1, height * width), stride))
    return (
        g.constant(f"{name}.centres", np.concatenate(centres, axis=1)[None]),
        g.constant(f"{name}.strides", np.concatenate(strides, axis=1)),
    )
