"""Documents of the wire protocol that are written from the tables of operations and messages: docs/api, and Dart."""
