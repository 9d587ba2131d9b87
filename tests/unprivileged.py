"""A path that nobody may read, also where tests run with all rights."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NOBODY = 65534


@contextmanager
def unprivileged(locked: Path) -> Iterator[None]:
    """Take all permissions from a path, and run the block as a user who is bound by that."""
    mode = locked.stat().st_mode
    locked.chmod(0)
    try:
        with _as_nobody(locked.parent) if os.geteuid() == 0 else _as_is():
            yield
    finally:
        locked.chmod(mode)


@contextmanager
def _as_is() -> Iterator[None]:
    yield


@contextmanager
def _as_nobody(reachable: Path) -> Iterator[None]:
    """Be another user for a block, to whom the folders that lead to a path are open."""
    shut = {path: path.stat().st_mode for path in (reachable, *reachable.parents) if path.stat().st_mode & 0o55 != 0o55}
    try:
        for path, mode in shut.items():
            path.chmod(mode | 0o55)
        _be(NOBODY)
        yield
    finally:
        os.setresuid(0, 0, 0)
        for path, mode in shut.items():
            path.chmod(mode)


def _be(user: int) -> None:
    try:
        os.setresuid(user, user, 0)
    except OSError as error:
        pytest.skip(f"another user cannot be taken on: {error.strerror}")
