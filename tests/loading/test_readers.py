"""pandas, polars and duckdb read a release straight from its files, with nothing of ours."""

import json
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.environments import environment_python

pytestmark = pytest.mark.slow
REQUIREMENTS = ("pandas==2.3.1", "polars==1.31.0", "duckdb==1.3.2", "pyarrow==21.0.0")
READ = """
import hashlib, json, sys
import duckdb, pandas, polars
folder = sys.argv[1]

def facts(rows):
    media = [(row["image"], row["media"]) for row in rows if row["image"] is not None]
    sound = all(hashlib.sha256(image["bytes"]).hexdigest() == media["sha256"] for image, media in media)
    return {"ids": [row["id"] for row in rows], "media": len(media), "sound": sound,
            "choices": [None if row["choices"] is None else list(row["choices"]) for row in rows]}

files = f"{folder}/data/image/*.parquet"
table = duckdb.sql(f"select * from '{files}'")
print(json.dumps({
    "pandas": facts(pandas.read_parquet(f"{folder}/data/image").to_dict("records")),
    "polars": facts(polars.read_parquet(files).to_dicts()),
    "duckdb": facts([dict(zip(table.columns, row)) for row in table.fetchall()]),
}))
"""


def test_rows_and_media_are_whole(release: Path):
    command = [environment_python("readers", REQUIREMENTS), "-c", READ, str(release)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = pq.read_table(release / "data" / "image").to_pylist()
    found = json.loads(done.stdout)
    wanted = {
        "ids": [row["id"] for row in rows],
        "media": sum(row["image"] is not None for row in rows),
        "sound": True,
        "choices": [row["choices"] for row in rows],
    }
    assert found == dict.fromkeys(("pandas", "polars", "duckdb"), wanted)
    assert wanted["media"] > 0
