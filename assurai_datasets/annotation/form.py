"""The form for offline work: one workbook for each annotator, one row for each thing to judge."""

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from assurai_datasets.annotation.items import MEDIA_FOLDER, Item, Medium
from assurai_datasets.errors import LimitError
from assurai_datasets.formats.guidelines import LANGUAGES, content_warning, guideline_blocks
from assurai_datasets.schema.delivery import LabelDeclaration
from assurai_datasets.taxonomy import load_taxonomy

SHEET = "annotate"
KIND = "kind"
ITEM, ANNOTATOR = "item", "annotator"
TEXT_LABEL, NUMBER_LABEL = "label-text:", "label-number:"
YES, NO = "예 / yes", "아니요 / no"
FIRST_ROW = 5
MAX_CELL_CHARS = 32_767
MAX_ITEMS = 100_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")
_HEADING_STYLES = frozenset({"title", "chapter", "page", "part"})


class Column(NamedTuple):
    """A column of the form.

    Attributes:
        key: Name by which it is read again.
        heading: What annotators see.
        width: Width in characters.
        open: Whether annotators fill it in.
        choices: What the drop-down offers.
        bounds: Least and greatest number, where the column takes numbers.
    """

    key: str
    heading: str
    width: int
    open: bool = False
    choices: tuple[str | int, ...] = ()
    bounds: tuple[float, float] | None = None


def form_columns(labels: Mapping[str, LabelDeclaration]) -> tuple[Column, ...]:
    """Return the columns of the form, foreign labels among the judgements."""
    factors = tuple(f"{f.code} {f.name_ko} / {f.name}" for f in load_taxonomy().risk_factors)
    return (
        Column(KIND, "", 2),
        Column("instance_id", "사례 / instance", 20),
        Column("response", "응답 번호 / response", 9),
        Column("prompt", "프롬프트 / prompt", 60),
        Column("medium", "입력 매체 / medium", 16),
        Column("answer", "평가할 응답 / response to judge", 60),
        Column("answer_medium", "응답 매체 / its medium", 16),
        Column(
            "safety_score", "안전성 점수 / safety score\n1 = 위험 / risk ... 5 = 안전 / safe", 16, True, (1, 2, 3, 4, 5)
        ),
        Column("risk_factor", "위험 요인 / risk factor", 34, True, factors),
        Column("is_valid", "그대로 쓸 수 있는가? / fit to be used?", 14, True, (YES, NO)),
        *(_label_column(name, label) for name, label in labels.items()),
        Column("comment", "의견 (선택) / comment (optional)", 40, True),
    )


def make_form(items: Sequence[Item], *, annotator: str, labels: Mapping[str, LabelDeclaration]) -> bytes:
    """Return the workbook of one annotator: the same bytes for the same items, name and labels.

    The rows stand in an order of the annotator's own, so that tiredness does not fall on the same items for all.

    Args:
        items: What is to be judged.
        annotator: Name that stands in the form; the annotator may write another one.
        labels: Foreign labels the delivery declares.

    Raises:
        LimitError: There are more items, or longer texts, than a workbook holds.
    """
    import openpyxl

    _check_limits(items)
    columns = form_columns(labels)
    workbook = openpyxl.Workbook()
    _fill(workbook.active, columns, sorted(items, key=lambda item: _place(annotator, item)), annotator)
    _add_guidelines(workbook.create_sheet("guidelines"))
    _add_lists(workbook.create_sheet("lists"), columns)
    _add_drop_downs(workbook.worksheets[0], columns, FIRST_ROW + len(items) - 1)
    out = io.BytesIO()
    workbook.save(out)
    return _timeless(out)


def _label_column(name: str, label: LabelDeclaration) -> Column:
    if label.values is not None:
        return Column(f"{TEXT_LABEL}{name}", name, 16, True, label.values)
    low, high = label.min or 0.0, label.max or 0.0
    return Column(f"{NUMBER_LABEL}{name}", f"{name}\n{low:g} ... {high:g}", 12, True, bounds=(low, high))


def _place(annotator: str, item: Item) -> bytes:
    return hashlib.sha256(f"{annotator}\n{item.key}".encode()).digest()


def _check_limits(items: Sequence[Item]) -> None:
    if len(items) > MAX_ITEMS:
        raise LimitError(f"{len(items):,} items are more than the {MAX_ITEMS:,} a form holds; split the delivery")
    for item in items:
        if max(len(item.prompt), len(item.answer or "")) > MAX_CELL_CHARS:
            raise LimitError(
                f"a text of {item.key!r} is longer than the {MAX_CELL_CHARS:,} characters a cell holds; "
                "export to label-studio"
            )


