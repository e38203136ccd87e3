"""Sessions: admission, presence, and the orders that their rooms get."""
