"""How the bundled models were made: data, training, export, evaluation. Nothing here is needed to run them."""
