"""Time-limited TURN credentials, and the configuration of the coturn server that honours them."""
