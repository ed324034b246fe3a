"""Bundles that mean harm, each made from a good one: by name, what it is and words of the sentence that refuses it."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from onnx import helper, numpy_helper
from packing import pack, resealed

from infogan.export.container import GENERATOR, GOLDEN, MANIFEST, RECOGNITION, Members

Change = Callable[[onnx.ModelProto], object]


class Hostile(NamedTuple):
    """A file's bytes, and what the refusal must say."""

    data: bytes
    says: str


def corpus(members: Members) -> Iterator[tuple[str, Hostile]]:
    """Every hostile bundle, its name first."""
    yield from _archives(members)
    for name, (text, says) in _manifests(members).items():
        yield f"manifest: {name}", Hostile(_packed({**members, MANIFEST: text}), says)
    for name, (change, says) in _graphs().items():
        graph = onnx.load_from_string(members[GENERATOR])
        change(graph)
        changed = {**members, GENERATOR: graph.SerializeToString()}
        yield f"graph: {name}", Hostile(_packed(resealed(changed)), says)
    for name, (data, says) in _raw_graphs(members).items():
        yield f"graph: {name}", Hostile(_packed(resealed({**members, GENERATOR: data})), says)
    for name, (data, says) in _goldens(members).items():
        yield f"golden answers: {name}", Hostile(_packed(resealed({**members, GOLDEN: data})), says)


