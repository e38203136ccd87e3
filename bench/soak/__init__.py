"""Long calls: drift, growth and leaks."""
