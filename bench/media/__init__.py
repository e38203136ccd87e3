"""The media path beside others': CPU, delay, loss, capacity."""
