"""Make, check, publish and load safety evaluation datasets for generative AI.

Everything here is loaded when it is first used, so that importing the package costs nothing. The import makes
`datasets.load_dataset("assurai", ...)` mean the chosen release; `assurai_datasets.loading.unhook()` undoes that.
"""

from typing import TYPE_CHECKING

from assurai_datasets.doors import open_doors
from assurai_datasets.loading.bare_name import hook
from assurai_datasets.version import __version__

if TYPE_CHECKING:
    from assurai_datasets.agreement import measure_agreement
    from assurai_datasets.errors import AssuraiError
    from assurai_datasets.ingestion import ingest
    from assurai_datasets.loading import benign_twins, derived_pairs, filter_instances, load, show_rows, to_messages
    from assurai_datasets.media import decode_audio, decode_video, probe_media
    from assurai_datasets.reporting import summarize
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
    "benign_twins": "loading",
    "build_release": "workflow",
    "decode_audio": "media",
    "decode_video": "media",
    "derived_pairs": "loading",
    "filter_instances": "loading",
    "ingest": "ingestion",
    "load": "loading",
    "load_taxonomy": "taxonomy",
    "measure_agreement": "agreement",
    "probe_media": "media",
    "show_rows": "loading",
    "summarize": "reporting",
    "to_messages": "loading",
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
    "benign_twins",
    "build_release",
    "decode_audio",
    "decode_video",
    "derived_pairs",
    "filter_instances",
    "ingest",
    "load",
    "load_taxonomy",
    "measure_agreement",
    "probe_media",
    "show_rows",
    "summarize",
    "to_messages",
    "validate",
]

__getattr__ = open_doors(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


hook()
