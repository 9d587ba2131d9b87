"""The mapping language: what of a foreign table becomes which of our fields, said as data."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from assurai_datasets.schema.delivery import LabelDeclaration
from assurai_datasets.schema.record import Integer, Many, Record, Text
from assurai_datasets.schema.vocabulary import Stage

MAPPING_FORMAT = "assurai-mapping/1"
PLACEHOLDER = re.compile(r"\{(?P<name>[^{}:]+)(:0(?P<width>[1-9][0-9]?))?\}")
SOURCES = ("column", "columns", "constant", "template", "list", "object")

Scalar = str | int | float | bool
KeyPath = Text | Many[Text | Integer]


def _rule(value: Any) -> Any:
    """Return a rule's keys; text alone is the name of a column."""
    return {"column": value} if isinstance(value, str) else value


class Rule(Record):
    """How one value is made from a row: one source, then the steps that are given, in the order of this list.

    Rule across fields: exactly one of `column`, `columns`, `constant`, `template`, `list` and `object`.
    """

    column: KeyPath | None = Field(None, description="A column, or the path to a value nested in one.")
    columns: Many[KeyPath] | None = Field(
        None, min_length=1, description="Several columns, as a list; blanks left out."
    )
    constant: Any = None
    template: Text | None = Field(None, description="Text with columns in braces: `kobbq-{sample_id}`, `{row:05}`.")
    list: "Many[RuleField] | None" = Field(None, description="A list of values, each by its own rule.")
    object: "dict[Text, RuleField] | None" = Field(None, description="An object, each key by its own rule.")
    digest: Many[KeyPath] | None = Field(None, description="Columns whose digest a template names as `{digest}`.")
    read: Literal["json", "python"] | None = Field(None, description="The text is a literal of this language.")
    split: str | None = Field(None, min_length=1, description="The text is a list with this between its items.")
    item: Integer | None = Field(None, description="Take one item of the list, from 0; -1 is the last.")
    values: dict[Text, Scalar] | None = Field(None, description="What stands for what, for each item of a list.")
    choose: dict[Text, Scalar] | None = Field(None, description="The first key that the value is, or the list holds.")
    otherwise: Scalar | None = Field(None, description="For what `values` or `choose` does not name.")
    position_in: "RuleField | None" = Field(None, description="Positions of the value, or of each item, in this list.")
    join: str | None = Field(None, description="One text of the list, with this between its items.")
    type: Literal["text", "integer", "number", "boolean"] | None = None
    default: Any = Field(None, description="For a blank or absent value.")

    @model_validator(mode="after")
    def _has_one_source(self) -> "Rule":
        given = [name for name in SOURCES if name in self.model_fields_set]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(SOURCES)}, not {' and '.join(given) or 'none'}")
        if self.otherwise is not None and self.values is None and self.choose is None:
            raise ValueError("otherwise needs values or choose")
        if self.template is not None and ("{" in (rest := PLACEHOLDER.sub("", self.template)) or "}" in rest):
            raise ValueError(f"in the template {self.template!r} a brace stands alone; write {{column}} or {{row:05}}")
        return self


RuleField = Annotated[Rule, BeforeValidator(_rule)]


class Group(Record):
    """Records made from one row: one, or one for each item of a list.

    Rule across fields: at most one of `each`, `zip` and `annotators`.
    """

    each: RuleField | None = Field(None, description="A list: one record for each item, whose keys hide the row's.")
    zip: dict[Text, RuleField] | None = Field(None, min_length=1, description="Lists of one length, item by item.")
    annotators: dict[Text, Text] | None = Field(None, description="Annotators as columns: annotator by column.")
    when: dict[Text, Scalar | Many[Scalar]] | None = Field(None, description="Only where columns have these values.")
    fields: dict[Text, RuleField] = Field(min_length=1, description="Rule by field; `labels.tone` for nested ones.")
    merge: Many[Text] | None = Field(None, description="List fields that rows with the same id add to, in order.")

    @model_validator(mode="after")
    def _spreads_one_way(self) -> "Group":
        if sum(way is not None for way in (self.each, self.zip, self.annotators)) > 1:
            raise ValueError("give at most one of each, zip and annotators")
        return self


class TableMapping(Record):
    """What is made of the rows of some files.

    Rule across fields: at least one of `instances` and `annotations`.
    """

    files: Text | Many[Text] | None = Field(None, description="A file, a list or a glob; else what the delivery names.")
    instances: Many[Group] = ()
    annotations: Many[Group] = ()
    ignore: Many[Text] = Field((), description="Columns that are left out knowingly; `*` for all others.")

    @model_validator(mode="after")
    def _makes_something(self) -> "TableMapping":
        if not (self.instances or self.annotations):
            raise ValueError("say what the rows become: instances, annotations or both")
        return self


class DeliveryDefaults(Record):
    """Settings of a delivery that its mapping knows; a `delivery.yaml` beside the files goes before them."""

    name: Text | None = None
    language: Text | None = None
    license: Text | None = None
    stage: Stage | None = None
    source: Text | None = None
    score_polarity: Literal["safety", "risk"] | None = None
    labels: dict[Text, LabelDeclaration] = Field(default={})


class PolicyDefaults(Record):
    """Thresholds that a source cannot meet and need not."""

    min_annotations: Integer | None = Field(None, ge=1)


class Mapping(Record):
    """What of a foreign dataset becomes which of our fields: the content of `mapping.yaml`."""

    format: Literal["assurai-mapping/1"]
    about: Text | None = Field(None, description="What the source is, what maps to which risk factor, and why.")
    settings: DeliveryDefaults = DeliveryDefaults()
    policy: PolicyDefaults = PolicyDefaults()
    no_instances: Text | None = Field(None, description="Why nothing here is an instance, so that none is built.")
    tables: Many[TableMapping] = Field(min_length=1)
