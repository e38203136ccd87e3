"""A desktop client: captions over all windows, and what is said typed where the cursor is (docs/adr/0027)."""
