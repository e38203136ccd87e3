"""The smallest translation bots that other frameworks allow, with our engines inside."""
