"""Cost of engines: time, memory, and the number of calls that they carry."""
