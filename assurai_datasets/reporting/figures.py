"""Figure 2 of the paper for given counts, to be printed. Needs the extra `plots`."""

from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from assurai_datasets.errors import MissingExtraError
from assurai_datasets.release import Counts
from assurai_datasets.schema.vocabulary import MODALITIES
from assurai_datasets.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Language = Literal["en", "ko"]
SIZE_INCHES = (7.5, 9.0)
FORMATS = ("png", "svg")
ROOM = 1.08
"""Room for the number at the end of the longest bar."""
# Colours of Paul Tol's "bright" scheme: distinct for colour-blind readers and in print.
COLOURS = MappingProxyType({"text": "#4477AA", "image": "#EE6677", "video": "#CCBB44", "audio": "#228833"})
WORDS: MappingProxyType[Language, dict[str, str]] = MappingProxyType(
    {
        "en": {
            "title": "Instances by risk factor and modality",
            "axis": "instances",
            **{name: name for name in MODALITIES},
        },
        "ko": {
            "title": "위험 요인과 모달리티별 인스턴스 수",
            "axis": "인스턴스 수",
            "text": "텍스트",
            "image": "이미지",
            "video": "비디오",
            "audio": "오디오",
        },
    }
)


def draw_counts(counts: Counts, folder: Path, *, language: Language = "en") -> tuple[Path, ...]:
    """Return the files of Figure 2, drawn into a folder as PNG (300 dots per inch) and SVG: stacked bars by modality.

    Args:
        counts: What is drawn.
        folder: Made if it does not exist; `figure-2.png` and `figure-2.svg` in it are replaced.
        language: Language of the labels, `en` or `ko`.

    Raises:
        MissingExtraError: The extra `plots` is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("figures need matplotlib: pip install 'assurai-datasets[plots]'") from error
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"figure-2.{name}" for name in FORMATS)
    settings: Any = {"svg.hashsalt": "assurai", "svg.fonttype": "path", **_font(language)}
    with mpl.rc_context(settings):
        figure = Figure(figsize=SIZE_INCHES, layout="constrained")
        _draw_bars(figure.add_subplot(), counts, language)
        for path in paths:
            stamp = {"Software": None} if path.suffix == ".png" else {"Date": None}
            figure.savefig(path, dpi=300, metadata=stamp)
    return paths


def _draw_bars(axes: "Axes", counts: Counts, language: Language) -> None:
    words, rows = WORDS[language], counts.risk_factor
    places = range(len(rows))
    left = [0] * len(rows)
    for modality in MODALITIES:
        widths = [row[modality] for row in rows]
        axes.barh(places, widths, left=left, height=0.75, color=COLOURS[modality], label=words[modality])
        left = [a + b for a, b in zip(left, widths, strict=True)]
    for place, total in zip(places, left, strict=True):
        axes.annotate(
            f"{total:,}", (total, place), xytext=(3, 0), textcoords="offset points", va="center", fontsize=6.5
        )
    axes.set_yticks(places, [_name(row, language) for row in rows], fontsize=7)
    _draw_frame(axes, counts, words)


def _draw_frame(axes: "Axes", counts: Counts, words: dict[str, str]) -> None:
    axes.invert_yaxis()
    axes.set_ylim(len(counts.risk_factor) - 0.4, -0.6)
    axes.set_xlim(0, max(1, *(row["total"] for row in counts.risk_factor)) * ROOM)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.locator_params(axis="x", integer=True)
    axes.set_xlabel(f"{words['axis']} (n = {counts.total:,})", fontsize=8)
    axes.set_title(words["title"], fontsize=10, loc="left")
    axes.tick_params(axis="x", labelsize=7)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", linewidth=0.4, alpha=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.legend(loc="lower right", fontsize=8, frameon=False)


def _name(row: dict[str, Any], language: Language) -> str:
    factor = load_taxonomy().risk_factor(int(row["number"]))
    return f"{factor.name_ko if language == 'ko' else factor.name}  {factor.number}"


def _font(language: Language) -> dict[str, Any]:
    """Return the settings that make Korean labels show: Nanum Gothic as the package of the extra carries it."""
    if language != "ko":
        return {}
    from matplotlib import font_manager

    home = find_spec("koreanize_matplotlib")
    if home is None or not home.submodule_search_locations:
        raise MissingExtraError("Korean labels need a Korean font: pip install 'assurai-datasets[plots]'")
    font_manager.fontManager.addfont(Path(home.submodule_search_locations[0]) / "fonts" / "NanumGothic.ttf")
    return {"font.family": "NanumGothic"}
