"""Models that look installed: their files are there, and empty. For what is decided before anything is loaded."""

from models.catalogue import catalogue
from models.names import flat
from models.store import ModelStore


def lay(store: ModelStore, *names: str) -> None:
    """Leave model folders as a pull does, with empty files."""
    for name in names:
        model = catalogue().models[name]
        folder = store.path(model)
        folder.mkdir(parents=True)
        files = ["model.bin", "translation.json"] if model.convert else [flat(one.names[0]) for one in model.files]
        for file in files:
            (folder / file).touch()
