"""Replaces an If whose condition is known by the branch it takes, names kept apart by a prefix.

A value `v` of the branch becomes `<first output of the If>::<branch>::v`; the If's own outputs keep
their names.
"""

from onnx import AttributeProto, helper


def conditions(model):
    """The condition of every If of the main graph, each once."""
    return list(dict.fromkeys(node.input[0] for node in model.graph.node if node.op_type == "If"))


def take_branches(model, truth):
    """Inlines every If of the main graph; `truth` gives the value of each condition."""
    nodes = []
    for node in model.graph.node:
        if node.op_type != "If":
            nodes.append(node)
            continue
        branch = "then_branch" if truth[node.input[0]] else "else_branch"
        body = next(found.g for found in node.attribute if found.name == branch)
        nodes += _inlined(body, node, f"{node.output[0]}::{branch}::", model.graph)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _inlined(body, node, prefix, graph):
    """The branch's nodes, renamed, and one Identity for each output of the If."""
    own = {tensor.name for tensor in body.initializer}
    own |= {name for inner in body.node for name in inner.output if name}
    names = {name: prefix + name for name in own}
    for tensor in body.initializer:
        tensor.name = names[tensor.name]
        graph.initializer.append(tensor)
    for inner in body.node:
        inner.output[:] = [names.get(name, name) for name in inner.output]
        _rename_inputs(inner, names)
    results = [names.get(value.name, value.name) for value in body.output]
    return [
        *body.node,
        *(
            helper.make_node("Identity", [result], [output])
            for result, output in zip(results, node.output)
            if output
        ),
    ]


def _rename_inputs(node, names):
    """Renames what a node reads, in its own subgraphs too."""
    node.input[:] = [names.get(name, name) for name in node.input]
    for attribute in node.attribute:
        bodies = [attribute.g] if attribute.type == AttributeProto.GRAPH else attribute.graphs
        for body in bodies:
            for inner in body.node:
                _rename_inputs(inner, names)
            for output in body.output:
                output.name = names.get(output.name, output.name)
