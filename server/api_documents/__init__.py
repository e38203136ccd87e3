"""Documents of the wire protocol that are written from the tables of operations and messages, into docs/api."""
