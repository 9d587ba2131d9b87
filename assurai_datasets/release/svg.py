"""The figures of a release as SVG, made without any library, in light and dark."""

import re
from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType
from xml.sax.saxutils import escape

from assurai_datasets.release.counts import Counts
from assurai_datasets.schema.vocabulary import MODALITIES
from assurai_datasets.taxonomy import load_taxonomy

COUNTS_FILE = "figures/instances.svg"
CELLS_FILE = "figures/cells.svg"
COLOURS = MappingProxyType({"text": "#4477AA", "image": "#EE6677", "video": "#CCBB44", "audio": "#228833"})
"""Paul Tol's "bright" scheme: distinct for colour-blind readers and in print."""
WIDTH_PX, ROW_PX, NAMES_PX, TOP_PX = 920, 20, 370, 64
HYPHEN = re.compile(r"(-| )(?!.*[- ])")
"""The last place at which the name of a prompt type can be broken."""
STEPS = (1, 2, 2.5, 5, 10)
PALE_BELOW = 0.6
STYLE = (
    "text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1f2328}.title{font-size:15px;font-weight:600}"
    ".soft{fill:#59636e}.grid{stroke:#59636e;stroke-opacity:.25}.empty{fill:#59636e;fill-opacity:.06}"
    ".end{text-anchor:end}.middle{text-anchor:middle}.on{fill:#fff}"
    "@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.soft{fill:#9198a1}.grid{stroke:#9198a1}.empty{fill:#9198a1}}"
)


def bars_svg(counts: Counts) -> str:
    """Return stacked bars of the instances by risk factor and modality: Figure 2 of the paper for these counts."""
    rows = counts.risk_factor
    top = nice_top(max(row["total"] for row in rows))
    height = TOP_PX + ROW_PX * len(rows) + 30
    scale = (WIDTH_PX - NAMES_PX - 60) / top
    parts = [_title("Instances by risk factor and modality", counts.total), *_legend()]
    for value in (0, top / 4, top / 2, 3 * top / 4, top):
        x = NAMES_PX + value * scale
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP_PX - 6}" y2="{height - 24}"/>')
        parts.append(_text(x, height - 8, f"{value:,.0f}", "soft middle"))
    for place, row in enumerate(rows):
        y = TOP_PX + ROW_PX * place
        parts.append(_text(NAMES_PX - 8, y + 13, f"{row['name']}  {row['number']}", "end"))
        parts += _stack(y, [row[name] for name in MODALITIES], scale)
        parts.append(_text(NAMES_PX + row["total"] * scale + 5, y + 13, f"{row['total']:,}", "soft"))
    return _svg(height, f"Stacked bars: {counts.total:,} instances by risk factor and modality", parts)


def cells_svg(counts: Counts) -> str:
    """Return a heat map of the instances by risk factor and prompt type."""
    types = [prompt_type.name for prompt_type in load_taxonomy().prompt_types]
    height = TOP_PX + 24 + ROW_PX * len(counts.risk_factor) + 10
    most = max([1, *counts.cells.values()])
    wide = (WIDTH_PX - NAMES_PX - 10) / len(types)
    parts = [_title("Instances by risk factor and prompt type", counts.total)]
    for at, name in enumerate(types):
        x = NAMES_PX + (at + 0.5) * wide
        first, second = HYPHEN.sub(r"\1\n", name).split("\n") if HYPHEN.search(name) else (name, "")
        parts += [_text(x, TOP_PX, first, "soft middle"), _text(x, TOP_PX + 14, second, "soft middle")]
    for place, row in enumerate(counts.risk_factor):
        y = TOP_PX + 24 + ROW_PX * place
        parts.append(_text(NAMES_PX - 8, y + 14, f"{row['name']}  {row['number']}", "end"))
        cells = [counts.cells.get((row["number"], name), 0) for name in types]
        parts += [part for at, n in enumerate(cells) for part in _cell(NAMES_PX + at * wide, y, wide, n, n / most)]
    return _svg(height, f"Heat map: {counts.total:,} instances by risk factor and prompt type", parts)


def nice_top(largest: int) -> int:
    """Return a round number at least as large, for the end of an axis with four equal parts."""
    size = 4
    while True:
        for step in STEPS:
            if size * step >= largest and float(size * step / 4).is_integer():
                return int(size * step)
        size *= 10


def _stack(y: float, values: Sequence[int], scale: float) -> Iterator[str]:
    x = float(NAMES_PX)
    for name, value in zip(MODALITIES, values, strict=True):
        if value:
            shape = f'x="{x:.1f}" y="{y + 2}" width="{value * scale:.1f}" height="{ROW_PX - 5}"'
            yield f'<rect {shape} fill="{COLOURS[name]}"><title>{name}: {value:,}</title></rect>'
        x += value * scale


def _cell(x: float, y: float, wide: float, n: int, share: float) -> Iterator[str]:
    shape = f'x="{x:.1f}" y="{y + 1}" width="{wide - 2:.1f}" height="{ROW_PX - 2}"'
    look = f'fill="{COLOURS["text"]}" fill-opacity="{0.08 + 0.92 * share:.2f}"' if n else 'class="empty"'
    yield f"<rect {shape} {look}/>"
    if n:
        yield _text(x + wide / 2 - 1, y + 14, f"{n:,}", "middle" if share < PALE_BELOW else "middle on")


def _legend() -> Iterator[str]:
    x = float(NAMES_PX)
    for name in MODALITIES:
        yield f'<rect x="{x:.0f}" y="34" width="12" height="12" fill="{COLOURS[name]}"/>'
        yield _text(x + 17, 44, name, "soft")
        x += 80


def _title(words: str, total: int) -> str:
    return _text(0, 18, f"{words} (n = {total:,})", "title")


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.0f}" class="{kind}">{escape(words)}</text>'


def _svg(height: int, label: str, parts: Iterable[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {height}" role="img" aria-label="{label}">'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>", ""])
