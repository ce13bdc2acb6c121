"""A decoder of the 1-billion class (the shape of Llama 3.2 1B) for one prompt or one new token.

RMSNorm, rotary positions, grouped-query attention and SwiGLU stand as plain operators, as exporters
write them. The embedding and the output projection share one weight.
"""

import math
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from . import layers


@dataclass(frozen=True)
class Shape:
    layers: int = 16
    width: int = 2048
    query_heads: int = 32
    key_value_heads: int = 8
    head: int = 64
    hidden: int = 8192
    vocabulary: int = 128256


SHAPE = Shape()


def prefill(g, length=128):
    """The prompt in one pass; the keys and values of every layer come out."""
    build(g, SHAPE, new=length, cached=0)


def decode(g, cached=1024):
    """One new token after `cached` ones, whose keys and values come in."""
    build(g, SHAPE, new=1, cached=cached)


def build(g, s, new, cached):
    """`new` tokens after `cached` ones, in a decoder of shape `s`."""
    tokens = g.input("input_ids", (1, new), TensorProto.INT64)
    attended = g.input("attention_mask", (1, cached + new), TensorProto.INT64)
    positions = g.input("position_ids", (1, new), TensorProto.INT64)
    past = [_past(g, s, index, cached) for index in range(s.layers)] if cached else None

    table = g.weight("model.embed_tokens.weight", (s.vocabulary, s.width), 0.01)
    x = g.node("Gather", [table, tokens], "model.embed_tokens", (1, new, s.width), axis=0)
    rotation = _rotation(g, positions, s.head)
    mask = _causal_mask(g, attended, positions, cached + new)
    for index in range(s.layers):
        x = _block(g, s, x, rotation, mask, past[index] if past else None, index)
    x = _rms_norm(g, x, "model.norm")
    x = g.reshape(x, (new, s.width), "lm_head.rows")
    logits = g.gemm(x, table, None, "lm_head")
    g.output(g.reshape(logits, (1, new, s.vocabulary), "lm_head.logits"), "logits")
    g.outputs.insert(0, g.outputs.pop())  # logits first, as exporters order them


def _past(g, s, index, cached):
    shape = (1, s.key_value_heads, cached, s.head)
    return [g.input(f"past_key_values.{index}.{kind}", shape) for kind in ("key", "value")]


def _block(g, s, x, rotation, mask, past, index):
    name = f"model.layers.{index}"
    y = _rms_norm(g, x, f"{name}.input_layernorm")
    y = _attention(g, s, y, rotation, mask, past, index, f"{name}.self_attn")
    x = g.node("Add", [x, y], f"{name}.add_attention")
    y = _rms_norm(g, x, f"{name}.post_attention_layernorm")
    return g.node("Add", [x, _swiglu(g, y, s.hidden, f"{name}.mlp")], f"{name}.add_mlp")


def _rms_norm(g, x, name, epsilon=1e-5):
    """x / sqrt(mean(x^2) + epsilon) * weight"""
    *rows, width = g.shape(x)
    square = g.node("Pow", [x, g.constant("two", 2.0)], f"{name}.square")
    mean = g.node("ReduceMean", [square], f"{name}.mean", (*rows, 1), axes=[-1], keepdims=1)
    mean = g.node("Add", [mean, g.constant("norm_epsilon", epsilon)], f"{name}.epsilon")
    root = g.node("Sqrt", [mean], f"{name}.sqrt")
    inverse = g.node("Reciprocal", [root], f"{name}.reciprocal")
    x = g.node("Mul", [x, inverse], f"{name}.normalized")
    return g.node("Mul", [g.weight(f"{name}.weight", (width,), 1.0), x], name)


def _swiglu(g, x, hidden, name):
    gate = layers.silu(
        g, layers.dense(g, x, hidden, f"{name}.gate_proj", bias=False), f"{name}.act"
    )
    up = layers.dense(g, x, hidden, f"{name}.up_proj", bias=False)
    product = g.node("Mul", [gate, up], f"{name}.product")
    return layers.dense(g, product, g.shape(x)[-1], f"{name}.down_proj", bias=False)


# -- attention ------------------------------------------------------------------------------------


