"""Settings from environment variables: the table, and what is read from it and written from it."""

from server.settings.reading import BadSetting, check, process_environment, read
from server.settings.row import PREFIX
from server.settings.table import Settings, filled

__all__ = ["PREFIX", "BadSetting", "Settings", "check", "filled", "process_environment", "read"]
