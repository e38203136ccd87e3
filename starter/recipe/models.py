"""Neural networks of the bundled models, for their training in PyTorch: a small Whisper, and a small text translator.

Unlike in Whisper, all positions of the encoder from 12.8 s on are one: see `POSITIONS`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

HOP = 320
"""Samples (20 ms) between two frames of features: half as many as Whisper's, since that halves all work. The folder
of the model says so, and faster-whisper goes by it."""

POSITIONS = 320
"""Encoder positions (40 ms each) that have a place of their own; all later ones share one vector. So the padding of
a 30 s window is one key many times over, and training needs to see it only once."""

WINDOW = 1500


def sinusoids(count: int, width: int) -> Tensor:
    step = math.log(10_000) / (width // 2 - 1)
    angles = torch.arange(count)[:, None] * torch.exp(-step * torch.arange(width // 2))
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Block(nn.Module):
    """A layer of an encoder, or of a decoder (`crossed`): pre-norm, GELU."""

    def __init__(self, width: int, heads: int, *, crossed: bool = False) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.crossed = crossed
        if crossed:
            self.cross_norm = nn.LayerNorm(width)
            self.cross_q = nn.Linear(width, width)
            self.cross_kv = nn.Linear(width, 2 * width)
            self.cross_out = nn.Linear(width, width)
        self.wide_norm = nn.LayerNorm(width)
        self.wide = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)

    def forward(self, x: Tensor, bias: Tensor | None, memory: Tensor | None = None) -> Tensor:
        """`bias` is added to the attention of the keys: of `x`, or of `memory` where there is one."""
        batch, length, width = x.shape
        shape = (batch, length, 3, self.heads, width // self.heads)
        q, k, v = self.qkv(self.norm(x)).view(shape).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=None if self.crossed else bias, is_causal=self.crossed
        )
        x = x + self.out(seen.transpose(1, 2).reshape(batch, length, width))
        if memory is not None:
            q = self.cross_q(self.cross_norm(x)).view(batch, length, self.heads, -1).transpose(1, 2)
            k, v = self.cross_kv(memory).view(batch, -1, 2, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
            seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
            x = x + self.cross_out(seen.transpose(1, 2).reshape(batch, length, width))
        wide: Tensor = self.narrow(functional.gelu(self.wide(self.wide_norm(x))))
        return x + wide


class Recogniser(nn.Module):
    """Log-mel to tokens. `units`: classes of the encoder's second task, which is thrown away after training."""

    def __init__(self, tokens: int, units: int, width: int = 144, heads: int = 4, encoder: int = 3, decoder: int = 2):
        super().__init__()
        self.shape = {"tokens": tokens, "units": units, "width": width, "heads": heads}
        self.shape |= {"encoder": encoder, "decoder": decoder}
        self.conv1 = nn.Conv1d(80, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.register_buffer("places", sinusoids(POSITIONS, width))
        self.late = nn.Parameter(torch.randn(width) * 0.1)
        self.encoder = nn.ModuleList(Block(width, heads) for _ in range(encoder))
        self.encoder_norm = nn.LayerNorm(width)
        self.spell = nn.Linear(width, units)
        self.embedding = nn.Embedding(tokens, width)
        nn.init.normal_(self.embedding.weight, std=0.7 * width**-0.5)
        self.decoder_places = nn.Parameter(torch.randn(448, width) * 0.02)
        self.decoder = nn.ModuleList(Block(width, heads, crossed=True) for _ in range(decoder))
        self.decoder_norm = nn.LayerNorm(width)

    def encode(self, mel: Tensor, padding: int = 0) -> tuple[Tensor, Tensor | None]:
        """Encode features: the memory, and the bias of its last key.

        `mel` is [batch, 80, frames]. `padding` positions of padding follow it, all of them as one key: the bias gives
        that key their weight together.
        """
        x = functional.gelu(self.conv2(functional.gelu(self.conv1(mel)))).transpose(1, 2)
        batch, length, width = x.shape
        x = x + self.places[:length]
        bias = None
        if padding > 0:
            still = functional.gelu(self.conv2.weight.sum(2) @ functional.gelu(self.conv1.bias) + self.conv2.bias)
            x = torch.cat([x, (still + self.late).expand(batch, 1, width)], dim=1)
            bias = torch.zeros(length + 1)
            bias[length] = math.log(padding)
            bias = bias[None, None, None]
        for layer in self.encoder:
            x = layer(x, bias)
        return self.encoder_norm(x), bias

    def decode(self, tokens: Tensor, memory: Tensor, bias: Tensor | None) -> Tensor:
        """Return the scores of what follows each token: [batch, length, tokens]."""
        x = self.embedding(tokens) + self.decoder_places[: tokens.shape[1]]
        for layer in self.decoder:
            x = layer(x, bias, memory)
        return functional.linear(self.decoder_norm(x), self.embedding.weight)


class Translator(nn.Module):
    """Pieces of text to pieces of text, both sides one vocabulary."""

    def __init__(self, tokens: int, width: int = 128, heads: int = 4, encoder: int = 2, decoder: int = 2) -> None:
        super().__init__()
        self.shape = {"tokens": tokens, "width": width, "heads": heads, "encoder": encoder, "decoder": decoder}
        self.embedding = nn.Embedding(tokens, width)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        self.register_buffer("places", sinusoids(256, width))
        self.encoder = nn.ModuleList(Block(width, heads) for _ in range(encoder))
        self.encoder_norm = nn.LayerNorm(width)
        self.decoder = nn.ModuleList(Block(width, heads, crossed=True) for _ in range(decoder))
        self.decoder_norm = nn.LayerNorm(width)
        self.scale = width**0.5

    def forward(self, source: Tensor, there: Tensor, target: Tensor) -> Tensor:
        """Return the scores of what follows each token of the target. `there` is true where `source` isn't padding."""
        bias = torch.zeros(source.shape).masked_fill(~there, -1e9)[:, None, None]
        x = self.embedding(source) * self.scale + self.places[: source.shape[1]]
        for layer in self.encoder:
            x = layer(x, bias)
        memory = self.encoder_norm(x)
        y = self.embedding(target) * self.scale + self.places[: target.shape[1]]
        for layer in self.decoder:
            y = layer(y, bias, memory)
        return functional.linear(self.decoder_norm(y), self.embedding.weight)
