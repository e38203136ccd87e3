"""Writes the trained models as Dragoman loads them: `python -m starter.recipe.export FOLDER [--to starter]`.

CTranslate2's format, 8 bit weights; `stt/` is for faster-whisper, `mt/` for `pipeline.engines.translation.ctranslate`.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from ctranslate2.specs import TransformerSpec, WhisperSpec
from ctranslate2.specs.common_spec import Activation
from torch import nn

from starter.recipe.domain import LANGUAGES
from starter.recipe.models import HOP, POSITIONS, WINDOW, Block, Recogniser, Translator
from starter.recipe.vocabulary import TIMES, build, listed

TRANSLATION = {
    "pairs": [["en", "es"], ["es", "en"]],
    "prefix": [">>{code}<<"],
    "source_pieces": "source.spm",
    "target_pieces": "source.spm",
    "one_sentence": True,
}


SHARES = {"latest.pt": 0.6, "late.pt": 0.4}
"""Weights of the recogniser's checkpoints in the exported mean."""

SOFTER = 0.03
"""Factor on the scores by which the recogniser's decoder attends to the sound. Training drives them to thousands, where
attention is all or nothing: then more words are dropped, and CTranslate2 can't align words with the sound, since
most of it has a weight of exactly 0. Chosen on validation; the encoder's own attention does not bear it."""


def _linear(spec: Any, layer: nn.Linear | nn.Conv1d) -> None:
    """Copies: quantization changes the weights in place that it is given."""
    assert layer.bias is not None
    spec.weight, spec.bias = layer.weight.detach().clone(), layer.bias.detach().clone()


def _norm(spec: Any, layer: nn.LayerNorm) -> None:
    spec.gamma, spec.beta = layer.weight.detach().clone(), layer.bias.detach().clone()


def _block(spec: Any, layer: Block) -> None:
    _norm(spec.self_attention.layer_norm, layer.norm)
    _linear(spec.self_attention.linear[0], layer.qkv)
    _linear(spec.self_attention.linear[1], layer.out)
    if layer.crossed:
        _norm(spec.attention.layer_norm, layer.cross_norm)
        for number, part in enumerate((layer.cross_q, layer.cross_kv, layer.cross_out)):
            _linear(spec.attention.linear[number], part)
    _norm(spec.ffn.layer_norm, layer.wide_norm)
    _linear(spec.ffn.linear_0, layer.wide)
    _linear(spec.ffn.linear_1, layer.narrow)


def _stack(spec: Any, layers: nn.ModuleList, norm: nn.LayerNorm) -> None:
    for into, layer in zip(spec.layer, layers, strict=True):
        _block(into, layer)
    _norm(spec.layer_norm, norm)


def _saved(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(file, weights_only=True)
    return found


def _write(spec: Any, folder: Path, quantization: str) -> None:
    spec.validate()
    spec.optimize(quantization=quantization)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    spec.save(str(folder))


def mean(checkpoints: Mapping[Path, float]) -> dict[str, Any]:
    """One checkpoint of several of the same training, by their shares: where each errs, the others mostly don't
    (Wortsman et al. 2022, "Model soups")."""
    saved = {file: _saved(file) for file in checkpoints}
    first = next(iter(saved.values()))
    total = sum(checkpoints.values())
    model = {
        name: sum(saved[file]["model"][name] * (share / total) for file, share in checkpoints.items())
        if weights.is_floating_point()
        else weights
        for name, weights in first["model"].items()
    }
    return first | {"model": model}


def recogniser(checkpoints: Mapping[Path, float], folder: Path, quantization: str = "int8_float16") -> None:
    """A folder that `faster_whisper.WhisperModel` takes as it is, of the mean of these checkpoints by their shares."""
    saved = mean(checkpoints)
    model = Recogniser(**saved["shape"])
    model.load_state_dict(saved["model"])
    shape = saved["shape"]
    spec = WhisperSpec(shape["encoder"], shape["heads"], shape["decoder"], shape["heads"])
    _linear(spec.encoder.conv1, model.conv1)
    _linear(spec.encoder.conv2, model.conv2)
    late = model.late.detach().expand(WINDOW - POSITIONS, -1)
    spec.encoder.position_encodings.encodings = torch.cat([model.places, late]).clone()
    _stack(spec.encoder, model.encoder, model.encoder_norm)
    tokenizer = build()
    tokens = listed(tokenizer)
    embedding = model.embedding.weight.detach().clone()
    # Words are aligned with the sound behind <|notimestamps|>, which training has not: there stood the first of times.
    embedding[tokens.index("<|notimestamps|>")] = embedding[tokens.index(TIMES[0])]
    spec.decoder.embeddings.weight = embedding
    spec.decoder.position_encodings.encodings = model.decoder_places.detach().clone()
    for layer in model.decoder:
        layer.cross_q.weight.data *= SOFTER
        layer.cross_q.bias.data *= SOFTER
    _stack(spec.decoder, model.decoder, model.decoder_norm)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [tokens.index("<|endoftext|>")]
    spec.config.lang_ids = [tokens.index(f"<|{language}|>") for language in LANGUAGES]
    spec.config.alignment_heads = [[shape["decoder"] - 1, head] for head in range(shape["heads"])]
    _write(spec, folder, quantization)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    features = {"feature_size": 80, "sampling_rate": 16_000, "hop_length": HOP, "chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(features), "utf-8")


def translator(checkpoint: Path, pieces: Path, folder: Path, quantization: str = "int8") -> None:
    saved = _saved(checkpoint)
    model = Translator(**saved["shape"])
    model.load_state_dict(saved["model"])
    shape = saved["shape"]
    spec = TransformerSpec.from_config(
        (shape["encoder"], shape["decoder"]), shape["heads"], pre_norm=True, activation=Activation.GELU
    )
    weights = model.embedding.weight.detach().clone()
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = spec.decoder.projection.weight = weights
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = model.places.clone()
    _stack(spec.encoder, model.encoder, model.encoder_norm)
    _stack(spec.decoder, model.decoder, model.decoder_norm)
    known = sentencepiece.SentencePieceProcessor(model_file=str(pieces))
    names = [known.id_to_piece(number) for number in range(known.vocab_size())]
    spec.register_source_vocabulary(names)
    spec.register_target_vocabulary(names)
    spec.config.bos_token = spec.config.decoder_start_token = "<s>"
    spec.config.eos_token, spec.config.unk_token = "</s>", "<unk>"
    spec.config.add_source_eos = True
    _write(spec, folder, quantization)
    shutil.copy(pieces, folder / "source.spm")
    (folder / "translation.json").write_text(json.dumps(TRANSLATION, indent=2) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--to", type=Path, default=Path(__file__).parent.parent)
    parser.add_argument("--only", choices=("stt", "mt"))
    parser.add_argument(
        "--also", action="append", default=[], metavar="FILE=SHARE", help="a checkpoint more to average"
    )
    chosen = parser.parse_args()
    if chosen.only != "mt":
        files = {chosen.folder / "stt" / name: share for name, share in SHARES.items()}
        files |= {Path(name): float(share) for name, _, share in (one.rpartition("=") for one in chosen.also)}
        recogniser({file: share for file, share in files.items() if file.exists()}, chosen.to / "stt")
    if chosen.only != "stt":
        translator(chosen.folder / "mt" / "latest.pt", chosen.folder / "mt" / "source.model", chosen.to / "mt")


if __name__ == "__main__":
    main()
