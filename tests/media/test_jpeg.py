"""JPEG pictures that lack data although they end as they should, and whole ones that look odd."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from assurai_datasets.media import clean_media, probe_media

END = b"\xff\xd9"
FRAME = re.compile(rb"\xff[\xc0-\xc2]\0")


def photo(size=(320, 240), mode="RGB", seed=1):
    """A picture with texture, in which no two neighbouring blocks look the same."""
    generator = np.random.default_rng(seed)
    coarse = Image.fromarray(generator.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize(size)
    grain = generator.integers(-8, 8, (size[1], size[0], 3))
    return Image.fromarray(np.clip(np.asarray(coarse) + grain, 0, 255).astype(np.uint8)).convert(mode)


def jpeg(picture, **options):
    file = io.BytesIO()
    picture.save(file, options.pop("form", "JPEG"), **options)
    return file.getvalue()


def scans_of(content):
    """Where each scan starts, and where the last one ends."""
    return [match.start() for match in re.finditer(rb"\xff\xda\0[\x08\x0a\x0c\x0e]", content)] + [content.rindex(END)]


@pytest.mark.parametrize("size", [(320, 240), (317, 237), (1200, 900)])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_blocks": 1}, {"restart_marker_rows": 1}]
)
def test_only_whole_pictures_pass_whatever_their_size(codes_of, size, mode, options):
    content = jpeg(photo(size, mode), quality=85, **options)
    start = scans_of(content)[0]
    assert codes_of(probe_media(content)) == []
    for part in (0.3, 0.9, 0.98):
        cut = content[: start + int((len(content) - start) * part)].rstrip(b"\xff") + END
        assert "media-truncated" in codes_of(probe_media(cut)), part


def test_a_progressive_picture_that_ends_with_any_scan_but_the_last_is_truncated(codes_of):
    content = jpeg(photo(), progressive=True)
    scans = scans_of(content)
    assert len(scans) > 8
    for end in scans[1:-1]:
        assert codes_of(probe_media(content[:end] + END)) == ["media-truncated"]


def test_a_picture_without_a_scan_for_each_component_is_truncated():
    content = jpeg(photo(), progressive=True)
    scans = scans_of(content)
    found = probe_media(content[: scans[0]] + content[scans[1] : scans[2]] + END)
    assert found.is_refused
    assert "no scan holds component" in found.faults[0].message


def test_lost_restart_intervals_are_counted():
    content = jpeg(photo(), restart_marker_blocks=4)
    marks = [match.start() for match in re.finditer(rb"\xff[\xd0-\xd7]", content[scans_of(content)[0] :])]
    start = scans_of(content)[0]
    found = probe_media(content[: start + marks[10]] + content[start + marks[11] :])
    assert found.faults[0].message == "a scan holds 74 of 75 restart intervals"


def test_further_pictures_of_a_camera_are_no_frames(codes_of):
    content = jpeg(photo(seed=1), form="MPO", save_all=True, append_images=[photo(seed=2)])
    found = probe_media(content, expected="image", name="a.jpg")
    assert (found.format, found.frames, found.decoded) == ("jpeg", 1, True)
    assert codes_of(found) == ["media-metadata-private"]
    assert codes_of(probe_media(clean_media(content).content)) == []


def test_an_index_of_further_pictures_that_are_gone_hides_nothing(codes_of):
    content = jpeg(photo(seed=1), form="MPO", save_all=True, append_images=[photo(seed=2)])
    alone = content[: content.index(END + b"\xff\xd8") + 2]
    assert codes_of(probe_media(alone)) == ["media-metadata-private"]


def test_a_first_picture_that_lost_its_data_is_truncated_whatever_follows(codes_of):
    content = jpeg(photo(seed=1), form="MPO", save_all=True, append_images=[photo(seed=2)])
    end, start = content.index(END + b"\xff\xd8"), scans_of(content)[0]
    half = content[: start + (end - start) // 2].rstrip(b"\xff")
    assert "media-truncated" in codes_of(probe_media(half + content[end:]))


def test_arithmetic_coding_is_a_warning_and_no_comment_can_claim_it(codes_of):
    content = jpeg(photo(), comment=b"\xff\xc9\0")
    start = scans_of(content)[0]
    assert codes_of(probe_media(content)) == ["media-metadata-private"]
    half = content[: start + (len(content) - start) // 2].rstrip(b"\xff") + END
    assert "media-truncated" in codes_of(probe_media(half))
    frame = FRAME.search(content)
    assert frame is not None
    named = content[: frame.start() + 1] + b"\xc9" + content[frame.start() + 2 :]
    assert "media-format-discouraged" in codes_of(probe_media(named))


def test_the_hash_of_a_picture_does_not_depend_on_how_much_of_it_is_made():
    picture = photo((1600, 1200))
    small, large = probe_media(jpeg(picture, quality=95)), probe_media(jpeg(picture.resize((320, 240)), quality=95))
    stored = io.BytesIO()
    picture.save(stored, "PNG")
    whole = probe_media(stored.getvalue())
    for other in (small, large):
        differing = (int(whole.hashes[0], 16) ^ int(other.hashes[0], 16)).bit_count()
        assert differing <= 12
