"""Time and memory of building releases of the paper's size, and of five times its text.

Needs Linux, and the generator of deliveries `make_paper_delivery.py` in `../shared/tools` beside the project.

    python benchmarks/build.py
"""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

GENERATOR = Path(__file__).resolve().parents[2] / "shared" / "tools" / "make_paper_delivery.py"
ASSURAI = [sys.executable, "-c", "from assurai_datasets.cli import main; main()"]
PAUSE_S = 0.05


class Cost(NamedTuple):
    """What a command took: seconds by the clock, and the most memory of all its processes together, in bytes."""

    wall_s: float
    memory_bytes: int


def main() -> None:
    """Print the cost of each build, and the ratio that matters."""
    if not GENERATOR.is_file():
        sys.exit(f"{GENERATOR.name} is not there; it is not part of the project")
    with TemporaryDirectory() as folder:
        whole = build(Path(folder), "paper")
        text = build(Path(folder), "text", "--text-only")
        more = build(Path(folder), "text-5", "--text-only", "--scale", "5")
    print(f"{'':24}{'seconds':>9}{'MB':>7}")
    for name, cost in (("paper, all modalities", whole), ("paper, text", text), ("five times the text", more)):
        print(f"{name:24}{cost.wall_s:>9.1f}{cost.memory_bytes / 1e6:>7.0f}")
    print(f"memory of five times the text: {more.memory_bytes / text.memory_bytes:.2f} times that of one")


def build(folder: Path, name: str, *options: str) -> Cost:
    """Return what building a delivery of the generator costs."""
    delivery = folder / name
    subprocess.run([sys.executable, str(GENERATOR), str(delivery), *options], check=True, stdout=subprocess.DEVNULL)
    output = folder / f"{name}-release"
    return measure([*ASSURAI, "build", str(delivery), "-o", str(output), "--version", "1.0.0", "--date", "2026-01-01"])


def measure(command: list[str]) -> Cost:
    """Return what a command costs; shared memory counts once."""
    begin, most = time.monotonic(), 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, sum(map(memory_of, family_of(process.pid))))
            time.sleep(PAUSE_S)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(time.monotonic() - begin, most)


def family_of(pid: int) -> list[int]:
    """Return a process and all its descendants that live."""
    children = [int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in read(path).split()]
    return [pid, *(member for child in children for member in family_of(child))]


def memory_of(pid: int) -> int:
    """Return the proportional set size of a process in bytes, 0 where it has ended."""
    found = [line for line in read(Path(f"/proc/{pid}/smaps_rollup")).splitlines() if line.startswith("Pss:")]
    return int(found[0].split()[1]) * 1024 if found else 0


def read(path: Path) -> str:
    """Return the text of a file of /proc, empty where its process has ended."""
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


if __name__ == "__main__":
    main()
