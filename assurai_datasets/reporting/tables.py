"""The paper's Tables 3, 4 and 10 for given counts, as text and as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from types import MappingProxyType
from unicodedata import east_asian_width

from assurai_datasets.release import Counts
from assurai_datasets.schema.vocabulary import MODALITIES

TABLES = MappingProxyType(
    {
        "modality": "Instances by modality (Table 3)",
        "prompt_type": "Instances by prompt type (Table 4)",
        "category": "Instances by category",
        "risk_factor": "Instances by risk factor and modality (Table 10)",
    }
)
Cells = Sequence[object]


def counts_text(counts: Counts) -> str:
    """Return all tables as text, columns aligned also where names are Korean."""
    parts = [f"{title}\n{align(_rows(counts, name))}" for name, title in TABLES.items()]
    return "\n\n".join([*parts, f"Total: {counts.total:,}"])


def counts_csv(counts: Counts) -> str:
    """Return all tables as one CSV with the columns table, key, name, category, total and one for each modality."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["table", "key", "name", "category", "total", *MODALITIES])
    for table in ("modality", "prompt_type", "category"):
        writer.writerows(
            [table, name, name, "", n, *[""] * len(MODALITIES)] for name, n in getattr(counts, table).items()
        )
    for row in counts.risk_factor:
        cells = [row["number"], row["name"], row["category"], row["total"], *(row[name] for name in MODALITIES)]
        writer.writerow(["risk_factor", *cells])
    return out.getvalue()


def align(rows: Iterable[Cells]) -> str:
    """Return rows as lines of aligned columns: numbers to the right, text to the left."""
    shown = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*shown, strict=True)]
    lines = ("  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown)
    return "\n".join(lines)


def _rows(counts: Counts, table: str) -> list[Cells]:
    if table != "risk_factor":
        return [(name, n) for name, n in getattr(counts, table).items()]
    head: Cells = ("", "risk factor", "total", *MODALITIES)
    return [head, *((r["number"], r["name"], r["total"], *(r[m] for m in MODALITIES)) for r in counts.risk_factor)]


def _padded(cell: str, width: int) -> str:
    space = " " * (width - _width(cell))
    return space + cell if cell.replace(",", "").isdecimal() else cell + space


def _width(text: str) -> int:
    """Return the columns a text takes in a terminal, where Korean characters take two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
