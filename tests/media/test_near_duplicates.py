import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from assurai_datasets.errors import UsageError
from assurai_datasets.media import NearPair, cluster_pairs, find_near_duplicates, probe_media
from assurai_datasets.media.perceptual import hash_grey, shrink_picture


def hashes_of(picture):
    return (hash_grey(shrink_picture(picture)),)


def recompressed(picture, quality):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file)


COPIES = {
    "smaller": lambda p: p.resize((p.width // 3, p.height // 3), Image.Resampling.LANCZOS),
    "larger": lambda p: p.resize((p.width * 2, p.height * 2), Image.Resampling.BICUBIC),
    "stretched": lambda p: p.resize((p.width, p.height // 2)),
    "recompressed": lambda p: recompressed(p, 20),
    "cropped": lambda p: p.crop((p.width // 40, p.height // 40, p.width - p.width // 40, p.height - p.height // 40)),
    "cropped aside": lambda p: p.crop((p.width // 25, 0, p.width, p.height)),
    "brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.15),
    "grey": lambda p: p.convert("L"),
}


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_of_a_picture_is_found(draw, copy):
    pictures = [draw((640, 480), seed) for seed in range(20)]
    found = 0
    for picture in pictures:
        found += bool(find_near_duplicates({"a": hashes_of(picture), "b": hashes_of(COPIES[copy](picture))}))
    assert found >= 19


def test_different_pictures_are_not_near(draw):
    hashes = {f"p{seed:04d}": hashes_of(draw((96, 64), seed)) for seed in range(600)}
    assert find_near_duplicates(hashes) == ()


@pytest.mark.parametrize("name", ["camera.png", "chelsea.png", "coffee.png", "rocket.jpg", "exif_Landscape_1.jpg"])
def test_copies_of_real_photos_are_found_among_other_photos(real_folder, name):
    hashes = {}
    for path in sorted((real_folder / "media/images").iterdir()):
        if not path.name.startswith("exif_Landscape") or path.name == "exif_Landscape_1.jpg":
            hashes[path.name] = probe_media(path).hashes
    hashes.pop("cpython_python.webp")  # shows what cpython_python.tiff shows
    assert find_near_duplicates(hashes) == ()
    with Image.open(real_folder / "media/images" / name) as picture:
        for copy in COPIES.values():
            pairs = find_near_duplicates(hashes | {"copy": hashes_of(copy(picture))})
            assert [{pair.first, pair.second} for pair in pairs] == [{"copy", name}]


def test_the_same_picture_in_another_orientation_of_storage_is_another_picture(draw):
    picture = draw((640, 480), 3)
    assert find_near_duplicates({"a": hashes_of(picture), "b": hashes_of(picture.rotate(180))}) == ()


def test_a_clip_encoded_again_is_found_and_another_is_not(make_clip):
    original = probe_media(make_clip("mp4", video="libx264", seed=1, size=(160, 120), frames=36)).hashes
    again = probe_media(make_clip("webm", video="libvpx", seed=1, size=(160, 120), frames=36)).hashes
    other = probe_media(make_clip("mp4", seed=2, size=(160, 120), frames=36)).hashes
    pairs = find_near_duplicates({"original": original, "again": again, "other": other})
    assert [(pair.first, pair.second) for pair in pairs] == [("again", "original")]


def test_pairs_form_clusters(draw):
    hashes = {name: hashes_of(draw(seed=1)) for name in ("c", "a", "b")} | {"d": hashes_of(draw(seed=2)), "none": ()}
    pairs = find_near_duplicates(hashes)
    assert pairs == (NearPair("a", "b", 0), NearPair("a", "c", 0), NearPair("b", "c", 0))
    assert cluster_pairs(pairs) == (("a", "b", "c"),)
    assert cluster_pairs([("x", "y"), ("z", "w"), ("y", "w")]) == (("w", "x", "y", "z"),)
    assert find_near_duplicates({}) == cluster_pairs([]) == ()


def test_blocks_change_nothing(draw, monkeypatch):
    hashes = {f"p{seed % 40}-{seed}": hashes_of(draw((96, 64), seed % 40)) for seed in range(120)}
    whole = find_near_duplicates(hashes)
    monkeypatch.setattr("assurai_datasets.media.near_duplicates._BLOCK_CELLS", 500)
    assert find_near_duplicates(hashes) == whole
    assert len(whole) == 40 * 3


def test_the_hash_agrees_with_scipy(draw):
    """The low frequencies are those of scipy's orthonormal DCT-II, in the same order."""
    from scipy.fft import dctn

    grey = shrink_picture(draw((640, 480), 5))
    spectrum = dctn(grey, norm="ortho")[:8, :8].ravel()
    scale = np.where(np.arange(8) == 0, np.sqrt(2), 1.0)
    spectrum = spectrum * np.outer(scale, scale).ravel()
    expected = spectrum > np.median(spectrum[1:])
    expected[0] = False
    ours = np.unpackbits(np.frombuffer(bytes.fromhex(hash_grey(grey)), np.uint8))[:64]
    assert np.array_equal(ours.astype(bool), expected)


def test_a_word_that_is_no_hash_is_a_wrong_call():
    for word in ("", "zz", "ab" * 23):
        with pytest.raises(UsageError, match="48 hexadecimal digits"):
            find_near_duplicates({"a": [word]})
