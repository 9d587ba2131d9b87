"""Run-length coded pixels of BMP files."""

from assurai_datasets.media.containers.survey import MalformedError

RLE8, RLE4 = 1, 2
_PADDED_TO = {RLE8: 4, RLE4: 8}


def find_end_of_runs(content: bytes, at: int, size: tuple[int, int], compression: int) -> int:
    """Return where the runs end that start at a byte.

    A row may be as wide as its padding to four bytes, which ImageMagick codes too.

    Raises:
        MalformedError: They leave the picture or lack their end mark.
    """
    width, height = size
    width += -width % _PADDED_TO[compression]
    x = y = 0
    while at + 1 < len(content):
        count, value = content[at], content[at + 1]
        at += 2
        if count:
            x += count
        elif value == 0:
            x, y = 0, y + 1
        elif value == 1:
            return at
        elif value == 2:
            if at + 1 >= len(content) or content[at : at + 2] == b"\0\0":
                break
            x, y, at = x + content[at], y + content[at + 1], at + 2
        else:
            x += value
            held = value if compression == RLE8 else (value + 1) // 2
            at += held + held % 2
        if x > width or y > height or (y == height and x > 0):
            break
    raise MalformedError("run-length coded pixels leave the picture or break off")
