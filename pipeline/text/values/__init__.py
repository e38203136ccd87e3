"""Equality of words by value: "95" is "ninety five", "$5" is "five dollars", but 3.5 is not 35, nor C++ C. Pure."""

from pipeline.text.values.comparison import common, equal, matches, same
from pipeline.text.values.endings import Ending, ending
from pipeline.text.values.reading import Reading, Value, reading

__all__ = ["Ending", "Reading", "Value", "common", "ending", "equal", "matches", "reading", "same"]
