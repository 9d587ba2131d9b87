"""What the sample's pictures, sounds and clips look and sound like: the models of `media.json`."""

from importlib.resources import files
from typing import Annotated, Self

from pydantic import Field, model_validator

from assurai_datasets.schema.record import Record

Colour = Annotated[str, Field(pattern="^#[0-9a-f]{6}$")]
Offset = tuple[float, float]


class Shape(Record):
    """One coloured shape of a picture; all coordinates are fractions of the picture's width and height.

    Exactly one of the geometries is given. In a clip, `path` lists offsets the shape passes through at equal times.
    """

    circle: tuple[float, float, float] | None = Field(None, description="Centre, and the radius by the height.")
    ellipse: tuple[float, float, float, float] | None = Field(None, description="Left, top, right, bottom.")
    rectangle: tuple[float, float, float, float] | None = Field(None, description="Left, top, right, bottom.")
    polygon: tuple[float, ...] | None = Field(None, description="Corners as x, y, x, y, ...")
    line: tuple[float, ...] | None = Field(None, description="Points as x, y, x, y, ...")
    fill: Colour
    width: float = Field(0.01, gt=0, description="Thickness of a line, by the height.")
    path: tuple[Offset, ...] = ((0.0, 0.0),)

    @property
    def geometry(self) -> str:
        """The name of the geometry that is given."""
        return next(name for name in GEOMETRIES if getattr(self, name) is not None)

    @property
    def points(self) -> tuple[float, ...]:
        """The numbers of the geometry that is given."""
        points: tuple[float, ...] = getattr(self, self.geometry)
        return points

    @model_validator(mode="after")
    def _one_geometry(self) -> Self:
        given = [name for name in GEOMETRIES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a shape has one geometry of {', '.join(GEOMETRIES)}, not {given!r}")
        return self


GEOMETRIES = ("circle", "ellipse", "rectangle", "polygon", "line")


class Picture(Record):
    """Shapes in drawing order on a sky that fades from its first colour at the top to its second at the bottom."""

    size: tuple[int, int] = Field(description="Width and height in pixels.")
    sky: tuple[Colour, Colour]
    shapes: tuple[Shape, ...] = Field(min_length=1)


class Clip(Picture):
    """A picture whose shapes move along their paths."""

    fps: int = Field(gt=0)
    seconds: float = Field(gt=0)


class Sound(Record):
    """Notes, each `(start_s, length_s, from_hz, to_hz, amplitude)`, with the same harmonics."""

    rate_hz: int = Field(gt=0)
    channels: int = Field(1, ge=1, le=2)
    bits: int = Field(16, description="16 or 24; of WAV and FLAC.")
    harmonics: tuple[float, ...] = Field(min_length=1, description="Relative amplitudes, the fundamental first.")
    notes: tuple[tuple[float, float, float, float, float], ...] = Field(min_length=1)


class MediaSpecs(Record):
    """Every medium of the sample, by its path in the delivery."""

    pictures: dict[str, Picture]
    sounds: dict[str, Sound]
    clips: dict[str, Clip]


def load_specs() -> MediaSpecs:
    """Return the specifications that travel with the package."""
    return MediaSpecs.model_validate_json(files(__package__).joinpath("media.json").read_bytes())
