"""The HTTP side: routes, ranges, faults, the log."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.hub import file_routes, repository_routes
from tests.hub.answers import Answer, RefusalError, answer_json
from tests.hub.faults import Faults, Request
from tests.hub.repository import Entry
from tests.hub.state import Call, Route, State

REPO = r"/api/(model|dataset|space)s/([^/]+/[^/]+)"
SHORT_NAME = r"/api/(?:model|dataset|space)s/[^/]+(?:/(?:revision|tree|commits)/.*)?$|/[^/]+/resolve/"
PLAIN = r"/(?:(dataset|space)s/)?([^/]+/[^/]+)"
ROUTES: tuple[tuple[str, str, Route], ...] = (
    ("GET", r"/api/whoami-v2", repository_routes.whoami),
    ("POST", r"/api/repos/create", repository_routes.create_repo),
    ("DELETE", r"/api/repos/delete", repository_routes.delete_repo),
    ("POST", r"/api/validate-yaml", repository_routes.validate_yaml),
    ("PUT", rf"{REPO}/settings", repository_routes.change_settings),
    ("GET", REPO, repository_routes.show_repo),
    ("GET", rf"{REPO}/revision/([^/]+)", repository_routes.show_repo),
    ("GET", rf"{REPO}/auth-check", repository_routes.check_access),
    ("GET", rf"{REPO}/refs", repository_routes.list_refs),
    ("GET", rf"{REPO}/commits/([^/]+)", repository_routes.list_commits),
    ("POST", rf"{REPO}/tag/([^/]+)", repository_routes.create_tag),
    ("DELETE", rf"{REPO}/tag/([^/]+)", repository_routes.delete_tag),
    ("POST", rf"{REPO}/branch/([^/]+)", repository_routes.create_branch),
    ("DELETE", rf"{REPO}/branch/([^/]+)", repository_routes.delete_branch),
    ("GET", rf"{REPO}/discussions", repository_routes.list_discussions),
    ("POST", rf"{REPO}/discussions", repository_routes.open_discussion),
    ("GET", rf"{REPO}/discussions/(\d+)", repository_routes.show_discussion),
    ("GET", rf"{REPO}/tree/([^/]+)", file_routes.list_tree),
    ("GET", rf"{REPO}/tree/([^/]+)/(.+)", file_routes.list_tree),
    ("POST", rf"{REPO}/paths-info/([^/]+)", file_routes.list_paths),
    ("POST", rf"{REPO}/preupload/([^/]+)", file_routes.preupload),
    ("GET", rf"{REPO}/xet-(read|write)-token/([^/]+)", file_routes.xet_token),
    ("POST", rf"{REPO}/commit/([^/]+)", file_routes.commit_files),
    ("POST", rf"{PLAIN}\.git/info/lfs/objects/batch", file_routes.lfs_batch),
    ("POST", rf"{PLAIN}\.git/info/lfs/objects/verify", file_routes.lfs_verify),
    ("GET", rf"{PLAIN}/resolve/([^/]+)/(.+)", file_routes.resolve_file),
)
STORAGE_ROUTES: tuple[tuple[str, str, Route], ...] = (
    ("GET", r"/stored/([0-9a-f]{64})", file_routes.send_stored),
    ("PUT", r"/stored/([0-9a-f]{64})", file_routes.store_object),
)


class LoopbackHub:
    """A Hub at `endpoint`, with its storage on a second port as on the real one."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.state = State(folder)
        self.faults = Faults()
        self.log: list[Request] = []
        self._servers = [self._serve(ROUTES, port, cdn=False), self._serve(STORAGE_ROUTES, 0, cdn=True)]
        self.state.endpoint, self.state.storage = (f"http://127.0.0.1:{s.server_port}" for s in self._servers)

    @property
    def endpoint(self) -> str:
        return self.state.endpoint

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def commit_as_somebody_else(self, kind: str = "dataset", repo_id: str | None = None) -> None:
        """Put a commit of another person on `main` of one repository, or of every one."""
        with self.state.lock:
            for key, repository in self.state.repositories.items():
                if repo_id is None or key == (kind, repo_id):
                    files = {**repository.resolve("main").files, "NOTES.md": Entry.regular(b"mine\n")}
                    repository.commit("main", files, title="Add notes", message="", author="somebody-else")

    def answer(self, routes: tuple[tuple[str, str, Route], ...], call: Call) -> Answer:
        method = "GET" if call.method == "HEAD" else call.method
        for route_method, pattern, route in routes:
            if route_method == method and (match := re.fullmatch(pattern, call.path)):
                with self.state.lock:
                    return route(call, *(unquote(group or "model") for group in match.groups()))
        code = "RepoNotFound" if re.match(SHORT_NAME, call.path) else None
        raise RefusalError(404, code, f"Sorry, we can't find {call.path}")

    def _serve(self, routes: tuple[tuple[str, str, Route], ...], port: int, *, cdn: bool) -> ThreadingHTTPServer:
        handler = type("Handler", (HubHandler,), {"hub": self, "routes": routes, "cdn": cdn})
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server


