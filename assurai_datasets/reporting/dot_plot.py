"""Estimates with their intervals, one a line, as SVG made without any library."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from assurai_datasets.release import SVG_STYLE

WIDTH_PX, ROW_PX, NAMES_PX, TOP_PX = 920, 24, 300, 20
LEAST, MOST = -0.2, 1.0
TICKS = (-0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
COLOUR = "#4477AA"


class Dot(NamedTuple):
    """An estimate and its interval; None where it cannot be told."""

    name: str
    value: float | None
    low: float | None
    high: float | None


def dots_svg(dots: Sequence[Dot]) -> str:
    """Return a plot of estimates from -0.2 to 1; what lies below is drawn at the edge, its number says so."""
    height = TOP_PX + ROW_PX * len(dots) + 26
    parts = [*_axis(height)]
    for place, dot in enumerate(dots):
        parts += _row(TOP_PX + ROW_PX * place + ROW_PX / 2, dot)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {height}" role="img" aria-label="Agreement">'
    )
    return "\n".join([head, f"<style>{SVG_STYLE}</style>", *parts, "</svg>"])


def _axis(height: int) -> Iterator[str]:
    for tick in TICKS:
        yield f'<line class="grid" x1="{_x(tick):.1f}" x2="{_x(tick):.1f}" y1="{TOP_PX - 8}" y2="{height - 22}"/>'
        yield f'<text class="soft middle" x="{_x(tick):.1f}" y="{height - 6}">{tick:g}</text>'


def _row(y: float, dot: Dot) -> Iterator[str]:
    yield f'<text class="end" x="{NAMES_PX - 12}" y="{y + 4:.0f}">{escape(dot.name)}</text>'
    if dot.value is None:
        yield f'<text class="soft" x="{_x(0):.1f}" y="{y + 4:.0f}">cannot be told</text>'
        return
    if dot.low is not None and dot.high is not None:
        span = f'x1="{_x(dot.low):.1f}" x2="{_x(dot.high):.1f}" y1="{y:.1f}" y2="{y:.1f}"'
        yield f'<line {span} stroke="{COLOUR}" stroke-width="3"/>'
    yield f'<circle cx="{_x(dot.value):.1f}" cy="{y:.1f}" r="5" fill="{COLOUR}"/>'
    interval = "" if dot.low is None or dot.high is None else f" ({dot.low:z.2f} to {dot.high:z.2f})"
    yield f'<text class="soft end" x="{WIDTH_PX - 2}" y="{y + 4:.0f}">{dot.value:.3f}{interval}</text>'


def _x(value: float) -> float:
    share = (min(max(value, LEAST), MOST) - LEAST) / (MOST - LEAST)
    return NAMES_PX + share * (WIDTH_PX - NAMES_PX - 150)
