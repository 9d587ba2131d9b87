"""Make, check, publish and load safety evaluation datasets for generative AI.

Everything here is loaded when it is first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from assurai_datasets.version import __version__

if TYPE_CHECKING:
    from assurai_datasets.errors import AssuraiError
    from assurai_datasets.ingestion import ingest
    from assurai_datasets.schema.annotation import Annotation
    from assurai_datasets.schema.instance import Instance
    from assurai_datasets.schema.issue import Issue
    from assurai_datasets.schema.release import Release
    from assurai_datasets.schema.report import Report
    from assurai_datasets.schema.review import ReviewEvent
    from assurai_datasets.taxonomy import Taxonomy, load_taxonomy
    from assurai_datasets.workflow import build_release, validate

_HOMES = {
    "Annotation": "schema.annotation",
    "AssuraiError": "errors",
    "Instance": "schema.instance",
    "Issue": "schema.issue",
    "Release": "schema.release",
    "Report": "schema.report",
    "ReviewEvent": "schema.review",
    "Taxonomy": "taxonomy",
    "build_release": "workflow",
    "ingest": "ingestion",
    "load_taxonomy": "taxonomy",
    "validate": "workflow",
}
__all__ = [
    "Annotation",
    "AssuraiError",
    "Instance",
    "Issue",
    "Release",
    "Report",
    "ReviewEvent",
    "Taxonomy",
    "__version__",
    "build_release",
    "ingest",
    "load_taxonomy",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
