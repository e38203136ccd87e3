"""Quality of engines on recordings and texts whose words are known."""
