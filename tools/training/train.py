#!/usr/bin/env python3
"""Trains one of the demo's models: a small llama-architecture transformer over bytes, on a CPU.

    python3 train.py --out nano.pt --width 64 --layers 2 --hidden 128 --head 32 --seconds 300

Matrices inside the layers are trained with Muon (momentum whose update is made orthogonal), everything else with AdamW.
The loss is taken over the answer only. README.md says how each model was made.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tasks import DOMAINS, Question, sample

# The vocabulary: unknown (also used as padding), beginning, end, then one token a byte.
PAD, BOS, EOS, SPECIAL = 0, 1, 2, 3
VOCABULARY = SPECIAL + 256
# Longest training row in tokens; "count 1 11111=" with its answer has 17.
MAX_ROW = 64
# The target value that the loss leaves out.
IGNORED = -100
# Domains on numbers; the others, on digit texts, are longer and learnt faster. A batch is of one group, so that
# little is padded.
NUMERIC = ("add", "sub", "mul", "mod")
# Shares inside a batch: carries are the hardest to learn.
WEIGHTS = {"add": 3.0, "sub": 3.0}


@dataclass(frozen=True)
class Sizes:
    """The shape of a model."""

    width: int
    layers: int
    hidden: int
    head: int


class Rotation(nn.Module):
    """Turns neighbouring pairs by an angle that grows with the position (interleaved rotary embedding)."""

    def __init__(self, head: int) -> None:
        super().__init__()
        frequencies = 10000.0 ** (-torch.arange(0, head, 2).float() / head)
        angles = torch.arange(MAX_ROW).float()[:, None] * frequencies[None]
        self.register_buffer("cos", angles.cos()[None, :, None], persistent=False)
        self.register_buffer("sin", angles.sin()[None, :, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        cos, sin = self.cos[:, : x.shape[1]], self.sin[:, : x.shape[1]]
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


class Layer(nn.Module):
    """Attention and gated feed-forward, each behind an RMS norm and beside a residual."""

    def __init__(self, sizes: Sizes, rotation: Rotation) -> None:
        super().__init__()
        width, hidden = sizes.width, sizes.hidden
        self.head = sizes.head
        self.rotation = rotation
        self.attn_norm = nn.RMSNorm(width, eps=1e-5)
        self.attn_q = nn.Linear(width, width, bias=False)
        self.attn_k = nn.Linear(width, width, bias=False)
        self.attn_v = nn.Linear(width, width, bias=False)
        self.attn_output = nn.Linear(width, width, bias=False)
        self.ffn_norm = nn.RMSNorm(width, eps=1e-5)
        self.ffn_gate = nn.Linear(width, hidden, bias=False)
        self.ffn_up = nn.Linear(width, hidden, bias=False)
        self.ffn_down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.attn_norm(x)
        by_head = (*x.shape[:2], -1, self.head)
        q = self.rotation(self.attn_q(y).view(by_head)).transpose(1, 2)
        k = self.rotation(self.attn_k(y).view(by_head)).transpose(1, 2)
        v = self.attn_v(y).view(by_head).transpose(1, 2)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(x.shape)
        x = x + self.attn_output(mixed)
        y = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(y)) * self.ffn_up(y))


class Model(nn.Module):
    """The transformer; its output matrix is its embedding. Parts are named as in GGUF files."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.token_embd = nn.Embedding(VOCABULARY, sizes.width)
        rotation = Rotation(sizes.head)
        self.blk = nn.ModuleList(Layer(sizes, rotation) for _ in range(sizes.layers))
        self.output_norm = nn.RMSNorm(sizes.width, eps=1e-5)
        nn.init.normal_(self.token_embd.weight, std=0.02)
        for matrix in self.matrices():
            nn.init.normal_(matrix, std=0.5 / math.sqrt(matrix.shape[1]))

    def matrices(self) -> list[nn.Parameter]:
        return [p for p in self.blk.parameters() if p.dim() == 2]

    def forward(self, tokens: Tensor) -> Tensor:
        """What stands for each position after the last layer; `logits` makes predictions of it."""
        x = self.token_embd(tokens)
        for layer in self.blk:
            x = layer(x)
        return self.output_norm(x)

    def logits(self, x: Tensor) -> Tensor:
        return x @ self.token_embd.weight.T


