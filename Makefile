# `make help` lists the targets.
PYTHON := .venv/bin/python

.DEFAULT_GOAL := setup
.PHONY: setup serve demo build up down logs bench check-install bench-media bench-call-cost bench-transport bench-overload bench-update bench-remote bench-scale bench-processes bench-load bench-latency bench-disturbance bench-noise bench-crowd bench-settling bench-sentences bench-numbers bench-short-windows bench-real bench-voice bench-engines bench-quality starter starter-eval test test-long lint clean help

setup: ## (default) Debian packages and .venv: all that .venv/bin/dragoman needs
	@scripts/setup run

serve: setup ## a server for real calls: LANGUAGES=en,es; fetches the best engines that this machine can have, and says which; HOST=, PORT=
	@.venv/bin/dragoman serve --fetch $(if $(LANGUAGES),--languages $(LANGUAGES)) $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

demo: setup ## two people talk in two languages through a server, then a human voice, with nobody at the keyboard; KEEP=1: leave it running
	@scripts/setup-real
	@$(PYTHON) -m bench.demo $(if $(KEEP),--keep)

build: ## both images, by docker compose
	docker compose build

up: ## the server and its relay in containers; a newer image replaces the running one, and calls go on
	docker compose up --detach

down: ## ends the containers and their calls; the data stays
	docker compose kill --signal SIGTERM dragoman
	docker compose down

logs: ## what the containers say, from now on
	docker compose logs --follow --tail 100

bench: bench-latency bench-media bench-load bench-overload bench-update bench-disturbance bench-crowd bench-settling ## all benches that need nothing from elsewhere, one after another; an hour and a half, quiet

bench-media: setup ## the media path beside aiortc, FastRTC and Pipecat, 20 minutes on a quiet machine; QUICK=1: two minutes
	@$(PYTHON) -m bench.media $(if $(QUICK),--quick)

bench-call-cost: setup ## processor time of a call, and the functions that it calls, on a virtual clock; a minute
	@$(PYTHON) -m bench.call_cost

bench-transport: setup ## how intelligible a voice is behind the transport path at 0, 2 and 10 % loss; a minute and a half; QUICK=1: half a minute
	@$(PYTHON) -c 'import pystoi' 2>/dev/null || $(PYTHON) -m pip install -q -e '.[bench]'
	@$(PYTHON) -m bench.transport $(if $(QUICK),--quick)

bench-overload: setup ## past its knee the server refuses new sessions, and running calls stay on time; two minutes, quiet
	@$(PYTHON) -m bench.overload

bench-update: setup ## calls go on while the server is replaced by the next one; three minutes, quiet; QUICK=1: one
	@$(PYTHON) -m bench.update $(if $(QUICK),--quick)

bench-remote: setup ## what it costs that engines are workers behind a Redis; nine minutes, quiet; QUICK=1: two
	@$(PYTHON) -c 'import redis' 2>/dev/null || $(PYTHON) -m pip install -q -e '.[redis]'
	@$(PYTHON) -m bench.remote $(if $(QUICK),--quick)

bench-processes: setup ## how many more calls two processes at one port hold than one; two minutes, quiet
	@$(PYTHON) -m bench.processes

bench-scale: setup ## how many nodes and workers 10 to 10,000 calls need, and what that costs: simulated; minutes of all cores; QUICK=1: seconds; CHECK=1: beside a real run, two minutes, quiet
	@$(PYTHON) -c 'import redis, simpy' 2>/dev/null || $(PYTHON) -m pip install -q -e '.[bench,redis]'
	@$(PYTHON) -m bench.scale $(if $(QUICK),--quick) $(if $(CHECK),--check)

bench-load: setup ## how many translated calls this machine holds; half an hour, quiet; QUICK=1: three minutes
	@$(PYTHON) -m bench.load $(if $(QUICK),--quick)

bench-latency: setup ## how late the interpreter is at the listener's ear, a quarter of an hour, quiet; QUICK=1: two minutes; PEERS=1: others too
	@$(PYTHON) -m bench.latency $(if $(QUICK),--quick) $(if $(PEERS),--peers)

