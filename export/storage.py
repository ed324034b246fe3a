"""How large weights are stored in a graph: as they are, in half precision, or as whole numbers of eight bits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

FORMS = {"int8": TensorProto.INT8, "fp16": TensorProto.FLOAT16, "fp32": TensorProto.FLOAT}
LEVELS = 127  # of a weight to each side of 0, and of what it is multiplied with; see _product
_PICTURE = 4  # dimensions
_LEAST = 1e-30  # added to the largest number of a row: one of zeros has a step too, whose reciprocal is finite
_ZERO = 16  # the level that stands for 0; what is below it is for the little that a leaky ReLU leaves of negatives


def halved(proto: ModelProto, limit: int) -> ModelProto:
    """A copy with float32 weights of more than ``limit`` elements in fp16, each followed by a Cast.

    onnxruntime undoes it once, when it loads the model.
    """
    copied, casts = _copy(proto), []
    for tensor in copied.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size > limit:
            name = tensor.name
            with np.errstate(over="ignore"):  # what does not fit becomes infinite, and the comparison shows it
                half = values.astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], f"{name}.cast", to=TensorProto.FLOAT))
    return _with_nodes(copied, [*casts, *copied.graph.node])


def quantised(proto: ModelProto, limit: int) -> ModelProto:
    """A copy whose fully connected layers of more than ``limit`` weights multiply whole numbers of eight bits.

    A quarter of the bytes, which is what a single picture waits for. Weights have a scale for each output, inputs one
    for each picture: with one for all, as DynamicQuantizeLinear has it, a picture would depend on its neighbours. A
    layer that reads latents stays as it is: half of those are negative, and a slider would move in steps.
    """
    copied, nodes = _copy(proto), list[NodeProto]()
    weights = {tensor.name: tensor for tensor in copied.graph.initializer}
    positive = _mostly_positive(copied)
    for node in copied.graph.node:
        weight = weights.get(node.input[1]) if node.op_type == "Gemm" and node.input[0] in positive else None
        if weight is None or np.prod(weight.dims) <= limit:
            nodes.append(node)
            continue
        transposed = {attribute.name: attribute.i for attribute in node.attribute}.get("transB", 0)
        values = numpy_helper.to_array(weight)
        tensors = _eight_bits(weight.name, values.T if transposed else values)
        nodes += _product(node, weight.name)
        copied.graph.initializer.remove(weight)
        copied.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in tensors.items())
    return _with_nodes(copied, nodes)


def _mostly_positive(proto: ModelProto) -> set[str]:
    """What comes from a rectifier, or is a picture, if only in another shape."""
    names = {value.name for value in proto.graph.input if len(value.type.tensor_type.shape.dim) == _PICTURE}
    for node in proto.graph.node:
        if node.op_type in ("Relu", "LeakyRelu") or (node.op_type == "Reshape" and node.input[0] in names):
            names.add(node.output[0])
    return names


def forms_of(proto: ModelProto, limit: int) -> set[str]:
    """In which of :data:`FORMS` weights of more than ``limit`` elements are stored."""
    large = {tensor.data_type for tensor in proto.graph.initializer if np.prod(tensor.dims) > limit}
    return {name for name, kind in FORMS.items() if kind in large}


def _eight_bits(name: str, weight: NDArray[np.float32]) -> Mapping[str, NDArray[np.generic]]:
    """A weight (inputs, outputs) as what :func:`_product` reads."""
    scale = np.abs(weight).max(0) / LEVELS
    scale[scale == 0] = 1
    return {
        f"{name}.int8": np.rint(weight / scale).astype(np.int8),
        f"{name}.scale": scale.astype(np.float32),
        f"{name}.axis": np.array([1], np.int64),
        f"{name}.unit": np.float32(1 / (LEVELS - _ZERO)),
        f"{name}.least": np.float32(_LEAST),
        f"{name}.zero": np.uint8(_ZERO),
        f"{name}.offset": np.float32(_ZERO),
    }


def _product(gemm: NodeProto, name: str) -> list[NodeProto]:
    """Nodes for ``gemm``: x @ w + b, with each row of x as levels from 0 to 127, the largest of the row at the top.

    Not 255: processors without VNNI add two products in 16 bits, and 2 x 127 x 127 is what fits. What is below 0 has a
    seventh of the room: the leaky ReLU with slope -7 weighs it so. The two scales are multiplied in one after the
    other: given their product, onnxruntime 1.32 fuses all into MatMulIntegerToFloat, which reads a row's scale as if it
    were one for all rows.
    """
    x, _, *bias = gemm.input  # the exporter leaves out one of nothing but zeros
    slope = -(LEVELS - _ZERO) / _ZERO

    def node(operator: str, inputs: list[str], output: str, **attributes: Any) -> NodeProto:
        return helper.make_node(operator, inputs, [output], output, **attributes)

    return [
        node("LeakyRelu", [x], f"{name}.size", alpha=slope),
        node("ReduceMax", [f"{name}.size", f"{name}.axis"], f"{name}.peak", keepdims=1),
        node("Add", [f"{name}.peak", f"{name}.least"], f"{name}.positive"),
        node("Mul", [f"{name}.positive", f"{name}.unit"], f"{name}.step"),
        node("Reciprocal", [f"{name}.step"], f"{name}.steps"),
        node("Mul", [x, f"{name}.steps"], f"{name}.exact"),
        node("Round", [f"{name}.exact"], f"{name}.round"),
        node("Add", [f"{name}.round", f"{name}.offset"], f"{name}.shifted"),
        node("Cast", [f"{name}.shifted"], f"{name}.level", to=TensorProto.UINT8),
        node("MatMulInteger", [f"{name}.level", f"{name}.int8", f"{name}.zero"], f"{name}.sum"),
        node("Cast", [f"{name}.sum"], f"{name}.float", to=TensorProto.FLOAT),
        node("Mul", [f"{name}.float", f"{name}.scale"], f"{name}.scaled"),
        node("Mul", [f"{name}.scaled", f"{name}.step"], f"{name}.product" if bias else gemm.output[0]),
        *(node("Add", [f"{name}.product", *bias], gemm.output[0]) for _ in bias),
    ]


def _copy(proto: ModelProto) -> ModelProto:
    copied = ModelProto()
    copied.CopyFrom(proto)
    return copied


def _with_nodes(proto: ModelProto, nodes: list[NodeProto]) -> ModelProto:
    nodes = list(nodes)
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    onnx.checker.check_model(proto, full_check=True)
    return proto
