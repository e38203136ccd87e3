"""A row of the table of settings: everything that is known of one setting stands in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar, overload

PREFIX = "DRAGOMAN_"

T = TypeVar("T")


class Options(Protocol):
    """An options class of another room: any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


@dataclass(frozen=True, slots=True)
class Target:
    """The option of another room that a setting fills. `convert` makes the option's value from the setting's."""

    options: type[Options]
    option: str
    convert: Callable[[Any], Any] = lambda value: value

    def __post_init__(self) -> None:
        names = {one.name for one in dataclasses.fields(self.options)}
        if self.option not in names:
            raise TypeError(f"{self.options.__name__} has no option {self.option}; it has {', '.join(sorted(names))}")


@dataclass(frozen=True, slots=True)
class Row:
    """One setting: how it is read, where it goes, and how documents show it."""

    cast: Callable[[str], Any]
    default: Any
    """The value of an unset variable, or a function that makes it."""
    text: str
    """One sentence for operators."""
    section: str
    name: str = ""
    """The field of `Settings`."""
    targets: tuple[Target, ...] = ()
    """The options that the setting fills. Without any, whoever needs the setting reads the field."""
    unset: str = ""
    """The default in words, where the value says too little."""
    deployed: str = ""
    """The value in `.env.example` and `docker-compose.yml`, where the default is left to them otherwise."""
    required: str = ""
    """Compose refuses to start without the setting, and says this."""
    fixed: str = ""
    """The value that deployments always have; `.env.example` has no such variable."""
    secret: bool = False
    """True if messages must not show the value."""
    variable: str = ""
    also: tuple[str, ...] = ()
    """Variables of other programs that count where this one is unset."""

    @property
    def shown_default(self) -> str:
        """The default, as an operator would write it; empty for none."""
        if self.unset or callable(self.default) or self.default is None:
            return self.unset
        if isinstance(self.default, bool):
            return str(self.default).lower()
        if isinstance(self.default, tuple):
            return ",".join(str(part) for part in self.default)
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)


@overload
def setting(cast_text: Callable[[str], Any], default: Callable[[], T], text: str, section: str, **rest: Any) -> T: ...


@overload
def setting(cast_text: Callable[[str], Any], default: T, text: str, section: str, **rest: Any) -> T: ...


def setting(cast_text: Callable[[str], Any], default: Any, text: str, section: str, **rest: Any) -> Any:
    """Declare a field of `Settings` by its row. `rest` are further fields of `Row`.

    The type checker sees the default, as with `dataclasses.field`.
    """
    row = Row(cast_text, default, text, section, **rest)
    shown = not row.secret
    if callable(default):
        return field(default_factory=default, repr=shown, metadata={"row": row})
    return field(default=default, repr=shown, metadata={"row": row})


def rows_of(settings: type[Options]) -> Mapping[str, Row]:
    """Return the rows of a class that `setting` declares, by their variables."""
    rows = {}
    for one in dataclasses.fields(settings):
        row: Row = one.metadata["row"]
        variable = row.variable or PREFIX + one.name.upper()
        rows[variable] = dataclasses.replace(row, name=one.name, variable=variable)
    return rows
