"""One small model for each TFLite operator and dtype that boardfit computes, for `check-outputs`.

`catalogue()` gives pairs of a name and an operator; weights are seeded.
"""

import flatbuffers.flexbuffers as flexbuffers
import numpy as np

from tflite_models import Operator, Tensor, quantized

BYTES = ("int8", "uint8")
REALS = ("float32",)
RELU, RELU_N1_TO_1, RELU6 = 1, 2, 3
SAME, VALID = 0, 1
# Places in the table of operators whose kernels take 16 bits, too.
WIDE = ("float32", "int8", "uint8", "int16")


def ints(*values):
    return Tensor("int32", data=np.array(values, np.int32))


def scalar(value, dtype="int32"):
    return Tensor(dtype, data=np.array(value, dtype))


def weights(dtype, shape, axis, generator, per_channel):
    """A filter and its scale for each output, or one for all."""
    if dtype == "float32":
        return Tensor(dtype, data=generator.uniform(-1, 1, shape)), np.ones(1)
    if dtype == "uint8":
        data = generator.integers(0, 256, shape)
        return Tensor(dtype, data=data, scales=(0.008,), zeros=(121,)), np.array([0.008])
    count = shape[axis] if per_channel else 1
    scales = generator.uniform(0.004, 0.012, count)
    data = generator.integers(-127, 128, shape)
    return Tensor("int8", data=data, scales=scales, zeros=[0] * count, axis=axis), scales


def bias(dtype, count, scales, generator):
    """For data between -1 and 1, as `quantized` stores it."""
    if dtype == "float32":
        return Tensor(dtype, data=generator.uniform(-1, 1, count))
    data_scale = np.float32(quantized(dtype, -1, 1).scales[0])
    factors = (scales * data_scale).astype(np.float32)
    stored = "int64" if dtype == "int16" else "int32"
    data = generator.integers(-2000, 2000, count)
    return Tensor(stored, data=data, scales=factors, zeros=[0] * len(factors))


def convolutions(generator):
    def convolution(name, dtype, data, filters, axis, options, reach, label, per_channel=True):
        factor, scales = weights(dtype, filters, axis, generator, per_channel)
        added = bias(dtype, filters[axis], scales, generator)
        x, y = quantized(dtype, -1, 1, data), quantized(dtype, -reach, reach)
        return f"{name} {dtype} {label}", Operator(name, [x, factor, added], [y], options)

    for dtype in WIDE:
        per_channel = dtype != "uint8"
        for label, fields in {
            "same": {"padding": SAME, "strideW": 1, "strideH": 1},
            "valid, stride 2, relu6": {"padding": VALID, "strideW": 2, "strideH": 2,
                                       "fusedActivationFunction": RELU6},
            "dilated": {"padding": SAME, "strideW": 1, "strideH": 1, "dilationWFactor": 2,
                        "dilationHFactor": 2},
        }.items():  # fmt: skip
            yield convolution("CONV_2D", dtype, (1, 9, 8, 5), (7, 3, 3, 5), 0,
                              ("Conv2DOptions", fields), 4, label, per_channel)  # fmt: skip
            yield convolution("DEPTHWISE_CONV_2D", dtype, (1, 9, 8, 37), (1, 3, 3, 37), 3,
                              ("DepthwiseConv2DOptions", fields | {"depthMultiplier": 1}), 2,
                              label, per_channel)  # fmt: skip
        yield convolution(
            "CONV_2D", dtype, (2, 6, 5, 64), (40, 1, 1, 64), 0,
            ("Conv2DOptions", {"padding": SAME, "strideW": 1, "strideH": 1}), 6, "pointwise",
            per_channel)  # fmt: skip
        yield convolution(
            "DEPTHWISE_CONV_2D", dtype, (1, 5, 5, 3), (1, 3, 3, 6), 3,
            ("DepthwiseConv2DOptions", {"padding": SAME, "strideW": 1, "strideH": 1,
                                        "depthMultiplier": 2}), 2, "two for each",
            per_channel)  # fmt: skip
    for dtype in ("int8",):
        yield convolution(
            "CONV_2D", dtype, (1, 6, 5, 12), (9, 3, 3, 12), 0,
            ("Conv2DOptions", {"padding": SAME, "strideW": 1, "strideH": 1}), 6, "one scale",
            False)  # fmt: skip
        yield convolution(
            "CONV_2D", dtype, (1, 6, 5, 12), (8, 3, 3, 3), 0,
            ("Conv2DOptions", {"padding": SAME, "strideW": 1, "strideH": 1}), 3, "groups")
    factor, _ = weights("float32", (2, 3, 3, 4, 5), 4, generator, False)
    yield "CONV_3D float32", Operator(
        "CONV_3D", [Tensor(shape=(1, 4, 6, 5, 4)), factor], [Tensor()],
        ("Conv3DOptions", {"padding": SAME, "strideD": 1, "strideW": 2, "strideH": 1}))
    for dtype in ("float32", "int8", "uint8"):
        for padding, stride, shape in ((SAME, 2, (1, 8, 10, 6)), (VALID, 2, (1, 9, 11, 6)),
                                       (SAME, 1, (1, 4, 5, 6))):  # fmt: skip
            factor, scales = weights(dtype, (6, 3, 3, 5), 0, generator, dtype == "int8")
            inputs = [ints(*shape), factor, quantized(dtype, -1, 1, (1, 4, 5, 5))]
            if stride == 2:
                inputs.append(bias(dtype, 6, scales, generator))
            yield f"TRANSPOSE_CONV {dtype} {padding} {stride}", Operator(
                "TRANSPOSE_CONV", inputs, [quantized(dtype, -4, 4)],
                ("TransposeConvOptions", {"padding": padding, "strideW": stride,
                                          "strideH": stride}),
                version=3 if len(inputs) == 4 else 1)  # fmt: skip