bench-disturbance: setup ## no word of noise is spoken, and no echo is interpreted; three minutes
	@$(PYTHON) -m bench.disturbance $(if $(QUICK),--quick)

bench-noise: setup ## half an hour of noise, music and babble, and a human voice, before real weights: no word is spoken of the one; QUICK=1: an eighth
	@scripts/setup-real
	@$(PYTHON) -m bench.disturbance --real $(if $(QUICK),--quick)

bench-voice: setup ## which words of a neural voice real weights understand at the listener's ear; two minutes; QUICK=1: a quarter of one
	@scripts/setup-real
	@scripts/setup-piper
	@$(PYTHON) -m bench.real_call --voice $(if $(QUICK),--quick)

bench-crowd: setup ## eight talk at once on models of true size: every final comes; three minutes, quiet
	@$(PYTHON) -m bench.crowd $(if $(QUICK),--quick)

bench-short-windows: setup ## what Whisper's short windows lose and gain on a human voice; half an hour of one core
	@scripts/setup-real
	@$(PYTHON) -m bench.short_windows $(if $(QUICK),--quick)

bench-real: setup ## a call with real weights and a human voice, padded and in short windows; half an hour, quiet; QUICK=1: five minutes; PEERS=1: others too, another hour
	@scripts/setup-real
	@scripts/setup-piper
	@$(PYTHON) -m bench.real_call $(if $(QUICK),--quick) $(if $(PEERS),--peers all)

bench-settling: setup ## by which rule words are settled while somebody talks on; a minute
	@$(PYTHON) -m bench.settling $(if $(QUICK),--quick)

bench-sentences: setup ## sentence ends of a human voice and real weights, and what waiting costs; half an hour at first
	@scripts/setup-real
	@$(PYTHON) -m bench.sentence_ends $(if $(QUICK),--quick)

bench-numbers: setup ## numbers of a human voice and real weights: said twice, lost, changed; ten minutes at first
	@scripts/setup-real
	@$(PYTHON) -m bench.spoken_numbers $(if $(QUICK),--quick)

bench-engines: setup ## what each engine and size costs, and how many calls that is; 16 minutes, quiet; QUICK=1: two
	@$(PYTHON) -m bench.engine_cost $(if $(QUICK),--quick)

bench-quality: setup ## DATA=folder: word errors, BLEU, chrF, TER and intelligibility on recordings of your own
	@$(if $(DATA),,echo 'make bench-quality DATA=folder: which data? Its layout: bench/quality/data.py' >&2; exit 2)
	@$(PYTHON) -c 'import jiwer, sacrebleu' 2>/dev/null || $(PYTHON) -m pip install -q -e '.[bench]'
	@$(PYTHON) -m bench.quality $(DATA) $(if $(FROM),--language $(FROM))

starter: setup ## train the bundled models anew: hours of two cores, stopped and started as you like; STEPS=, FALL= for longer
	@scripts/starter

starter-eval: setup ## what the bundled models can do, through the engines as they run; QUICK=1: fewer sentences
	@$(PYTHON) -m starter.recipe.evaluate $(if $(QUICK),--quick)

test: ## lint, types and every test; PYTEST_ARGS='-k name' chooses
	@scripts/setup test
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check --quiet .
	@scripts/test $(PYTEST_ARGS)

test-long: ## the same with the long form of every test, then the soak and the long benches; hours
	@scripts/setup test
	@LONG_TESTS=1 scripts/test --timeout 3600 $(PYTEST_ARGS)
	@$(PYTHON) -m bench.soak --virtual 60 --real 60
	@$(PYTHON) -m bench.overload
	@$(PYTHON) -m bench.update
	@$(PYTHON) -m bench.crowd
	@$(PYTHON) -m bench.disturbance
	@$(PYTHON) -m bench.settling

lint: ## lint and types only
	@scripts/setup test
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check --quiet .
	@$(PYTHON) -m mypy

check-install: ## installs the package and each extra afresh, and says what they weigh; gigabytes, many minutes
	@python3 scripts/check-install $(EXTRAS)

clean: ## remove .venv and all that tools have left
	rm -rf .venv build dist *.egg-info tests/peers/libwebrtc/node_modules tests/clients/dart/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 26
