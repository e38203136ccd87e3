"""Every table of languages has all that are promised, and `PROMISED` is the one place that says which."""

import pytest

from pipeline.engine_contract.texts import SENTENCES
from pipeline.engines.translation.model_families import FAMILIES
from pipeline.text.abbreviations import spans
from pipeline.text.language import ENGLISH_NAMES, NATIVE_NAMES, PROMISED, native_name, same


@pytest.mark.parametrize(
    "table", [NATIVE_NAMES, ENGLISH_NAMES, SENTENCES, *(family.codes for family in FAMILIES.values())]
)
def test_a_table_has_all_promised_languages(table: dict[str, object]) -> None:
    assert sorted(table) == sorted(PROMISED) and len(set(PROMISED)) == 15


def test_a_region_is_the_same_language() -> None:
    assert same("pt-BR", "PT") and native_name("pt-BR") == "Português" and native_name("qaa") == "qaa"
    assert list(spans("Text.", "qaa")) == []