def products(generator):
    for dtype in WIDE:
        for label, shape, fields in (("rows", (3, 20), {}),
                                     ("relu", (1, 20), {"fusedActivationFunction": RELU}),
                                     ("kept axes", (2, 3, 20), {"keepNumDims": True})):  # fmt: skip
            factor, scales = weights(dtype, (9, 20), 0, generator, False)
            yield f"FULLY_CONNECTED {dtype} {label}", Operator(
                "FULLY_CONNECTED",
                [quantized(dtype, -1, 1, shape), factor, bias(dtype, 9, scales, generator)],
                [quantized(dtype, -3, 3)], ("FullyConnectedOptions", fields))
    factor, scales = weights("int8", (9, 20), 0, generator, True)
    yield "FULLY_CONNECTED int8 scale for each output", Operator(
        "FULLY_CONNECTED",
        [quantized("int8", -1, 1, (3, 20)), factor, bias("int8", 9, scales, generator)],
        [quantized("int8", -3, 3)], ("FullyConnectedOptions", {}))
    for dtype in ("float32", "int8", "int16"):
        for turned in (False, True):
            right = (2, 6, 7) if turned else (2, 7, 6)
            yield f"BATCH_MATMUL {dtype} {'turned' if turned else ''}".strip(), Operator(
                "BATCH_MATMUL",
                [quantized(dtype, -1, 1, (2, 5, 7)), quantized(dtype, -2, 2, right)],
                [quantized(dtype, -4, 4)], ("BatchMatMulOptions", {"adjY": turned}))


def pools(generator):
    for dtype in WIDE:
        for name in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
            for padding, stride, act in ((SAME, 1, 0), (VALID, 2, RELU), (SAME, 2, RELU6)):
                x = quantized(dtype, -4, 8, (1, 7, 6, 9))
                y = quantized(dtype, -4, 8)
                fields = {"padding": padding, "strideW": stride, "strideH": stride,
                          "filterWidth": 3, "filterHeight": 2, "fusedActivationFunction": act}
                yield f"{name} {dtype} {padding} {stride} {act}", Operator(
                    name, [x], [y], ("Pool2DOptions", fields))