class HubHandler(BaseHTTPRequestHandler):
    """One connection; every method goes through `handle_request`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    hub: LoopbackHub
    routes: tuple[tuple[str, str, Route], ...]
    cdn: bool

    def handle_request(self) -> None:
        parts = urlsplit(self.path)
        fault = self.hub.faults.due(self.command, parts.path)
        body = None if fault == "drop" else self._body(half=fault == "truncate-upload")
        answer, user = None, None
        if body is not None and fault != "truncate-upload":
            if fault == "stale-parent":
                self.hub.commit_as_somebody_else()
            answer, user = self._answer(parts.path, parts.query, body, fault)
        reply = None if answer is None or fault == "drop-after" else self._cut_to_range(answer)
        self._record(parts.path, user, reply, body, fault)
        if reply is None:
            self.close_connection = True
        else:
            self._send(reply, fault)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_request  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Keep the console quiet; the log is `LoopbackHub.log`."""

    def _answer(self, path: str, query: str, body: bytes, fault: str | None) -> tuple[Answer, str | None]:
        if fault in ("429", "500", "503"):
            headers = {"Retry-After": "0"} if fault == "429" else {}
            return answer_json({"error": "A fault was asked for"}, int(fault), headers), None
        user = None
        try:
            caller = None if self.cdn else self.hub.state.accounts.caller(self.headers.get("Authorization"))
            user = caller.user if caller else None
            call = Call(self.command, path, parse_qs(query), body, caller, self.hub.state)
            return self.hub.answer(self.routes, call), user
        except RefusalError as refusal:
            return refusal.to_answer(), user

    def _body(self, *, half: bool) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
                if half:
                    break
            else:
                self.rfile.readline()
            return b"".join(chunks)
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length // 2 if half else length)

    def _cut_to_range(self, answer: Answer) -> Answer:
        """Return the answer, or the part of it that the request's range asks for."""
        span = self._range(answer)
        if span is None:
            return Answer(416, b"", {"Content-Range": f"bytes */{answer.size}"})
        start, end = span
        if answer.status != 200 or end - start == answer.size:
            return answer
        headers = {**answer.headers, "Content-Range": f"bytes {start}-{end - 1}/{answer.size}"}
        return Answer(206, _read(answer, start, end), headers)

    def _range(self, answer: Answer) -> tuple[int, int] | None:
        match = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range") or "")
        if not match or answer.status != 200 or match.groups() == ("", ""):
            return 0, answer.size
        first, last = match.groups()
        start = int(first) if first else max(0, answer.size - int(last))
        end = min(answer.size, int(last) + 1) if first and last else answer.size
        return (start, end) if start < end else None

    def _send(self, answer: Answer, fault: str | None) -> None:
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(answer.size), "X-Request-Id": "loopback"}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(_read(answer, 0, answer.size), fault)

    def _send_body(self, content: bytes, fault: str | None) -> None:
        if fault == "corrupt-download" and content:
            content = content[:-1] + bytes([content[-1] ^ 1])
        if fault == "truncate-download":
            content = content[: len(content) // 2]
            self.close_connection = True
        try:
            self.wfile.write(content)
        except ConnectionError:
            self.close_connection = True

    def _record(self, path: str, user: str | None, reply: Answer | None, body: bytes | None, fault: str | None) -> None:
        authorized = "Authorization" in self.headers
        status, sent = (None, 0) if reply is None else (reply.status, 0 if self.command == "HEAD" else reply.size)
        request = Request(self.command, path, user, authorized, status, len(body or b""), sent, fault, cdn=self.cdn)
        self.hub.log.append(request)


def _read(answer: Answer, start: int, end: int) -> bytes:
    if isinstance(answer.body, bytes):
        return answer.body[start:end]
    with answer.body.open("rb") as file:
        file.seek(start)
        return file.read(end - start)
