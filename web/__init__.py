"""The browser client: plain ES modules beside this file, served at `/`; there is no Python here."""
