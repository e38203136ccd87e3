"""Parts of a server that reach other machines by way of Redis: lanes whose engines are workers elsewhere."""
