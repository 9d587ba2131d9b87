"""The ledger on disk: JSON lines that only grow, one event a line, each hashed over the one before.

Appending is safe beside other processes (a file lock) and against a kill or a power cut (one write, then fsync): an
event is acknowledged when `append_to_ledger` returns. What a killed process leaves can only be the beginning of a line
without its line end; it was never acknowledged, and the next append removes it. A last line that is whole but for its
line end is kept and ended. Whatever else does not read as an event is refused and left as it is, never repaired.
"""

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from filelock import FileLock, Timeout
from pydantic import ValidationError

from assurai_datasets.errors import DataError, LimitError, UsageError
from assurai_datasets.review.chain import Head, event_line, follow_link, seal_event
from assurai_datasets.review.revision import first_problem
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import Fault
from assurai_datasets.schema.review import LedgerEvent, ReviewEvent

LINE_BYTES = 1 << 20
"""The longest line that is read or written."""
LOCK_S = 60.0
"""How long an append waits for other processes."""

Draft = Mapping[str, Any]
Events = Mapping[str, tuple[ReviewEvent, ...]]


class LedgerLine(NamedTuple):
    """One line of a ledger: its number from 1, where it ends, and the event it holds or what is wrong with it."""

    line: int
    end_bytes: int
    event: ReviewEvent | None
    fault: Fault | None
    torn: bool = False


class LedgerFault(NamedTuple):
    """A line of a ledger that does not hold."""

    line: int
    fault: Fault


class Ledger(NamedTuple):
    """What a ledger file holds: the events that can be read, and the lines that do not hold."""

    events: tuple[ReviewEvent, ...]
    faults: tuple[LedgerFault, ...]

    @property
    def head(self) -> Head:
        """The end of the chain; keep its digest elsewhere to notice if the newest events vanish."""
        last = self.events[-1] if self.events else None
        return Head(last.sequence, last.digest) if last else Head()


def read_ledger(path: Path, *, missing_ok: bool = True) -> Ledger:
    """Return the events of a ledger and its faults; a file that does not exist has neither.

    Args:
        path: The ledger.
        missing_ok: Whether it may be that nothing was decided yet and there is no file.

    Raises:
        UsageError: The file cannot be read, or there is none and there should be.
    """
    if not path.exists():
        if not missing_ok:
            raise UsageError(f"there is no ledger {str(path)!r}; it begins with the first `assurai review decide`")
        return Ledger((), ())
    lines = tuple(_settled_lines(path))
    events = tuple(line.event for line in lines if line.event)
    return Ledger(events, tuple(LedgerFault(line.line, line.fault) for line in lines if line.fault))


def verify_ledger(path: Path) -> tuple[LedgerFault, ...]:
    """Return the lines of a ledger that do not hold, the first broken link first; nothing where all hold.

    Raises:
        UsageError: There is no such file, or it cannot be read.
    """
    return read_ledger(path, missing_ok=False).faults


def append_to_ledger(
    path: Path, propose: Callable[[Events], Sequence[Draft]], *, concerning: Collection[str]
) -> tuple[ReviewEvent, ...]:
    """Return the events that were appended, once they are safely on disk; the file begins with the first.

    Args:
        path: The ledger.
        propose: Gives the drafts to append (the fields of an event but for `sequence`, `previous` and `digest`), told
            the events so far of the instances concerned. It is called while no other process can append.
        concerning: The ids of those instances.

    Raises:
        DataError: The ledger has a broken link; nothing was appended.
        UsageError: The file cannot be written, or a draft is no review event.
        LimitError: Other processes held the ledger for a minute, or an event is larger than a line may be.
    """
    path = Path(os.path.realpath(path))
    with _locked(path), _opened(path) as file:
        head, end, events = _check_whole(path, file, concerning)
        appended = tuple(_sealed(propose(events), head))
        _write(file, end, b"".join(_checked_line(event) for event in appended))
    return appended


def lines_of_ledger(file: BinaryIO) -> Iterator[LedgerLine]:
    """Yield the lines of an open ledger, each checked against the one before; after a fault checking starts anew."""
    head: Head | None = Head()
    number = end = 0
    while content := file.readline(LINE_BYTES + 1):
        number, end = number + 1, end + len(content)
        event, found = _read_line(content)
        fault = _fault(found) if found else None
        if event:
            fault = follow_link(event, head or Head(event.sequence - 1, event.previous))
        yield LedgerLine(number, end, event, fault, torn=bool(found) and _is_torn(content))
        if len(content) > LINE_BYTES:
            return
        head = Head(event.sequence, event.digest) if event and not fault else None


