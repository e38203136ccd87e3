"""The parts of `python -m bench.media`: servers to compare, a load generator, and what it makes of what it hears."""
