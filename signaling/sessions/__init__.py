"""Sessions: who may join, who is present, what their room is ordered to do."""
