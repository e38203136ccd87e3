"""How good engines are on recordings and texts whose words are known."""
