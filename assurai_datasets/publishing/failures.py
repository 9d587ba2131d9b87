"""What can go wrong with the Hub: one exception a cause, one line a message, and what is worth trying again."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import httpx2
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

from assurai_datasets.errors import AssuraiError, DataError, LimitError

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
TRANSIENT_STATUS = frozenset({408, 429, 500, 502, 503, 504})
QUOTA_STATUS = frozenset({402, 413, 507})
QUOTA_WORDS = re.compile(r"storage limit|quota|payment required", re.IGNORECASE)
SIGNATURE = re.compile(r"(?<=\w)\?[\w.%-]+=[^\s'\"]*")
"""The query of an address: storage addresses carry their permission there."""
LOGIN = "log in with `hf auth login` or set HF_TOKEN to a token with write access"


class PublishingError(AssuraiError):
    """The Hub did not do what was asked; what is there is the old state or the whole new one."""


class AccessDeniedError(PublishingError):
    """No token, one that only reads, or a repository or organisation it may not write to."""


class QuotaError(PublishingError, LimitError):
    """The storage of the account or organisation is full."""


class ConflictError(PublishingError):
    """Somebody else changed the repository in the meantime."""


class HubUnavailableError(PublishingError):
    """The Hub did not answer, or only with errors, until patience ran out; running again goes on from there."""


class RemoteMismatchError(PublishingError):
    """The Hub holds other bytes than the release."""


class PublicationRefusedError(PublishingError, DataError):
    """A release that must not be published as asked: no date, a version that is taken, a repository seen by all."""


@dataclass(frozen=True)
class Patience:
    """How often and how long to try again after 429, 5xx and lost connections.

    Args:
        tries: Attempts in all.
        first_wait_s: Wait before the second attempt; each next one is twice as long.
        longest_wait_s: Upper bound of a wait.
        sleep: How to wait.
    """

    tries: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    sleep: Callable[[float], None] = time.sleep

    def attempts(self) -> Iterator[bool]:
        """Yield for every attempt whether it is the last one, waiting between them."""
        wait_s = self.first_wait_s
        for left in reversed(range(self.tries)):
            yield left == 0
            if left:
                self.sleep(wait_s)
                wait_s = min(2 * wait_s, self.longest_wait_s)

    def ask(self, function: Callable[[], Result], what: str) -> Result:
        """Return what a request gives that may be repeated without harm.

        Args:
            function: The request.
            what: What it does, for the message: "list the files of 'org/name'".

        Raises:
            PublishingError: It failed for good, or until patience ran out.
        """
        for last in self.attempts():
            try:
                return function()
            except Exception as error:
                if last or not is_transient(error):
                    raise explain(error, what) from error
                logger.warning("Trying again to %s: %s", what, reason_of(error))
        raise AssertionError("at least one attempt is made")


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status an error stands for, or None."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code
    cause = error.__cause__
    if cause is not None and (status := status_of(cause)) is not None:
        return status
    found = re.search(r"HTTP status \w+ error \((\d{3})", str(error))  # how hf_xet words it
    return int(found.group(1)) if found else None


def is_transient(error: BaseException) -> bool:
    """Return whether the same request may well succeed later."""
    status = status_of(error)
    if status is not None:
        return status in TRANSIENT_STATUS
    causes = (error, error.__cause__)
    if any(isinstance(each, OfflineModeIsEnabled) for each in causes):
        return False
    return any(isinstance(each, httpx2.TransportError | ConnectionError | json.JSONDecodeError) for each in causes)


def reason_of(error: BaseException) -> str:
    """Return in one line what the Hub or the network said."""
    said = getattr(error, "server_message", None)
    cause = error.__cause__
    if not said and isinstance(cause, HfHubHTTPError):
        said = cause.server_message
    text = said or str(error) or type(error).__name__
    line = " ".join(text.split("\n\n")[0].split(", domain:")[0].split())
    return SIGNATURE.sub("", line)[:300]


def explain(error: BaseException, what: str) -> AssuraiError:
    """Return the exception to raise for an error of the client while it did `what`."""
    if isinstance(error, AssuraiError):
        return error
    status, reason = status_of(error), reason_of(error)
    if isinstance(error, LocalTokenNotFoundError):
        return AccessDeniedError(f"cannot {what}: there is no token; {LOGIN}")
    if status in QUOTA_STATUS or (status == 403 and QUOTA_WORDS.search(reason)):
        return QuotaError(f"cannot {what}: {reason} Free some space or raise the limit, then run this again.")
    if any(isinstance(each, GatedRepoError) for each in (error, error.__cause__)):
        return AccessDeniedError(f"cannot {what}: the Hub says {reason!r}; ask for access on its page, and log in")
    if status in (401, 403) or isinstance(error, RepositoryNotFoundError):
        return AccessDeniedError(f"cannot {what}: the Hub says {reason!r}; {LOGIN}")
    if status in (409, 412):
        return ConflictError(f"cannot {what}: the Hub says {reason!r}; run this again for a new plan")
    if isinstance(error, OfflineModeIsEnabled) or isinstance(error.__cause__, OfflineModeIsEnabled):
        return HubUnavailableError(f"cannot {what}: HF_HUB_OFFLINE forbids asking the Hub; unset it")
    if is_transient(error) or isinstance(error, LocalEntryNotFoundError):
        return HubUnavailableError(f"cannot {what}: {reason}; run this again later, it goes on from there")
    return PublishingError(f"cannot {what}: {reason}")
