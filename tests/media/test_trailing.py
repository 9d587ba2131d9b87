"""Private bytes behind the last frame, in padding and between the data: where nothing refers to them."""

import struct

import pytest

from assurai_datasets.media import clean_media
from assurai_datasets.media.containers import survey

NAME = "홍길동 서울시 마포구 010"
SECRETS = {
    "ascii": b"Hong Gildong, Seoul",
    "utf-8": NAME.encode(),
    "cp949": NAME.encode("cp949"),
    "utf-16": NAME.encode("utf-16-le"),
    "binary": bytes([200, 7, 3, 99, 250, 1, 77, 33] * 4),
    "short": b"Hong",
}
each_secret = pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)


def assert_clean(dirty, secret):
    cleaned, removed = clean_media(dirty)
    assert secret in dirty
    assert removed
    assert secret not in cleaned
    assert clean_media(cleaned) == (cleaned, ())
    return cleaned, set(removed)


def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def with_size(content, at, added):
    """Let the chunk at a place declare as many bytes more."""
    (size,) = struct.unpack_from("<I", content, at + 4)
    return content[: at + 4] + struct.pack("<I", size + added) + content[at + 8 :]


def with_chunk(avi, body):
    return with_size(avi + body, 0, len(body))


def with_data_chunk(avi, body, *, last=True):
    """Put a chunk into the list of data of an AVI file, behind the last or before the first."""
    at = avi.index(b"movi") - 8
    (size,) = struct.unpack_from("<I", avi, at + 4)
    place = at + 8 + size if last else at + 12
    return with_size(with_size(avi[:place] + body + avi[place:], at, len(body)), 0, len(body))


@pytest.fixture
def avi(make_clip):
    return make_clip("avi", audio="mp3", frames=12)


def test_an_avi_that_programs_write_stays_byte_for_byte(avi):
    assert b"JUNK" in avi
    assert clean_media(avi) == (avi, ())


@each_secret
def test_padding_of_an_avi_is_emptied(avi, secret):
    cleaned, removed = assert_clean(with_chunk(avi, chunk(b"JUNK", secret)), secret)
    assert (cleaned[: len(avi)][8:], removed) == (avi[8:], {"padding"})
    at = avi.index(b"JUNK") + 8
    assert assert_clean(avi[:at] + secret + avi[at + len(secret) :], secret)[1] == {"padding"}


def test_padding_of_an_avi_that_names_a_program_stays(avi):
    content = with_chunk(avi, chunk(b"JUNK", b"Lavf62.3.100"))
    assert clean_media(content) == (content, ())


@each_secret
@pytest.mark.parametrize("name", [b"JUNK", b"abcd", b"07dc", b"LIST"])
def test_chunks_among_the_data_of_an_avi_that_belong_to_no_stream_are_emptied(avi, name, secret):
    body = chunk(b"LIST", b"rec " + chunk(b"junk", secret)) if name == b"LIST" else chunk(name, secret)
    cleaned, removed = assert_clean(with_data_chunk(avi, body), secret)
    assert removed == ({"padding"} if name in (b"JUNK", b"LIST") else {name.decode()})
    assert len(cleaned) == len(avi) + len(body)


def test_a_million_chunks_among_the_data_of_an_avi_cost_little(avi):
    content = with_data_chunk(avi, chunk(b"00dc", b"") * 1_000_000)
    assert survey(content, "avi").faults == ()
    endless = survey(with_data_chunk(avi, chunk(b"00dc", b"") * 3_000_001), "avi")
    assert endless.is_endless