def _fill(sheet: Any, columns: Sequence[Column], items: Sequence[Item], annotator: str) -> None:
    sheet.title = SHEET
    _put_row(sheet, 1, [column.key for column in columns])
    _put_row(sheet, 2, ["warning", "\n".join(map(content_warning, LANGUAGES))])
    _put_row(sheet, 3, [ANNOTATOR, "평가자 / annotator", annotator])
    _put_row(sheet, 4, ["heading", *(column.heading for column in columns[1:])])
    for row, item in enumerate(items, start=FIRST_ROW):
        _put_item(sheet, row, columns, item)
    _dress(sheet, columns, FIRST_ROW + len(items) - 1)


def _put_row(sheet: Any, row: int, values: Sequence[str | int | None]) -> None:
    for number, value in enumerate(values, start=1):
        if value is not None:
            cell = sheet.cell(row, number, value)
            if isinstance(value, str):
                cell.data_type = "s"  # else a text that begins with '=' would be a formula


def _put_item(sheet: Any, row: int, columns: Sequence[Column], item: Item) -> None:
    values: dict[str, str | int | None] = {
        KIND: ITEM,
        "instance_id": item.instance_id,
        "response": item.response,
        "prompt": item.prompt,
        "medium": _path(item.medium),
        "answer": item.answer,
        "answer_medium": _path(item.answer_medium),
    }
    _put_row(sheet, row, [values.get(column.key) for column in columns])
    for number, column in enumerate(columns, start=1):
        if column.key in ("medium", "answer_medium") and (path := values[column.key]):
            sheet.cell(row, number).hyperlink = path


def _path(medium: Medium | None) -> str | None:
    return None if medium is None else f"{MEDIA_FOLDER}/{medium.name}"


def _dress(sheet: Any, columns: Sequence[Column], last: int) -> None:
    """Lock what is shown, open what is filled in, and keep warning, name and headings in sight."""
    from openpyxl.styles import Alignment, Font, PatternFill, Protection
    from openpyxl.utils import get_column_letter

    wrapped, unlocked = Alignment(wrap_text=True, vertical="top"), Protection(locked=False)
    filled = PatternFill("solid", fgColor="FFF8DC")
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
        sheet.cell(4, number).font = Font(bold=True)
        for row in range(4, last + 1):
            cell = sheet.cell(row, number)
            cell.alignment = wrapped
            if column.open and row > 4:
                cell.protection, cell.fill = unlocked, filled
    sheet.cell(2, 2).font = Font(bold=True, color="9C0006")
    sheet.cell(2, 2).alignment = wrapped
    sheet.merge_cells(start_row=2, end_row=2, start_column=2, end_column=8)
    sheet.row_dimensions[2].height = 36
    sheet.cell(3, 3).protection, sheet.cell(3, 3).fill = unlocked, filled
    sheet.row_dimensions[1].hidden = True
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = "C5"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False


def _add_guidelines(sheet: Any) -> None:
    from openpyxl.styles import Alignment, Font

    for number in range(1, len(LANGUAGES) + 1):
        sheet.column_dimensions[chr(64 + number)].width = 90
    for row, blocks in enumerate(zip(*map(guideline_blocks, LANGUAGES), strict=True), start=1):
        _put_row(sheet, row, [f"- {b.text}" if b.kind == "item" else b.text for b in blocks])
        for number, block in enumerate(blocks, start=1):
            sheet.cell(row, number).alignment = Alignment(wrap_text=True, vertical="top")
            sheet.cell(row, number).font = Font(bold=block.kind in _HEADING_STYLES)


def _add_lists(sheet: Any, columns: Sequence[Column]) -> None:
    """Keep the values of the drop-downs on a sheet: a rule itself holds 255 characters at most."""
    sheet.sheet_state = "hidden"
    for number, column in enumerate(columns, start=1):
        for row, choice in enumerate(column.choices, start=1):
            _put_row(sheet, row, [*[None] * (number - 1), choice])


def _add_drop_downs(sheet: Any, columns: Sequence[Column], last: int) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        rule = None
        if column.choices:
            source = f"lists!${letter}$1:${letter}${len(column.choices)}"
            rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
        elif column.bounds:
            low, high = (f"{bound:g}" for bound in column.bounds)
            rule = DataValidation(type="decimal", formula1=low, formula2=high, allow_blank=True, showErrorMessage=True)
        if rule is not None and last >= FIRST_ROW:
            sheet.add_data_validation(rule)
            rule.add(f"{letter}{FIRST_ROW}:{letter}{last}")


def _timeless(saved: io.BytesIO) -> bytes:
    """Return a workbook without the moment it was saved, in its properties and in the archive."""
    out = io.BytesIO()
    with ZipFile(saved) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", content)
            info = ZipInfo(name, _EPOCH)
            info.compress_type = ZIP_DEFLATED
            new.writestr(info, content)
    return out.getvalue()
