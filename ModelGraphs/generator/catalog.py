"""The bundled models: which function builds each, and where its architecture was published."""

from collections.abc import Callable
from dataclasses import dataclass

from . import convnets, decoder, tiny, transformers, yolo

NO_WEIGHTS = (
    "Written by ModelGraphs/generate.py from the published architecture; contains no trained "
    "weights and no code or file of another project."
)
SAME_EXPORT = (
    "given the same random weights, equal outputs (compare_outputs.py); its export has the "
    "operators that decide the work as often, with the same output shapes (check.py --exports)"
)
SAME_SMALL_OUTPUTS = (
    "given the same random weights, equal outputs for a prompt and a further token, compared with "
    "two layers of width 256 (compare_outputs.py)"
)
MLPERF_TINY = "reference model of MLPerf Tiny, Banbury et al. 2021"


@dataclass(frozen=True)
class Entry:
    """One model.

    `published` says what counts its authors or their tools give. `compared` says which library's
    model ours was compared with, and how (`SAME_EXPORT`, `SAME_SMALL_OUTPUTS`).
    """

    name: str
    title: str
    build: Callable
    origin: dict
    published: str
    license_note: str = NO_WEIGHTS
    compared: str = ""


def _paper(title, authors, year, doi=None, url=None):
    fields = {"title": title, "authors": authors, "year": year, "doi": doi, "url": url}
    return {key: value for key, value in fields.items() if value}


RESNET = _paper(
    "Deep Residual Learning for Image Recognition",
    "He, Zhang, Ren, Sun",
    2016,
    "10.1109/CVPR.2016.90",
    "https://arxiv.org/abs/1512.03385",
)
LLAMA = _paper(
    "The Llama 3 Herd of Models",
    "Grattafiori et al.",
    2024,
    "10.48550/arXiv.2407.21783",
    "https://arxiv.org/abs/2407.21783",
)

