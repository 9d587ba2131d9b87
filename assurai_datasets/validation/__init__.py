"""Checking rows and media against their models, each other and a policy."""

from assurai_datasets.validation.check import check_intake
from assurai_datasets.validation.gate import check_policy
from assurai_datasets.validation.media import Advance, MediaChecks
from assurai_datasets.validation.policy import load_policy, under_policy

__all__ = ["Advance", "MediaChecks", "check_intake", "check_policy", "load_policy", "under_policy"]
