"""YAML read safely: plain values only, within limits, no key twice, and every value knows its line."""

import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from assurai_datasets.errors import DataError

CHARS = 2**20
NODES = 100_000
DEPTH = 32
TOO_DEEP = f"the document is nested deeper than {DEPTH} levels"
_SCANNER_TOO_DEEP = "exceeded maximum nesting depth"
"""What libyaml says from 0.2.6 on; its scanner reads ahead and meets its own, wider bound before ours."""
NULL = re.compile(r"~|null|Null|NULL|")
BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,18})")
FLOAT = re.compile(r"[-+]?([0-9]{1,40}\.[0-9]{0,40}|\.[0-9]{1,40}|[0-9]{1,40})([eE][-+]?[0-9]{1,3})?")
ZERO_FIRST = re.compile(r"[-+]?0[0-9]+")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Place = tuple[str | int, ...]


class YamlError(DataError):
    """Text that is not YAML as it is read here.

    Attributes:
        message: What was found, without the line.
        line: Line of the fault, counted from 1.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(f"line {line}: {message}")
        self.message = message
        self.line = line


class YamlDocument(NamedTuple):
    """The value of a YAML text, and the line on which each part of it begins.

    Attributes:
        value: Dicts with text keys, lists, text, finite numbers, booleans, None.
        lines: Line by place, `lines["labels", "acceptable", "values", 0]`; of a value under a key, the line of the key.
    """

    value: Any
    lines: dict[Place, int]

    def line_of(self, place: Place) -> int:
        """Return the line of a place, or of its nearest ancestor that is in the text."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_yaml(text: str) -> YamlDocument:
    """Return the value of one YAML document with the lines of its parts.

    Plain words are read as in YAML 1.2: `no` and `2024-05-01` are text, and so is `007`. Keys are always text. Aliases
    are followed as long as the whole stays within the limits.

    Raises:
        YamlError: The text is not YAML, holds a key twice, a tag, several documents, or more than the limits allow.
    """
    if len(text) > CHARS:
        raise YamlError(f"the text is longer than {CHARS:,} characters", 1)
    try:
        return _Builder(yaml.parse(text.removeprefix("\ufeff"), Loader=LOADER)).document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        found = TOO_DEEP if error.problem == _SCANNER_TOO_DEEP else f"this is not YAML: {error.problem}"
        raise YamlError(found, min(line, max(1, len(text.splitlines())))) from error
    except yaml.YAMLError as error:
        raise YamlError(f"this is not YAML: {str(error).splitlines()[0]}", 1) from error


# The stubs of PyYAML leave the attributes of events untyped.
Event = Any


class _Builder:
    """Builds values from parser events, so that depth and size are known before anything is built."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._lines: dict[Place, int] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0

    def document(self) -> YamlDocument:
        value: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise YamlError("a second document begins; give one", _line(event))
                value = self._value(next(self._events), ())
        return YamlDocument(value, self._lines)

    def _value(self, event: Event, place: Place) -> Any:
        self._lines.setdefault(place, _line(event))
        before = self._nodes
        self._count(event, place, 1)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, place)
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise YamlError(f"the tag {event.tag!r} is not read; write a plain value", _line(event))
        value = self._build(event, place)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._nodes - before)
        return value

    def _build(self, event: Event, place: Place) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(place)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(item, (*place, index)) for index, item in enumerate(self._until(yaml.SequenceEndEvent))]
        return _plain(event.value, _line(event)) if event.implicit[0] else event.value

    def _mapping(self, place: Place) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for event in self._until(yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise YamlError("a key is not plain text", _line(event))
            key = event.value
            if key in built:
                raise YamlError(f"the key {key[:60]!r} stands twice", _line(event))
            self._lines[(*place, key)] = _line(event)
            built[key] = self._value(next(self._events), (*place, key))
        return built

    def _until(self, end: type[yaml.Event]) -> Iterator[Event]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    def _alias(self, event: Event, place: Place) -> Any:
        if event.anchor not in self._anchors:
            raise YamlError(f"the alias {event.anchor!r} refers to nothing before it", _line(event))
        value, size = self._anchors[event.anchor]
        self._count(event, place, size)
        return value

    def _count(self, event: Event, place: Place, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > NODES:
            raise YamlError(f"the document holds more than {NODES:,} values", _line(event))
        if len(place) > DEPTH:
            raise YamlError(TOO_DEEP, _line(event))


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1


def _plain(text: str, line: int) -> Any:
    """Return the value of a word without quotation marks, by the core schema of YAML 1.2."""
    if NULL.fullmatch(text):
        return None
    if BOOLEAN.fullmatch(text):
        return text.casefold() == "true"
    if INTEGER.fullmatch(text):
        return int(text)
    if FLOAT.fullmatch(text) and not ZERO_FIRST.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            raise YamlError(f"{text!r} is no finite number", line)
        return number
    return text
