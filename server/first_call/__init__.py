"""The first call on a machine: which engines it gets, how they are fetched, and what people are told of it."""
