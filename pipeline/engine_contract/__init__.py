"""Contract suite for engines: runs on any engine of the registry, whoever wrote it.

    from pipeline.engine_contract import TranslatorContract
    from pipeline.engines.registry import EngineSpec

    class TestMine(TranslatorContract):
        spec = EngineSpec("mt", "mine", {"path": "/models/mine"})

pytest collects the checks, methods that begin with `test_`; it isn't needed otherwise. Without it,
`python -m pipeline.engine_contract mt mine '{"path": "/models/mine"}'` runs them and says what is wrong, and
`run(suite)` gives the same to a program. A check that doesn't hold raises `Breach`. See docs/engines.md.
"""

from pipeline.engine_contract.checks import Breach, Contract, Verdict, demand, run
from pipeline.engine_contract.synthesizer import SynthesizerContract
from pipeline.engine_contract.transcriber import TranscriberContract
from pipeline.engine_contract.translator import TranslatorContract

CONTRACTS: dict[str, type[Contract]] = {
    "stt": TranscriberContract,
    "mt": TranslatorContract,
    "tts": SynthesizerContract,
}
"""The suite for each kind of engine."""

__all__ = [
    "CONTRACTS",
    "Breach",
    "Contract",
    "SynthesizerContract",
    "TranscriberContract",
    "TranslatorContract",
    "Verdict",
    "demand",
    "run",
]
