#!/usr/bin/env python3
"""Export well-known architectures, with random weights, to ONNX.

    Scripts/export-models.py OUTDIR [--only SUBSTRING]

The files are what a user of torchvision, timm, transformers or ultralytics gets from
`torch.onnx.export`; tests measure shape inference against them. Weights are drawn from a fixed
seed, nothing is downloaded, and a model that exists in OUTDIR already is left alone.

Needs torch, torchvision, timm, transformers, ultralytics, onnx and onnxscript; the versions behind
the committed shape dumps stand in `Scripts/export-requirements.txt`.
"""

import argparse
import logging
import os
import pathlib
import sys
import tempfile
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("YOLO_OFFLINE", "true")
os.environ.setdefault("YOLO_CONFIG_DIR", tempfile.mkdtemp())
warnings.filterwarnings("ignore")

import torch  # noqa: E402

# The fused attention kernel has no ONNX form.
torch.backends.mha.set_fastpath_enabled(False)

SEED = 20260101
OPSET = 17
DYNAMO_OPSET = 18


def image(height, width=None):
    return {"input": torch.rand(1, 3, height, width or height)}


# -- torchvision and timm ------------------------------------------------------------------------


def torchvision_model(name, **options):
    import torchvision

    return torchvision.models.get_model(name, weights=None, **options)


def segmentation(name):
    """The model's `out` map alone: a dictionary is no ONNX output."""
    network = torchvision_model(name, weights_backbone=None)

    class Out(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, input):
            return self.network(input)["out"]

    return Out()


def timm_model(name):
    import timm

    timm.layers.set_fused_attn(False)
    return timm.create_model(name, pretrained=False)


# -- transformers --------------------------------------------------------------------------------


class TensorsOnly(torch.nn.Module):
    """A transformers model called by keyword, returning its first `count` tensors."""

    def __init__(self, network, names, count=1, **fixed):
        super().__init__()
        self.network, self.names, self.count, self.fixed = network, names, count, fixed

    def forward(self, *tensors):
        outputs = self.network(**dict(zip(self.names, tensors)), **self.fixed, return_dict=False)
        return outputs[: self.count] if self.count > 1 else outputs[0]


def tokens(length, vocabulary, names):
    made = {
        "input_ids": torch.randint(1, vocabulary, (1, length)),
        "attention_mask": torch.ones(1, length, dtype=torch.int64),
        "token_type_ids": torch.zeros(1, length, dtype=torch.int64),
    }
    return {name: made[name] for name in names}


def bert(layers, length, names=("input_ids", "attention_mask", "token_type_ids")):
    from transformers import BertConfig, BertModel

    config = BertConfig(num_hidden_layers=layers, attn_implementation="eager")
    return TensorsOnly(BertModel(config), names, count=2), tokens(length, 30000, names)


def distilbert():
    from transformers import DistilBertConfig, DistilBertModel

    names = ["input_ids", "attention_mask"]
    config = DistilBertConfig(attn_implementation="eager")
    return TensorsOnly(DistilBertModel(config), names), tokens(64, 30000, names)


def gpt2_small():
    from transformers import GPT2Config, GPT2LMHeadModel

    names = ["input_ids", "attention_mask"]
    config = GPT2Config(n_layer=6, attn_implementation="eager")
    network = TensorsOnly(GPT2LMHeadModel(config), names, use_cache=False)
    return network, tokens(32, 50000, names)


def t5_encoder():
    from transformers import T5Config, T5EncoderModel

    names = ["input_ids", "attention_mask"]
    config = T5Config(d_model=512, d_ff=2048, num_layers=6, num_heads=8)
    return TensorsOnly(T5EncoderModel(config), names), tokens(64, 32000, names)


def whisper_tiny_encoder():
    from transformers import WhisperConfig
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    config = WhisperConfig(
        d_model=384,
        encoder_layers=4,
        encoder_attention_heads=6,
        encoder_ffn_dim=1536,
        attn_implementation="eager",
    )
    inputs = {"input_features": torch.rand(1, 80, 3000)}
    return TensorsOnly(WhisperEncoder(config), list(inputs)), inputs


# -- ultralytics ---------------------------------------------------------------------------------


def yolo(name, size, prepare=lambda network: network):
    """The network prepared as ultralytics prepares it for export: fused, with the decoded head.

    `prepare` may give it other weights before its normalization is fused into convolutions.
    """
    from ultralytics.nn.tasks import DetectionModel

    network = prepare(DetectionModel(f"{name}.yaml", verbose=False).eval()).fuse(verbose=False)
    for module in network.modules():
        if type(module).__name__ == "Detect":
            module.export, module.format, module.dynamic = True, "onnx", False
        if type(module).__name__ == "C2f":
            module.forward = module.forward_split
    inputs = {"images": torch.rand(1, 3, size, size)}
    network(inputs["images"])  # settles the anchors of this size
    return network, inputs


