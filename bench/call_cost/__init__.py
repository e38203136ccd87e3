"""Processor time of a call for each 20 ms of each person, from the encrypted packet in to the encrypted packets out."""
