"""Virtual environments of other clients, made once and kept in `.venvs/`."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

FOLDER = Path(__file__).resolve().parents[1] / ".venvs"


class Client(NamedTuple):
    """A version of `datasets` and the packages that were current when it was."""

    datasets: str
    requirements: tuple[str, ...]


CLIENTS = (
    Client(
        "2.21.0",
        (
            "pyarrow==17.0.0",
            "numpy==1.26.4",
            "pandas==2.2.2",
            "huggingface-hub==0.24.6",
            "pillow==10.4.0",
            "soundfile==0.12.1",
        ),
    ),
    Client(
        "3.6.0",
        (
            "pyarrow==20.0.0",
            "numpy==2.2.6",
            "pandas==2.2.3",
            "huggingface-hub==0.31.4",
            "pillow==11.2.1",
            "soundfile==0.13.1",
        ),
    ),
    Client(
        "4.0.0",
        ("pyarrow==21.0.0", "numpy==2.3.1", "pandas==2.3.1", "huggingface-hub==0.33.4", "pillow==11.3.0"),
    ),
)


def client_python(client: Client) -> str:
    """Return the interpreter of a client's environment, which is made if it is not there."""
    return environment_python(f"datasets-{client.datasets}", (f"datasets=={client.datasets}", *client.requirements))


def environment_python(name: str, requirements: tuple[str, ...]) -> str:
    """Return the interpreter of an environment with exactly these requirements."""
    key = hashlib.sha256("\n".join((*requirements, sys.version)).encode()).hexdigest()[:12]
    folder = FOLDER / f"{name}-{key}"
    FOLDER.mkdir(exist_ok=True)
    with FileLock(FOLDER / f"{folder.name}.lock"):
        if not (folder / "ready").is_file():
            _make(folder, requirements)
    return str(folder / "bin" / "python")


def _make(folder: Path, requirements: tuple[str, ...]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, *requirements], check=True)
    (folder / "ready").touch()