def arithmetic(generator):
    shapes = (("equal", (2, 3, 4, 5), (2, 3, 4, 5)), ("row", (2, 3, 4, 5), (5,)),
              ("column", (1, 3, 4, 1), (2, 1, 4, 5)), ("one", (2, 3, 4), (1,)))  # fmt: skip
    for name, options, dtypes, low, high in (
        ("ADD", "AddOptions", WIDE, -3, 3), ("SUB", "SubOptions", WIDE, -3, 3),
        ("MUL", "MulOptions", WIDE, -2, 2), ("DIV", "DivOptions", ("float32", "uint8"), -4, 4),
        ("SQUARED_DIFFERENCE", "SquaredDifferenceOptions", ("float32", "int8"), 0, 9),
        ("MAXIMUM", "MaximumMinimumOptions", WIDE, None, None),
        ("MINIMUM", "MaximumMinimumOptions", WIDE, None, None),
    ):  # fmt: skip
        for dtype in dtypes:
            for label, left, right in shapes:
                x = quantized(dtype, -1, 2, left)
                if low is None:
                    y, z = quantized(dtype, -1, 2, right), quantized(dtype, -1, 2)
                elif name == "DIV":
                    y, z = quantized(dtype, 1, 2, right), quantized(dtype, low, high)
                    if dtype == "uint8":
                        y.zeros, y.limits = (0,), (100, 255)
                else:
                    y, z = quantized(dtype, -1.5, 1, right), quantized(dtype, low, high)
                yield f"{name} {dtype} {label}", Operator(name, [x, y], [z], (options, {}))
    for name, options in (("ADD", "AddOptions"), ("MUL", "MulOptions"), ("SUB", "SubOptions")):
        for dtype in ("float32", "int8", "uint8"):
            for act in (RELU, RELU_N1_TO_1, RELU6):
                yield f"{name} {dtype} activation {act}", Operator(
                    name,
                    [quantized(dtype, -2, 4, (3, 40)), quantized(dtype, -2, 4, (3, 40))],
                    [quantized(dtype, -3, 8)], (options, {"fusedActivationFunction": act}))
        for dtype in ("int32", "int64"):
            yield f"{name} {dtype}", Operator(
                name, [Tensor(dtype, (3, 40), limits=(-9, 9)), Tensor(dtype, (40,), limits=(-9, 9))],
                [Tensor(dtype)], (options, {}))
    for name, options in (("DIV", "DivOptions"), ("FLOOR_DIV", "FloorDivOptions"),
                          ("FLOOR_MOD", "FloorModOptions")):  # fmt: skip
        for dtype in ("float32", "int32") if name != "FLOOR_MOD" else ("float32", "int32", "int64"):
            divisor = np.array([1, -2, 3, -5, 7]).astype(dtype)
            x = Tensor(dtype, (9, 5), limits=(-20, 20))
            yield f"{name} {dtype} of both signs", Operator(
                name, [x, Tensor(dtype, data=divisor)], [Tensor(dtype)], (options, {}))
    yield "POW float32", Operator(
        "POW", [Tensor(shape=(4, 5), limits=(0.1, 3)), Tensor(shape=(5,), limits=(-2, 2))],
        [Tensor()], ("PowOptions", {}))
    yield "ADD_N float32", Operator(
        "ADD_N", [Tensor(shape=(4, 5)) for _ in range(3)], [Tensor()], ("AddNOptions", {}))
    for dtype in ("float32", "int8", "uint8"):
        alpha = quantized(dtype, -1, 1)
        data = np.linspace(-1, 1, 5)
        if dtype != "float32":
            data = np.round(data / alpha.scales[0]) + alpha.zeros[0]
            data = np.clip(data, np.iinfo(dtype).min, np.iinfo(dtype).max)
        alpha.data = data
        yield f"PRELU {dtype}", Operator(
            "PRELU", [quantized(dtype, -2, 2, (1, 4, 3, 5)), alpha], [quantized(dtype, -2, 2)])


