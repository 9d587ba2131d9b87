"""The states of an instance under review, and the actions that lead from one to the next."""

from collections.abc import Mapping
from types import MappingProxyType

from assurai_datasets.schema.review import ReviewAction, ReviewState

STATE_AFTER: Mapping[ReviewAction, ReviewState] = MappingProxyType(
    {
        "begin": "in_review",
        "accept": "accepted",
        "request_changes": "changes_requested",
        "revise": "revised",
        "drop": "dropped",
        "restore": "restored",
    }
)
"""The state each action leads to."""

_DECISIONS: tuple[ReviewAction, ...] = ("begin", "accept", "request_changes", "drop")
LEGAL_ACTIONS: Mapping[ReviewState, tuple[ReviewAction, ...]] = MappingProxyType(
    {
        "constructed": _DECISIONS,
        "annotated": _DECISIONS,
        "in_review": _DECISIONS,
        "changes_requested": ("revise", "begin", "drop"),
        "revised": (*_DECISIONS, "revise"),
        "accepted": ("begin", "request_changes", "drop"),
        "dropped": ("restore",),
        "restored": _DECISIONS,
    }
)
"""What may be done in each state. `begin` takes up again what was accepted, or whose request was a mistake."""

WAITING_FOR_REVIEWER: frozenset[ReviewState] = frozenset(
    {"constructed", "annotated", "in_review", "revised", "restored"}
)
"""The states in which the next step is a reviewer's."""

_CLOSING_A_ROUND: frozenset[ReviewState] = frozenset({"revised", "accepted", "restored"})


def is_legal(state: ReviewState, action: ReviewAction, *, foreign: bool = False) -> bool:
    """Return whether an action may be done in a state; other people's tools may revise at once what they look at.

    Args:
        state: The state before the action.
        action: What is done.
        foreign: Whether another tool recorded it.
    """
    at_once = foreign and action == "revise" and state in WAITING_FOR_REVIEWER
    return at_once or action in LEGAL_ACTIONS[state]


def round_after(state: ReviewState, round_before: int, action: ReviewAction) -> int:
    """Return the round of an action, from 1; what was revised, accepted or restored is judged in a new one.

    Args:
        state: The state before the action.
        round_before: The round of the event before; 0 where there is none.
        action: What is done; revising again stays in the round.
    """
    again = state in _CLOSING_A_ROUND and action != "revise"
    return max(1, round_before + again)
