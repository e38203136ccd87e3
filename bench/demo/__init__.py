"""The demo: two people talk in two languages through a server, with nobody at the keyboard."""
