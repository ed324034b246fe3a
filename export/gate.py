"""What an ONNX file must be before onnxruntime sees a byte of it: what infogan-export writes, and nothing else.

onnxruntime trusts a model's author: a graph of a hundred bytes can ask for a gigabyte, run for ever, or name files to
read, and operators that no InfoGAN needs have had memory errors. Field numbers are those of onnx.proto
(https://github.com/onnx/onnx/blob/main/onnx/onnx.proto); what is not listed is refused, among it external data, local
functions, subgraphs, sparse and string tensors, and tensors whose numbers are not raw bytes.
"""

import math
from typing import Any

import numpy as np

from .wire import Field, Message, Schema, read

MOST_PARTS = 20_000  # fields and numbers in a file; a CNN has about a thousand
MOST_NODES = 256
MOST_ELEMENTS = 64 << 20  # numbers in all tensors of a file
LARGEST_DIMENSION = 1 << 24
LARGEST_NUMBER = 4096  # in an attribute
MOST_DIMENSIONS = 6
IR_VERSIONS, OPSETS = range(8, 14), range(20, 24)

_FLOAT, _INT, _STRING, _INTS = 1, 2, 3, 7  # AttributeProto.AttributeType
_VALUE = {_FLOAT: "f", _INT: "i", _STRING: "s", _INTS: "ints"}
_UINT8, _INT8, _INT64 = 2, 3, 7  # TensorProto.DataType
_DTYPES: dict[int, np.dtype[Any]] = {
    1: np.dtype("<f4"),
    _UINT8: np.dtype("u1"),
    _INT8: np.dtype("i1"),
    _INT64: np.dtype("<i8"),
    10: np.dtype("<f2"),
}

_WINDOW = {
    "auto_pad": _STRING,
    "dilations": _INTS,
    "group": _INT,
    "kernel_shape": _INTS,
    "pads": _INTS,
    "strides": _INTS,
}
OPERATORS: dict[str, dict[str, int]] = {
    "Add": {},
    "Cast": {"to": _INT},
    "Concat": {"axis": _INT},
    "Conv": _WINDOW,
    "ConvTranspose": {**_WINDOW, "output_padding": _INTS},
    "Exp": {},
    "Gemm": {"alpha": _FLOAT, "beta": _FLOAT, "transA": _INT, "transB": _INT},
    "LeakyRelu": {"alpha": _FLOAT},
    "MatMulInteger": {},
    "Mul": {},
    "Reciprocal": {},
    "ReduceMax": {"keepdims": _INT},
    "Relu": {},
    "Reshape": {"allowzero": _INT},
    "Round": {},
    "Sigmoid": {},
    "Softmax": {"axis": _INT},
    "Split": {"axis": _INT},
    "Tanh": {},
}

# Type and shape of what follows the first input; None stands for any size.
_CONSTANTS: dict[str, list[tuple[int, list[int | None]]]] = {
    "MatMulInteger": [(_INT8, [None, None]), (_UINT8, [])],
    "ReduceMax": [(_INT64, [1])],
}

_ATTRIBUTE: Schema = {
    1: Field("name", "text"),
    2: Field("f", "float"),
    3: Field("i", "int"),
    4: Field("s", "text"),
    8: Field("ints", "int", repeated=True),
    13: Field("doc_string", "text"),
    20: Field("type", "int"),
}
_NODE: Schema = {
    1: Field("input", "text", repeated=True),
    2: Field("output", "text", repeated=True),
    3: Field("name", "text"),
    4: Field("op_type", "text"),
    5: Field("attribute", _ATTRIBUTE, repeated=True),
    6: Field("doc_string", "text"),
    7: Field("domain", "text"),
}
_TENSOR: Schema = {
    1: Field("dims", "int", repeated=True),
    2: Field("data_type", "int"),
    8: Field("name", "text"),
    9: Field("raw_data", "bytes"),
    12: Field("doc_string", "text"),
}
_DIMENSION: Schema = {1: Field("dim_value", "int"), 2: Field("dim_param", "text")}
_SHAPE: Schema = {1: Field("dim", _DIMENSION, repeated=True)}
_TENSOR_TYPE: Schema = {1: Field("elem_type", "int"), 2: Field("shape", _SHAPE)}
_TYPE: Schema = {1: Field("tensor_type", _TENSOR_TYPE)}
_VALUE_INFO: Schema = {1: Field("name", "text"), 2: Field("type", _TYPE), 3: Field("doc_string", "text")}
_GRAPH: Schema = {
    1: Field("node", _NODE, repeated=True),
    2: Field("name", "text"),
    5: Field("initializer", _TENSOR, repeated=True),
    10: Field("doc_string", "text"),
    11: Field("input", _VALUE_INFO, repeated=True),
    12: Field("output", _VALUE_INFO, repeated=True),
}
_OPSET: Schema = {1: Field("domain", "text"), 2: Field("version", "int")}
_ENTRY: Schema = {1: Field("key", "text"), 2: Field("value", "text")}
_MODEL: Schema = {
    1: Field("ir_version", "int"),
    2: Field("producer_name", "text"),
    3: Field("producer_version", "text"),
    4: Field("domain", "text"),
    5: Field("model_version", "int"),
    6: Field("doc_string", "text"),
    7: Field("graph", _GRAPH),
    8: Field("opset_import", _OPSET, repeated=True),
    14: Field("metadata_props", _ENTRY, repeated=True),
}


