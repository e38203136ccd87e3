"""People with an account as data: addresses, names, their fields, and changes of them."""
