"""Reads a TensorFlow.js graph model (model.json and its one weight file) into nodes and constant arrays."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_TYPES: dict[str, type[np.generic]] = {
    "float32": np.float32,
    "float16": np.float16,
    "int32": np.int32,
    "uint8": np.uint8,
    "uint16": np.uint16,
    "bool": np.bool_,
}


class UnknownOperation(ValueError):
    """The graph has an operation that the converter was not written for."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. Attribute values are strings in base64 and integers as strings, as TF.js writes them."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: dict[str, Any]

    def integers(self, name: str) -> list[int]:
        return [int(value) for value in self.attributes.get(name, {}).get("list", {}).get("i", [])]

    def text(self, name: str) -> str:
        return base64.b64decode(self.attributes[name]["s"]).decode()

    def texts(self, name: str) -> list[str]:
        return [base64.b64decode(v).decode() for v in self.attributes.get(name, {}).get("list", {}).get("s", [])]

    def flag(self, name: str) -> bool:
        return bool(self.attributes.get(name, {}).get("b", False))

    def number(self, name: str) -> float:
        return float(self.attributes[name]["f"])


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: dict[str, Node]
    constants: dict[str, Array]
    input_shape: tuple[int, ...]


def read_graph(model_json: Path) -> Graph:
    """Reads `model_json` and the `.bin` of the same stem beside it."""
    document = json.loads(model_json.read_text())
    blob = model_json.with_suffix(".bin").read_bytes()
    nodes = {
        raw["name"]: Node(raw["name"], raw["op"], tuple(raw.get("input", ())), raw.get("attr", {}))
        for raw in document["modelTopology"]["node"]
    }
    (first_input,) = document["signature"]["inputs"].values()
    shape = tuple(int(dimension["size"]) for dimension in first_input["tensorShape"]["dim"])
    return Graph(nodes, _read_weights(document["weightsManifest"], blob), shape)


def _read_weights(manifest: list[dict[str, Any]], blob: bytes) -> dict[str, Array]:
    """Constant arrays by name; quantised ones are expanded to their declared type."""
    arrays: dict[str, Array] = {}
    at = 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        packing = entry.get("quantization")
        stored = np.dtype(_TYPES[(packing or entry)["dtype"]])
        count = int(np.prod(entry["shape"], dtype=np.int64))
        array: Array = np.frombuffer(blob, stored, count, at)
        at += count * stored.itemsize
        if packing is not None and "scale" in packing:
            array = array.astype(np.float32) * packing["scale"] + packing["min"]
        arrays[entry["name"]] = array.astype(_TYPES[entry["dtype"]]).reshape(entry["shape"])
    return arrays
