"""The names of members, as their makers meant them."""

import os
import unicodedata

from assurai_datasets.errors import PathEscapesError
from assurai_datasets.files.archives.limits import PLAIN, RefusedMemberError
from assurai_datasets.files.folder import check_name

UTF8_FLAG = 0x800


def zip_name(name: str, flags: int) -> str:
    """Return the name of a member of a zip file.

    Without the flag for UTF-8 a name is bytes of an unsaid encoding, which Python shows as code page 437: macOS means
    UTF-8, Korean Windows means CP949. Backslashes of Windows become slashes.
    """
    if not flags & UTF8_FLAG and not name.isascii():
        name = _decoded(name.encode("cp437", "replace"))
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def tar_name(name: str) -> str:
    """Return the name of a member of a tar file; bytes that are not UTF-8 are meant as CP949."""
    if any("\udc80" <= char <= "\udcff" for char in name):
        name = _decoded(os.fsencode(name))
    return unicodedata.normalize("NFC", name)


def checked_parts(name: str) -> tuple[str, ...]:
    """Return the parts of a member's name; none for the folder itself.

    Raises:
        RefusedMemberError: The name could lead out of the folder.
    """
    try:
        return check_name(name.rstrip("/")) if name.strip("/") not in (".", "") or name.startswith("/") else ()
    except PathEscapesError as error:
        raise RefusedMemberError("path", str(error), PLAIN) from error


def _decoded(name: bytes) -> str:
    for codec in ("utf-8", "cp949"):
        try:
            return name.decode(codec)
        except UnicodeDecodeError:
            continue
    return name.decode("cp437")
