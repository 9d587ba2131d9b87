"""Tags of TIFF: those a picture needs, and what the others are called when they go."""

SOFTWARE, EXIF_FOLDER, GPS_FOLDER, SUB_FOLDERS = 305, 34665, 34853, 330
_ONE, _PAIR, _MANY = 1, 2, 65_535
_TABLE = 3 << 16
"""Three values for each of the 65,536 levels of a sample."""

NUMBERS = {
    **dict.fromkeys((254, 255, 256, 257, 259, 262, 263, 264, 265, 266, 274, 277, 278), _ONE),
    **dict.fromkeys((282, 283, 284, 286, 287, 290, 292, 293, 296, 300, 317), _ONE),
    **dict.fromkeys((322, 323, 326, 327, 328, 332, 334, 346, 512, 513, 514, 515, 531), _ONE),
    **dict.fromkeys((32997, 32998, 37439), _ONE),
    **dict.fromkeys((297, 318, 321, 530, 50674), _PAIR),
    **dict.fromkeys((319, 342, 529), 6),
    **dict.fromkeys((258, 280, 281, 336, 338, 339, 340, 341, 517, 518, 519, 520, 521, 532), _MANY),
    **dict.fromkeys((291, 301, 320), _TABLE),
    **dict.fromkeys((273, 279, 324, 325), 1 << 32),
}
"""Tags of numbers, and how many a picture needs at most: TIFF 6.0, 3D tiles, and those of SGI LogLuv and LERC."""

STREAMS = frozenset({347, 34675})
"""Tags that hold bytes: the tables of JPEG strips, and a colour profile."""

_DIRECTORIES = {
    EXIF_FOLDER: "exif",
    GPS_FOLDER: "gps",
    SUB_FOLDERS: "further-pictures",
    37500: "exif",
    37724: "further-pictures",
    40965: "exif",
    50740: "device",
}
_NAMES = {
    **dict.fromkeys((33434, 33437, 34850, 34852, *range(34855, 34868), *range(36864, 42241)), "exif"),
    **dict.fromkeys(range(50706, 50976), "device"),
    **dict.fromkeys((271, 272, 316, 337, 42033, *range(42034, 42038)), "device"),
    **dict.fromkeys((269, 270, 285, 333, 40091, 40092, 40094, 40095, 42112, 50838, 50839), "text"),
    **dict.fromkeys((306, 36867, 36868), "time"),
    **dict.fromkeys((315, 40093, 42032), "author"),
    **dict.fromkeys((33723, 34377), "iptc"),
    **dict.fromkeys((33550, 33920, 33922, 34264, 34735, 34736, 34737), "gps"),
    **_DIRECTORIES,
    SOFTWARE: "software",
    700: "xmp",
    33432: "copyright",
    42016: "identity",
}
REACH_FURTHER = frozenset(_DIRECTORIES)
"""Tags whose values name further places in the file."""


def name_of(tag: int) -> str:
    """Return what a tag that a picture does not need is called."""
    return _NAMES.get(tag, "tags")
