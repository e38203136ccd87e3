"""Letters to people: their texts, the links in them, and the way to a mail server."""
