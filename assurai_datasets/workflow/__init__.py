"""The verbs of the front door, each a line-up of stages."""

from assurai_datasets.workflow.build import Built, build_release
from assurai_datasets.workflow.check import validate
from assurai_datasets.workflow.init import init_delivery
from assurai_datasets.workflow.schemas import stale_schemas, write_schemas

__all__ = ["Built", "build_release", "init_delivery", "stale_schemas", "validate", "write_schemas"]
