"""Reading what a delivery declares about itself."""

from typing import NamedTuple

from pydantic import ValidationError

from assurai_datasets.errors import PathEscapesError
from assurai_datasets.files import Folder
from assurai_datasets.formats.yaml import YamlDocument, YamlError, read_yaml
from assurai_datasets.ingestion.record_faults import Subject, faults_of
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.delivery import Delivery
from assurai_datasets.schema.issue import Issue, make_issue

SETTINGS_FILE = "delivery.yaml"
MAX_BYTES = 1_000_000
_INVALID = Code.DELIVERY_SETTINGS_INVALID
_SUBJECT = Subject(Delivery, _INVALID, _INVALID, _INVALID)


class Settings(NamedTuple):
    """The settings of a delivery, or None with the issues that say why not."""

    delivery: Delivery | None
    issues: tuple[Issue, ...] = ()


def read_settings(folder: Folder) -> Settings:
    """Return what `delivery.yaml` of a folder declares."""
    try:
        path = folder.resolve(SETTINGS_FILE)
        if not path.is_file():
            return _refused(Code.DELIVERY_SETTINGS_MISSING, f"there is no {SETTINGS_FILE}", "assurai init shows one")
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)[:MAX_BYTES].decode("utf-8-sig")
        return _settings_of(read_yaml(text))
    except YamlError as error:
        return _refused(_INVALID, error.message, "correct the YAML; assurai init shows one", error.line)
    except UnicodeDecodeError:
        return _refused(_INVALID, "it is not UTF-8", "save it as UTF-8")
    except (OSError, PathEscapesError) as error:
        return _refused(Code.DELIVERY_FILE_UNREADABLE, f"it cannot be read: {error}", "check the file")


def _settings_of(document: YamlDocument) -> Settings:
    try:
        return Settings(Delivery.model_validate(document.value))
    except ValidationError as error:
        issues = [
            make_issue(
                fault.code,
                fault.message,
                fault.hint,
                file=SETTINGS_FILE,
                line=document.line_of(tuple(fault.field.split("."))),
                field=fault.field or None,
            )
            for fault in faults_of(error, _SUBJECT)
        ]
        return Settings(None, tuple(issues))


def _refused(code: Code, message: str, hint: str, line: int | None = None) -> Settings:
    return Settings(None, (make_issue(code, message, hint, file=SETTINGS_FILE, line=line),))
