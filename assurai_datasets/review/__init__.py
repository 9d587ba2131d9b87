"""The expert review: decisions in a ledger that only grows, their replay, and the queue of what to look at next."""

from assurai_datasets.review.chain import Head, chain_faults, chain_order, event_digest
from assurai_datasets.review.decide import Decision, append_decisions
from assurai_datasets.review.delivered import SealedEvents, seal_delivered
from assurai_datasets.review.ledger import Ledger, LedgerFault, read_ledger, verify_ledger
from assurai_datasets.review.pseudonyms import person_of, read_key, read_or_make_key, reviewer_pseudonym
from assurai_datasets.review.replay import Reviewed, current_state, replay
from assurai_datasets.review.revision import instance_digest, revise_instance, with_media_digests

__all__ = [
    "Decision",
    "Head",
    "Ledger",
    "LedgerFault",
    "Reviewed",
    "SealedEvents",
    "append_decisions",
    "chain_faults",
    "chain_order",
    "current_state",
    "event_digest",
    "instance_digest",
    "person_of",
    "read_key",
    "read_ledger",
    "read_or_make_key",
    "replay",
    "reviewer_pseudonym",
    "revise_instance",
    "seal_delivered",
    "verify_ledger",
    "with_media_digests",
]