def functions(generator):
    for name, options, dtypes, ranges in (
        ("ABS", "AbsOptions", ("float32", "int8", "int16"), (-2, 2, 0, 2)),
        ("COS", "CosOptions", REALS, (-9, 9, -1, 1)),
        ("EXP", "ExpOptions", ("float32", "int8", "int16"), (-3, 1, 0, 3)),
        ("FLOOR", None, REALS, (-2, 2, -2, 2)),
        ("HARD_SWISH", "HardSwishOptions", ("float32", *BYTES), (-5, 5, -0.5, 5)),
        ("LOG", None, ("float32", "int8"), (0.1, 5, -3, 2)),
        ("LOGISTIC", None, WIDE, (-6, 6, 0, 255 / 256)),
        ("NEG", "NegOptions", REALS, (-2, 2, -2, 2)),
        ("RELU", None, WIDE, (-2, 2, 0, 2)), ("RELU6", None, WIDE, (-2, 8, 0, 6)),
        ("RELU_N1_TO_1", None, ("float32", *BYTES), (-2, 2, -1, 1)),
        ("RELU_0_TO_1", None, ("float32", *BYTES), (-2, 2, 0, 1)),
        ("RSQRT", None, ("float32", "int8"), (0.1, 5, 0, 3)),
        ("SIGN", "SignOptions", REALS, (-2, 2, -2, 2)), ("SIN", None, REALS, (-9, 9, -1, 1)),
        ("SQRT", None, REALS, (0, 5, 0, 3)),
        ("SQUARE", "SquareOptions", REALS, (-2, 2, 0, 4)),
        ("TANH", None, WIDE, (-3, 3, -1, 127 / 128)),
        ("GELU", "GeluOptions", ("float32", *BYTES), (-3, 3, -0.2, 3)),
        ("LEAKY_RELU", "LeakyReluOptions", WIDE, (-3, 3, -1, 3)),
        ("L2_NORMALIZATION", "L2NormOptions", ("float32", *BYTES), (-3, 3, -1, 127 / 128)),
        ("SOFTMAX", "SoftmaxOptions", WIDE, (-4, 4, 0, 255 / 256)),
        ("LOG_SOFTMAX", "LogSoftmaxOptions", ("float32", *BYTES), (-4, 4, -15.9375, 0)),
    ):  # fmt: skip
        for dtype in dtypes:
            x, y = quantized(dtype, *ranges[:2], (2, 3, 10)), quantized(dtype, *ranges[2:])
            fields = {"LEAKY_RELU": {"alpha": 0.3}, "SOFTMAX": {"beta": 1.0}}.get(name, {})
            if dtype == "int16" and name in ("LOGISTIC", "TANH"):
                y.scales = (1 / 32768,)
            if name in ("L2_NORMALIZATION", "TANH") and dtype in BYTES:
                y.scales, y.zeros = (1 / 128,), (0 if dtype == "int8" else 128,)
            if name in ("SOFTMAX", "LOGISTIC") and dtype in BYTES:
                y.scales, y.zeros = (1 / 256,), (-128 if dtype == "int8" else 0,)
            if name == "SOFTMAX" and dtype == "int16":
                y.scales = (1 / 32768,)
            if name in ("LOG", "RSQRT") and dtype == "int8":
                # Of positive numbers, with a zero point that int8 has.
                x = quantized(dtype, 0, 5, (2, 3, 10))
                x.limits = (-123, 127)
            if name == "LOG_SOFTMAX" and dtype in BYTES:
                y.scales, y.zeros = (16 / 256,), (127 if dtype == "int8" else 255,)
            yield f"{name} {dtype}", Operator(name, [x], [y], (options, fields))
    yield "GELU float32 approximated", Operator(
        "GELU", [Tensor(shape=(40,), limits=(-3, 3))], [Tensor()],
        ("GeluOptions", {"approximate": True}))
    for dtype in ("float32", *BYTES):
        y = quantized(dtype, 0, 255 / 256)
        if dtype != "float32":
            y.scales, y.zeros = (1 / 256,), (-128 if dtype == "int8" else 0,)
        yield f"SOFTMAX {dtype} beta", Operator(
            "SOFTMAX", [quantized(dtype, -4, 4, (5, 90))], [y], ("SoftmaxOptions", {"beta": 0.5}))


def logic(generator):
    for name, options in (
        ("EQUAL", "EqualOptions"), ("NOT_EQUAL", "NotEqualOptions"), ("LESS", "LessOptions"),
        ("GREATER", "GreaterOptions"), ("LESS_EQUAL", "LessEqualOptions"),
        ("GREATER_EQUAL", "GreaterEqualOptions"),
    ):  # fmt: skip
        for dtype in ("float32", "int8", "uint8", "int32"):
            if dtype == "int32":
                x, y = (Tensor(dtype, shape, limits=(-2, 2)) for shape in ((4, 9), (9,)))
            else:
                x, y = quantized(dtype, -1, 1, (4, 9)), quantized(dtype, -1, 1, (9,))
            yield f"{name} {dtype}", Operator(name, [x, y], [Tensor("bool")], (options, {}))
    for name, options in (("LOGICAL_AND", "LogicalAndOptions"),
                          ("LOGICAL_OR", "LogicalOrOptions")):  # fmt: skip
        yield name, Operator(
            name, [Tensor("bool", (4, 9)), Tensor("bool", (9,))], [Tensor("bool")], (options, {}))
    yield "LOGICAL_NOT", Operator("LOGICAL_NOT", [Tensor("bool", (4, 9))], [Tensor("bool")],
                                  ("LogicalNotOptions", {}))  # fmt: skip
    for name, options in (("SELECT", "SelectOptions"), ("SELECT_V2", "SelectV2Options")):
        for dtype in ("float32", "int8", "int32"):
            condition = Tensor("bool", (4, 9) if name == "SELECT" else (9,))
            yield f"{name} {dtype}", Operator(
                name, [condition] + [quantized(dtype, -1, 1, (4, 9)) if dtype != "int32"
                                     else Tensor(dtype, (4, 9)) for _ in range(2)],
                [quantized(dtype, -1, 1) if dtype != "int32" else Tensor(dtype)], (options, {}))
    yield "SELECT float32 by rows", Operator(
        "SELECT", [Tensor("bool", (4,)), Tensor(shape=(4, 9)), Tensor(shape=(4, 9))], [Tensor()],
        ("SelectOptions", {}))
    yield "BITWISE_XOR int32", Operator(
        "BITWISE_XOR", [Tensor("int32", (4, 9)), Tensor("int32", (9,))], [Tensor("int32")])
    yield "RIGHT_SHIFT int32", Operator(
        "RIGHT_SHIFT", [Tensor("int32", (4, 9)), Tensor("int32", (9,), limits=(0, 31))],
        [Tensor("int32")])


