"""What `bench.crowd` saw, and what it says of it."""