def _attention(g, s, x, rotation, mask, past, index, name):
    batch, new, width = g.shape(x)

    def projected(kind, heads):
        y = layers.dense(g, x, heads * s.head, f"{name}.{kind}_proj", bias=False)
        y = g.reshape(y, (batch, new, heads, s.head), f"{name}.{kind}_heads")
        return g.transpose(y, [0, 2, 1, 3], f"{name}.{kind}_transpose")

    query = _rotated(g, projected("q", s.query_heads), rotation, f"{name}.q_rotary")
    key = _rotated(g, projected("k", s.key_value_heads), rotation, f"{name}.k_rotary")
    value = projected("v", s.key_value_heads)
    if past:
        key = g.concat([past[0], key], 2, f"{name}.k_cache")
        value = g.concat([past[1], value], 2, f"{name}.v_cache")
    g.output(key, f"present.{index}.key")
    g.output(value, f"present.{index}.value")

    key = _repeated(g, key, s.query_heads, f"{name}.k_repeat")
    value = _repeated(g, value, s.query_heads, f"{name}.v_repeat")
    key = g.transpose(key, [0, 1, 3, 2], f"{name}.k_columns")
    scores = g.matmul(query, key, f"{name}.scores")
    scale = g.constant("attention_scale", s.head**-0.5)
    scores = g.node("Mul", [scores, scale], f"{name}.scale")
    scores = g.node("Add", [scores, mask], f"{name}.mask")
    scores = g.node("Softmax", [scores], f"{name}.softmax", axis=-1)
    x = g.matmul(scores, value, f"{name}.context")
    x = g.transpose(x, [0, 2, 1, 3], f"{name}.merge")
    x = g.reshape(x, (batch, new, s.query_heads * s.head), f"{name}.merged")
    return layers.dense(g, x, width, f"{name}.o_proj", bias=False)


def _repeated(g, x, heads, name):
    """Each key or value head once for every query head that shares it."""
    batch, shared, length, head = g.shape(x)
    x = g.unsqueeze(x, 2, f"{name}.unsqueeze")
    shape = (batch, shared, heads // shared, length, head)
    x = g.node("Expand", [x, g.indices(f"{name}.expand.shape", shape)], f"{name}.expand", shape)
    return g.reshape(x, (batch, heads, length, head), name)


def _causal_mask(g, attended, positions, total):
    """0 where a query may look at a key, the lowest float elsewhere: [1, 1, queries, keys]."""
    keys = g.indices("key_positions", np.arange(total).reshape(1, 1, 1, total))
    queries = g.unsqueeze(g.unsqueeze(positions, 1, "mask.rows"), 3, "mask.columns")
    earlier = g.node("LessOrEqual", [keys, queries], "mask.causal")
    attended = g.unsqueeze(g.unsqueeze(attended, 1, "mask.keys"), 2, "mask.heads")
    attended = g.node("Cast", [attended], "mask.attended", to=TensorProto.BOOL)
    visible = g.node("And", [earlier, attended], "mask.visible")
    zero, lowest = g.constant("zero", 0.0), g.constant("lowest", np.finfo(np.float32).min)
    return g.node("Where", [visible, zero, lowest], "mask")


# -- rotary positions -----------------------------------------------------------------------------


def _rotation(g, positions, head):
    """Cosine and sine of every position at every frequency: [1, 1, positions, head]."""
    angles = g.node(
        "Mul",
        [
            g.unsqueeze(
                g.node("Cast", [positions], "rotary.positions", to=TensorProto.FLOAT),
                2,
                "rotary.columns",
            ),
            g.constant("rotary.inv_freq", _inverse_frequencies(head)),
        ],
        "rotary.angles",
    )
    angles = g.concat([angles, angles], 2, "rotary.both")
    return [
        g.unsqueeze(
            g.node(operator, [angles], f"rotary.{operator.lower()}"), 1, f"rotary.{operator}"
        )
        for operator in ("Cos", "Sin")
    ]


def _inverse_frequencies(
    head, base=500_000.0, factor=32.0, low_factor=1.0, high_factor=4.0, original_context=8192
):
    """Llama 3's schedule: long wavelengths slowed by `factor`, short ones kept, a blend between."""
    frequencies = base ** (-np.arange(0, head, 2) / head)
    turns = original_context * frequencies / (2 * math.pi)
    kept = np.clip((turns - low_factor) / (high_factor - low_factor), 0.0, 1.0)
    return frequencies * (kept + (1 - kept) / factor)


def _rotated(g, x, rotation, name):
    """x * cos + (-second half, first half) * sin"""
    cosine, sine = rotation
    head = g.shape(x)[-1]
    first = g.slice(x, 3, 0, head // 2, f"{name}.first")
    second = g.slice(x, 3, head // 2, head, f"{name}.second")
    turned = g.concat([g.node("Neg", [second], f"{name}.neg"), first], 3, f"{name}.turned")
    along = g.node("Mul", [x, cosine], f"{name}.along")
    across = g.node("Mul", [turned, sine], f"{name}.across")
    return g.node("Add", [along, across], name)