def reductions(generator):
    for name, dtypes, low, high in (
        ("MEAN", WIDE, -1, 1), ("SUM", WIDE, -6, 6), ("REDUCE_MAX", WIDE, -1, 1),
        ("REDUCE_MIN", WIDE, -1, 1), ("REDUCE_PROD", ("float32", "int8", "int16"), -1, 1),
    ):  # fmt: skip
        for dtype in dtypes:
            for axes, keeps in (((1, 2), True), ((1, 2), False), ((3,), False), ((-1, 0), True)):
                x, y = quantized(dtype, -1, 1, (2, 3, 4, 5)), quantized(dtype, low, high)
                if low == -1 and name != "MEAN":
                    y = quantized(dtype, -1, 1)
                yield f"{name} {dtype} {axes} {keeps}", Operator(
                    name, [x, ints(*axes)], [y], ("ReducerOptions", {"keepDims": keeps}),
                    # The reference kernel's sums of signed numbers are none: some have the wrong sign.
                    judge="preferred" if name == "SUM" else "reference")
    for dtype in ("int8", "uint8"):
        yield f"MEAN {dtype} of another scale", Operator(
            "MEAN", [quantized(dtype, -1, 2, (1, 7, 7, 20)), ints(1, 2)],
            [quantized(dtype, -0.4, 1.1)], ("ReducerOptions", {"keepDims": True}))
    for name in ("REDUCE_ANY", "REDUCE_ALL"):
        yield name, Operator(name, [Tensor("bool", (5, 3, 2)), ints(1)], [Tensor("bool")],
                             ("ReducerOptions", {}))  # fmt: skip
    for name, options in (("ARG_MAX", "ArgMaxOptions"), ("ARG_MIN", "ArgMinOptions")):
        for dtype in ("float32", "int8", "uint8", "int32"):
            for place, result in (("int32", "int32"), ("int64", "int64")):
                x = Tensor(dtype, (4, 5, 6))
                x = quantized(dtype, -1, 1, (4, 5, 6)) if dtype != "int32" else x
                number = 2 if place == "int32" else 4
                yield f"{name} {dtype} to {result}", Operator(
                    name, [x, scalar(1)], [Tensor(result)], (options, {"outputType": number}))
    for exclusive in (False, True):
        for reverse in (False, True):
            yield f"CUMSUM float32 {exclusive} {reverse}", Operator(
                "CUMSUM", [Tensor(shape=(3, 5)), scalar(1)], [Tensor()],
                ("CumsumOptions", {"exclusive": exclusive, "reverse": reverse}))


