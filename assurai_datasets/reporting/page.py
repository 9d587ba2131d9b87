"""A release on one page of HTML: self-contained, without scripts, network or media, in light and dark."""

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from assurai_datasets.agreement import Agreement
from assurai_datasets.errors import UsageError
from assurai_datasets.files import write_atomically
from assurai_datasets.release import MANIFEST, Facts, bars_svg, cells_svg, gather_facts, read_manifest, splits
from assurai_datasets.reporting.dot_plot import Dot, dots_svg
from assurai_datasets.schema.release import Release

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
STYLE = """
:root{color-scheme:light dark;--ink:#1f2328;--soft:#59636e;--ground:#fff;--panel:#f6f8fa;--line:#d1d9e0;--warn:#9a6700}
@media(prefers-color-scheme:dark){:root{--ink:#f0f6fc;--soft:#9198a1;--ground:#0d1117;--panel:#151b23;--line:#3d444d;--warn:#d29922}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1060px;padding:24px 20px 64px;background:var(--ground);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,'Segoe UI','Noto Sans KR',sans-serif}
h1{font-size:1.7rem;margin:0}
h2{font-size:1.2rem;margin:2.4rem 0 .8rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
p{margin:.4rem 0}.quiet{color:var(--soft);overflow-wrap:anywhere}
.warning{border-left:4px solid var(--warn);padding:.4rem .8rem;margin:1.2rem 0;background:var(--panel)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:12px;margin:1.2rem 0}
.tile{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
.tile b{display:block;font-size:1.5rem;line-height:1.3;font-variant-numeric:tabular-nums}.tile span{color:var(--soft)}
.wide{overflow-x:auto;margin:.8rem 0}.wide svg{display:block;min-width:720px;width:100%;height:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:.3rem .8rem;text-align:left;
border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600}.number{text-align:right}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
@media print{body{max-width:none;padding:0}h2{break-after:avoid}.wide svg{break-inside:avoid}}
"""
WARNING = (
    "Content warning: the instances touch on violence, hate, sexual matters, self-harm and other harms. "
    "This page counts them and shows none."
)


def write_page(source: str | Path, path: Path) -> None:
    """Write the page of a release; nothing else is needed to look at it.

    Raises:
        UsageError: The source is no release, or the page cannot be written.
    """
    folder = Path(source)
    if not (folder / MANIFEST).is_file():
        raise UsageError(
            f"a page is made from a release, and {str(folder)!r} has no {MANIFEST}; assurai build makes one"
        )
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {str(path)!r}: the folder {str(path.parent)!r} does not exist; make it first")
    manifest = read_manifest(folder)
    write_atomically(path, release_page(manifest, gather_facts(folder, manifest)))


def release_page(manifest: Release, facts: Facts) -> str:
    """Return the page of a release as HTML."""
    title = f"{manifest.name} {manifest.version}"
    sections = (
        ("Instances", f"{_figure(bars_svg(facts.counts))}\n{_figure(cells_svg(facts.counts))}"),
        ("Agreement of the annotators", _agreement(facts)),
        ("Expert review", _review(facts)),
        ("Media", _media(facts)),
        ("Gate", _gate(manifest)),
        ("Configs", _configs(manifest)),
    )
    body = "\n".join(f"<h2>{escape(head)}</h2>\n{content}" for head, content in sections)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n<style>{STYLE}</style>\n</head>\n<body>\n'
        f"{_head(manifest, title)}\n{_tiles(facts)}\n{body}\n</body>\n</html>\n"
    )


def _head(manifest: Release, title: str) -> str:
    dated = f"Dated {manifest.date}. " if manifest.date else "Without a date. "
    return (
        f'<h1>{escape(title)}</h1>\n<p class="quiet">{dated}Canary <code>{escape(manifest.canary)}</code>, '
        f"digest <code>{manifest.digest}</code></p>\n"
        f'<p class="warning">{WARNING}</p>'
    )


