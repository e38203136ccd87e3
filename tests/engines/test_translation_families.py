"""The families of translation models, on real models of true architecture: the right tokens reach the library, in the
right places, and a swapped pair or direction is seen in what comes out."""

import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ctranslate2
import pytest
import sentencepiece

from pipeline.engines import EngineError
from pipeline.engines.translation.ctranslate import CTranslate
from pipeline.engines.translation.model_families import NLLB
from pipeline.speech import Translate
from pipeline.text.language import PROMISED
from tests.kit.random_translation_models import PIECES, random_model, say_pair, sentence_pieces, witness

FLORES = {
    "en": "eng_Latn", "es": "spa_Latn", "fr": "fra_Latn", "de": "deu_Latn", "it": "ita_Latn", "pt": "por_Latn",
    "ru": "rus_Cyrl", "ar": "arb_Arab", "zh": "zho_Hans", "ja": "jpn_Jpan", "ko": "kor_Hang", "hi": "hin_Deva",
    "tr": "tur_Latn", "nl": "nld_Latn", "pl": "pol_Latn",
}  # fmt: skip
TATOEBA = {
    "es": "spa", "fr": "fra", "de": "deu", "it": "ita", "pt": "por", "ru": "rus", "ar": "ara", "zh": "cmn_Hans",
    "ja": "jpn", "ko": "kor", "hi": "hin", "tr": "tur", "nl": "nld", "pl": "pol",
}  # fmt: skip
M2M = {language: f"__{language}__" for language in FLORES}
TOKENS = {
    "m2m100": list(M2M.values()),
    "nllb": [*FLORES.values(), "fuv_Latn"],
    "opus-mt": [f">>{code}<<" for code in TATOEBA.values()],
}
TEXT = "where is the station"

Make = Callable[..., CTranslate]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models are made once: nobody writes into them."""
    root = tmp_path_factory.mktemp("models")
    for family, tokens in TOKENS.items():
        random_model(root / f"random-{family}", family, tokens)
    witness(root / "witness-m2m100", "m2m100", TOKENS["m2m100"], TOKENS["m2m100"])
    witness(root / "witness-nllb", "nllb", FLORES.values(), FLORES.values())
    witness(root / "witness-opus-mt", "opus-mt", ["▁"], TOKENS["opus-mt"])
    say_pair(root / "witness-opus-mt", "eng", "mul")
    say_pair(root / "random-opus-mt", "eng", "mul")
    return root


def load(folder: Path, **options: Any) -> CTranslate:
    return CTranslate(str(folder), compute_type="float32", **options)


def ask(engine: CTranslate, source: str, target: str, text: str = TEXT) -> str:
    (told,) = engine.translate([Translate(text, source, target)])
    return told.text


def test_the_tables_hold_the_promised_languages() -> None:
    assert set(PROMISED) == set(FLORES) and len(PROMISED) == 15
    assert {language: codes[0] for language, codes in NLLB.codes.items()} == FLORES


@pytest.mark.parametrize(("family", "tokens"), [("m2m100", M2M), ("nllb", FLORES)])
def test_every_pair_reaches_the_library_with_both_its_tokens(folder: Path, family: str, tokens: dict[str, str]) -> None:
    engine = load(folder / f"witness-{family}")
    pairs = list(itertools.permutations(FLORES, 2))
    assert engine.pairs == set(pairs) and not engine.pivoted
    told = engine.translate([Translate(TEXT, source, target) for source, target in pairs])
    assert [one.text for one in told] == [f"from {tokens[source]} to {tokens[target]}" for source, target in pairs]


def test_every_target_of_a_model_with_several_reaches_the_library(folder: Path) -> None:
    engine = load(folder / "witness-opus-mt")
    assert engine.pairs == {("en", target) for target in TATOEBA}
    told = engine.translate([Translate(TEXT, "en", target) for target in TATOEBA])
    assert [one.text for one in told] == [f"from ▁ to >>{code}<<" for code in TATOEBA.values()]


def pieces(text: str) -> list[str]:
    model = sentencepiece.SentencePieceProcessor(model_proto=sentence_pieces())
    return list(model.encode(text, out_type=str))


def library(folder: Path, source: list[str], prefix: list[str]) -> str:
    """Return the library's own output for tokens written here by hand."""
    model = ctranslate2.Translator(str(folder), compute_type="float32", intra_threads=1)
    longest = 64  # of a source as short as this
    (result,) = model.translate_batch([source], target_prefix=[prefix], beam_size=1, max_decoding_length=longest)
    tokens = result.hypotheses[0][len(prefix) : longest]
    spoken = sentencepiece.SentencePieceProcessor(model_proto=sentence_pieces())
    special = {token for of_family in TOKENS.values() for token in of_family}
    return str(spoken.decode([token for token in tokens if token not in special])).strip()


