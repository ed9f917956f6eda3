#!/usr/bin/env python3
"""Writes a checkpoint of train.py as a GGUF file that both llama.cpp and the demo read.

    python3 to_gguf.py nano.pt nano-q8_0.gguf --name nano

Matrices become q8_0 (blocks of 32: one half-precision scale, 32 signed bytes), f16 or f32; norms stay f32. The format
is simple enough to be written here, without the gguf package.
"""

from __future__ import annotations

import argparse
import struct
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

VERSION, ALIGNMENT, CONTEXT, BLOCK = 3, 32, 256, 32
# Type numbers of metadata values.
UINT32, FLOAT32, BOOL, STRING, ARRAY, INT32 = 4, 6, 7, 8, 9, 5
# By name: type number of the tensors, and of the file as a whole.
TENSOR_TYPES = {"f32": (0, 0), "f16": (1, 1), "q8_0": (8, 7)}
# Kinds of tokens.
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6


def string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


class Metadata:
    """Typed keys and values, in the order they are added."""

    def __init__(self) -> None:
        self.count = 0
        self.data = b""

    def add(self, key: str, kind: int, value: bytes) -> None:
        self.count += 1
        self.data += string(key) + struct.pack("<I", kind) + value

    def text(self, key: str, value: str) -> None:
        self.add(key, STRING, string(value))

    def integer(self, key: str, value: int) -> None:
        self.add(key, UINT32, struct.pack("<I", value))

    def real(self, key: str, value: float) -> None:
        self.add(key, FLOAT32, struct.pack("<f", value))

    def flag(self, key: str, value: bool) -> None:
        self.add(key, BOOL, struct.pack("<?", value))

    def array(self, key: str, kind: int, values: Sequence[bytes]) -> None:
        self.add(key, ARRAY, struct.pack("<IQ", kind, len(values)) + b"".join(values))


def describe(name: str, sizes: dict[str, int], file_type: int) -> Metadata:
    m = Metadata()
    m.text("general.architecture", "llama")
    m.text("general.name", f"assayd-{name}")
    m.integer("llama.context_length", CONTEXT)
    m.integer("llama.embedding_length", sizes["width"])
    m.integer("llama.block_count", sizes["layers"])
    m.integer("llama.feed_forward_length", sizes["hidden"])
    m.integer("llama.attention.head_count", sizes["width"] // sizes["head"])
    m.integer("llama.attention.head_count_kv", sizes["width"] // sizes["head"])
    m.integer("llama.rope.dimension_count", sizes["head"])
    m.real("llama.rope.freq_base", 10000.0)
    m.real("llama.attention.layer_norm_rms_epsilon", 1e-5)
    m.integer("llama.vocab_size", 259)
    m.integer("general.file_type", file_type)
    m.text("tokenizer.ggml.model", "llama")
    # llama.cpp's tokenizer of this kind turns a space into U+2581 first, so the token of byte 32 must be that
    # character, and a normal token; otherwise a space would become the three byte tokens of U+2581.
    texts = [f"<0x{byte:02X}>" for byte in range(256)]
    kinds = [BYTE] * 256
    texts[32], kinds[32] = "\u2581", NORMAL
    texts = ["<unk>", "<s>", "</s>", *texts]
    kinds = [UNKNOWN, CONTROL, CONTROL, *kinds]
    m.array("tokenizer.ggml.tokens", STRING, [string(text) for text in texts])
    m.array("tokenizer.ggml.scores", FLOAT32, [struct.pack("<f", 0.0)] * len(texts))
    m.array("tokenizer.ggml.token_type", INT32, [struct.pack("<i", kind) for kind in kinds])
    m.integer("tokenizer.ggml.bos_token_id", 1)
    m.integer("tokenizer.ggml.eos_token_id", 2)
    m.integer("tokenizer.ggml.unknown_token_id", 0)
    m.integer("tokenizer.ggml.padding_token_id", 0)
    m.flag("tokenizer.ggml.add_bos_token", True)
    m.flag("tokenizer.ggml.add_eos_token", False)
    m.flag("tokenizer.ggml.add_space_prefix", False)
    m.text("tokenizer.chat_template", "{{ messages[-1]['content'] }}")
    return m


def q8_0(matrix: Tensor) -> bytes:
    """Blocks of 32 along the rows: scale = greatest magnitude / 127, then each number over the scale, rounded."""
    blocks = matrix.reshape(-1, BLOCK)
    scales = blocks.abs().amax(dim=1, keepdim=True) / 127
    # Halves are rounded away from zero, as llama.cpp does.
    ratios = blocks / scales.clamp(min=torch.finfo(torch.float32).tiny)
    numbers = (ratios.sign() * (ratios.abs() + 0.5).floor()).to(torch.int8)
    rows = zip(scales.flatten().tolist(), numbers.tolist())
    return b"".join(struct.pack("<e32b", scale, *row) for scale, row in rows)


def encode(tensor: Tensor, kind: str) -> bytes:
    if kind == "q8_0":
        return q8_0(tensor)
    numbers = tensor.flatten().tolist()
    return struct.pack(f"<{len(numbers)}{'e' if kind == 'f16' else 'f'}", *numbers)


def pad(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % ALIGNMENT)


def write(path: Path, name: str, sizes: dict[str, int], weights: dict[str, Tensor], kind: str) -> None:
    metadata = describe(name, sizes, TENSOR_TYPES[kind][1])
    headers, data = b"", b""
    for key, tensor in weights.items():
        # Norms are small and sensitive: always in full.
        tensor_kind = kind if tensor.dim() == 2 else "f32"
        shape = tuple(reversed(tensor.shape))
        headers += string(key) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        headers += struct.pack("<IQ", TENSOR_TYPES[tensor_kind][0], len(data))
        data += pad(encode(tensor.float(), tensor_kind))
    head = b"GGUF" + struct.pack("<IQQ", VERSION, len(weights), metadata.count)
    path.write_bytes(pad(head + metadata.data + headers) + data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--name", required=True, help="the model's name")
    parser.add_argument("--type", choices=TENSOR_TYPES, default="q8_0", help="how matrices are stored (default: q8_0)")
    options = parser.parse_args()
    checkpoint = torch.load(options.checkpoint, weights_only=True)
    write(options.out, options.name, checkpoint["sizes"], checkpoint["weights"], options.type)
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
