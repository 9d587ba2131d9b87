"""Reviewers under keyed pseudonyms: the same person is the same pseudonym, and without the key nobody can tell who."""

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from pathlib import Path

from assurai_datasets.errors import UsageError

KEY_BYTES = 32
_LEAST_KEY_BYTES = 16


def reviewer_pseudonym(person: str, key: bytes) -> str:
    """Return the pseudonym of a person: `r` and 16 hexadecimal digits of a keyed hash (HMAC-SHA-256, RFC 2104).

    Spellings that differ in case, Unicode form or outer white space are the same person.

    Raises:
        UsageError: The name is blank.
    """
    name = person_of(person)
    if not name:
        raise UsageError("the reviewer's name is blank; give a name, an e-mail address or a staff number")
    code = hmac.new(key, b"reviewer\x00" + name.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"r{code.hexdigest()[:16]}"


def person_of(name: str) -> str:
    """Return what all spellings of a name have in common that differ in case, Unicode form or outer white space."""
    return unicodedata.normalize("NFC", name).strip().casefold()


def is_pseudonym(reviewer: str) -> bool:
    """Return whether a reviewer is named as `reviewer_pseudonym` names people."""
    return re.fullmatch(r"r[0-9a-f]{16}", reviewer) is not None


def names_person(text: str, person: str) -> bool:
    """Return whether a text holds a person's name as a word of its own; Korean particles may follow it."""
    name = re.escape(unicodedata.normalize("NFC", person).strip())
    pattern = rf"(?<![0-9A-Za-z_]){name}(?![0-9A-Za-z_])"
    return re.search(pattern, unicodedata.normalize("NFC", text), re.IGNORECASE) is not None


def read_key(path: Path) -> bytes:
    """Return the secret in a key file.

    Raises:
        UsageError: The file cannot be read or holds fewer than 16 bytes.
    """
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise UsageError(f"cannot read the reviewer key {str(path)!r}: {error.strerror}") from error
    if len(key) < _LEAST_KEY_BYTES:
        raise UsageError(f"the reviewer key {str(path)!r} has {len(key)} bytes; a key has at least {_LEAST_KEY_BYTES}")
    return key


def read_or_make_key(path: Path) -> bytes:
    """Return the secret in a key file, made first if there is none: random, and readable by its owner alone.

    Raises:
        UsageError: The file cannot be written or read, or is too short.
    """
    if not path.exists():
        _make_key(path)
    return read_key(path)


def _make_key(path: Path) -> None:
    """Put a whole key in place in one step, or leave the one that another process put there first."""
    temporary = path.with_name(f".{path.name[:100]}.writing-{secrets.token_hex(4)}")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            file.write(secrets.token_hex(KEY_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return
    except OSError as error:
        raise UsageError(f"cannot write the reviewer key {str(path)!r}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)
