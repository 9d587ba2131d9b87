"""Routes about files: listings, downloads, upload modes, LFS, Xet tokens, commits."""

import base64
import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, quote

from tests.hub.answers import Answer, RefusalError, answer_json
from tests.hub.repository import Commit, Entry, Repository, upload_mode
from tests.hub.state import Call

STALE_MESSAGE = "The branch was updated since you opened this page. Please refresh and try again."
NEVER_S = 4_000_000_000


def _row(call: Call, commit: Commit, path: str) -> dict[str, Any]:
    entry = commit.files[path]
    row: dict[str, Any] = {"type": "file", "oid": entry.oid, "size": entry.size, "path": path}
    if entry.sha256:
        row["lfs"] = {"oid": entry.sha256, "size": entry.size, "pointerSize": 134}
        if xet_hash := call.state.objects.xet_hash(entry.sha256):
            row["xetHash"] = xet_hash
    return row


def _folders(commit: Commit) -> set[str]:
    return {str(parent) for path in commit.files for parent in PurePosixPath(path).parents} - {"."}


def _folder_row(path: str) -> dict[str, Any]:
    return {"type": "directory", "oid": f"{len(path):040x}", "size": 0, "path": path}


def _expanded(row: dict[str, Any], repository: Repository, commit: Commit) -> dict[str, Any]:
    last = next(c for c in reversed(list(repository.history(commit.oid))) if _holds(c, commit, row["path"]))
    return row | {"lastCommit": {"id": last.oid, "title": last.title, "date": last.date}}


def _holds(earlier: Commit, commit: Commit, path: str) -> bool:
    """Tell whether an earlier commit already has what `commit` has at a path (for a folder: anything there)."""
    if path in commit.files:
        return earlier.files.get(path) == commit.files[path]
    return any(name.startswith(f"{path}/") for name in earlier.files)


def list_tree(call: Call, kind: str, repo_id: str, revision: str, folder: str = "") -> Answer:
    repository = call.readable(kind, repo_id)
    commit = repository.resolve(revision)
    folders = _folders(commit)
    folder = folder.strip("/")
    if folder and folder not in folders:
        raise RefusalError(404, "EntryNotFound", f"{folder} does not exist on {revision!r}")
    inside = f"{folder}/" if folder else ""
    paths = sorted(path for path in folders | set(commit.files) if path.startswith(inside))
    if not call.flag("recursive"):
        paths = [path for path in paths if "/" not in path.removeprefix(inside)]
    rows = [_folder_row(path) if path in folders else _row(call, commit, path) for path in paths]
    if call.flag("expand"):
        rows = [_expanded(row, repository, commit) for row in rows]
    return _page(call, rows)


def _page(call: Call, rows: list[dict[str, Any]]) -> Answer:
    start = int(call.query.get("cursor", ["0"])[0])
    end = start + call.state.page_size
    flags = "".join(f"&{name}={values[0]}" for name, values in call.query.items() if name != "cursor")
    address = f"{call.state.endpoint}{call.path}?cursor={end}{flags}"
    return answer_json(rows[start:end], headers={"Link": f'<{address}>; rel="next"'} if end < len(rows) else {})


def list_paths(call: Call, kind: str, repo_id: str, revision: str) -> Answer:
    repository = call.readable(kind, repo_id)
    commit = repository.resolve(revision)
    asked = parse_qs(call.body.decode())
    folders = _folders(commit)
    rows = [_row(call, commit, path) for path in asked.get("paths", []) if path in commit.files]
    rows += [_folder_row(path) for path in asked.get("paths", []) if path in folders]
    expand = asked.get("expand", [""])[0].lower() == "true"
    return answer_json([_expanded(row, repository, commit) for row in rows] if expand else rows)


def resolve_file(call: Call, kind: str, repo_id: str, revision: str, path: str) -> Answer:
    """Send a regular file; send the client on to storage for a large one, whose facts are in the headers."""
    repository = call.readable(kind, repo_id)
    call.state.accounts.require_files(call.caller, repository)
    commit, entry = repository.entry(revision, path)
    headers = {"X-Repo-Commit": commit.oid, "ETag": f'"{entry.etag}"', "Accept-Ranges": "bytes"}
    if entry.content is not None:
        return Answer(200, entry.content, {**headers, "Content-Type": "text/plain; charset=utf-8"})
    assert entry.sha256
    location = f"{call.state.storage}/stored/{entry.sha256}?signed=1"
    headers |= {"X-Linked-Etag": f'"{entry.sha256}"', "X-Linked-Size": str(entry.size), "Location": location}
    return Answer(302, b"Found.", headers | _xet_headers(call, repository, commit, entry.sha256))


def _xet_headers(call: Call, repository: Repository, commit: Commit, sha256: str) -> dict[str, str]:
    xet_hash = call.state.objects.xet_hash(sha256)
    if xet_hash is None:
        return {}
    route = f"{call.state.endpoint}/api/{repository.kind}s/{repository.repo_id}/xet-read-token/{commit.oid}"
    return {"X-Xet-Hash": xet_hash, "Link": f'<{route}>; rel="xet-auth"'}


def send_stored(call: Call, sha256: str) -> Answer:
    """Send a large object, as storage does: a signed address, nothing known of users."""
    return Answer(200, call.state.objects.path(sha256), {"ETag": f'"{sha256}"', "Accept-Ranges": "bytes"})


def preupload(call: Call, kind: str, repo_id: str, revision: str) -> Answer:
    commit = call.writable(kind, repo_id).resolve(revision)
    kept = commit.files[".gitignore"].content if ".gitignore" in commit.files else b""
    lines = call.json.get("gitIgnore", (kept or b"").decode()).splitlines()
    ignored = [line.strip() for line in lines if line.strip()]
    files = [_upload(commit, file, ignored) for file in call.json["files"]]
    return answer_json({"files": files})


