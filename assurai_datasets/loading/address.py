"""Which release is meant: a folder, or a version in a repository of the Hub."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from assurai_datasets.errors import UsageError
from assurai_datasets.files import write_atomically

NAME = "assurai"
VARIABLE = "ASSURAI_RELEASE"
MANIFEST = "release.json"
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_VERSION = re.compile(r"v?([0-9]+\.[0-9]+\.[0-9]+)", re.ASCII)
_HOW_TO_CHOOSE = (
    "no release is chosen.\n"
    "  assurai demo                                 builds the bundled sample into ./assurai\n"
    "  assurai use PATH or ORG/NAME[@VERSION]       chooses a release once and for all"
)


class ReleaseAddress(NamedTuple):
    """Where a release is.

    Attributes:
        folder: Its folder, or None where it is on the Hub.
        repo: Its repository `org/name`, or None where it is a folder.
        revision: The version (`1.0.0`, `v1.0.0`), branch or commit that is wanted; None is whatever is there.
    """

    folder: Path | None
    repo: str | None
    revision: str | None = None

    @property
    def version(self) -> str | None:
        """The version that is wanted as SemVer, or None where the revision is something else."""
        return version_in(self.revision)

    @property
    def tag(self) -> str | None:
        """What the Hub knows the revision as: the version's tag `v1.0.0`, or the revision itself."""
        return f"v{self.version}" if self.version else self.revision

    def at(self, revision: str | None) -> "ReleaseAddress":
        """Return the address of another revision of the same release; None changes nothing."""
        return self if revision is None else self._replace(revision=str(revision))

    def __str__(self) -> str:
        place = self.repo or str(self.folder)
        return f"{place}@{self.revision}" if self.revision else place


def version_in(revision: str | None) -> str | None:
    """Return the SemVer of `1.0.0` or `v1.0.0`, and None for any other text."""
    found = _VERSION.fullmatch(revision or "")
    return found[1] if found else None


def parse_address(text: str | Path) -> ReleaseAddress:
    """Return the address that a person wrote: a folder, `FOLDER@1.0.0`, `org/name` or `org/name@1.0.0`.

    A folder wins over a repository of the same name.

    Raises:
        UsageError: It is no folder and cannot be a repository.
    """
    whole = Path(text).expanduser()
    if isinstance(text, Path) or (text and whole.is_dir()):
        return ReleaseAddress(whole.absolute(), None)
    place, _, revision = str(text).partition("@")
    folder = Path(place).expanduser()
    if place and folder.is_dir():
        return ReleaseAddress(folder.absolute(), None, revision or None)
    if _REPOSITORY.fullmatch(place) and (revision or "@" not in str(text)):
        return ReleaseAddress(None, place, revision or None)
    raise UsageError(f"{str(text)!r} is neither a folder that exists nor a repository ORG/NAME[@VERSION]")


def chosen_address(environment: Mapping[str, str] = os.environ) -> ReleaseAddress:
    """Return the release that the bare name means here and now.

    A folder `./assurai` wins, then the variable ASSURAI_RELEASE, then what `assurai use` recorded.

    Args:
        environment: The environment variables.

    Raises:
        UsageError: None of them says; the message tells how to get a release.
    """
    if Path(NAME).is_dir():
        return ReleaseAddress(Path(NAME).absolute(), None)
    if environment.get(VARIABLE):
        return _from(environment[VARIABLE], f"the variable {VARIABLE}")
    recorded = recorded_text(environment)
    if recorded is None:
        raise UsageError(_HOW_TO_CHOOSE)
    return _from(recorded, f"{str(configuration_path(environment))!r}")


def configuration_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where `assurai use` keeps the choice: under XDG_CONFIG_HOME, APPDATA on Windows, or `~/.config`."""
    base = environment.get("XDG_CONFIG_HOME") or (environment.get("APPDATA") if os.name == "nt" else None)
    return Path(base or Path.home() / ".config") / NAME / "release.json"


def recorded_text(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return what `assurai use` recorded, or None if it never ran.

    Raises:
        UsageError: The file cannot be read.
    """
    path = configuration_path(environment)
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["release"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{str(path)!r} does not say which release is chosen; run assurai use again") from error


def record_address(address: ReleaseAddress, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the file in which the choice of a release was recorded for the user.

    Raises:
        UsageError: The file cannot be written.
    """
    path = configuration_path(environment)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps({"release": str(address)}, ensure_ascii=False, indent=2) + "\n")
    except OSError as error:
        raise UsageError(f"cannot record the choice in {str(path)!r}: {error.strerror}") from error
    return path


def _from(text: str, source: str) -> ReleaseAddress:
    try:
        return parse_address(text)
    except UsageError as error:
        raise UsageError(f"{source} names the release: {error}") from error