def _tiles(facts: Facts) -> str:
    size = sum(media.bytes for media in facts.media)
    tiles = [("instances", f"{facts.counts.total:,}")]
    tiles += [(name, f"{n:,}") for name, n in facts.counts.modality.items()]
    tiles += [("annotators", f"{facts.annotators:,}"), ("media", _bytes(size))]
    shown = "".join(f'<div class="tile"><b>{n}</b><span>{what}</span></div>' for what, n in tiles)
    return f'<div class="tiles">{shown}</div>'


def _figure(svg: str) -> str:
    return f'<div class="wide">{svg}</div>'


def _agreement(facts: Facts) -> str:
    if not facts.agreement:
        return "<p>This release has no annotations.</p>"
    judged = ", ".join(f"{n:,} by {by}" for by, n in facts.annotations.items())
    dots = [dot for label, agreement in facts.agreement.items() for dot in _dots(label, agreement)]
    warnings = "".join(f"<p class=quiet>{escape(label)}: {escape(w)}</p>" for label, w in _warnings(facts))
    told = f"<p>{facts.annotators:,} annotators; instances by number of annotators: {judged}.</p>"
    return f"{told}\n{_figure(dots_svg(dots))}\n{warnings}"


def _dots(label: str, agreement: Agreement) -> Iterator[Dot]:
    gwet = "AC1" if agreement.level == "nominal" else "AC2"
    measured = {
        "percent agreement": agreement.percent_agreement_interval,
        "Krippendorff's alpha": agreement.krippendorff_alpha,
        f"Gwet's {gwet}": agreement.gwet_ac1 if gwet == "AC1" else agreement.gwet_ac2,
    }
    for name, value in measured.items():
        yield Dot(f"{label}, {name}", value.value, value.low, value.high)


def _warnings(facts: Facts) -> Iterator[tuple[str, str]]:
    for label, agreement in facts.agreement.items():
        yield from ((label, warning) for warning in agreement.warnings)


def _review(facts: Facts) -> str:
    reviews = facts.reviews
    if reviews is None:
        return "<p>This release has no review events.</p>"
    told = (
        f"<p>{reviews.events:,} events by {reviews.reviewers:,} reviewers about {reviews.instances:,} instances, "
        f"in up to {reviews.rounds:,} rounds.</p>"
    )
    latest = _table(("Latest event", "Instances"), list(reviews.latest.items()))
    rows = [*reviews.actions.items(), *((f"finding: {name}", n) for name, n in reviews.findings.items())]
    return f"{told}\n{latest}\n{_table(('Event', 'Number'), rows)}"


def _media(facts: Facts) -> str:
    if not facts.media:
        return "<p>All instances are text.</p>"
    rows = [(m.config, m.column, m.number, _bytes(m.bytes), _bytes(m.smallest), _bytes(m.largest)) for m in facts.media]
    return _table(("Config", "Column", "Number", "Together", "Smallest", "Largest"), rows)


def _gate(manifest: Release) -> str:
    policy = manifest.policy
    rows = [(w.code, w.instance_id or "everywhere", w.who, w.why, w.until) for w in policy.waivers]
    waived = _table(("Waived", "Where", "By", "Why", "Until"), rows) if rows else "<p>Nothing was waived.</p>"
    reasons = Counter(entry.reason for entry in manifest.left_out)
    out = _table(("Left out because", "Instances"), sorted(reasons.items())) if reasons else ""
    return f"<p>Policy <code>{escape(policy.name)}</code>: met.</p>\n{waived}\n{out}"


def _configs(manifest: Release) -> str:
    sizes = {file.path: file.bytes for file in manifest.files}
    rows = [
        (name, split.rows, len(split.files), _bytes(sum(sizes[file] for file in split.files)), split.digest)
        for name, split in splits(manifest)
    ]
    return _table(("Config", "Rows", "Files", "Size", "Digest of the rows"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{top}</tr>{body}</table></div>'


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f'<td class="number">{value:,}</td>'
    text = escape(str(value))
    return f"<td><code>{text}</code></td>" if len(text) == len("0" * 64) and " " not in text else f"<td>{text}</td>"


def _bytes(size: int) -> str:
    """Return a size for people, `1.2 MB`, with a space that keeps it on one line."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:,.1f}\u00a0{unit}"
    return f"{size:,}\u00a0B"