def movement(generator):
    for dtype in ("float32", "int8", "uint8", "int16", "int32"):
        def data(*shape, low=-1, high=2):
            return Tensor(dtype, shape) if dtype == "int32" else quantized(dtype, low, high, shape)

        def result():
            return data()

        yield f"TRANSPOSE {dtype}", Operator(
            "TRANSPOSE", [data(2, 3, 4, 5), ints(0, 3, 1, 2)], [result()],
            ("TransposeOptions", {}))
        yield f"PAD {dtype}", Operator(
            "PAD", [data(1, 3, 4, 2), Tensor("int32", data=[[0, 0], [1, 2], [0, 1], [0, 0]])],
            [result()], ("PadOptions", {}))
        yield f"TILE {dtype}", Operator(
            "TILE", [data(2, 3), ints(2, 3)], [result()], ("TileOptions", {}))
        yield f"SLICE {dtype}", Operator(
            "SLICE", [data(3, 4, 5), ints(1, 0, 2), ints(-1, 3, 2)], [result()],
            ("SliceOptions", {}))
        yield f"GATHER {dtype}", Operator(
            "GATHER", [data(4, 5), Tensor("int32", data=[[3, 0], [1, 1]])], [result()],
            ("GatherOptions", {"axis": 0}))
        yield f"CONCATENATION {dtype}", Operator(
            "CONCATENATION", [data(2, 3), data(2, 4)], [result()], ("ConcatenationOptions",
                                                                    {"axis": 1}))
        yield f"SPLIT {dtype}", Operator(
            "SPLIT", [scalar(1), data(2, 6)], [result(), result(), result()],
            ("SplitOptions", {"numSplits": 3}))
        yield f"PACK {dtype}", Operator(
            "PACK", [data(2, 3), data(2, 3)], [result()],
            ("PackOptions", {"axis": 1, "valuesCount": 2}))
        yield f"UNPACK {dtype}", Operator(
            "UNPACK", [data(2, 3)], [result(), result()], ("UnpackOptions", {"axis": 0, "num": 2}))
        yield f"STRIDED_SLICE {dtype}", Operator(
            "STRIDED_SLICE", [data(5, 6, 3), ints(0, 4, 1), ints(5, 0, 2), ints(2, -1, 1)],
            [result()], ("StridedSliceOptions", {"beginMask": 1, "endMask": 1,
                                                 "shrinkAxisMask": 4}))
        yield f"RESHAPE {dtype}", Operator(
            "RESHAPE", [data(2, 6), ints(3, -1)], [result()],
            ("ReshapeOptions", {"newShape": [3, -1]}))
    data, result = (lambda *shape: Tensor(shape=shape)), (lambda: Tensor())
    yield "STRIDED_SLICE float32 ellipsis", Operator(
        "STRIDED_SLICE", [data(2, 3, 4, 5), ints(1, 0, 1), ints(2, 0, 4), ints(1, 1, 2)],
        [result()], ("StridedSliceOptions", {"ellipsisMask": 2, "shrinkAxisMask": 1}))
    yield "STRIDED_SLICE float32 new axis", Operator(
        "STRIDED_SLICE", [data(4, 5), ints(1, 0, 1), ints(3, 0, 4), ints(1, 1, 2)],
        [result()], ("StridedSliceOptions", {"newAxisMask": 2}))
    yield "STRIDED_SLICE float32 short", Operator(
        "STRIDED_SLICE", [data(4, 5, 2), ints(-3), ints(-1), ints(1)],
        [result()], ("StridedSliceOptions", {}))
    yield "SPLIT_V float32", Operator(
        "SPLIT_V", [data(2, 6), ints(1, 3, 2), scalar(1)], [result(), result(), result()],
        ("SplitVOptions", {"numSplits": 3}))
    yield "PADV2 float32", Operator(
        "PADV2", [data(3, 4), Tensor("int32", data=[[1, 0], [2, 1]]), scalar(0.5, "float32")],
        [result()], ("PadV2Options", {}))
    # A mirror that repeats the ends is opaque.
    yield "MIRROR_PAD float32", Operator(
        "MIRROR_PAD", [data(3, 4), Tensor("int32", data=[[1, 0], [2, 1]])], [result()],
        ("MirrorPadOptions", {"mode": 0}))
    yield "BROADCAST_TO float32", Operator(
        "BROADCAST_TO", [data(3, 1), ints(2, 3, 4)], [result()], ("BroadcastToOptions", {}), version=2)
    yield "FILL int32", Operator(
        "FILL", [ints(2, 3), Tensor("int32", ())], [Tensor("int32")], ("FillOptions", {}))
    yield "REVERSE_V2 float32", Operator(
        "REVERSE_V2", [data(2, 3, 4), ints(1)], [result()], ("ReverseV2Options", {}))
    yield "REVERSE_SEQUENCE float32", Operator(
        "REVERSE_SEQUENCE", [data(2, 5, 3), ints(2, 4)], [result()],
        ("ReverseSequenceOptions", {"seqDim": 1, "batchDim": 0}))
    for dtype in ("float32", "int8"):
        for name, options, shape in (
            ("DEPTH_TO_SPACE", "DepthToSpaceOptions", (1, 2, 3, 8)),
            ("SPACE_TO_DEPTH", "SpaceToDepthOptions", (1, 4, 6, 2)),
        ):
            yield f"{name} {dtype}", Operator(
                name, [quantized(dtype, -1, 1, shape)], [quantized(dtype, -1, 1)],
                (options, {"blockSize": 2}))
        yield f"SPACE_TO_BATCH_ND {dtype}", Operator(
            "SPACE_TO_BATCH_ND",
            [quantized(dtype, -1, 2, (1, 5, 6, 3)), ints(2, 3),
             Tensor("int32", data=[[1, 0], [0, 3]])],
            [quantized(dtype, -1, 2)], ("SpaceToBatchNDOptions", {}))
        yield f"BATCH_TO_SPACE_ND {dtype}", Operator(
            "BATCH_TO_SPACE_ND",
            [quantized(dtype, -1, 2, (6, 3, 3, 3)), ints(2, 3),
             Tensor("int32", data=[[1, 0], [0, 3]])],
            [quantized(dtype, -1, 2)], ("BatchToSpaceNDOptions", {}))
    for dtype in WIDE:
        for align, centers, size in ((False, False, (7, 9)), (True, False, (7, 9)),
                                     (False, True, (7, 9)), (False, True, (2, 3))):  # fmt: skip
            for name, options in (("RESIZE_BILINEAR", "ResizeBilinearOptions"),
                                  ("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions")):
                yield f"{name} {dtype} {align} {centers} {size}", Operator(
                    name, [quantized(dtype, -1, 2, (1, 4, 5, 3)), ints(*size)],
                    [quantized(dtype, -1, 2)],
                    (options, {"alignCorners": align, "halfPixelCenters": centers}), version=3)
    # Of signed bytes all have one scale.
    yield "CONCATENATION uint8 of several scales", Operator(
        "CONCATENATION", [quantized("uint8", -1, 2, (2, 3)), quantized("uint8", -3, 1, (2, 4))],
        [quantized("uint8", -3, 2)], ("ConcatenationOptions", {"axis": 1}))
    for x, y in (("float32", "int32"), ("int32", "float32"), ("int64", "int32"), ("bool", "float32"),
                 ("uint8", "float32"), ("float32", "uint8"), ("int32", "bool")):  # fmt: skip
        limits = (0, 200) if x not in ("bool",) else None
        yield f"CAST {x} to {y}", Operator("CAST", [Tensor(x, (3, 4), limits=limits)], [Tensor(y)],
                                           ("CastOptions", {}))  # fmt: skip
    yield "SQUEEZE float32", Operator("SQUEEZE", [data(1, 3, 1, 2)], [result()],
                                      ("SqueezeOptions", {"squeezeDims": [0, -2]}))  # fmt: skip
    yield "EXPAND_DIMS float32", Operator("EXPAND_DIMS", [data(3, 2), scalar(-1)], [result()],
                                          ("ExpandDimsOptions", {}))  # fmt: skip


