"""Settings from the environment, from one table: `DRAGOMAN_*` variables, checked once at the start."""

from server.settings.reading import BadSetting, check, process_environment, read
from server.settings.row import PREFIX
from server.settings.table import Settings, changed, filled

__all__ = ["PREFIX", "BadSetting", "Settings", "changed", "check", "filled", "process_environment", "read"]