def check_model(data: bytes) -> None:
    """Refuse an ONNX file that is not such as infogan-export writes.

    Args:
        data: the serialized ModelProto.

    Raises:
        ValueError: fields, operators, attributes or tensor types beyond the lists above, more of anything than the
            limits above, a tensor whose bytes are not exactly its shape times its type or not finite numbers.
    """
    model = read(data, _MODEL, MOST_PARTS)
    opsets = [(opset.get("domain", ""), opset.get("version")) for opset in model["opset_import"]]
    if model.get("ir_version") not in IR_VERSIONS or len(opsets) != 1:
        raise ValueError(f"IR version {model.get('ir_version')} or operator sets {opsets} that no bundle has")
    domain, version = opsets[0]
    if domain or version not in OPSETS:
        raise ValueError(f"operator set {domain or 'ai.onnx'} {version}, expected {OPSETS[0]} to {OPSETS[-1]}")
    keys = [entry.get("key") for entry in model["metadata_props"]]
    if len(set(keys)) != len(keys):
        raise ValueError("a key of its metadata stands twice")
    if "graph" not in model:
        raise ValueError("there is no graph in it")
    _check_graph(model["graph"])


def _check_graph(graph: Message) -> None:
    if len(graph["node"]) > MOST_NODES:
        raise ValueError(f"more than {MOST_NODES} operators")
    for node in graph["node"]:
        _check_node(node)
    constants = {tensor.get("name"): tensor for tensor in graph["initializer"]}
    for node in graph["node"]:
        _check_constants(node, constants)
    elements = sum(_checked_elements(tensor) for tensor in graph["initializer"])
    if elements > MOST_ELEMENTS:
        raise ValueError(f"more than {MOST_ELEMENTS} numbers in its tensors")


def _check_node(node: Message) -> None:
    operator = node.get("op_type", "")
    if node.get("domain", "") or operator not in OPERATORS:
        raise ValueError(f"the operator {operator!r}, which no bundle needs")
    for attribute in node["attribute"]:
        kind, expected = attribute.get("type"), OPERATORS[operator].get(attribute.get("name"))
        given = {"f", "i", "s"} & attribute.keys() | ({"ints"} if attribute["ints"] else set())
        if expected is None or kind != expected or not given <= {_VALUE[expected]}:
            raise ValueError(f"an attribute {attribute.get('name')!r} of {operator}, which no bundle needs")
        if max(map(abs, (attribute.get("i", 0), *attribute["ints"]))) > LARGEST_NUMBER:
            raise ValueError(f"{attribute['name']} of {operator} is beyond {LARGEST_NUMBER}")


def _check_constants(node: Message, constants: dict[Any, Message]) -> None:
    """Inputs that onnxruntime, in one version or another, trusts to be of a kind are constants of that kind."""
    kinds = _CONSTANTS.get(node.get("op_type", ""))
    if kinds is None:
        return
    given = [constants.get(name, {}) for name in node["input"][1:]]
    if len(given) != len(kinds) or not all(map(_is_of_kind, given, kinds)):
        raise ValueError(f"{node['op_type']} without the constants that it has in every bundle")


def _is_of_kind(constant: Message, kind: tuple[int, list[int | None]]) -> bool:
    dtype, shape = kind
    if constant.get("data_type") != dtype or len(constant["dims"]) != len(shape):
        return False
    return all(wanted in (None, size) for wanted, size in zip(shape, constant["dims"], strict=True))


def _checked_elements(tensor: Message) -> int:
    """How many numbers a tensor has."""
    name, dims, dtype = tensor.get("name", ""), tensor["dims"], _DTYPES.get(tensor.get("data_type", 0))
    if dtype is None:
        raise ValueError(f"tensor {name!r} of a type that no bundle needs")
    if len(dims) > MOST_DIMENSIONS or any(not 0 <= size <= LARGEST_DIMENSION for size in dims):
        raise ValueError(f"tensor {name!r} of shape {dims[:MOST_DIMENSIONS]}")
    raw, elements = tensor.get("raw_data", memoryview(b"")), math.prod(dims)
    if len(raw) != elements * dtype.itemsize:
        raise ValueError(f"tensor {name!r} has {len(raw)} bytes, its shape {dims} needs {elements * dtype.itemsize}")
    if not np.isfinite(np.frombuffer(raw, dtype)).all():
        raise ValueError(f"tensor {name!r} holds numbers that are not finite")
    return elements
