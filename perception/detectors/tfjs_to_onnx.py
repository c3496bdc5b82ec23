"""Converts the TF.js detectors we use to ONNX. Covers exactly the operations they have; any other raises."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from perception.detectors.tfjs_graph import Array, Graph, Node, UnknownOperation, read_graph

_OPSET = 18
_IR_VERSION = 9
_ACTIVATIONS = {"Relu": "Relu", "Sigmoid": "Sigmoid", "Elu": "Elu"}
_CONVOLUTIONS = ("Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative")
_BINARY = {"Add": "Add", "AddV2": "Add", "BiasAdd": "Add", "Mul": "Mul", "Sub": "Sub"}


def convert(model_json: Path, target: Path, outputs: tuple[str, ...], *, side_px: int) -> None:
    """Writes `target` with the graph's one input named `input` and the named outputs, in that order.

    The graph's input must be a square NCHW picture; `side_px` is the side wanted of it, a multiple of the greatest
    stride. Convolutions do not mind, and the graph's own resizing is scaled along.
    """
    graph = read_graph(model_json)
    batch, channels, _, native_px = graph.input_shape
    builder = _Builder(graph, scale=side_px / native_px)
    for name in outputs:
        builder.emit("Identity", [builder.tensor(name)], output=name)
    model = helper.make_model(
        helper.make_graph(
            builder.nodes,
            model_json.stem,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, (batch, channels, side_px, side_px))],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            builder.initializers,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
    )
    onnx.save(model, str(target))


class _Builder:
    """Walks back from the outputs and emits ONNX nodes in order of need. TF tensors are NHWC, ONNX wants NCHW."""

    def __init__(self, graph: Graph, *, scale: float) -> None:
        self._scale = scale
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._graph = graph
        self._done: dict[str, str] = {}
        self._handlers: dict[str, Callable[[Node], str]] = {
            "Placeholder": lambda node: "input",
            "Identity": lambda node: self.tensor(node.inputs[0]),
            "Relu": lambda node: self.emit("Relu", [self.tensor(node.inputs[0])]),
            "Sigmoid": lambda node: self.emit("Sigmoid", [self.tensor(node.inputs[0])]),
            "Relu6": lambda node: self._relu6(self.tensor(node.inputs[0])),
            "LeakyRelu": self._leaky_relu,
            "Transpose": self._transpose,
            "Reshape": self._reshape,
            "ConcatV2": self._concat,
            "Pad": self._pad,
            "PadV2": self._pad,
            "MaxPool": self._max_pool,
            "Mean": self._mean,
            "ResizeBilinear": self._resize,
            "SplitV": self._split,
            **dict.fromkeys(_BINARY, self._binary),
            **dict.fromkeys(_CONVOLUTIONS, self._convolution),
        }

    def emit(self, op: str, inputs: list[str], *, output: str | None = None, **attributes: Any) -> str:
        name = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def tensor(self, reference: str) -> str:
        """The ONNX name of a TF tensor such as `node` or `node:1`."""
        if reference in self._done:
            return self._done[reference]
        name = reference.partition(":")[0]
        node = self._graph.nodes[name]
        if self._is_constant(name):
            self._done[reference] = self._constant(self._value(name))
        elif node.op in self._handlers:
            output = self._handlers[node.op](node)
            self._done.setdefault(reference, output)
        else:
            raise UnknownOperation(f"{node.op} of {name}")
        return self._done[reference]

    def _is_constant(self, name: str) -> bool:
        return name in self._graph.constants or self._graph.nodes[name].op == "SparseToDense"

    def _value(self, reference: str) -> Array:
        name = reference.partition(":")[0]
        if name in self._graph.constants:
            return self._graph.constants[name]
        node = self._graph.nodes[name]
        if node.op in ("Add", "AddV2"):
            return np.asarray(self._value(node.inputs[0]) + self._value(node.inputs[1]))
        if node.op != "SparseToDense":
            raise UnknownOperation(f"{node.op} of {name} where a constant is needed")
        indices, shape, values, default = (self._value(reference) for reference in node.inputs)
        dense = np.full(shape, default)
        dense[tuple(np.atleast_2d(indices).T)] = values
        return dense

    def _constant(self, value: Array) -> str:
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def _integers(self, reference: str) -> list[int]:
        return [int(value) for value in np.atleast_1d(self._value(reference))]

    def _to_nchw(self, name: str) -> str:
        return self.emit("Transpose", [name], perm=[0, 3, 1, 2])

    def _to_nhwc(self, name: str) -> str:
        return self.emit("Transpose", [name], perm=[0, 2, 3, 1])

    def _relu6(self, name: str) -> str:
        low, high = (self._constant(np.array(limit, np.float32)) for limit in (0, 6))
        return self.emit("Clip", [name, low, high])

    def _leaky_relu(self, node: Node) -> str:
        return self.emit("LeakyRelu", [self.tensor(node.inputs[0])], alpha=node.number("alpha"))

    def _binary(self, node: Node) -> str:
        return self.emit(_BINARY[node.op], [self.tensor(node.inputs[0]), self.tensor(node.inputs[1])])

    def _convolution(self, node: Node) -> str:
        kernel = self._value(node.inputs[1]).astype(np.float32)
        if "Depthwise" in node.op:
            groups = kernel.shape[2]
            kernel = kernel.transpose(2, 3, 0, 1).reshape(-1, 1, *kernel.shape[:2])
        else:
            groups = 1
            kernel = kernel.transpose(3, 2, 0, 1)
        fused = node.texts("fused_ops")
        inputs = [self._to_nchw(self.tensor(node.inputs[0])), self._constant(kernel)]
        if "BiasAdd" in fused:
            inputs.append(self._constant(self._value(node.inputs[2]).astype(np.float32)))
        output = self.emit(
            "Conv",
            inputs,
            strides=node.integers("strides")[1:3],
            dilations=node.integers("dilations")[1:3] or [1, 1],
            group=groups,
            kernel_shape=list(kernel.shape[2:]),
            auto_pad="SAME_UPPER" if node.text("padding") == "SAME" else "VALID",
        )
        for activation in (name for name in fused if name != "BiasAdd"):
            if activation == "Relu6":
                output = self._relu6(output)
            elif activation in _ACTIVATIONS:
                output = self.emit(_ACTIVATIONS[activation], [output])
            else:
                raise UnknownOperation(f"fused {activation} in {node.name}")
        return self._to_nhwc(output)

    def _transpose(self, node: Node) -> str:
        return self.emit("Transpose", [self.tensor(node.inputs[0])], perm=self._integers(node.inputs[1]))

    def _reshape(self, node: Node) -> str:
        shape = self._constant(np.array(self._integers(node.inputs[1]), np.int64))
        return self.emit("Reshape", [self.tensor(node.inputs[0]), shape])

    def _concat(self, node: Node) -> str:
        (axis,) = self._integers(node.inputs[-1])
        return self.emit("Concat", [self.tensor(name) for name in node.inputs[:-1]], axis=axis)

    def _pad(self, node: Node) -> str:
        pads = self._value(node.inputs[1]).astype(np.int64)
        value = np.float32(self._value(node.inputs[2])) if node.op == "PadV2" else np.float32(0)
        amounts = self._constant(np.concatenate([pads[:, 0], pads[:, 1]]))
        return self.emit("Pad", [self.tensor(node.inputs[0]), amounts, self._constant(np.asarray(value))])

    def _max_pool(self, node: Node) -> str:
        pooled = self.emit(
            "MaxPool",
            [self._to_nchw(self.tensor(node.inputs[0]))],
            kernel_shape=node.integers("ksize")[1:3],
            strides=node.integers("strides")[1:3],
            auto_pad="SAME_UPPER" if node.text("padding") == "SAME" else "VALID",
        )
        return self._to_nhwc(pooled)

    def _mean(self, node: Node) -> str:
        axes = self._constant(np.array(self._integers(node.inputs[1]), np.int64))
        return self.emit("ReduceMean", [self.tensor(node.inputs[0]), axes], keepdims=int(node.flag("keep_dims")))

    def _resize(self, node: Node) -> str:
        image = self._to_nchw(self.tensor(node.inputs[0]))
        shape = self.emit("Shape", [image], end=2)
        scaled = np.rint(self._value(node.inputs[1]) * self._scale).astype(np.int64)
        sizes = self.emit("Concat", [shape, self._constant(scaled)], axis=0)
        mode = "align_corners" if node.flag("align_corners") else "asymmetric"
        if node.flag("half_pixel_centers"):
            mode = "half_pixel"
        resized = self.emit(
            "Resize", [image, "", "", sizes], mode="linear", coordinate_transformation_mode=mode
        )
        return self._to_nhwc(resized)

    def _split(self, node: Node) -> str:
        sizes, (axis,) = self._integers(node.inputs[1]), self._integers(node.inputs[2])
        source, amounts = self.tensor(node.inputs[0]), self._constant(np.array(sizes, np.int64))
        outputs = [f"{node.name}/{index}" for index in range(len(sizes))]
        self.nodes.append(helper.make_node("Split", [source, amounts], outputs, axis=axis))
        for index, output in enumerate(outputs):
            self._done[f"{node.name}:{index}"] = output
        return outputs[0]
