"""The servers compared. Each takes `POST /offer`, prints `ready PORT`, and runs in an environment of its own."""
