"""Label Studio: the labelling config, the tasks and the settings of the projects that show a delivery to annotators."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree as ET

import orjson

from assurai_datasets.annotation.items import MEDIA_FOLDER, Item, Medium, MediumKind
from assurai_datasets.errors import UsageError
from assurai_datasets.formats.guidelines import LANGUAGES, content_warning, guideline_html
from assurai_datasets.schema.delivery import LabelDeclaration
from assurai_datasets.taxonomy import load_guidelines, load_taxonomy

LABEL_PREFIX = "label:"
TITLE_CHARS = 50
INLINE_BYTES = 64 * 1024
INLINE_TOTAL_BYTES = 16 * 1024 * 1024
LOCAL_FILES = f"/data/local-files/?d={MEDIA_FOLDER}/"
"""Address of the exported media where Label Studio serves the export's folder as its document root."""
_TAGS: Mapping[MediumKind, str] = {"image": "Image", "video": "Video", "audio": "Audio"}
_XML_FORBIDDEN = frozenset(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)]))


class Layout(NamedTuple):
    """What a screen shows beside the prompt; each layout is a project of its own.

    Attributes:
        medium: Kind of the input medium; None without one.
        answered: Whether a response is judged.
        answer_medium: Kind of the response's medium; None without one.
    """

    medium: MediumKind | None
    answered: bool
    answer_medium: MediumKind | None

    @classmethod
    def of(cls, item: Item) -> "Layout":
        """Return the layout that shows an item."""
        answer = item.answer_medium.kind if item.answer_medium else None
        return cls(item.medium.kind if item.medium else None, item.answer is not None, answer)

    @property
    def name(self) -> str:
        """Name of the project and its folder: `text`, `image`, `text-to-text`, `image-to-audio` ..."""
        shown = self.medium or "text"
        return f"{shown}-to-{self.answer_medium or 'text'}" if self.answered else shown


class Project(NamedTuple):
    """One project of Label Studio.

    Attributes:
        name: Name of its layout.
        label_config: The labelling config (XML).
        settings: What its API takes to make the project; holds the config too.
        tasks: The tasks to import.
        linked: Media that the tasks name and do not hold.
    """

    name: str
    label_config: str
    settings: Mapping[str, Any]
    tasks: Sequence[Mapping[str, Any]]
    linked: Sequence[Medium]


def make_projects(
    items: Iterable[Item], *, title: str, labels: Mapping[str, LabelDeclaration], annotators: int
) -> tuple[Project, ...]:
    """Return one project for each layout that occurs, by name; tasks hold no annotations and no predictions.

    Media stand in the tasks as data URIs where none of a project is larger than 64 KiB and all together are at most
    16 MiB; else the tasks name the files, for Label Studio to serve.

    Args:
        items: What is to be judged.
        title: Begins the titles of the projects.
        labels: Foreign labels the delivery declares.
        annotators: How many people judge each item.

    Raises:
        UsageError: A label cannot be shown by Label Studio.
    """
    by_layout = sorted(items, key=lambda item: (Layout.of(item).name, item.key))
    return tuple(
        _project(layout, tuple(group), title, labels, annotators) for layout, group in groupby(by_layout, Layout.of)
    )


def label_config(layout: Layout, labels: Mapping[str, LabelDeclaration]) -> str:
    """Return the labelling config of a layout: warning, prompt, media, response, and one field for each judgement.

    Raises:
        UsageError: A label's name or value holds what the config cannot.
    """
    view = ET.Element("View")
    for language in LANGUAGES:
        ET.SubElement(view, "Header", value=content_warning(language), size="4")
    _shown(view, "프롬프트 / Prompt", "prompt", layout.medium, "medium")
    if layout.answered:
        _shown(view, "평가할 응답 / Response to judge", "answer", layout.answer_medium, "answer_medium")
    _own_fields(view)
    for name, declaration in labels.items():
        _foreign_field(view, name, declaration)
    ET.SubElement(view, "Header", value="의견 (선택) / Comment (optional)", size="4")
    ET.SubElement(view, "TextArea", name="comment", toName="prompt", maxSubmissions="1", rows="2", editable="true")
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def write_projects(projects: Sequence[Project], folder: Path) -> None:
    """Write a folder for each project: `label_config.xml`, `tasks.json` and `project.json`, the API's settings."""
    for project in projects:
        (folder / project.name).mkdir()
        (folder / project.name / "label_config.xml").write_text(project.label_config, encoding="utf-8", newline="\n")
        (folder / project.name / "tasks.json").write_bytes(_json(project.tasks))
        (folder / project.name / "project.json").write_bytes(_json(project.settings))


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _project(
    layout: Layout, items: tuple[Item, ...], title: str, labels: Mapping[str, LabelDeclaration], annotators: int
) -> Project:
    media = {m.name: m for item in items for m in (item.medium, item.answer_medium) if m is not None}
    inline = _fits_inline(media.values())
    config = label_config(layout, labels)
    return Project(
        name=layout.name,
        label_config=config,
        settings=_settings(f"{title[: TITLE_CHARS - len(layout.name) - 2]}: {layout.name}", config, annotators),
        tasks=[{"data": _data(item, layout, inline)} for item in items],
        linked=() if inline else tuple(media[name] for name in sorted(media)),
    )


