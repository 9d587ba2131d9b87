"""What encoders hand to decoders in a container, where comments came along with it."""

from collections.abc import Iterator

from assurai_datasets.media.containers.flac import metadata_blocks
from assurai_datasets.media.containers.ogg_packets import emptied
from assurai_datasets.media.containers.survey import Edit


def comment_edits(codec: bytes, setup: bytes, at: int) -> Iterator[tuple[str, Edit]]:
    """Yield names and edits that empty the comments in the setup of a codec, which stands at a place of the file."""
    for start, packet in _packets(codec, setup):
        if (found := emptied(b"fLaC" if codec == b"A_FLAC" else b"", packet)) is not None:
            yield found[0], Edit(at + start, at + start + len(packet), found[1])


def _packets(codec: bytes, setup: bytes) -> Iterator[tuple[int, bytes]]:
    if codec == b"A_FLAC" and setup.startswith(b"fLaC"):
        start = 4
        for block in metadata_blocks(setup, start):
            yield start, block
            start += len(block)
    elif codec in (b"A_VORBIS", b"V_THEORA") and setup[:1] == b"\2":
        yield from _laced(setup)


def _laced(setup: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the first two of three packets, whose lengths stand before them as sums of bytes."""
    at, lengths = 1, [0, 0]
    for index in range(2):
        while setup[at] == 255:
            lengths[index] += 255
            at += 1
        lengths[index] += setup[at]
        at += 1
    yield at, setup[at : at + lengths[0]]
    yield at + lengths[0], setup[at + lengths[0] : at + sum(lengths)]
