"""The header packets of Ogg streams: comments and pictures, which keep their length when they are emptied."""

from dataclasses import dataclass, field
from typing import NamedTuple

from assurai_datasets.media.containers.flac import private_name
from assurai_datasets.media.containers.survey import is_program
from assurai_datasets.media.containers.vorbis import private_comments, without_comments

_COMMENT_HEADS = (b"\x03vorbis", b"OpusTags", b"\x81theora", b"OVP80\x02 ")
_FLAC_BEGINS, _SPEEX_BEGINS = (b"\x7fFLAC", b"fLaC"), b"Speex   "
_FLAC_LAST, _FLAC_PADDING, _FLAC_COMMENT = 0x80, 1, 4


class _Piece(NamedTuple):
    """A stretch of the file that belongs to a packet, and the page it lies in."""

    page_start: int
    page_end: int
    start: int
    end: int


@dataclass(slots=True)
class _Stream:
    """A stream up to the end of its headers; `kind` is how its first packet begins."""

    kind: bytes = b""
    packets: int = 0
    pieces: list[_Piece] = field(default_factory=list)


class PacketReader:
    """Puts packets together page by page.

    Attributes:
        names: Names of the private metadata found.
        changed: Where pages start that hold any, and their bytes without it; the checksums do not match.
    """

    def __init__(self, content: bytes) -> None:
        self.names: set[str] = set()
        self.changed: dict[int, bytearray] = {}
        self._content = content
        self._open: dict[int, _Stream] = {}

    def begin(self, stream_id: int) -> None:
        """Take the next packet of a stream for its first."""
        self._open[stream_id] = _Stream()

    def add(self, stream_id: int, start: int, end: int, body: int, lacing: bytes) -> None:
        """Read the packets of a page, where it belongs to the headers of its stream."""
        for length in lacing:
            if (stream := self._open.get(stream_id)) is None:
                return
            joined = bool(stream.pieces) and stream.pieces[-1].end == body
            begin = stream.pieces.pop().start if joined else body
            body += length
            stream.pieces.append(_Piece(start, end, begin, body))
            if length < 255 and self._is_last_header(stream):
                del self._open[stream_id]

    def _is_last_header(self, stream: _Stream) -> bool:
        """Look at the packet that is complete now, and return whether it is the last that may hold metadata."""
        packet = b"".join(self._content[piece.start : piece.end] for piece in stream.pieces)
        pieces, stream.pieces = stream.pieces, []
        stream.packets += 1
        if stream.packets == 1:
            stream.kind = packet[:8]
            return False
        if (found := emptied(stream.kind, packet)) is not None:
            self.names.add(found[0])
            self._replace(pieces, found[1])
        return not stream.kind.startswith(_FLAC_BEGINS) or not packet or bool(packet[0] & _FLAC_LAST)

    def _replace(self, pieces: list[_Piece], packet: bytes) -> None:
        done = 0
        for page_start, page_end, start, end in pieces:
            page = self.changed.setdefault(page_start, bytearray(self._content[page_start:page_end]))
            page[start - page_start : end - page_start] = packet[done : done + end - start]
            done += end - start


def emptied(kind: bytes, packet: bytes) -> tuple[str, bytes] | None:
    """Return the name of what a packet holds and the packet without it, or None where it holds nothing private."""
    if kind.startswith(_FLAC_BEGINS):
        return _emptied_block(packet)
    head = next((head for head in _COMMENT_HEADS if packet.startswith(head)), b"")
    if not head and kind != _SPEEX_BEGINS:
        return None
    if all(is_program(value) for value in private_comments(packet[len(head) :])):
        return None
    return "vorbis-comment", head + without_comments(packet[len(head) :])


def _emptied_block(packet: bytes) -> tuple[str, bytes] | None:
    if len(packet) < 4 or (name := private_name(packet)) is None:
        return None
    if packet[0] & ~_FLAC_LAST == _FLAC_COMMENT:
        return name, packet[:4] + without_comments(packet[4:])
    return name, bytes([packet[0] & _FLAC_LAST | _FLAC_PADDING]) + packet[1:4] + bytes(len(packet) - 4)
