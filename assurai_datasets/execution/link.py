"""The line between a run and one of its worker processes: two pipes, of pickles one way and of framed pickles back."""

import fcntl
import os
from typing import BinaryIO

_HEAD_BYTES = 8
_CHUNK_BYTES = 1 << 20
_STANDARD = 2
"""Descriptors up to this one are the standard streams, which a new process is given others for."""


class Link:
    """The end of the run, which never waits: neither for half an answer nor for a worker that reads nothing."""

    def __init__(self) -> None:
        self._open: list[int] = []
        try:
            self.tasks, self.outward = self._pipe()
            self.inward, self.answers = self._pipe()
        except OSError:
            self.close()
            raise
        os.set_blocking(self.outward, False)
        os.set_blocking(self.inward, False)
        self._received = bytearray()
        self._unsent = bytearray()

    def _pipe(self) -> tuple[int, int]:
        ends = os.pipe()
        self._open += ends
        return self._above_standard(ends[0]), self._above_standard(ends[1])

    def _above_standard(self, end: int) -> int:
        if end > _STANDARD:
            return end
        self._open.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _STANDARD + 1))
        self._close(end)
        return self._open[-1]

    @property
    def is_sending(self) -> bool:
        """Whether something waits to be written, which `flush` does once `outward` takes it."""
        return bool(self._unsent)

    @property
    def is_midway(self) -> bool:
        """Whether a part of an answer has arrived."""
        return bool(self._received)

    def hand_over(self) -> None:
        """Close what belongs to the process, once that has started."""
        self._close(self.tasks)
        self._close(self.answers)

    def send(self, payload: bytes) -> None:
        """Write a pickle, or as much of it as fits for now."""
        self._unsent += payload
        self.flush()

    def flush(self) -> None:
        """Write what is left, or as much of it as fits; nothing where the process is gone, which `receive` finds."""
        try:
            while self._unsent:
                with memoryview(self._unsent)[:_CHUNK_BYTES] as chunk:
                    written = os.write(self.outward, chunk)
                del self._unsent[:written]
        except BlockingIOError:
            return
        except OSError:
            self._unsent.clear()

    def receive(self) -> list[bytearray]:
        """Read what is there, and return the answers that are complete, which may be none.

        Raises:
            EOFError: The process is gone, and said nothing more before.
        """
        while chunk := self._read():
            self._received += chunk
        answers, at = [], 0
        while at + _HEAD_BYTES <= len(self._received):
            end = at + _HEAD_BYTES + int.from_bytes(self._received[at : at + _HEAD_BYTES], "little")
            if end > len(self._received):
                break
            answers.append(self._received[at + _HEAD_BYTES : end])
            at = end
        del self._received[:at]
        if chunk is not None and not answers:
            raise EOFError
        return answers

    def _read(self) -> bytes | None:
        """Return what has arrived: None where nothing has for now, no bytes where nothing will."""
        try:
            return os.read(self.inward, _CHUNK_BYTES)
        except BlockingIOError:
            return None

    def close(self) -> None:
        """Close both pipes; the process finds the end of its tasks."""
        while self._open:
            os.close(self._open.pop())

    def _close(self, end: int) -> None:
        self._open.remove(end)
        os.close(end)


def write_answer(file: BinaryIO, payload: bytes) -> None:
    """Write an answer whole, as `Link.receive` expects it."""
    file.write(len(payload).to_bytes(_HEAD_BYTES, "little"))
    file.write(payload)
    file.flush()