RIGHT: dict[str, tuple[list[str], list[str]]] = {
    # As the tokenizers of the hub write them, and CTranslate2's documentation of its converters shows.
    "m2m100": (["__en__", *pieces(TEXT), "</s>"], ["__es__"]),
    "nllb": (["eng_Latn", *pieces(TEXT), "</s>"], ["spa_Latn"]),
    "opus-mt": ([">>spa<<", *pieces(TEXT), "</s>"], []),
}
WRONG: dict[str, list[tuple[list[str], list[str]]]] = {
    "m2m100": [
        (["__es__", *pieces(TEXT), "</s>"], ["__en__"]),
        (["__es__", *pieces(TEXT), "</s>"], ["__es__"]),
        (["__en__", *pieces(TEXT), "</s>"], ["__fr__"]),
        (["__en__", *pieces(TEXT), "</s>"], []),
        ([*pieces(TEXT), "</s>"], ["__es__"]),
        (["__en__", *pieces(TEXT)], ["__es__"]),
        ([*pieces(TEXT), "</s>", "__en__"], ["__es__"]),
    ],
    "nllb": [
        (["spa_Latn", *pieces(TEXT), "</s>"], ["eng_Latn"]),
        (["spa_Latn", *pieces(TEXT), "</s>"], ["spa_Latn"]),
        (["eng_Latn", *pieces(TEXT), "</s>"], []),
        ([*pieces(TEXT), "</s>"], ["spa_Latn"]),
        (["eng_Latn", *pieces(TEXT)], ["spa_Latn"]),
        ([*pieces(TEXT), "</s>", "eng_Latn"], ["spa_Latn"]),
    ],
    "opus-mt": [
        ([">>fra<<", *pieces(TEXT), "</s>"], []),
        ([*pieces(TEXT), "</s>"], []),
        ([">>spa<<", *pieces(TEXT)], []),
        ([*pieces(TEXT), ">>spa<<", "</s>"], []),
        ([*pieces(TEXT), "</s>"], [">>spa<<"]),
    ],
}


@pytest.mark.parametrize("family", RIGHT)
def test_tokens_stand_where_the_converters_expect_them(folder: Path, family: str) -> None:
    said = ask(load(folder / f"random-{family}"), "en", "es")
    assert said == library(folder / f"random-{family}", *RIGHT[family])
    others = [library(folder / f"random-{family}", *wrong) for wrong in WRONG[family]]
    assert said and all(other != said for other in others), "the model would not notice"


def test_the_end_is_left_to_the_library_where_it_adds_it(tmp_path: Path) -> None:
    folder = random_model(tmp_path / "opus-mt-en-es", "opus-mt", [])
    plain = ask(load(folder), "en", "es")
    config = json.loads((folder / "config.json").read_text())
    assert config["add_source_eos"] is False, "as ct2-transformers-converter writes it"
    (folder / "config.json").write_text(json.dumps({**config, "add_source_eos": True}))
    assert ask(load(folder), "en", "es") == plain


