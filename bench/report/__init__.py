"""Reports of benches: the machine, targets, tables, files."""
