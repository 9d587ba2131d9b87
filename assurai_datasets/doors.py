"""Rooms whose doors load when they are first used, so that importing a room costs nothing."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def open_doors(room: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return what a room takes as its `__getattr__`.

    Args:
        room: The name of its package.
        homes: By the name of a door, the module inside the room that holds it.
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        value = getattr(import_module(f"{room}.{homes[name]}"), name)
        setattr(sys.modules[room], name, value)
        return value

    return load
