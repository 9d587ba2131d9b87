"""What is worth trying again, and how it is said."""

import httpx2
import pytest
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

from assurai_datasets.publishing import AccessDeniedError, ConflictError, HubUnavailableError, Patience, QuotaError
from assurai_datasets.publishing.failures import explain, is_transient, reason_of


def answer(status: int, message: str = "said the Hub") -> HfHubHTTPError:
    response = httpx2.Response(status, request=httpx2.Request("POST", "http://hub/api"))
    return HfHubHTTPError(f"{status} for http://hub/api", response=response, server_message=message)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (answer(401), AccessDeniedError),
        (answer(403), AccessDeniedError),
        (answer(403, "Private repository storage limit reached"), QuotaError),
        (answer(402), QuotaError),
        (answer(412), ConflictError),
        (answer(503), HubUnavailableError),
        (httpx2.ConnectError("no route"), HubUnavailableError),
        (ConnectionError("Network error: Request error: HTTP status client error (403 Forbidden)"), AccessDeniedError),
        (ConnectionError("Server error: HTTP status server error (500 Internal)"), HubUnavailableError),
        (OfflineModeIsEnabled("offline"), HubUnavailableError),
    ],
)
def test_every_cause_has_its_exception_and_one_line(error: Exception, expected: type[Exception]):
    explained = explain(error, "do it")
    assert type(explained) is expected
    assert str(explained).startswith("cannot do it: ")
    assert "\n" not in str(explained)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_status_is_tried_again(status: int):
    assert is_transient(answer(status))


@pytest.mark.parametrize("error", [answer(403), answer(412), answer(501), OfflineModeIsEnabled("no"), ValueError("no")])
def test_a_lasting_cause_is_not_tried_again(error: Exception):
    assert not is_transient(error)


def test_the_permission_in_a_storage_address_is_left_out():
    error = RuntimeError(
        "Client error '400' for url 'https://store/a/b?X-Amz-Signature=secret&part=1' (Request 7)\n\nMore"
    )
    assert reason_of(error) == "Client error '400' for url 'https://store/a/b' (Request 7)"


def test_waits_grow_up_to_their_bound_and_tries_end():
    waits: list[float] = []
    patience = Patience(tries=6, first_wait_s=2, longest_wait_s=10, sleep=waits.append)
    assert list(patience.attempts()) == [False] * 5 + [True]
    assert waits == [2, 4, 8, 10, 10]
