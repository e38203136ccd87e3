"""Checks that all three kinds of engines share, and the runner that needs no pytest."""

from __future__ import annotations

import asyncio
import contextlib
import json
import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pipeline.engines import registry
from pipeline.engines.registry import Engine, EngineSpec
from pipeline.errors import EngineError, ProcessGone
from pipeline.lanes import child_environment
from pipeline.lanes.envelope import Envelope
from pipeline.lanes.pipe_messages import JobFailed, describe, method
from pipeline.lanes.process import EngineProcess
from pipeline.text.language import is_tag, primary

NOBODYS = "qaa"
"""A language that no engine knows: the subtag is reserved for private use (RFC 5646)."""

UNPRONOUNCEABLE = (
    "?", "…", "♥", "\0", "\x01+20S\x02", "\ud800", "a\udfffb", "\ufeff\u200b\u2060", "\u202e abc", "e" + "\u0301" * 400,
    "</s> <s> >>en<< <unk> __en__ eng_Latn <|en|>", "[[h@l'oU]] <speak>", "-v --help $(id) `id` {} %s %n", "\t\r\n\v\f",
    "x" * 5000, "👩‍👩‍👧‍👦🏳️‍🌈", "١٢٣ ৪৫৬ Ⅷ ½ ﷽", "a\u2028b\u2029c",
)  # fmt: skip
"""Texts that no one says and some client will send."""


class Breach(AssertionError):
    """An engine does not keep the contract; the message says in what."""


