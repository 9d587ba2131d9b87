"""The bundled sample delivery."""

from assurai_datasets.workflow.sample.make_sample_delivery import make_sample_delivery

__all__ = ["make_sample_delivery"]
