"""Our decoding against torchcodec, in an environment of its own: PyTorch is used by this comparison and nothing else.

torchcodec brings no FFmpeg; it is given the one that PyAV carries, under the names it looks for.
"""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments import environment_python

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="PyAV's FFmpeg is found by the names Linux gives it"),
]
REQUIREMENTS = ("torch==2.13.0", "torchcodec==0.13.0", "av==18.1.0", "numpy>=2.1", "pillow>=12.0", "soundfile>=0.13")
SCRIPT = Path(__file__).with_name("compare_with_torchcodec.py")
LIBRARIES = ("avcodec", "avdevice", "avfilter", "avformat", "avutil", "swresample", "swscale")

SAME = 0.0
ROUNDING = 1e-6
"""Two decoders of one lossy format may differ in the last bits of float32."""
LOSSY = (".mp3", ".ogg", ".oga", ".opus", ".m4a")
NOT_COMPARED = {
    "espeak_ko_0_48k.opus": "libsndfile decodes Opus with libopus, FFmpeg with a decoder of its own, far from it",
    "tinytag_8khz_5s.opus": "libsndfile gives the rate that was recorded, FFmpeg always 48,000 Hz",
    "tinytag_classical.ogg": "FFmpeg drops the first short block, which holds samples",
    "scipy_test-8000Hz-be-3ch-5S-24bit.wav": "FFmpeg reads the bytes of RIFX in the wrong order",
    "scipy_test-44100Hz-2ch-32bit-float-be.wav": "torchcodec does not open RIFX",
    "scipy_test-44100Hz-be-1ch-4bytes.wav": "torchcodec does not open RIFX",
}
"""Real files of which torchcodec's reading is no measure, and why."""
HAS_GAPS = "moviepy_no_duration.webm"
"""Between two frames of this one nothing is shown, by their durations: torchcodec then takes the next, we the last."""


def link_ffmpeg(python: str, folder: Path) -> None:
    """Give PyAV's libraries the names under which FFmpeg's are looked for."""
    code = "import av, pathlib; print(pathlib.Path(av.__file__).parents[1] / 'av.libs')"
    home = Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
    for library in LIBRARIES:
        (file,) = home.glob(f"lib{library}-*.so.*")
        major = re.search(r"\.so\.(\d+)", file.name)
        assert major is not None
        (folder / f"lib{library}.so.{major[1]}").symlink_to(file)


@pytest.fixture(scope="module")
def compare(tmp_path_factory):
    """A function that compares the files of a folder."""
    try:
        python = environment_python("torchcodec", REQUIREMENTS)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"PyTorch cannot be installed here, and nothing but this comparison needs it: {error}")
    libraries = tmp_path_factory.mktemp("ffmpeg")
    link_ffmpeg(python, libraries)
    environment = os.environ | {"LD_LIBRARY_PATH": str(libraries), "PYTHONPATH": str(SCRIPT.parents[2])}

    def run(folder):
        done = subprocess.run([python, str(SCRIPT), str(folder)], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def assert_equal(name, facts, level):
    assert "error" not in facts, (name, facts)
    assert facts["shapes"][0] == facts["shapes"][1], (name, facts)
    assert facts["difference"] <= level, (name, facts)


@pytest.fixture(scope="module")
def real(compare, real_folder, tmp_path_factory):
    """The comparison of every real sound and clip that is not broken."""
    folder = tmp_path_factory.mktemp("real")
    for kind in ("audio", "video"):
        shutil.copytree(real_folder / "media" / kind, folder / kind)
    return compare(folder)


def test_every_sample_of_real_sounds_is_the_same(real, real_folder):
    names = sorted(path.name for path in (real_folder / "media/audio").iterdir() if path.name not in NOT_COMPARED)
    assert len(names) > 25
    for name in names:
        assert_equal(name, real[name], ROUNDING if name.endswith(LOSSY) else SAME)
        assert real[name]["rates_hz"][0] == real[name]["rates_hz"][1]


def test_what_is_not_compared_does_differ(real):
    for name in NOT_COMPARED:
        assert "error" in real[name] or real[name]["difference"] is None or real[name]["difference"] > 0.1, name


def test_every_pixel_of_real_clips_is_the_same(real, real_folder):
    names = sorted(path.name for path in (real_folder / "media/video").iterdir())
    assert len(names) > 10
    for name in names:
        assert_equal(name, real[name], SAME)
        assert real[name]["difference_in_times_s"] < 1e-6
        assert real[name]["difference_every"] == SAME or name == HAS_GAPS


def test_resampled_sounds_are_the_same_but_for_the_last_sample(real):
    compared = {name: facts for name, facts in real.items() if "lengths_resampled" in facts}
    names = sorted(set(compared) - set(NOT_COMPARED))
    assert len(names) > 15
    for name in names:
        ours, theirs = compared[name]["lengths_resampled"]
        assert abs(ours - theirs) <= 1, name
        assert compared[name]["difference_resampled"] < ROUNDING, (name, compared[name])


def test_every_sample_of_lossless_sounds_is_the_same(compare, make_sound, tmp_path):
    (tmp_path / "audio").mkdir()
    for form, subtype, channels in itertools.product(("WAV", "FLAC", "AIFF", "AU"), ("PCM_16", "PCM_24"), (1, 2, 6)):
        content = make_sound(form, subtype=subtype, channels=channels)
        (tmp_path / "audio" / f"{subtype}-{channels}.{form.lower()}").write_bytes(content)
    found = compare(tmp_path)
    assert len(found) == 24
    for name, facts in found.items():
        assert_equal(name, facts, SAME)


def test_every_pixel_of_our_clips_is_the_same(compare, make_clip, tmp_path):
    (tmp_path / "video").mkdir()
    for form, codec in (("mp4", "libx264"), ("mov", "libx265"), ("webm", "libvpx-vp9"), ("matroska", "libvpx")):
        content = make_clip(form, video=codec, audio="aac" if form == "mp4" else None, frames=40)
        (tmp_path / "video" / f"{form}-{codec}").write_bytes(content)
    found = compare(tmp_path)
    assert len(found) == 4
    for name, facts in found.items():
        assert_equal(name, facts, SAME)
        assert facts["difference_in_times_s"] < 1e-6
        assert facts["difference_every"] == SAME
