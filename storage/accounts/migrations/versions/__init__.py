"""One file a revision of the schema. A revision that was released is never edited again."""
