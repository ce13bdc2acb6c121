"""Where a QDQ model quantizes: the step of an output, and the model cut apart at its quantizers."""

import onnx
from onnx import TensorProto, helper, numpy_helper

# Operators that only move an output's elements.
MOVING = {"Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"}


def stored(model):
    return {tensor.name: tensor for tensor in model.graph.initializer}


def activations(model):
    """The QuantizeLinear nodes whose input is computed, not a weight."""
    constants = stored(model)
    return [
        node
        for node in model.graph.node
        if node.op_type == "QuantizeLinear" and node.input[0] not in constants
    ]


def final_step(model, output):
    """The scale of the DequantizeLinear whose elements an output holds; None without one."""
    makers = {name: node for node in model.graph.node for name in node.output}
    constants = stored(model)
    node = makers.get(output)
    while node and node.op_type in MOVING:
        node = makers.get(node.input[0])
    if not node or node.op_type != "DequantizeLinear" or node.input[1] not in constants:
        return None
    scale = numpy_helper.to_array(constants[node.input[1]])
    return float(scale.max())


def with_outputs(model, names):
    """A copy that also puts out the named values, whatever their type."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    known = {output.name for output in copy.graph.output}
    copy.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in known)
    return copy


def cut(model, values):
    """A copy in which every quantized activation is an output, and an input where it is used.

    `values` holds what each one is in a run of the whole model. Fed back, they let every layer be
    judged alone: errors of one do not reach the next. Returns the model and its added inputs.
    """
    copy = with_outputs(model, [])
    quantized = {node.output[0] for node in activations(copy)}
    for node in copy.graph.node:
        node.input[:] = [f"{name}.cut" if name in quantized else name for name in node.input]
    kept = {output.name for output in copy.graph.output}
    for name in sorted(quantized):
        kind = helper.np_dtype_to_tensor_dtype(values[name].dtype)
        port = helper.make_tensor_value_info(f"{name}.cut", kind, values[name].shape)
        copy.graph.input.append(port)
        if name not in kept:
            shape = values[name].shape
            copy.graph.output.append(helper.make_tensor_value_info(name, kind, shape))
    return copy, {f"{name}.cut": values[name] for name in quantized}


def is_half(model):
    """Whether a model computes in float16 anywhere that its own tensors tell."""
    ports = [*model.graph.input, *model.graph.output, *model.graph.value_info]
    kinds = {tensor.data_type for tensor in model.graph.initializer}
    return TensorProto.FLOAT16 in kinds | {port.type.tensor_type.elem_type for port in ports}