def _upload(commit: Commit, file: Mapping[str, Any], ignored: list[str]) -> dict[str, Any]:
    path = file["path"]
    there = {"oid": commit.files[path].etag} if path in commit.files else {}
    mode = upload_mode(path, file["size"], base64.b64decode(file["sample"]))
    hidden = any(PurePosixPath(path).match(pattern) or path.startswith(pattern) for pattern in ignored)
    return {"path": path, "uploadMode": mode, "shouldIgnore": hidden, **there}


def lfs_batch(call: Call, kind: str, repo_id: str) -> Answer:
    repository = call.state.repository(kind, repo_id)
    call.state.accounts.require_write(call.caller, repository, pull_request=True)
    wanted = [each for each in call.json["objects"] if not call.state.objects.has(each["oid"])]
    call.state.require_room(repository, sum(each["size"] for each in wanted))
    objects = [
        each | {"authenticated": True} | _actions(call, repository, each, wanted) for each in call.json["objects"]
    ]
    return answer_json({"transfer": "basic", "objects": objects})


def _actions(call: Call, repository: Repository, each: Mapping[str, Any], wanted: list[Any]) -> dict[str, Any]:
    if each not in wanted:
        return {}
    verify = f"{call.state.endpoint}/{repository.prefix}{repository.repo_id}.git/info/lfs/objects/verify"
    upload = f"{call.state.storage}/stored/{each['oid']}?signed=1"
    return {"actions": {"upload": {"href": upload}, "verify": {"href": verify}}}


def store_object(call: Call, sha256: str) -> Answer:
    call.state.objects.put(sha256, call.body)
    return Answer(200, b"", {"ETag": f'"{sha256}"'})


def lfs_verify(call: Call, kind: str, repo_id: str) -> Answer:
    repository = call.state.repository(kind, repo_id)
    call.state.accounts.require_write(call.caller, repository, pull_request=True)
    oid, size = call.json["oid"], call.json["size"]
    if not call.state.objects.has(oid) or call.state.objects.path(oid).stat().st_size != size:
        raise RefusalError(404, None, f"Object {oid} is not there whole")
    return answer_json({})


def xet_token(call: Call, kind: str, repo_id: str, scope: str, revision: str) -> Answer:
    if scope == "write":
        repository = call.writable(kind, repo_id)
        call.state.require_room(repository)
    else:
        repository = call.readable(kind, repo_id)
        call.state.accounts.require_files(call.caller, repository)
    if revision != "None":
        repository.resolve(revision)
    facts = {"casUrl": call.state.objects.open_xet_store(scope), "exp": NEVER_S, "accessToken": f"xet-{scope}"}
    headers = ("X-Xet-Cas-Url", "X-Xet-Token-Expiration", "X-Xet-Access-Token")
    return answer_json(facts, headers=dict(zip(headers, map(str, facts.values()), strict=True)))


def commit_files(call: Call, kind: str, repo_id: str, revision: str) -> Answer:
    """Make one commit of all lines, or none of them."""
    repository = call.writable(kind, repo_id)
    lines = [json.loads(line) for line in call.body.splitlines() if line.strip()]
    header = next(line["value"] for line in lines if line["key"] == "header")
    base = repository.resolve(revision)
    if header.get("parentCommit") not in (None, base.oid):
        raise RefusalError(412, None, STALE_MESSAGE)
    if revision not in repository.branches:
        raise RefusalError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    files = dict(base.files)
    for line in lines:
        _apply(call, files, line["key"], line["value"])
    call.state.require_room(repository, sum(e.size for p, e in files.items() if e.sha256 and p not in base.files))
    return _committed(call, repository, revision, files, header)


def _committed(call: Call, repository: Repository, revision: str, files: Any, header: Mapping[str, Any]) -> Answer:
    assert call.caller
    facts = {"title": header["summary"], "message": header.get("description", ""), "author": call.caller.user}
    home = f"{call.state.endpoint}/{repository.prefix}{repository.repo_id}"
    more = {}
    if call.flag("create_pr"):
        request = repository.open_pull_request(revision, facts["title"], facts["author"])
        revision = f"refs/pr/{request.number}"
        more = {"pullRequestUrl": f"{home}/discussions/{request.number}"}
    commit = repository.commit(revision, files, **facts)
    url = f"{home}/commit/{commit.oid}"
    return answer_json({"success": True, "commitOid": commit.oid, "commitUrl": url, "hookOutput": "", **more})


def _apply(call: Call, files: dict[str, Entry], key: str, value: Mapping[str, Any]) -> None:
    path = value.get("path", "")
    if "\\" in path or ".." in PurePosixPath(path).parts:
        raise RefusalError(422, None, f"Invalid path: {path}")
    if key == "file":
        files[path] = Entry.regular(base64.b64decode(value["content"]))
    elif key == "lfsFile":
        files[path] = _large(call, value)
    elif key in ("deletedFile", "deletedFolder"):
        _delete(files, path)


def _delete(files: dict[str, Entry], path: str) -> None:
    gone = [name for name in files if name == path or name.startswith(path.rstrip("/") + "/")]
    if not gone:
        raise RefusalError(404, "EntryNotFound", f"A file with this name doesn't exist: {quote(path)}")
    for name in gone:
        del files[name]


def _large(call: Call, value: Mapping[str, Any]) -> Entry:
    oid = value["oid"]
    if not call.state.objects.has(oid):
        raise RefusalError(400, None, f"LFS pointer points to a file that does not exist: {oid}")
    size = value.get("size")
    return Entry.large(oid, size if size is not None else call.state.objects.path(oid).stat().st_size)
