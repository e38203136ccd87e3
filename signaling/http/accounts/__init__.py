"""HTTP calls of people with an account: one file a subject."""
