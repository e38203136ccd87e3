"""What engines cost: time, memory, and how many calls that is."""
