"""The making of the bundled models: data, training, export, evaluation. Nothing here is needed to run them."""