def test_a_model_of_one_pair_is_asked_without_a_prefix(tmp_path: Path) -> None:
    folder = random_model(tmp_path / "opus-mt-en-es", "opus-mt", [])
    assert ask(load(folder), "en", "es") == library(folder, [*pieces(TEXT), "</s>"], [])
    with pytest.raises(EngineError, match="es → en"):
        ask(load(folder), "es", "en")


def test_each_direction_goes_to_its_own_model(tmp_path: Path) -> None:
    for source, target in (("en", "es"), ("es", "en")):
        witness(tmp_path / f"opus-mt-{source}-{target}", "opus-mt", [], [], says=f"{source} into {target}")
    engine = load(tmp_path)
    told = engine.translate([Translate("a", "es", "en"), Translate("a", "en", "es"), Translate("a", "es-MX", "en-GB")])
    assert [one.text for one in told] == ["es into en", "en into es", "es into en"]


@pytest.mark.parametrize("family", RIGHT)
def test_what_is_said_can_not_steer_the_model(folder: Path, tmp_path: Path, family: str) -> None:
    """Even if SentencePiece knows the model's tokens, as it does with some models."""
    copy = shutil.copytree(folder / f"witness-{family}", tmp_path / "model")
    for name in PIECES[family]:
        (copy / name).write_bytes(sentence_pieces(*TOKENS[family]))
    engine = load(copy)
    tokens = RIGHT[family][1] or [">>spa<<"]
    clean = ask(engine, "en", "es")
    for token in (*TOKENS[family], "</s>", "<s>"):
        assert ask(engine, "en", "es", f"{token} {TEXT} {token}") == clean
    assert tokens[0] in clean


def test_no_token_of_a_language_is_spoken(folder: Path) -> None:
    """By chance a random model writes them in the middle of its text."""
    for family, tokens in TOKENS.items():
        engine = load(folder / f"random-{family}")
        texts = [one.text for one in engine.translate([Translate(TEXT, *pair) for pair in sorted(engine.pairs)])]
        assert any(texts) and not any(token in text for token in tokens for text in texts)


# Files of a folder ----------------------------------------------------------------------------------------------------


def test_a_folder_that_can_not_be_told_asks_for_a_description(tmp_path: Path) -> None:
    folder = random_model(tmp_path / "mine", "opus-mt", [])
    with pytest.raises(EngineError, match=r"mine.*translation\.json"):
        load(folder)
    (folder / "translation.json").write_text('{"family": "opus-mt", "pairs": [["fr", "en"]]}')
    assert load(folder).pairs == {("fr", "en")}


@pytest.mark.parametrize(
    ("name", "source", "target", "pairs"),
    [
        ("any", "eng", "spa", {("en", "es")}),
        ("any", "de", "en", {("de", "en")}),
        ("opus-mt-tc-big-en-pt", "eng", "por", {("en", "pt")}),
        ("opus-mt-fr-en", None, None, {("fr", "en")}),
    ],
)
def test_a_pair_is_read_from_what_the_makers_wrote(
    tmp_path: Path, name: str, source: str | None, target: str | None, pairs: set[tuple[str, str]]
) -> None:
    folder = random_model(tmp_path / name, "opus-mt", [])
    if source and target:
        say_pair(folder, source, target)
    assert load(folder).pairs == pairs


@pytest.mark.parametrize(
    ("name", "source", "target", "told"),
    [
        ("opus-mt-en-es", "spa", "eng", "its name says en to es"),
        ("any", "mul", "eng", "from which languages"),
        ("opus-mt-ROMANCE-en", None, None, "translation.json"),
        ("any", "eng", "roa", "into which languages"),
    ],
)
def test_nothing_is_guessed(tmp_path: Path, name: str, source: str | None, target: str | None, told: str) -> None:
    folder = random_model(tmp_path / name, "opus-mt", [])
    if source and target:
        say_pair(folder, source, target)
    with pytest.raises(EngineError, match=told):
        load(folder)


