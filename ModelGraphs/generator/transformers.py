"""Encoders: DeiT-Tiny for images, BERT-base for text."""

import math

import numpy as np
from onnx import TensorProto

from . import layers

# -- DeiT-Tiny ------------------------------------------------------------------------------------


def deit_tiny(g, width=192, heads=3, blocks=12, patch=16):
    """The model without distillation token; module names follow timm."""
    x = g.input("input", (1, 3, 224, 224))
    weight = g.weight("patch_embed.proj.weight", (width, 3, patch, patch), 1 / (3 * patch**2))
    bias = g.weight("patch_embed.proj.bias", (width,), 0.01)
    x = g.conv(x, weight, bias, "patch_embed.proj", (patch, patch), (0, 0, 0, 0))
    patches = math.prod(g.shape(x)[2:])
    x = g.reshape(x, (1, width, patches), "patch_embed.flatten")
    x = g.transpose(x, [0, 2, 1], "patch_embed.transpose")
    x = g.concat([g.weight("cls_token", (1, 1, width), 0.01), x], 1, "concat")
    x = g.node("Add", [x, g.weight("pos_embed", (1, patches + 1, width), 0.01)], "pos_embed.add")
    for index in range(blocks):
        x = _vision_block(g, x, heads, f"blocks.{index}")
    x = layers.layer_norm(g, x, "norm", epsilon=1e-6)
    x = g.node("Gather", [x, g.indices("first", 0)], "class_token", (1, width), axis=1)
    g.output(layers.linear(g, x, 1000, "head"), "output")


def _vision_block(g, x, heads, name):
    y = layers.layer_norm(g, x, f"{name}.norm1", epsilon=1e-6)
    x = g.node("Add", [x, _fused_attention(g, y, heads, f"{name}.attn")], f"{name}.add1")
    y = layers.layer_norm(g, x, f"{name}.norm2", epsilon=1e-6)
    y = layers.dense(g, y, 4 * g.shape(x)[-1], f"{name}.mlp.fc1")
    y = layers.dense(g, layers.gelu(g, y, f"{name}.mlp.act"), g.shape(x)[-1], f"{name}.mlp.fc2")
    return g.node("Add", [x, y], f"{name}.add2")


def _fused_attention(g, x, heads, name):
    """Self-attention whose query, key and value come from one projection."""
    batch, length, width = g.shape(x)
    head = width // heads
    x = layers.dense(g, x, 3 * width, f"{name}.qkv")
    x = g.reshape(x, (batch, length, 3, heads, head), f"{name}.heads")
    x = g.transpose(x, [2, 0, 3, 1, 4], f"{name}.transpose")
    query, key, value = (
        g.squeeze(part, 0, f"{name}.{label}")
        for part, label in zip(g.split(x, [1, 1, 1], 0, f"{name}.split"), ("q", "k", "v"))
    )
    query = g.node("Mul", [query, g.constant("attention_scale", head**-0.5)], f"{name}.scale")
    key = g.transpose(key, [0, 1, 3, 2], f"{name}.key_transpose")
    scores = g.matmul(query, key, f"{name}.scores")
    scores = g.node("Softmax", [scores], f"{name}.softmax", axis=-1)
    x = g.matmul(scores, value, f"{name}.context")
    x = g.transpose(x, [0, 2, 1, 3], f"{name}.merge")
    x = g.reshape(x, (batch, length, width), f"{name}.merged")
    return layers.dense(g, x, width, f"{name}.proj")


# -- BERT-base ------------------------------------------------------------------------------------

VOCABULARY, POSITIONS, TOKEN_TYPES = 30522, 512, 2


