"""What a model runs with: shapes for its open inputs, and seeded random content.

How the models that Scripts/fetch-models brings are run stands in `shape-runs.txt`.
"""

import argparse
import fnmatch
import pathlib
import re
import shlex

import numpy as np
from onnx import TensorProto, helper

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16)


class InputError(Exception):
    """What stands between a model and its run, in words for the user."""


# -- options --------------------------------------------------------------------------------------


def add_options(parser):
    """`--shape`, `--dim` and `--fill`, for what a model leaves open."""
    parser.add_argument("--shape", action="append", default=[], metavar="NAME:1x3x224x224")
    parser.add_argument("--dim", action="append", default=[], metavar="NAME=SIZE")
    parser.add_argument(
        "--fill",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="fill this input with one value instead of random ones",
    )


def known_options(name):
    """What `shape-runs.txt` says of a file: of its first line whose pattern fits `name`."""
    parser = argparse.ArgumentParser()
    add_options(parser)
    words = []
    for line in (REPOSITORY / "Scripts" / "shape-runs.txt").read_text().splitlines():
        pattern, *options = shlex.split(line, comments=True) or [None]
        if pattern and fnmatch.fnmatch(name, pattern):
            words = options
            break
    return given(parser.parse_known_args(words)[0])


def pairs(items, separator, convert, what):
    found = {}
    for item in items:
        name, mark, text = item.rpartition(separator)
        try:
            if not mark:
                raise ValueError
            found[name] = convert(text)
        except ValueError:
            raise InputError(f"'{item}' is no {what}") from None
    return found


def parsed_dims(text):
    return [] if text == "scalar" else [int(dim) for dim in text.split("x")]


def given(arguments):
    """The shapes, dimensions and fill values of the options of `add_options`, by name."""
    return (
        pairs(arguments.shape, ":", parsed_dims, "NAME:1x2x3"),
        pairs(arguments.dim, "=", int, "NAME=SIZE"),
        pairs(arguments.fill, "=", float, "NAME=VALUE"),
    )


# -- shapes ---------------------------------------------------------------------------------------


def runtime_inputs(model):
    """The inputs a caller gives: those without an initializer."""
    stored = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in stored]


def input_shape(value, shapes, dims):
    """The shape to run `value` with: as asked for, else as declared with `dims` filled in."""
    if value.name in shapes:
        return shapes[value.name]
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        raise InputError(f"input '{value.name}' declares no shape: give --shape {value.name}:DIMS")
    shape = []
    for position, dim in enumerate(tensor.shape.dim):
        name = dim.dim_param
        if dim.HasField("dim_value") and dim.dim_value > 0:
            shape.append(dim.dim_value)
        elif name in dims:
            shape.append(dims[name])
        else:
            raise InputError(
                f"input '{value.name}' leaves axis {position} open ('{name}'): "
                f"give --dim {name or 'NAME'}=SIZE or --shape {value.name}:DIMS"
            )
    return shape


def chosen_shapes(model, shapes, dims):
    """The shape that every input of `model` runs with, by name."""
    for value in runtime_inputs(model):
        if not value.type.HasField("tensor_type"):
            raise InputError(f"input '{value.name}' is no tensor")
    return {value.name: input_shape(value, shapes, dims) for value in runtime_inputs(model)}


def fixed_inputs(model, shapes, dims):
    """Gives every input of `model` the shape it runs with, and returns them by name."""
    chosen = chosen_shapes(model, shapes, dims)
    for value in runtime_inputs(model):
        kind = value.type.tensor_type.elem_type
        value.CopyFrom(helper.make_tensor_value_info(value.name, kind, chosen[value.name]))
    return chosen


# -- content --------------------------------------------------------------------------------------


def random_input(value, shape, fill, generator):
    """Content an input of this name and type is likely to accept: small, in range of any table."""
    if value.name in fill:
        content = np.full(shape, fill[value.name])
    elif "mask" in value.name:
        content = np.ones(shape)
    elif value.name == "position_ids":
        content = np.broadcast_to(np.arange(shape[-1]), shape)
    elif value.type.tensor_type.elem_type in FLOATS:
        content = generator.random(shape)
    else:
        content = generator.integers(0, 2, shape)
    return np.asarray(content, helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type))


def picture(shape, generator):
    """Dark glyphs of 5 by 7 pixels on patches of light colour, and noise: something to detect."""
    *leading, height, width = shape
    rows, columns = -(-height // 12), -(-width // 6)
    glyphs = np.zeros((rows, 12, columns, 6))
    glyphs[:, :7, :, :5] = generator.random((rows, 7, columns, 5)) < 0.5
    glyphs = glyphs.reshape(rows * 12, columns * 6)[:height, :width]
    patches = generator.random((*leading, 8, 8)) / 2 + 0.5
    down, across = (np.arange(edge) * 8 // edge for edge in (height, width))
    light = patches[..., down, :][..., across]
    return light * (1 - 0.9 * glyphs) + 0.05 * generator.random(shape)


def varied_input(value, shape, fill, generator, tokens=200):
    """Content that tells one input from another: pictures, and tokens below `tokens`."""
    kind = value.type.tensor_type.elem_type
    special = value.name in fill or any(word in value.name for word in ("mask", "position", "type"))
    if special or kind == TensorProto.BOOL:
        return random_input(value, shape, fill, generator)
    if kind not in FLOATS:
        content = generator.integers(0, tokens, shape)
    elif len(shape) == 4 and shape[1] in (1, 3) and min(shape[2:]) >= 8:
        content = picture(shape, generator)
    else:
        content = generator.standard_normal(shape)
    return np.asarray(content, helper.tensor_dtype_to_np_dtype(kind))


def feed(model, options=({}, {}, {}), seed=0):
    """Varied content for every input of `model`, by name."""
    shapes, dims, fill = options
    generator = np.random.default_rng(seed)
    shapes = chosen_shapes(model, shapes, dims)
    return {
        value.name: varied_input(value, shapes[value.name], fill, generator)
        for value in runtime_inputs(model)
    }


def output_file(value):
    """The file to which `boardfit run --save-outputs` writes a value."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", value)
    return (f"_{plain}" if plain.startswith(".") or not plain else plain) + ".npy"
