"""Routes about repositories: who am I, create, settings, information, references, history, discussions."""

import re
from typing import Any

import yaml

from tests.hub.answers import Answer, RefusalError, answer_json
from tests.hub.repository import EPOCH, Commit, PullRequest, Repository, create_repository
from tests.hub.state import Call


def whoami(call: Call) -> Answer:
    return answer_json(call.state.accounts.describe(call.caller))


def _address(call: Call) -> tuple[str, str]:
    facts = call.json
    user = call.caller.user if call.caller else ""
    return facts.get("type") or "model", f"{facts.get('organization') or user}/{facts['name']}"


def create_repo(call: Call) -> Answer:
    kind, repo_id = _address(call)
    call.state.accounts.require_namespace(call.caller, repo_id.split("/")[0], kind)
    repository = Repository(kind, repo_id, False)
    url = f"{call.state.endpoint}/{repository.prefix}{repo_id}"
    if (kind, repo_id) in call.state.repositories:
        raise RefusalError(409, None, f"You already created this {kind} repo", url=url)
    assert call.caller
    private = call.json.get("visibility") == "private" or call.json.get("private") is True
    call.state.repositories[kind, repo_id] = create_repository(kind, repo_id, private, call.caller.user)
    return answer_json({"url": url, "name": repo_id, "id": repo_id})


def delete_repo(call: Call) -> Answer:
    kind, repo_id = _address(call)
    call.writable(kind, repo_id)
    del call.state.repositories[kind, repo_id]
    return answer_json({})


def change_settings(call: Call, kind: str, repo_id: str) -> Answer:
    repository = call.writable(kind, repo_id)
    settings = call.json
    if "visibility" in settings:
        repository.private = settings["visibility"] == "private"
    repository.gated = settings.get("gated", repository.gated)
    return answer_json({"private": repository.private, "gated": repository.gated})


def show_repo(call: Call, kind: str, repo_id: str, revision: str = "main") -> Answer:
    repository = call.readable(kind, repo_id)
    commit = repository.resolve(revision)
    first = next(iter(repository.commits.values()))
    facts: dict[str, Any] = {
        "author": repository.namespace,
        "sha": commit.oid,
        "lastModified": commit.date,
        "createdAt": first.date,
        "private": repository.private,
        "gated": repository.gated,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "siblings": _siblings(commit, blobs=call.flag("blobs")),
        "cardData": _card_data(commit),
    }
    if wanted := call.query.get("expand"):
        facts = {name: value for name, value in facts.items() if name in wanted}
    return answer_json({"_id": f"{hash(repo_id) & 0xFFFFFF:024x}", "id": repo_id, **facts})


def _siblings(commit: Commit, *, blobs: bool) -> list[dict[str, Any]]:
    names = [{"rfilename": path} for path in sorted(commit.files)]
    return [name | _blob(commit, name["rfilename"]) for name in names] if blobs else names


def _blob(commit: Commit, path: str) -> dict[str, Any]:
    entry = commit.files[path]
    lfs = {"lfs": {"sha256": entry.sha256, "size": entry.size, "pointerSize": 134}} if entry.sha256 else {}
    return {"size": entry.size, "blobId": entry.oid, **lfs}


def _card_data(commit: Commit) -> dict[str, Any] | None:
    readme = commit.files.get("README.md")
    parts = (readme.content or b"").decode().split("---\n", 2) if readme else []
    return yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0] else None


def validate_yaml(call: Call) -> Answer:
    """Judge the front matter of a card: it must be a mapping, and one without any deserves a warning."""
    parts = call.json["content"].lstrip().split("---\n", 2)
    if len(parts) < 3 or parts[0]:
        return answer_json({"errors": [], "warnings": [{"message": "empty or missing yaml metadata in repo card"}]})
    try:
        facts = yaml.safe_load(parts[1])
        wrong = [] if isinstance(facts, dict) else ["the metadata is not a mapping"]
        wrong += [f'"{name}" must be a list' for name in ("model-index", "configs") if _is_text(facts, name)]
    except yaml.YAMLError as error:
        wrong = [str(error)]
    errors = [{"message": message} for message in wrong]
    return answer_json({"errors": errors, "warnings": []}, status=400 if errors else 200)


def _is_text(facts: Any, name: str) -> bool:
    return isinstance(facts, dict) and isinstance(facts.get(name), str)


def check_access(call: Call, kind: str, repo_id: str) -> Answer:
    call.state.accounts.require_files(call.caller, call.readable(kind, repo_id))
    return answer_json({})


