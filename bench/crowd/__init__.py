"""Eight talk at once on engines that are too slow for them."""
