"""Rules by which words become final while somebody talks on, compared."""
