"""Records of calls, made from their events for the accounts' database."""
