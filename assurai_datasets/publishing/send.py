"""Sending the large files ahead of the commit."""

from collections.abc import Iterator

from huggingface_hub import CommitOperationAdd
from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

from assurai_datasets.errors import DataError
from assurai_datasets.publishing.failures import Patience, explain, status_of
from assurai_datasets.publishing.job import Job
from assurai_datasets.publishing.plan import Plan

BATCH_BYTES = 64 * 1024 * 1024
BATCH_FILES = 50
UPLOAD_TRIES = 2
"""The client itself tries an upload six times before it gives up."""


def send_ahead(job: Job) -> list[CommitOperationAdd]:
    """Return the additions of the commit, their large files uploaded, so that it carries pointers to them.

    Raises:
        DataError: A file is no longer what the manifest lists.
        PublishingError: The Hub refuses it, or did not answer until patience ran out.
    """
    additions: list[CommitOperationAdd] = []
    sent = 0
    job.tell("upload", sent)
    for paths in _batches(job.plan):
        files = [job.plan.package.files[path] for path in paths]
        batch = [CommitOperationAdd(file.path, str(file.source)) for file in files]
        _send(job, batch)
        for file, addition in zip(files, batch, strict=True):
            if addition.upload_info.sha256.hex() != file.sha256:
                raise DataError(f"{file.path!r} was changed while it was sent; nothing was committed")
        additions += batch
        sent += sum(file.bytes for file in files)
        job.tell("upload", sent)
    return additions


def _batches(plan: Plan) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for path in (*plan.difference.added, *plan.difference.changed):
        more = plan.package.files[path].bytes
        if batch and (size + more > BATCH_BYTES or len(batch) == BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += more
    if batch:
        yield batch


def _send(job: Job, batch: list[CommitOperationAdd]) -> None:
    what = f"send files to {job.plan.repo_id!r}"
    tries = min(UPLOAD_TRIES, job.patience.tries)
    patience = Patience(tries, job.patience.first_wait_s, job.patience.longest_wait_s, job.patience.sleep)

    def ask() -> None:
        job.api.preupload_lfs_files(
            job.plan.repo_id,
            batch,
            repo_type="dataset",
            revision="main",
            create_pr=job.plan.pull_request,
            free_memory=False,
            gitignore_content="",
        )

    try:
        patience.ask(ask, what)
    except Exception as error:
        if isinstance(error.__cause__, ConnectionError) and status_of(error) == 403:
            _ask_why(job, what)
        raise


def _ask_why(job: Job, what: str) -> None:
    """Raise what the Hub says about sending files; hf_xet passes on the status alone."""
    plan = job.plan
    revision, question = ("None", "?create_pr=1") if plan.pull_request else ("main", "")
    url = f"{job.api.endpoint}/api/datasets/{plan.repo_id}/xet-write-token/{revision}{question}"
    try:
        hf_raise_for_status(get_session().get(url, headers=build_hf_headers(token=job.api.token)))
    except Exception as error:
        raise explain(error, what) from error