def bert_base(g, length=128, width=768, heads=12, blocks=12):
    """The encoder with its pooler; module names follow transformers."""
    tokens, mask, types = (
        g.input(name, (1, length), TensorProto.INT64)
        for name in ("input_ids", "attention_mask", "token_type_ids")
    )
    x = _embeddings(g, tokens, types, width)
    mask = _additive_mask(g, mask)
    for index in range(blocks):
        x = _text_block(g, x, mask, heads, f"encoder.layer.{index}")
    first = g.node("Gather", [x, g.indices("first", 0)], "pooler.first", (1, width), axis=1)
    pooled = g.node("Tanh", [layers.linear(g, first, width, "pooler.dense")], "pooler.activation")
    g.output(x, "last_hidden_state")
    g.output(pooled, "pooler_output")


def _embeddings(g, tokens, types, width):
    length = g.shape(tokens)[1]

    def table(kind, rows, indices):
        weight = g.weight(f"embeddings.{kind}_embeddings.weight", (rows, width), 0.01)
        shape = (*g.shape(indices), width)
        return g.node("Gather", [weight, indices], f"embeddings.{kind}", shape, axis=0)

    words = table("word", VOCABULARY, tokens)
    kinds = table("token_type", TOKEN_TYPES, types)
    places = table("position", POSITIONS, g.indices("position_ids", np.arange(length)[None]))
    x = g.node("Add", [words, kinds], "embeddings.add_types")
    x = g.node("Add", [x, places], "embeddings.add_positions")
    return layers.layer_norm(g, x, "embeddings.LayerNorm", epsilon=1e-12)


def _additive_mask(g, mask):
    """0 where a token may be attended to, the lowest float where not."""
    mask = g.unsqueeze(g.unsqueeze(mask, 1, "mask.rows"), 2, "mask.heads")
    mask = g.node("Cast", [mask], "mask.cast", to=TensorProto.FLOAT)
    mask = g.node("Sub", [g.constant("one", 1.0), mask], "mask.inverted")
    return g.node("Mul", [mask, g.constant("lowest", np.finfo(np.float32).min)], "mask.additive")


def _text_block(g, x, mask, heads, name):
    y = _separate_attention(g, x, mask, heads, f"{name}.attention")
    x = g.node("Add", [y, x], f"{name}.attention.output.add")
    x = layers.layer_norm(g, x, f"{name}.attention.output.LayerNorm", epsilon=1e-12)
    y = layers.dense(g, x, 4 * g.shape(x)[-1], f"{name}.intermediate.dense")
    y = layers.gelu(g, y, f"{name}.intermediate.act")
    y = layers.dense(g, y, g.shape(x)[-1], f"{name}.output.dense")
    x = g.node("Add", [y, x], f"{name}.output.add")
    return layers.layer_norm(g, x, f"{name}.output.LayerNorm", epsilon=1e-12)


def _separate_attention(g, x, mask, heads, name):
    """Self-attention with three projections and a mask added to the scores."""
    batch, length, width = g.shape(x)
    head = width // heads

    def projected(kind, permutation):
        y = layers.dense(g, x, width, f"{name}.self.{kind}")
        y = g.reshape(y, (batch, length, heads, head), f"{name}.self.{kind}.heads")
        return g.transpose(y, permutation, f"{name}.self.{kind}.transpose")

    query = projected("query", [0, 2, 1, 3])
    key = projected("key", [0, 2, 3, 1])
    value = projected("value", [0, 2, 1, 3])
    scores = g.matmul(query, key, f"{name}.self.scores")
    divisor = g.constant("attention_divisor", math.sqrt(head))
    scores = g.node("Div", [scores, divisor], f"{name}.self.scale")
    scores = g.node("Add", [scores, mask], f"{name}.self.mask")
    scores = g.node("Softmax", [scores], f"{name}.self.softmax", axis=-1)
    y = g.matmul(scores, value, f"{name}.self.context")
    y = g.transpose(y, [0, 2, 1, 3], f"{name}.self.merge")
    y = g.reshape(y, (batch, length, width), f"{name}.self.merged")
    return layers.dense(g, y, width, f"{name}.output.dense")