def indexing(generator):
    data, result = (lambda *shape: Tensor(shape=shape)), (lambda: Tensor())
    for axis, batch in ((1, 0), (1, 1), (2, 1)):
        places = Tensor("int32", data=generator.integers(0, 3, (2, 4)))
        yield f"GATHER float32 axis {axis}, batch {batch}", Operator(
            "GATHER", [data(2, 3, 5), places], [result()],
            ("GatherOptions", {"axis": axis, "batchDims": batch}))
    yield "GATHER float32 fed", Operator(
        "GATHER", [data(6, 3), Tensor("int32", (2, 2), limits=(0, 5))], [result()],
        ("GatherOptions", {"axis": 0}))
    yield "GATHER_ND float32", Operator(
        "GATHER_ND", [data(3, 4, 5), Tensor("int32", data=[[0, 3], [2, 1]])], [result()],
        ("GatherNdOptions", {}))
    yield "EMBEDDING_LOOKUP float32", Operator(
        "EMBEDDING_LOOKUP", [Tensor("int32", (4,), limits=(0, 5)), data(6, 3)], [result()])
    yield "SCATTER_ND float32", Operator(
        "SCATTER_ND", [Tensor("int32", data=[[1], [4], [1]]), data(3, 2), ints(6, 2)], [result()],
        ("ScatterNdOptions", {}))
    for dtype in ("float32", "int8", "int32"):
        x = Tensor(dtype, (3, 9)) if dtype == "int32" else quantized(dtype, -1, 1, (3, 9))
        y = Tensor(dtype) if dtype == "int32" else quantized(dtype, -1, 1)
        yield f"TOPK_V2 {dtype}", Operator(
            "TOPK_V2", [x, scalar(4)], [y, Tensor("int32")], ("TopKV2Options", {}))
    yield "ONE_HOT float32", Operator(
        "ONE_HOT", [Tensor("int32", (3, 2), limits=(-1, 5)), scalar(5), scalar(2, "float32"),
                    scalar(-1, "float32")], [result()], ("OneHotOptions", {"axis": -1}))
    yield "SHAPE", Operator("SHAPE", [data(3, 4)], [Tensor("int32")],
                            ("ShapeOptions", {"outType": 2}))  # fmt: skip
    yield "RANK", Operator("RANK", [data(3, 4)], [Tensor("int32")], ("RankOptions", {}))
    yield "RANGE int32", Operator("RANGE", [scalar(2), scalar(11), scalar(3)], [Tensor("int32")],
                                  ("RangeOptions", {}))  # fmt: skip
    yield "ZEROS_LIKE float32", Operator("ZEROS_LIKE", [data(3, 4)], [result()],
                                         ("ZerosLikeOptions", {}))  # fmt: skip