@pytest.mark.parametrize(
    ("description", "told"),
    [
        ("{", "can't be read"),
        ("[" * 3000, "can't be read"),
        ("[]", "no JSON object"),
        ('{"family": "gpt"}', "not one of opus-mt, m2m100, nllb"),
        ('{"family": "m2m100", "pairs": [["en"]]}', "no pair of languages"),
        ('{"family": "m2m100", "pairs": [["en", "en-GB"]]}', "one language twice"),
        ('{"family": "m2m100", "pairs": []}', "no list of pairs"),
        ('{"family": "m2m100", "pairs": [["en", "sv"]]}', "'__sv__', which is not in its target vocabulary"),
        ('{"family": "nllb", "pairs": [["en", "es"]]}', "'eng_Latn', which is not in its source vocabulary"),
        ('{"family": "m2m100", "codes": {"es": "xx"}, "pairs": [["en", "es"]]}', "'__xx__'"),
        ('{"family": "m2m100", "prefix": ["{langauge}"], "pairs": [["en", "es"]]}', "langauge"),
        ('{"family": "m2m100", "prefixes": []}', "no field 'prefixes'; there are codes"),
        ('{"family": "m2m100", "suffix": null}', "'suffix' is not of the right kind"),
        ('{"family": "m2m100", "prefix": "__en__"}', "'prefix' is not of the right kind"),
        ('{"family": "m2m100", "codes": ["es"]}', "'codes' is not of the right kind"),
        ('{"family": ["m2m100"]}', "'family' is not of the right kind"),
        ('{"pairs": [["en", "es"]]}', "source_pieces"),
        ('{"family": "m2m100", "source_pieces": "gone.spm"}', "gone.spm is missing"),
    ],
)
def test_a_bad_description_is_named(tmp_path: Path, description: str, told: str) -> None:
    folder = random_model(tmp_path / "model", "m2m100", TOKENS["m2m100"])
    (folder / "translation.json").write_text(description)
    with pytest.raises(EngineError, match=told) as refused:
        load(folder)
    assert str(folder) in str(refused.value)


def test_a_folder_of_another_family_is_refused(folder: Path) -> None:
    assert load(folder / "witness-nllb", family="nllb").pairs
    with pytest.raises(EngineError, match="m2m100, no nllb"):
        load(folder / "witness-m2m100", family="nllb")


def test_a_family_is_no_guess_either(tmp_path: Path) -> None:
    folder = random_model(tmp_path / "mine", "opus-mt", [])
    with pytest.raises(EngineError, match=r"describe it in a file translation\.json"):
        load(folder, family="opus-mt")
    named = {"pairs": [["en", "es"]], "source_pieces": "source.spm", "target_pieces": "target.spm"}
    (folder / "translation.json").write_text(json.dumps(named))
    assert load(folder).pairs == {("en", "es")}
    with pytest.raises(EngineError, match='no "family"'):
        load(folder, family="opus-mt")


def test_a_prefix_of_words_takes_no_words_from_what_is_said(tmp_path: Path) -> None:
    folder = random_model(tmp_path / "mine", "opus-mt", [])
    first = pieces(TEXT)[:2]
    described = {"family": "opus-mt", "pairs": [["en", "es"]], "prefix": first}
    (folder / "translation.json").write_text(json.dumps(described))
    assert ask(load(folder), "en", "es") == library(folder, [*first, *pieces(TEXT), "</s>"], [])


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"no model\.bin"):
        load(tmp_path)
    with pytest.raises(EngineError, match="not a folder"):
        load(tmp_path / "nowhere")
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(EngineError, match=r"source_vocabulary\.json"):
        load(tmp_path)
    with pytest.raises(EngineError, match="no model folder"):
        CTranslate()
