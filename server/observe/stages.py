"""Readings of the stages at a scrape: queues, counters of their lanes, and their engines' processes."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pipeline.lanes.engine_set import EngineSet
from server.observe.processes import resident_bytes, started_at


class StageReadings(Collector):
    """Readings of the three lanes. A process has the label `number`, since pids have no bound."""

    def __init__(self, stages: EngineSet) -> None:
        self._stages = stages

    def collect(self) -> Iterable[Metric]:
        ready = GaugeMetricFamily("dragoman_stage_ready", "1 while a stage has an engine that works", labels=["stage"])
        waiting = GaugeMetricFamily("dragoman_lane_waiting", "Jobs that wait for an engine", labels=["stage"])
        oldest = GaugeMetricFamily(
            "dragoman_lane_oldest_wait_seconds", "Time for which the oldest waiting job has waited", labels=["stage"]
        )
        running = GaugeMetricFamily("dragoman_lane_running", "Jobs that an engine has in hand", labels=["stage"])
        restarts = CounterMetricFamily("dragoman_engine_restarts", "Engines started anew", labels=["stage"])
        busy = CounterMetricFamily("dragoman_lane_busy_seconds", "Time with a job in hand", labels=["stage"])
        of_process = ["stage", "engine", "number"]
        memory = GaugeMetricFamily(
            "dragoman_engine_memory_bytes",
            "Resident memory of an engine's process and of the programs that it runs",
            labels=of_process,
        )
        started = GaugeMetricFamily(
            "dragoman_engine_start_time_seconds",
            "Unix time at which an engine's process was started",
            labels=of_process,
        )
        workers = GaugeMetricFamily("dragoman_workers", "Workers elsewhere that a stage reaches", labels=["stage"])
        answered = CounterMetricFamily(
            "dragoman_worker_jobs", "Jobs that a worker elsewhere has answered", labels=["stage", "worker"]
        )
        for stage, lane in self._stages.by_stage.items():
            readings = lane.readings()
            ready.add_metric([stage], lane.ready)
            waiting.add_metric([stage], readings.waiting)
            oldest.add_metric([stage], readings.oldest_wait_s)
            running.add_metric([stage], readings.running)
            restarts.add_metric([stage], readings.counters.restarts)
            busy.add_metric([stage], readings.counters.busy_s)
            workers.add_metric([stage], readings.workers)
            for worker, jobs in readings.by_worker.items():
                answered.add_metric([stage, worker], jobs)
            for process in readings.processes:
                labels = [stage, process.engine, str(process.number)]
                resident, began = resident_bytes(process.pid), started_at(process.pid)
                if resident is not None and began is not None:
                    memory.add_metric(labels, resident)
                    started.add_metric(labels, began)
        return [ready, waiting, oldest, running, restarts, busy, memory, started, workers, answered, *self._saved()]

    def _saved(self) -> Iterable[Metric]:
        """Return what no engine had to do again, and what another one did."""
        tts = self._stages.tts.readings().counters
        yield CounterMetricFamily(
            "dragoman_translations_remembered",
            "Translations that no engine had to make again",
            value=self._stages.mt.readings().counters.remembered,
        )
        yield CounterMetricFamily(
            "dragoman_voice_stand_ins", "Texts spoken by another engine than the preferred one", value=tts.stand_ins
        )
        yield CounterMetricFamily(
            "dragoman_speech_cache_hits", "Texts that were not synthesized again", value=tts.remembered
        )
