"""Handing a delivery to annotators, and taking their judgements back: Label Studio and workbooks."""

from assurai_datasets.annotation.draft import Blank, Draft
from assurai_datasets.annotation.filled_form import read_form
from assurai_datasets.annotation.form import make_form
from assurai_datasets.annotation.items import JUDGED, MEDIA_FOLDER, Item, Judge, Medium, items_of
from assurai_datasets.annotation.label_studio import Project, make_projects, write_projects
from assurai_datasets.annotation.read_label_studio import read_label_studio_export

__all__ = [
    "JUDGED",
    "MEDIA_FOLDER",
    "Blank",
    "Draft",
    "Item",
    "Judge",
    "Medium",
    "Project",
    "items_of",
    "make_form",
    "make_projects",
    "read_form",
    "read_label_studio_export",
    "write_projects",
]