def _fits_inline(media: Iterable[Medium]) -> bool:
    sizes = [medium.file.stat().st_size for medium in media]
    return max(sizes, default=0) <= INLINE_BYTES and sum(sizes) <= INLINE_TOTAL_BYTES


def _settings(title: str, config: str, annotators: int) -> dict[str, Any]:
    """Return what Label Studio's API takes; everything by which one annotator could be led by another is off."""
    return {
        "title": title,
        "label_config": config,
        "expert_instruction": "\n<hr>\n".join(map(guideline_html, LANGUAGES)),
        "show_instruction": True,
        "show_skip_button": True,
        "enable_empty_annotation": False,
        "maximum_annotations": annotators,
        "sampling": "Uniform sampling",
        "show_annotation_history": False,
        "show_collab_predictions": False,
        "evaluate_predictions_automatically": False,
        "reveal_preannotations_interactively": False,
        "show_ground_truth_first": False,
    }


def _data(item: Item, layout: Layout, inline: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"instance_id": item.instance_id, "response": item.response, "prompt": item.prompt}
    if layout.answered:
        data["answer"] = item.answer or "(글 없음 / no text)"
    for name, medium in (("medium", item.medium), ("answer_medium", item.answer_medium)):
        if medium is not None:
            data[name] = _address(medium, inline)
    return data


def _address(medium: Medium, inline: bool) -> str:
    if not inline:
        return f"{LOCAL_FILES}{medium.name}"
    return f"data:{medium.type};base64,{base64.b64encode(medium.file.read_bytes()).decode()}"


def _shown(view: ET.Element, heading: str, text: str, kind: MediumKind | None, medium: str) -> None:
    ET.SubElement(view, "Header", value=heading, size="4")
    ET.SubElement(view, "Text", name=text, value=f"${text}")
    if kind is not None:
        ET.SubElement(view, _TAGS[kind], name=medium, value=f"${medium}")


def _own_fields(view: ET.Element) -> None:
    scale = [(str(p.score), f"{p.score} {p.name_ko} / {p.name}") for p in load_guidelines().scale]
    _choices(view, "safety_score", "안전성 점수 / Safety score", scale, required="true", showInline="true")
    factors = [(f.code, f"{f.number}. {f.name_ko} / {f.name}") for f in load_taxonomy().risk_factors]
    _choices(view, "risk_factor", "위험 요인 / Risk factor", factors, layout="select")
    valid = [("true", "예 / yes"), ("false", "아니요 / no")]
    _choices(view, "is_valid", "그대로 쓸 수 있는 사례인가? / Fit to be used as it is?", valid, showInline="true")


def _foreign_field(view: ET.Element, name: str, declaration: LabelDeclaration) -> None:
    _check_text("name", name, name)
    control = f"{LABEL_PREFIX}{quote(name, safe='')}"
    if declaration.values is not None:
        for value in declaration.values:
            _check_text("value", value, name)
        _choices(view, control, name, [(value, value) for value in declaration.values], showInline="true")
        return
    low, high = f"{declaration.min:g}", f"{declaration.max:g}"
    ET.SubElement(view, "Header", value=f"{name} ({low} - {high})", size="4")
    ET.SubElement(view, "Number", name=control, toName="prompt", min=low, max=high, step="0.01")


def _choices(view: ET.Element, name: str, heading: str, options: Iterable[tuple[str, str]], **attributes: str) -> None:
    ET.SubElement(view, "Header", value=heading, size="4")
    control = ET.SubElement(view, "Choices", {"name": name, "toName": "prompt", "choice": "single-radio", **attributes})
    for alias, value in options:
        ET.SubElement(control, "Choice", value=value, alias=alias)


def _check_text(what: str, text: str, label: str) -> None:
    if text.startswith("$") or _XML_FORBIDDEN & set(text) or not text.strip():
        raise UsageError(
            f"Label Studio cannot show the {what} {text!r} of the label {label!r}: it is blank, begins with '$' or "
            "holds control characters; rename it in delivery.yaml, or export to xlsx"
        )