# -- what is exported ----------------------------------------------------------------------------


def of(make, name, height=224, **options):
    return lambda: (make(name, **options), image(height))


EXPORTS = {
    "mobilenet_v2": of(torchvision_model, "mobilenet_v2"),
    "mobilenet_v3_small": of(torchvision_model, "mobilenet_v3_small"),
    "resnet18": of(torchvision_model, "resnet18"),
    "resnet50": of(torchvision_model, "resnet50"),
    "efficientnet_b0": of(torchvision_model, "efficientnet_b0"),
    "densenet121": of(torchvision_model, "densenet121"),
    "shufflenet_v2_x1_0": of(torchvision_model, "shufflenet_v2_x1_0"),
    "squeezenet1_1": of(torchvision_model, "squeezenet1_1"),
    "mnasnet0_5": of(torchvision_model, "mnasnet0_5"),
    "regnet_y_400mf": of(torchvision_model, "regnet_y_400mf"),
    "googlenet": of(torchvision_model, "googlenet", aux_logits=False, init_weights=True),
    "swin_t": of(torchvision_model, "swin_t"),
    "vit_b_16": of(torchvision_model, "vit_b_16"),
    "deeplabv3_mobilenet_v3_large": of(segmentation, "deeplabv3_mobilenet_v3_large", 256),
    "lraspp_mobilenet_v3_large": of(segmentation, "lraspp_mobilenet_v3_large", 256),
    "timm_efficientnet_lite0": of(timm_model, "efficientnet_lite0"),
    "timm_deit_tiny_patch16_224": of(timm_model, "deit_tiny_patch16_224"),
    "timm_convnext_tiny": of(timm_model, "convnext_tiny"),
    "timm_mobilevit_s": of(timm_model, "mobilevit_s", 256),
    "bert_base": lambda: bert(layers=12, length=128),
    "distilbert": distilbert,
    "gpt2_small": gpt2_small,
    "t5_small_encoder": t5_encoder,
    "whisper_tiny_encoder": whisper_tiny_encoder,
    "yolov8n": lambda: yolo("yolov8n", 640),
    "yolo11n": lambda: yolo("yolo11n", 640),
}

# The exporter that became torch's default; a few models, since its graphs differ from the above.
DYNAMO_EXPORTS = {
    "dynamo_mobilenet_v2": EXPORTS["mobilenet_v2"],
    "dynamo_resnet18": EXPORTS["resnet18"],
    "dynamo_mobilenet_v3_small": EXPORTS["mobilenet_v3_small"],
    "dynamo_timm_deit_tiny_patch16_224": EXPORTS["timm_deit_tiny_patch16_224"],
    "dynamo_bert_2_layers": lambda: bert(layers=2, length=64),
}


def strip_traces(path):
    """Takes out the source positions the newer exporter stores, which differ with each machine."""
    import onnx

    model = onnx.load(path)
    for item in [*model.graph.node, *model.graph.initializer, *model.graph.value_info, model.graph]:
        del item.metadata_props[:]
    for function in model.functions:
        del function.metadata_props[:]
        for node in function.node:
            del node.metadata_props[:]
    onnx.save(model, path)


def export(name, make, path, dynamo):
    torch.manual_seed(SEED)
    network, inputs = make()
    options = (
        {"dynamo": True, "opset_version": DYNAMO_OPSET, "external_data": False, "verbose": False}
        if dynamo
        else {"dynamo": False, "opset_version": OPSET}
    )
    partial = path.with_suffix(".partial")
    with torch.no_grad():
        torch.onnx.export(
            network.eval(),
            tuple(inputs.values()),
            str(partial),
            input_names=list(inputs),
            **options,
        )
    if dynamo:
        strip_traces(partial)
    partial.replace(path)


def main():
    parser = argparse.ArgumentParser(description="Export known architectures to ONNX.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", default="", help="only models whose name contains this")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    logging.disable(logging.WARNING)

    failures = 0
    for name, make in (EXPORTS | DYNAMO_EXPORTS).items():
        path = arguments.folder / f"{name}.onnx"
        if arguments.only not in name or path.exists():
            continue
        try:
            export(name, make, path, dynamo=name in DYNAMO_EXPORTS)
            print(f"{name}: {path.stat().st_size:,} bytes", flush=True)
        except Exception as error:  # one model's failure must not cost the others
            failures += 1
            print(f"{name}: {type(error).__name__}: {error}"[:400], file=sys.stderr, flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