ENTRIES = (
    Entry(
        "mobilenet-v2",
        "MobileNetV2, width 1.0, 224x224",
        convnets.mobilenet_v2,
        _paper(
            "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
            "Sandler, Howard, Zhu, Zhmoginov, Chen",
            2018,
            "10.1109/CVPR.2018.00474",
            "https://arxiv.org/abs/1801.04381",
        ),
        "Paper: 3.4 M parameters, 300 M multiply-adds. torchvision: 3504872 parameters, 0.30 GMAC.",
        compared=f"torchvision 0.29.2: {SAME_EXPORT}",
    ),
    Entry(
        "mobilenet-v3-small",
        "MobileNetV3-Small, width 1.0, 224x224",
        convnets.mobilenet_v3_small,
        _paper(
            "Searching for MobileNetV3",
            "Howard et al.",
            2019,
            "10.1109/ICCV.2019.00140",
            "https://arxiv.org/abs/1905.02244",
        ),
        "Paper: 2.5 M parameters, 56 M multiply-adds. torchvision: 2542856 parameters, 0.06 GMAC.",
        compared=f"torchvision 0.29.2: {SAME_EXPORT}",
    ),
    Entry(
        "resnet-18",
        "ResNet-18, 224x224",
        convnets.resnet_18,
        RESNET,
        "Paper: 1.8 G multiply-adds. torchvision: 11689512 parameters, 1.81 GMAC.",
        compared=f"torchvision 0.29.2: {SAME_EXPORT}",
    ),
    Entry(
        "resnet-50",
        "ResNet-50 with the stride in the 3x3 convolutions (v1.5), 224x224",
        convnets.resnet_50,
        RESNET,
        "torchvision: 25557032 parameters, 4.09 GMAC. The paper's 3.8 G multiply-adds are of the "
        "form with the stride in the 1x1 convolutions.",
        compared=f"torchvision 0.29.2: {SAME_EXPORT}",
    ),
    Entry(
        "efficientnet-lite0",
        "EfficientNet-Lite0, 224x224",
        convnets.efficientnet_lite0,
        _paper(
            "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks; the Lite "
            "variant is published in the tensorflow/tpu repository (2020)",
            "Tan, Le",
            2019,
            "10.48550/arXiv.1905.11946",
            "https://arxiv.org/abs/1905.11946",
        ),
        "tensorflow/tpu: 4.7 M parameters, 407 M operations. timm: 4652008 parameters, 0.40 GMAC "
        "(counting normalization and activation too).",
        compared=f"timm 1.0.31: {SAME_EXPORT}",
    ),
    Entry(
        "yolov8n-640",
        "YOLOv8n, 640x640, boxes decoded",
        yolo.yolov8n,
        _paper(
            "Ultralytics YOLOv8",
            "Jocher, Chaurasia, Qiu",
            2023,
            url="https://github.com/ultralytics/ultralytics",
        ),
        "Ultralytics: 3.2 M parameters (3151904 after folding), 8.7 GFLOPs = 4.37 GMAC at two "
        "FLOPs to a MAC.",
        NO_WEIGHTS + " Ultralytics' own code and weights are under AGPL-3.0.",
        compared=f"ultralytics 8.4.190: {SAME_EXPORT}",
    ),
    Entry(
        "deit-tiny",
        "DeiT-Tiny, patch 16, 224x224, no distillation token",
        transformers.deit_tiny,
        _paper(
            "Training data-efficient image transformers & distillation through attention",
            "Touvron, Cord, Douze, Massa, Sablayrolles, Jégou",
            2021,
            "10.48550/arXiv.2012.12877",
            "https://arxiv.org/abs/2012.12877",
        ),
        "Paper: 5 M parameters. timm: 5717416 parameters, 1.26 GMAC with the attention products, "
        "1.08 GMAC without.",
        compared=f"timm 1.0.31: {SAME_EXPORT}",
    ),
    Entry(
        "bert-base-128",
        "BERT-base with pooler, 128 tokens",
        transformers.bert_base,
        _paper(
            "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
            "Devlin, Chang, Lee, Toutanova",
            2019,
            "10.18653/v1/N19-1423",
            "https://arxiv.org/abs/1810.04805",
        ),
        "Paper: 110 M parameters. transformers' BertModel: 109482240 parameters.",
        compared=f"transformers 5.23.0: {SAME_EXPORT}",
    ),
    Entry(
        "ds-cnn-kws",
        "DS-CNN keyword spotting, 49x10 coefficients, 12 words",
        tiny.ds_cnn,
        _paper(
            f"Hello Edge: Keyword Spotting on Microcontrollers; {MLPERF_TINY}",
            "Zhang, Suda, Lai, Chandra",
            2017,
            "10.48550/arXiv.1711.07128",
            "https://arxiv.org/abs/2106.07597",
        ),
        "MLPerf Tiny: 24908 values before folding; folding replaces 4 values a channel of 9 "
        "normalizations of 64 channels, less 2304, which leaves 22604.",
    ),
    Entry(
        "autoencoder-ad",
        "Deep autoencoder, anomaly detection, 640 inputs",
        tiny.deep_autoencoder,
        _paper(
            "Description and Discussion on DCASE2020 Challenge Task 2: Unsupervised Anomalous "
            f"Sound Detection for Machine Condition Monitoring; {MLPERF_TINY}",
            "Koizumi et al.",
            2020,
            "10.48550/arXiv.2006.05822",
            "https://arxiv.org/abs/2106.07597",
        ),
        "MLPerf Tiny: 269992 values before folding; folding removes 4 values for each of the 1032 "
        "normalized units, less 4128, which leaves 265864.",
    ),
    Entry(
        "lstm-small",
        "Two LSTM layers of 128 over 100 steps of 40 features, 12 classes",
        tiny.lstm_small,
        _paper(
            "Long Short-Term Memory (the cell; the sizes are this project's own)",
            "Hochreiter, Schmidhuber",
            1997,
            "10.1162/neco.1997.9.8.1735",
        ),
        "No published counts. A layer holds 4H(I + H) weights and, as ONNX stores them, 8H biases.",
    ),
    Entry(
        "decoder-1b-prefill",
        "1B-class decoder (shape of Llama 3.2 1B), prompt of 128 tokens",
        decoder.prefill,
        LLAMA,
        "Llama 3.2 1B's model card: 1.23 B parameters; transformers: 1235814400.",
        NO_WEIGHTS + " Llama's own weights are under the Llama 3.2 Community License.",
        compared=f"transformers 5.23.0 Llama: {SAME_SMALL_OUTPUTS}",
    ),
    Entry(
        "decoder-1b-decode",
        "1B-class decoder (shape of Llama 3.2 1B), one token after 1024 cached ones",
        decoder.decode,
        LLAMA,
        "Llama 3.2 1B's model card: 1.23 B parameters; transformers: 1235814400.",
        NO_WEIGHTS + " Llama's own weights are under the Llama 3.2 Community License.",
        compared=f"transformers 5.23.0 Llama: {SAME_SMALL_OUTPUTS}",
    ),
)