def conversions(generator):
    for dtype in ("int8", "uint8", "int16"):
        yield f"QUANTIZE {dtype}", Operator(
            "QUANTIZE", [Tensor(shape=(5, 40), limits=(-2, 3))], [quantized(dtype, -1, 2)],
            ("QuantizeOptions", {}))
        yield f"DEQUANTIZE {dtype}", Operator(
            "DEQUANTIZE", [quantized(dtype, -1, 2, (5, 40))], [Tensor()], ("DequantizeOptions", {}))
    for x, y in (("int8", "int8"), ("uint8", "uint8"), ("int8", "uint8"), ("uint8", "int8"),
                 ("int8", "int16"), ("int16", "int8"), ("int16", "int16")):  # fmt: skip
        yield f"QUANTIZE {x} to {y}", Operator(
            "QUANTIZE", [quantized(x, -1, 2, (5, 40))], [quantized(y, -1.5, 1.7)],
            ("QuantizeOptions", {}))
    yield "QUANTIZE int8 to uint8 as it is", Operator(
        "QUANTIZE", [quantized("int8", -1, 2, (5, 40))], [quantized("uint8", -1, 2)],
        ("QuantizeOptions", {}))
    yield "DEQUANTIZE float16", Operator(
        "DEQUANTIZE", [Tensor("float16", data=generator.uniform(-1, 1, (3, 4)))], [Tensor()],
        ("DequantizeOptions", {}))


def detections(generator):
    """Boxes about a grid of anchors, most of which overlap others."""
    count, classes = 40, 3
    grid = np.stack(np.meshgrid(np.linspace(0.1, 0.9, 5), np.linspace(0.1, 0.9, 8)), -1)
    anchors = np.concatenate([grid.reshape(-1, 2), np.full((count, 2), 0.3)], 1).astype("float32")
    for label, dtype, regular, per_anchor, background, limit, score in (
        ("fast", "float32", False, 1, 1, 12, 0.3),
        ("fast, two classes a box", "float32", False, 2, 1, 12, 0.3),
        ("fast, no background", "float32", False, 1, 0, 12, 0.3),
        ("fast, few", "float32", False, 1, 1, 40, 0.95),
        ("by class", "float32", True, 1, 1, 12, 0.3),
        ("by class, few", "float32", True, 1, 1, 40, 0.95),
        ("fast", "uint8", False, 1, 1, 12, 0.3), ("by class", "uint8", True, 1, 1, 12, 0.3),
    ):  # fmt: skip
        fields = {"max_detections": limit, "max_classes_per_detection": per_anchor,
                  "detections_per_class": 7, "use_regular_nms": regular,
                  "nms_score_threshold": score, "nms_iou_threshold": 0.5, "num_classes": classes,
                  "y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0}
        offsets = quantized(dtype, -3, 3, (1, count, 4))
        scores = quantized(dtype, 0, 1, (1, count, classes + background))
        place = Tensor(data=anchors)
        if dtype != "float32":
            place = quantized(dtype, 0, 1)
            place.data = np.round(anchors / place.scales[0]) + place.zeros[0]
        yield f"TFLite_Detection_PostProcess {dtype} {label}", Operator(
            "TFLite_Detection_PostProcess", [offsets, scores, place],
            [Tensor() for _ in range(4)], custom=bytes(flexbuffers.Dumps(fields)),
            counted_by=None if per_anchor > 1 else 3)


def catalogue():
    generator = np.random.default_rng(7)
    for family in (convolutions, products, pools, arithmetic, functions, logic, reductions, movement,
                   indexing, conversions, detections):  # fmt: skip
        yield from family(generator)