def _read_line(content: bytes) -> tuple[ReviewEvent | None, str | None]:
    """Return the event of a line, or what was found instead."""
    if len(content) > LINE_BYTES:
        return None, f"the line is longer than {LINE_BYTES} bytes; the rest was not read"
    body = content.removesuffix(b"\n")
    try:
        event = LedgerEvent.model_validate_json(body)
    except ValidationError as error:
        return None, f"the line is no review event: {first_problem(error)}"
    if event_line(event) != body:
        return None, "the line is not written as the ledger writes it, so it was changed"
    return event, None


def _is_torn(content: bytes) -> bool:
    """Return whether bytes that hold no event are the beginning of a line, and not a damaged one."""
    if content.endswith(b"\n") or len(content) > LINE_BYTES:
        return False
    try:
        json.JSONDecoder().raw_decode(content.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return True
    return False


def _fault(found: str) -> Fault:
    hint = "take the ledger from a copy you trust; only what a killed process left is removed by the next append"
    return Fault(Code.REVIEW_CHAIN_BROKEN, "digest", found, hint)


def _settled_lines(path: Path) -> Iterator[LedgerLine]:
    """Yield the lines; a last one without its end is looked at again when no other process is writing."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            settled = file.read() in (b"", b"\n")
            file.seek(0)
            if settled or not os.access(path.parent, os.W_OK):
                yield from lines_of_ledger(file)
                return
        with _locked(Path(os.path.realpath(path))), path.open("rb") as file:
            yield from lines_of_ledger(file)
    except OSError as error:
        raise UsageError(f"cannot read the ledger {str(path)!r}: {error.strerror}") from error


def _check_whole(path: Path, file: BinaryIO, concerning: Collection[str]) -> tuple[Head, int, Events]:
    """Return the head, the length that holds and the events wanted of a ledger whose every link holds."""
    head, end = Head(), 0
    wanted: dict[str, list[ReviewEvent]] = {instance_id: [] for instance_id in concerning}
    for line in lines_of_ledger(file):
        if line.torn:
            break
        if line.event is None or line.fault:
            found = line.fault.message if line.fault else "unreadable"
            raise DataError(
                f"cannot append to {str(path)!r}: line {line.line}: {found}; take the ledger from a copy you trust"
            )
        head, end = Head(line.event.sequence, line.event.digest), line.end_bytes
        if line.event.instance_id in wanted:
            wanted[line.event.instance_id].append(line.event)
    return head, end, {instance_id: tuple(events) for instance_id, events in wanted.items()}


def _sealed(drafts: Iterable[Draft], head: Head) -> Iterator[ReviewEvent]:
    for draft in drafts:
        try:
            event = seal_event(draft, head)
        except ValidationError as error:
            raise UsageError(f"this is no review event: {first_problem(error)}") from error
        yield event
        head = Head(event.sequence, event.digest)


def _checked_line(event: ReviewEvent) -> bytes:
    line = event_line(event) + b"\n"
    if len(line) > LINE_BYTES:
        raise LimitError(f"the event is {len(line)} bytes long and a line may have {LINE_BYTES}; make it shorter")
    return line


def _write(file: BinaryIO, end: int, content: bytes) -> None:
    """Write after the part that holds, ending its last line first; where that fails, leave the part that holds."""
    try:
        file.seek(max(0, end - 1))
        ended = end == 0 or file.read(1) == b"\n"
        file.truncate(end)
        file.seek(end)
        file.write(content if ended else b"\n" + content)
        file.flush()
        os.fsync(file.fileno())
    except BaseException:
        os.ftruncate(file.fileno(), end)
        raise


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    if not path.parent.is_dir():
        raise UsageError(f"cannot write the ledger {str(path)!r}: its folder does not exist; make it first")
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=LOCK_S)
    try:
        lock.acquire()
    except Timeout as error:
        raise LimitError(f"another process has held the ledger {str(path)!r} for {LOCK_S:.0f} s; try again") from error
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    new = not path.exists()
    try:
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:  # noqa: PTH123
            yield file
        if new:
            _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        if new and path.exists() and not path.stat().st_size:
            path.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut, where the system lets a folder be opened."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"cannot write the ledger {str(path)!r}: {error.strerror}; name another one with --ledger")
