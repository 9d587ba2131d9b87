"""The line between a run and one of its worker processes: two pipes, of pickles one way and of framed pickles back."""

import os
from typing import BinaryIO

_HEAD_BYTES = 8
_CHUNK_BYTES = 1 << 16


class Link:
    """The end of the run, which never waits for half a message; its number is that of the pipe answers arrive on."""

    def __init__(self) -> None:
        self.tasks, self._outward = os.pipe()
        self._inward, self.answers = os.pipe()
        self._received = bytearray()

    def fileno(self) -> int:
        """Return the descriptor to wait at."""
        return self._inward

    def hand_over(self) -> None:
        """Close what belongs to the process, once that has started."""
        os.close(self.tasks)
        os.close(self.answers)

    def send(self, payload: bytes) -> None:
        """Write a pickle, and wait until it fits.

        Raises:
            BrokenPipeError: The process is gone.
        """
        rest = memoryview(payload)
        while rest:
            rest = rest[os.write(self._outward, rest) :]

    def receive(self) -> list[bytes]:
        """Read what is there, and return the answers that are complete, which may be none.

        Raises:
            EOFError: The process is gone.
        """
        chunk = os.read(self._inward, _CHUNK_BYTES)
        if not chunk:
            raise EOFError
        self._received += chunk
        answers, at = [], 0
        while at + _HEAD_BYTES <= len(self._received):
            end = at + _HEAD_BYTES + int.from_bytes(self._received[at : at + _HEAD_BYTES], "little")
            if end > len(self._received):
                break
            answers.append(bytes(self._received[at + _HEAD_BYTES : end]))
            at = end
        del self._received[:at]
        return answers

    def close(self) -> None:
        """Close both pipes; the process finds the end of its tasks."""
        os.close(self._outward)
        os.close(self._inward)


def write_answer(file: BinaryIO, payload: bytes) -> None:
    """Write an answer whole, as `Link.receive` expects it."""
    file.write(len(payload).to_bytes(_HEAD_BYTES, "little"))
    file.write(payload)
    file.flush()