def demand(condition: object, message: str) -> None:
    """Raise `Breach` unless the condition holds. No `assert`: that says nothing under -O, or without pytest."""
    if not condition:
        raise Breach(message)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verdict on one check. `reason` is empty if it holds."""

    check: str
    reason: str = ""


class Contract(ABC):
    """A suite over one engine, which is made once and shared by all checks, as a server's is shared by all calls.

    `spec` names the engine as a server would. `seconds` is how long it may take to load and to answer one job in a
    process of its own.
    """

    spec: ClassVar[EngineSpec]
    seconds: ClassVar[float] = 120.0
    _made: ClassVar[tuple[EngineSpec, Engine] | None] = None

    @classmethod
    def engine(cls) -> Any:
        """The engine, loaded when it is first asked for."""
        made = cls.__dict__.get("_made")
        if made is None or made[0] != cls.spec:
            cls._made = made = (cls.spec, registry.make(cls.spec, child_environment.of_engine(cls.spec)))
        return made[1]

    @classmethod
    def teardown_class(cls) -> None:
        """pytest calls it after the last check: the engine may go."""
        made, cls._made = cls.__dict__.get("_made"), None
        close = getattr(made[1], "close", None) if made else None
        if close is not None:
            close()

    # what each kind fills in

    @abstractmethod
    def jobs(self) -> Sequence[Any]:
        """Three jobs or more, all different, that the engine can do."""

    @abstractmethod
    def alike(self, one: Any, other: Any) -> bool:
        """Return True if two results of the same job count as the same."""

    def ask(self, *jobs: Any) -> list[Any]:
        """The engine's results for these jobs, given at once; there must be as many. Raises the `EngineError` of a
        job that failed, also where it stands among the results."""
        results = list(method(self.engine())(jobs))
        demand(len(results) == len(jobs), f"{len(results)} results for {len(jobs)} jobs")
        for result in results:
            if isinstance(result, EngineError):
                raise result
        return results

    def one(self, job: Any) -> Any:
        """The result of one job."""
        return self.ask(job)[0]

    # what holds for all kinds

    def test_its_options_are_plain_json(self) -> None:
        """The spec comes out of a setting, and is sent to the engine's process."""
        options = dict(self.spec.options)
        demand(json.loads(json.dumps(options)) == options, f"the options are no plain JSON values: {options!r}")

    def test_the_registry_says_what_it_is(self) -> None:
        entry = registry.find(self.spec)
        demand(entry.summary.strip(), "the entry has no summary")
        demand(entry.licence.strip(), "the entry names no licence")
        demand(entry.batch >= 1, f"the entry's batch is {entry.batch}")

    def test_warming_up_twice_does_no_harm(self) -> None:
        warm_up: Callable[[], None] | None = getattr(self.engine(), "warm_up", None)
        if warm_up is not None:
            warm_up()
            warm_up()
        self.one(self.jobs()[0])

    def test_no_jobs_are_no_results(self) -> None:
        demand(list(method(self.engine())([])) == [], "something came out for no jobs")

    def test_a_batch_is_answered_in_order_and_like_each_job_alone(self) -> None:
        jobs = self.jobs()
        for number, (job, together) in enumerate(zip(jobs, self.ask(*jobs), strict=True)):
            alone = self.one(job)
            demand(
                self.alike(alone, together),
                f"job {number} of {len(jobs)}: alone {_short(alone)}, in a batch {_short(together)}",
            )

    def test_nothing_is_kept_between_jobs(self) -> None:
        first, *others = self.jobs()
        before = self.one(first)
        self.ask(*others)
        after = self.one(first)
        demand(self.alike(before, after), f"before others {_short(before)}, after them {_short(after)}")

    def test_a_job_that_fails_leaves_no_trace(self) -> None:
        first = self.jobs()[0]
        before = self.one(first)
        with contextlib.suppress(EngineError):
            self.ask(self.impossible())
        demand(self.alike(before, self.one(first)), "another result after a job that failed")

    def test_results_can_be_sent_to_another_process(self) -> None:
        for result in self.ask(*self.jobs()):
            demand(pickle.loads(pickle.dumps(result)) == result, f"not the same after pickling: {_short(result)}")

    def test_an_unknown_language_is_an_engine_error_that_names_it(self) -> None:
        with self.refused(NOBODYS):
            self.ask(self.impossible())

    def test_it_serves_in_a_process_of_its_own(self) -> None:
        """Load and ask the engine as a server does, over pipes. Its results are the same."""
        job = self.jobs()[0]

        async def served() -> Any:
            process = EngineProcess(self.spec, nice=0, on_exit=lambda: None)
            try:
                async with asyncio.timeout(self.seconds):
                    ready = await process.start()
                    now = asyncio.get_running_loop().time()
                    envelope = Envelope.seal(job, now=now, run_s=self.seconds, patience_s=0.0)
                    return ready, await process.run([envelope])
            finally:
                await process.stop()

        try:
            ready, [answer] = asyncio.run(served())
        except (EngineError, ProcessGone, TimeoutError) as error:
            raise Breach(f"the engine's process: {describe(error)}") from error
        demand(ready.languages or ready.pairs, "the engine in its process names no languages")
        if isinstance(answer, JobFailed):
            raise Breach(f"the engine in its process failed: {answer.reason}")
        alike = self.alike(answer.result, self.one(job))
        demand(alike, f"another result in its own process: {_short(answer.result)}")

    @abstractmethod
    def impossible(self) -> Any:
        """A job in a language that no engine knows."""

    @contextlib.contextmanager
    def refused(self, *names: str) -> Iterator[None]:
        """Demand that the body raises an `EngineError` whose message names `names`."""
        try:
            yield
        except EngineError as error:
            missing = [name for name in names if name not in str(error)]
            demand(not missing, f"the EngineError doesn't name {missing}: {error}")
        except Exception as error:
            raise Breach(f"not an EngineError but {describe(error)}") from error
        else:
            raise Breach(f"no EngineError: {', '.join(names)}")


def is_primary(tag: object) -> bool:
    """Return True for a primary subtag in lower case: `es`, not `es-MX`."""
    return isinstance(tag, str) and is_tag(tag) and primary(tag) == tag


def run(suite: type[Contract]) -> Iterator[Verdict]:
    """Run all checks of a suite in the order in which they are written, and yield the verdict on each."""
    contract = suite()
    names = dict.fromkeys(name for kind in reversed(suite.__mro__) for name in vars(kind) if name.startswith("test_"))
    try:
        for name in names:
            check = getattr(contract, name)
            if check is None:  # left out by the suite itself
                continue
            try:
                check()
            except Exception as error:  # noqa: BLE001 - the engine may raise what it likes: that is the verdict
                yield Verdict(name, str(error) if isinstance(error, Breach) else f"raised {describe(error)}")
            else:
                yield Verdict(name)
    finally:
        suite.teardown_class()


def _short(result: object) -> str:
    text = repr(result)
    return text if len(text) <= 200 else f"{text[:150]}… ({len(text)} characters)"