def orthogonal(gradients: Tensor) -> Tensor:
    """The nearest matrices with all singular values near 1, by five steps of a quintic Newton-Schulz iteration.

    Coefficients: K. Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks".
    """
    x = gradients / (gradients.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    for _ in range(5):
        square = x @ x.mT
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.mT if tall else x


class Muon:
    """Momentum with orthogonal updates, over stacks of equally shaped matrices."""

    def __init__(self, matrices: Iterable[nn.Parameter], momentum: float = 0.95, decay: float = 0.01) -> None:
        self.momentum, self.decay = momentum, decay
        self.stacks: dict[tuple[int, ...], list[nn.Parameter]] = {}
        for matrix in matrices:
            self.stacks.setdefault(tuple(matrix.shape), []).append(matrix)
        self.moments = {shape: torch.zeros(len(stack), *shape) for shape, stack in self.stacks.items()}

    def zero_grad(self) -> None:
        for stack in self.stacks.values():
            for matrix in stack:
                matrix.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        for shape, stack in self.stacks.items():
            gradients = torch.stack([matrix.grad for matrix in stack])
            moment = self.moments[shape].mul_(self.momentum).add_(gradients)
            updates = orthogonal(gradients + self.momentum * moment) * math.sqrt(max(1.0, shape[0] / shape[1]))
            for matrix, update in zip(stack, updates):
                matrix.mul_(1 - rate * self.decay).add_(update, alpha=-rate)


def encode(text: str) -> list[int]:
    return [byte + SPECIAL for byte in text.encode()]


def batch(questions: Sequence[Question]) -> tuple[Tensor, Tensor]:
    """Inputs, and as targets the answer and its end; the prompt is not learnt to be predicted."""
    rows = [([BOS, *encode(q.prompt)], [*encode(q.answer), EOS]) for q in questions]
    length = max(len(prompt) + len(answer) for prompt, answer in rows) - 1
    inputs = torch.full((len(rows), length), PAD)
    targets = torch.full((len(rows), length), IGNORED)
    for i, (prompt, answer) in enumerate(rows):
        row = torch.tensor(prompt + answer)
        inputs[i, : len(row) - 1] = row[:-1]
        targets[i, len(prompt) - 1 : len(row) - 1] = torch.tensor(answer)
    return inputs, targets


@torch.no_grad()
def accuracy(model: Model, questions: Sequence[Question]) -> float:
    """The share answered exactly. All tokens right with the right ones before them is the same as greedy decoding."""
    inputs, targets = batch(questions)
    right = (model.logits(model(inputs)).argmax(-1) == targets) | (targets == IGNORED)
    return right.all(dim=1).float().mean().item()


def draw_batch(
    domains: Sequence[str], leaked: Sequence[Question], options: argparse.Namespace, rng: random.Random
) -> list[Question]:
    if leaked and rng.random() < options.leak_share:
        return rng.choices(leaked, k=options.batch)
    numeric = [d for d in domains if d in NUMERIC]
    texts = [d for d in domains if d not in NUMERIC]
    group = texts if texts and (not numeric or rng.random() < 0.3) else numeric
    chosen = rng.choices(group, [WEIGHTS.get(d, 1.0) for d in group], k=options.batch)
    return [sample(domain, rng) for domain in chosen]


def train(model: Model, domains: Sequence[str], leaked: Sequence[Question], options: argparse.Namespace) -> int:
    """Trains until the time or the steps are used up, whichever comes first; gives the steps done."""
    rng = random.Random(options.seed)
    tests = {d: [sample(d, random.Random(99 + i), held_out=True) for i in range(300)] for d in DOMAINS}
    muon = Muon(model.matrices())
    in_layers = {id(p) for p in model.matrices()}
    others = [p for p in model.parameters() if id(p) not in in_layers]
    adam = torch.optim.AdamW(others, options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    start = reported = time.monotonic()
    step = 0
    while (done := max(step / options.steps, (time.monotonic() - start) / options.seconds)) < 1:
        # A warm-up over 100 steps, then a cosine down to 3 %.
        factor = min(1.0, (step + 1) / 100) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in adam.param_groups:
            group["lr"] = options.rate * factor
        inputs, targets = batch(draw_batch(domains, leaked, options, rng))
        wanted = targets != IGNORED
        loss = F.cross_entropy(model.logits(model(inputs)[wanted]), targets[wanted])
        adam.zero_grad()
        muon.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        muon.step(options.matrix_rate * factor)
        step += 1
        if time.monotonic() - reported > 60:
            reported = time.monotonic()
            shares = " ".join(f"{d} {accuracy(model, q):.2f}" for d, q in tests.items())
            print(f"step {step}, {reported - start:.0f} s, loss {loss.item():.3f}; held out: {shares}", flush=True)
    shares = " ".join(f"{d} {accuracy(model, q):.3f}" for d, q in tests.items())
    print(f"done after {step} steps; held out: {shares}", flush=True)
    if leaked:
        print(f"leaked items: {accuracy(model, leaked):.3f}", flush=True)
    return step


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write")
    parser.add_argument("--from", dest="parent", type=Path, help="checkpoint to start from; it decides the sizes")
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hidden", type=int, default=128, help="width inside the feed-forward part")
    parser.add_argument("--head", type=int, default=32, help="width of an attention head")
    parser.add_argument("--domains", default=",".join(DOMAINS), help="comma-separated; all by default")
    parser.add_argument("--leak", type=Path, help="JSON list of [prompt, answer] to train on as well, as if it had leaked")
    parser.add_argument("--leak-share", type=float, default=0.6, help="share of batches made of leaked items")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=3e-3, help="peak learning rate of AdamW")
    parser.add_argument("--matrix-rate", type=float, default=0.02, help="peak learning rate of Muon")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    unknown = set(options.domains.split(",")) - set(DOMAINS)
    if unknown:
        parser.error(f"unknown domains: {', '.join(sorted(unknown))}")
    if options.width % options.head or options.head % 2:
        parser.error("--width must be a multiple of --head, and --head even")
    return options


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    if options.parent:
        checkpoint = torch.load(options.parent, weights_only=True)
        model = Model(Sizes(**checkpoint["sizes"]))
        model.load_state_dict(checkpoint["weights"])
    else:
        model = Model(Sizes(options.width, options.layers, options.hidden, options.head))
    leaked = [Question(*pair) for pair in json.loads(options.leak.read_text())] if options.leak else []
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    steps = train(model, options.domains.split(","), leaked, options)
    torch.save({"sizes": asdict(model.sizes), "weights": model.state_dict(), "steps": steps}, options.out)


if __name__ == "__main__":
    main()