def _packed(members: Members, compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    pack(buffer, members, compression)
    return buffer.getvalue()


def _archives(members: Members) -> Iterator[tuple[str, Hostile]]:
    good = _packed(members)
    for name, entry in {
        "a path out of the folder": "../../evil",
        "an absolute path": "/etc/evil",
        "another member": "evil.so",
    }.items():
        yield f"archive: {name}", Hostile(_packed({**members, entry: b"x"}), "also holds")
    yield "archive: a folder", Hostile(_packed({**members, "folder/": b""}), "no plain file")
    yield "archive: a link", Hostile(_with_entry(members, mode=0o120777), "no plain file")
    yield "archive: a doubled member", Hostile(_with_entry(members, name=GENERATOR), "doubled")
    yield "archive: unpacks to 64 MB", Hostile(_packed({**members, GENERATOR: bytes(64 << 20)}, 8), "is compressed")
    yield "archive: 10,000 members", Hostile(_packed({str(i): b"" for i in range(10_000)}), "10000 members")
    yield "archive: bytes before", Hostile(b"#!/bin/sh\n" + good, "before, between or after")
    yield "archive: bytes after", Hostile(good + b"MZ", "its end is missing")
    yield "archive: a comment", Hostile(good[:-2] + b"\2\0hi", "its end is missing")
    yield "archive: a zip64 directory", Hostile(_with_zip64_end(good), "before, between or after")
    yield "archive: a size that lies", Hostile(_with_size(good, 1 << 31), "compressed or encrypted")
    yield "archive: a member larger than the file", Hostile(_with_size(good, 1 << 31, both=True), "larger than itself")
    yield "archive: a member without a name", Hostile(_without_name(good), "differ")
    yield "archive: cut short", Hostile(good[: len(good) // 2], "its end is missing")
    yield "archive: empty", Hostile(b"", "its end is missing")


def _with_entry(members: Members, name: str = "README.md", mode: int = 0o100644) -> bytes:
    buffer = io.BytesIO()
    pack(buffer, {key: value for key, value in members.items() if key != name or key == GENERATOR})
    with zipfile.ZipFile(buffer, "a") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        archive.writestr(entry, b"/etc/passwd")
    return buffer.getvalue()


def _with_zip64_end(good: bytes) -> bytes:
    """The same with the records of a directory of 2^60 bytes before the last one."""
    record = b"PK\6\6" + (44).to_bytes(8, "little") + bytes(12) + (1 << 60).to_bytes(8, "little") * 4
    return good[:-22] + record + b"PK\6\7" + bytes(16) + good[-22:]


def _with_size(good: bytes, size: int, both: bool = False) -> bytes:
    """The directory says that the first member has ``size`` bytes unpacked, and perhaps packed too."""
    entry = int.from_bytes(good[-6:-2], "little")  # where the directory begins
    data, number = bytearray(good), size.to_bytes(4, "little")
    data[entry + 24 : entry + 28] = number
    if both:
        data[entry + 20 : entry + 24] = number
    return bytes(data)


def _without_name(good: bytes) -> bytes:
    """The directory has the first member's name as its comment."""
    entry = int.from_bytes(good[-6:-2], "little")
    return good[: entry + 28] + bytes(4) + good[entry + 28 : entry + 30] + good[entry + 34 :]


def _manifests(members: Members) -> dict[str, tuple[bytes, str]]:
    manifest = json.loads(members[MANIFEST])
    text, digits = members[MANIFEST], b"0" * 5000

    def with_latents(codes: list[dict], noise: int) -> bytes:
        latents = {"codes": codes, "noise": {"size": noise, "distribution": "normal"}}
        return json.dumps({**manifest, "labels": {}, "precision": {}, "meanings": {}, "latents": latents}).encode()

    def with_picture(**sides: int) -> bytes:
        return json.dumps({**manifest, "image": {**manifest["image"], **sides}}).encode()

    return {
        "10 MB of nested lists": (b"[" * (10 << 20), "larger than 256 KiB"),
        "nested deeply": (b"[" * 200_000, "nested too deeply"),
        "nested provenance": (json.dumps({**manifest, "provenance": _nested(50)}).encode(), "nested too deeply"),
        "a doubled key": (text.replace(b'"name"', b'"name": "x", "name"', 1), "stands twice"),
        "NaN": (text.replace(b'"provenance": {', b'"provenance": {"x": NaN, ', 1), "NaN"),
        "a number beyond all bounds": (text.replace(b'"quality": {', b'"quality": {"x": 1e999, ', 1), "1e999"),
        "a number of 5,000 digits": (text.replace(b'"quality": {', b'"quality": {"x": 1%s, ' % digits, 1), "digits"),
        "a million classes": (with_latents([{"kind": "categorical", "name": "c1", "size": 10**6}], 62), "up to"),
        "noise of 2^40 numbers": (with_latents([{"kind": "gaussian", "name": "c1"}], 1 << 40), "up to"),
        "three thousand codes": (
            with_latents([{"kind": "gaussian", "name": f"c{i}"} for i in range(3000)], 62),
            "up to",
        ),
        "pictures of a gigapixel": (with_picture(height=10**5, width=10**4), "sides up to"),
    }


def _nested(depth: int) -> dict:
    return {"x": _nested(depth - 1)} if depth else {}


def _one_constant_more(model: onnx.ModelProto) -> None:
    """A zero for the weights too, of a shape that no column has."""
    arrays = {"w8": np.ones((2, 2), np.int8), "z8": np.uint8(0), "v8": np.zeros(7, np.int8)}
    model.graph.initializer.extend(numpy_helper.from_array(np.array(array), name) for name, array in arrays.items())
    model.graph.node.append(helper.make_node("MatMulInteger", ["z", *arrays], ["x"]))


def _graphs() -> dict[str, tuple[Change, str]]:
    def node(*arguments: object, **attributes: object) -> Change:
        return lambda model: model.graph.node.append(helper.make_node(*arguments, **attributes))

    body = helper.make_graph([], "body", [], [])
    boolean = numpy_helper.from_array(np.array([True]), "flag")
    return {
        "a gigabyte from nothing": (
            node("ConstantOfShape", ["z"], ["huge"], value=numpy_helper.from_array(np.zeros(1, np.float32))),
            "is not allowed",
        ),
        "Loop": (node("Loop", ["", ""], ["x"], body=body), "is not allowed"),
        "If": (node("If", ["flag"], ["x"], then_branch=body, else_branch=body), "is not allowed"),
        "Scan": (node("Scan", ["z"], ["x"], body=body, num_scan_inputs=1), "is not allowed"),
        "Range": (node("Range", ["a", "b", "c"], ["x"]), "'Range'"),
        "a division": (node("Div", ["z", "z"], ["x"]), "'Div'"),
        "a product of no constant": (
            node("MatMulInteger", ["z", "z"], ["x"]),
            "MatMulInteger without the constants",
        ),
        "a product with one constant more": (_one_constant_more, "MatMulInteger without the constants"),
        "a reduction of everything": (node("ReduceMax", ["z"], ["x"]), "ReduceMax without the constants"),
        "another domain": (node("Gemm", ["z", "z"], ["x"], domain="com.microsoft"), "'Gemm'"),
        "a constant": (node("Constant", [], ["x"], value_floats=[1.0]), "is not allowed"),
        "a window of 2^40": (node("Conv", ["z", "w"], ["x"], pads=[1 << 40] * 4), "beyond 4096"),
        "an attribute of another kind": (node("Softmax", ["z"], ["x"], axis=1.5), "'axis' of Softmax"),
        "external data, absolute": (_external("/etc/passwd"), "is not allowed"),
        "external data, relative": (_external("weights.bin"), "is not allowed"),
        "external data, out of the folder": (_external("../../weights.bin"), "is not allowed"),
        "external data in memory": (_external("*/_ORT_MEM_ADDR_/*"), "is not allowed"),
        "a string tensor": (
            lambda model: model.graph.initializer.append(helper.make_tensor("s", onnx.TensorProto.STRING, [1], [b"x"])),
            "is not allowed",
        ),
        "numbers that are not raw": (
            lambda model: model.graph.initializer.append(helper.make_tensor("s", onnx.TensorProto.FLOAT, [1], [1.0])),
            "is not allowed",
        ),
        "a sparse tensor": (lambda model: model.graph.sparse_initializer.add().dims.append(1 << 30), "is not allowed"),
        "a boolean tensor": (lambda model: model.graph.initializer.append(boolean), "a type that no bundle needs"),
        "dimensions that lie": (lambda model: _first_dims(model, [1 << 20, 1 << 20]), "its shape"),
        "a negative dimension": (lambda model: _first_dims(model, [-1, -64]), "of shape"),
        "a dimension of 2^62": (lambda model: _first_dims(model, [1 << 62, 4]), "of shape"),
        "a hundred dimensions": (lambda model: _first_dims(model, [1] * 100), "of shape"),
        "weights that are no numbers": (_poison, "not finite"),
        "local functions": (
            lambda model: model.functions.append(
                helper.make_function("evil", "f", ["x"], ["y"], [], [helper.make_opsetid("", 20)])
            ),
            "is not allowed",
        ),
        "training": (lambda model: model.training_info.add(), "is not allowed"),
        "two operator sets": (lambda model: model.opset_import.append(helper.make_opsetid("evil", 1)), "operator sets"),
        "an operator set of the future": (lambda model: setattr(model.opset_import[0], "version", 999), "operator set"),
        "an IR of the future": (lambda model: setattr(model, "ir_version", 999), "IR version"),
        "a thousand operators": (
            lambda model: model.graph.node.extend([helper.make_node("Relu", ["z"], [f"r{i}"]) for i in range(1000)]),
            "more than 256 operators",
        ),
        "a million of its parts": (
            lambda model: model.graph.node.append(helper.make_node("Relu", ["z"] * 1_000_000, ["x"])),
            "too many parts",
        ),
        "another pair": (
            lambda model: setattr(model.metadata_props[0], "value", "0" * 64),
            "another pair",
        ),
        "the metadata twice": (lambda model: model.metadata_props.extend(list(model.metadata_props)), "stands twice"),
        "an output of another size": (
            lambda model: setattr(model.graph.output[0].type.tensor_type.shape.dim[3], "dim_value", 29),
            "expected float",
        ),
    }


def _external(location: str) -> Change:
    def change(model: onnx.ModelProto) -> None:
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)

    return change


def _first_dims(model: onnx.ModelProto, dims: list[int]) -> None:
    model.graph.initializer[0].dims[:] = dims


def _poison(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    values = numpy_helper.to_array(tensor).copy()
    values.flat[0] = np.nan
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def _raw_graphs(members: Members) -> dict[str, tuple[bytes, str]]:
    good = members[GENERATOR]
    return {
        "empty": (b"", "IR version"),
        "cut short": (good[: len(good) // 2], "ends too early"),
        "two graphs": (good + onnx.ModelProto(graph=onnx.GraphProto(name="other")).SerializeToString(), "stands twice"),
        "a length beyond the end": (b"\x3a\xff\xff\xff\xff\x0f", "ends too early"),
        "a number without end": (b"\x08" + b"\xff" * 40, "more than 64 bits"),
        "a group": (b"\x0b" * 100_000, "wire type 3"),
        "text that is none": (b"\x12\x02\xff\xff", "not UTF-8"),
        "another format": (b"ORTM" + good, "is not allowed"),
        "the other network": (members[RECOGNITION], "expected float"),
    }


def _goldens(members: Members) -> dict[str, tuple[bytes, str]]:
    with np.load(io.BytesIO(members[GOLDEN])) as archive:
        arrays = dict(archive)
    bomb = _saved(np.savez_compressed, {**arrays, "image": np.zeros((64, 1, 512, 512), np.float32)})
    header = np.lib.format.magic(1, 0) + (118).to_bytes(2, "little")
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (64, 1048576, 1048576), }"
    lying = _packed({f"{name}.npy": header + text.ljust(117) + b"\n" for name in arrays})
    code = _saved(np.savez, {**arrays, "z": np.array([{}], object)})
    return {
        "unpacks to 64 MB": (bomb, "is compressed"),
        "a shape that lies": (lying, "which its shape"),
        "code": (code, "expected 1 to 64 rows of float32"),
        "an array too few": (_saved(np.savez, {"z": arrays["z"]}), "does not hold"),
        "no rows": (_saved(np.savez, {name: array[:0] for name, array in arrays.items()}), "expected 1 to 64 rows"),
        "not a number": (_saved(np.savez, {**arrays, "image": arrays["image"] * np.nan}), "golden answers"),
        "empty": (b"", "its end is missing"),
    }


def _saved(save: Callable[..., None], arrays: dict[str, np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    save(buffer, **arrays)
    return buffer.getvalue()


def write_linked_folder(folder: Path, members: Members) -> Path:
    """A bundle as a folder whose generator is a link to somewhere else."""
    folder.mkdir()
    for name, content in members.items():
        (folder / name).write_bytes(content)
    (folder / GENERATOR).rename(folder.with_suffix(".elsewhere"))
    (folder / GENERATOR).symlink_to(folder.with_suffix(".elsewhere"))
    return folder