def list_refs(call: Call, kind: str, repo_id: str) -> Answer:
    repository = call.readable(kind, repo_id)
    plain = {name: oid for name, oid in repository.branches.items() if not name.startswith("refs/pr/")}
    refs: dict[str, Any] = {
        "branches": [{"name": n, "ref": f"refs/heads/{n}", "targetCommit": oid} for n, oid in plain.items()],
        "converts": [],
        "tags": [{"name": n, "ref": f"refs/tags/{n}", "targetCommit": oid} for n, oid in repository.tags.items()],
    }
    if call.flag("include_prs"):
        requests = [(f"{number}", f"refs/pr/{number}") for number in repository.pull_requests]
        refs["pullRequests"] = [
            {"name": name, "ref": ref, "targetCommit": repository.branches[ref]} for name, ref in requests
        ]
    return answer_json(refs)


def list_commits(call: Call, kind: str, repo_id: str, revision: str) -> Answer:
    repository = call.readable(kind, repo_id)
    commits = list(repository.history(revision))
    page = int(call.query.get("p", ["0"])[0])
    size = call.state.page_size
    rows = [
        {"id": c.oid, "title": c.title, "message": c.message, "authors": [{"user": c.author}], "date": c.date}
        | (
            {"formatted": {"title": c.title, "message": c.message}}
            if "formatted" in call.query.get("expand[]", [])
            else {}
        )
        for c in commits[page * size : (page + 1) * size]
    ]
    more = (page + 1) * size < len(commits)
    link = {"Link": f'<{call.state.endpoint}{call.path}?p={page + 1}>; rel="next"'} if more else {}
    return answer_json(rows, headers=link)


def create_tag(call: Call, kind: str, repo_id: str, revision: str) -> Answer:
    repository = call.writable(kind, repo_id)
    name = call.json["tag"]
    commit = repository.resolve(revision)
    if not re.fullmatch(r"[\w.+/-]+", name):
        raise RefusalError(400, None, f"Invalid tag name: {name!r}")
    if name in repository.tags:
        raise RefusalError(409, None, f"Tag reference exists already: {name}")
    repository.tags[name] = commit.oid
    return answer_json({})


def delete_tag(call: Call, kind: str, repo_id: str, name: str) -> Answer:
    repository = call.writable(kind, repo_id)
    if repository.tags.pop(name, None) is None:
        raise RefusalError(404, "RevisionNotFound", f"Invalid rev id: {name}")
    return answer_json({})


def create_branch(call: Call, kind: str, repo_id: str, name: str) -> Answer:
    repository = call.writable(kind, repo_id)
    start = repository.resolve(call.json.get("startingPoint", "main"))
    if name in repository.branches:
        raise RefusalError(409, None, f"Reference refs/heads/{name} already exists")
    repository.branches[name] = start.oid
    return answer_json({})


def delete_branch(call: Call, kind: str, repo_id: str, name: str) -> Answer:
    repository = call.writable(kind, repo_id)
    if name == "main":
        raise RefusalError(403, None, "Cannot delete refs/heads/main")
    if repository.branches.pop(name, None) is None:
        raise RefusalError(404, "RevisionNotFound", f"Invalid rev id: {name}")
    return answer_json({})


def list_discussions(call: Call, kind: str, repo_id: str) -> Answer:
    repository = call.readable(kind, repo_id)
    status = call.query.get("status", ["all"])[0]
    requests = [] if call.query.get("type", ["all"])[0] == "discussion" else repository.pull_requests.values()
    rows = [_discussion(repository, each) for each in requests if status in ("all", each.status)]
    return answer_json({"discussions": rows, "count": len(rows), "start": 0})


def show_discussion(call: Call, kind: str, repo_id: str, number: str) -> Answer:
    repository = call.readable(kind, repo_id)
    if int(number) not in repository.pull_requests:
        raise RefusalError(404, None, "Discussion not found")
    return answer_json(_discussion(repository, repository.pull_requests[int(number)]))


def open_discussion(call: Call, kind: str, repo_id: str) -> Answer:
    repository = call.readable(kind, repo_id)
    call.state.accounts.require_write(call.caller, repository, pull_request=True)
    assert call.caller
    request = repository.open_pull_request("main", call.json["title"].strip(), call.caller.user)
    return answer_json({"num": request.number, "pullRequest": True})


def _discussion(repository: Repository, request: PullRequest) -> dict[str, Any]:
    return {
        "title": request.title,
        "num": request.number,
        "author": {"name": request.author},
        "createdAt": EPOCH.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "status": request.status,
        "repo": {"name": repository.repo_id, "type": repository.kind},
        "isPullRequest": True,
        "changes": {"base": "refs/heads/main"},
        "filesWithConflicts": [],
        "events": [],
    }
