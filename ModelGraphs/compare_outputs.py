#!/usr/bin/env python3
"""Runs bundled graphs with a library's random weights and compares outputs with that library.

    ModelGraphs/compare_outputs.py [NAME ...]

Equal outputs show that a graph is the architecture it is named after: the wiring, epsilons, masks
and rotary positions, which counts alone cannot show. The 1B decoder is compared at a small size;
a layer has the same nodes at any size. The exit status is 1 when an output differs.

Needs what `Scripts/export-requirements.txt` lists, and onnxruntime.
"""

import argparse
import os
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("YOLO_OFFLINE", "true")
os.environ.setdefault("YOLO_CONFIG_DIR", tempfile.mkdtemp())

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
import torch  # noqa: E402
from generator import decoder  # noqa: E402
from generator.builder import GraphBuilder  # noqa: E402
from generator.catalog import ENTRIES  # noqa: E402
from onnx import numpy_helper  # noqa: E402

SEED = 20260101
TOLERANCE = 1e-4  # of the largest output


# -- our side -------------------------------------------------------------------------------------


def outputs(build, weights, feed):
    """What the graph computes with `weights`, a tensor for the name of each of its own."""
    builder = GraphBuilder()
    build(builder)
    model = builder.model("compared")
    dense = {node.input[1] for node in model.graph.node if node.op_type == "MatMul"}
    for node in [node for node in model.graph.node if node.op_type == "ConstantOfShape"]:
        name = node.output[0]
        content = weights[name].detach().numpy()
        content = np.ascontiguousarray(content.T if name in dense else content)
        assert content.shape == builder.shape(name), f"{name}: {content.shape}"
        model.graph.initializer.append(numpy_helper.from_array(content, name))
        model.graph.node.remove(node)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    names = [output.name for output in session.get_outputs()]
    feed = {name: np.asarray(content) for name, content in feed.items()}
    return dict(zip(names, session.run(None, feed), strict=True))


def entry(name):
    return next(entry for entry in ENTRIES if entry.name == name)


# -- the libraries' side: each yields (name, ours, theirs) ----------------------------------------


def with_random_statistics(network):
    """Normalization away from the identity, so that leaving it out would show."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.uniform_(0.5, 1.5)
            module.bias.uniform_(-0.2, 0.2)
    return network.eval()


def classifier(name, network, weights=None):
    network = with_random_statistics(network)
    image = torch.rand(1, 3, 224, 224)
    ours = outputs(entry(name).build, weights or network.state_dict(), {"input": image})
    yield "output", ours["output"], network(image)


def torchvision_classifier(name, theirs):
    import torchvision

    return classifier(name, torchvision.models.get_model(theirs, weights=None))


def efficientnet_lite0(name):
    """timm's port with TensorFlow's padding, which names the parts of a block otherwise."""
    import timm

    network = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    return classifier(name, network, dict(lite_names(network.state_dict())))


def lite_names(weights):
    stem = {"conv_stem": "stem.conv", "bn1": "stem.bn", "conv_head": "head.conv", "bn2": "head.bn"}
    parts = ("expand.conv", "expand.bn", "depthwise.conv", "depthwise.bn", "project.conv")
    parts += ("project.bn",)
    expanding = dict(
        zip(("conv_pw", "bn1", "conv_dw", "bn2", "conv_pwl", "bn3"), parts, strict=True)
    )
    plain = dict(zip(("conv_dw", "bn1", "conv_pw", "bn2"), parts[2:], strict=True))
    for name, content in weights.items():
        *block, part, kind = name.split(".")
        if block:
            path = ".".join(block)
            renamed = (expanding if f"{path}.conv_pwl.weight" in weights else plain)[part]
            yield f"{path}.{renamed}.{kind}", content
        else:
            yield f"{stem.get(part, part)}.{kind}", content


def deit_tiny(name):
    import timm

    return classifier(name, timm.create_model("deit_tiny_patch16_224", pretrained=False))


def bert(name):
    from transformers import BertConfig, BertModel

    network = BertModel(BertConfig(attn_implementation="eager")).eval()
    feed = {
        "input_ids": torch.randint(0, 30000, (1, 128)),
        "attention_mask": (torch.arange(128) < 100).to(torch.int64)[None],
        "token_type_ids": torch.randint(0, 2, (1, 128)),
    }
    ours, theirs = outputs(entry(name).build, network.state_dict(), feed), network(**feed)
    yield "last_hidden_state", ours["last_hidden_state"], theirs.last_hidden_state
    yield "pooler_output", ours["pooler_output"], theirs.pooler_output


def yolov8n(name):
    from ultralytics.nn.tasks import DetectionModel

    network = DetectionModel("yolov8n.yaml", verbose=False).eval().fuse(verbose=False)
    image = torch.rand(1, 3, 640, 640)
    ours = outputs(entry(name).build, network.state_dict(), {"images": image})
    yield "output0", ours["output0"], network(image)[0]


def small_decoder(_name, prompt=32):
    """The prompt through the prefill graph, then one token through the decode graph."""
    from transformers import LlamaForCausalLM

    small = decoder.Shape(2, 256, 4, 2, 64, 512, 1000)
    network = LlamaForCausalLM(llama_config(small)).eval()
    weights = network.state_dict()
    for key in weights:
        if "norm" in key:
            weights[key].uniform_(0.5, 1.5)
    tokens = torch.randint(0, small.vocabulary, (1, prompt + 1))
    theirs = network(tokens, use_cache=False).logits

    def run(new, cached, cache):
        feed = {
            "input_ids": tokens[:, cached : cached + new],
            "attention_mask": np.ones((1, cached + new), np.int64),
            "position_ids": np.arange(cached, cached + new)[None],
        }
        return outputs(lambda g: decoder.build(g, small, new, cached), weights, feed | cache)

    first = run(prompt, 0, {})
    yield "prefill", first.pop("logits"), theirs[:, :prompt]
    cache = {name.replace("present", "past_key_values"): held for name, held in first.items()}
    yield "decode", run(1, prompt, cache)["logits"], theirs[:, prompt:]


def llama_config(shape):
    from transformers import LlamaConfig

    return LlamaConfig(
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.query_heads,
        num_key_value_heads=shape.key_value_heads,
        head_dim=shape.head,
        intermediate_size=shape.hidden,
        vocab_size=shape.vocabulary,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        max_position_embeddings=131072,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 500_000.0,
            "factor": 32.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        },
        attn_implementation="eager",
    )


COMPARISONS = {
    "resnet-18": lambda name: torchvision_classifier(name, "resnet18"),
    "resnet-50": lambda name: torchvision_classifier(name, "resnet50"),
    "mobilenet-v2": lambda name: torchvision_classifier(name, "mobilenet_v2"),
    "mobilenet-v3-small": lambda name: torchvision_classifier(name, "mobilenet_v3_small"),
    "efficientnet-lite0": efficientnet_lite0,
    "deit-tiny": deit_tiny,
    "bert-base-128": bert,
    "yolov8n-640": yolov8n,
    "decoder-1b": small_decoder,
}


def main():
    parser = argparse.ArgumentParser(description="Compare bundled graphs with their libraries.")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(COMPARISONS)}")
    names = parser.parse_args().names or COMPARISONS
    worst = 0.0
    with torch.no_grad():
        for name in names:
            torch.manual_seed(SEED)
            for what, ours, theirs in COMPARISONS[name](name):
                theirs = theirs.numpy()
                difference = np.abs(ours - theirs).max() / np.abs(theirs).max()
                worst = max(worst, difference)
                print(f"{name}: {what} differs by {difference:.1e} of its largest value")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
