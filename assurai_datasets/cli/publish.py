"""`assurai publish`: a release to the Hub, whole or not at all."""

from pathlib import Path

import click

from assurai_datasets.cli import options
from assurai_datasets.cli.output import print_json, progress, say
from assurai_datasets.publishing import Plan, Publication
from assurai_datasets.release import Diff, comparability
from assurai_datasets.release.changelog import summary
from assurai_datasets.workflow.publish import Proposal, PublishSettings, plan_release, publish_release

SHOWN = 10

STATES = {
    "new": "there is no repository yet",
    "update": "one commit is needed",
    "proposed": "an open pull request has it",
    "committed": "the commit is there, only the tag is missing",
    "published": "all of it is there already",
}


@click.command()
@click.argument("release", type=click.Path(path_type=Path))
@click.argument("repo", metavar="ORG/NAME")
@click.option("--public", is_flag=True, help="Let everybody see it; without this a new repository is private.")
@click.option("--gated", type=click.Choice(["auto", "manual"]), help="Let readers in once they agree, or after a look.")
@click.option("--pr", "pull_request", is_flag=True, help="Open a pull request instead of committing to main.")
@click.option("--confirm", is_flag=True, help="Carry the plan out.")
@options.as_json
def publish(release: Path, repo: str, confirm: bool, as_json: bool, **settings: object) -> None:
    """Publish a release on the Hugging Face Hub: one commit, one tag.

    Verifies the release and prints a plan; only --confirm carries it out.
    """
    proposal = plan_release(release, repo, PublishSettings(**settings))  # type: ignore[arg-type]
    if not as_json:
        _print_plan(proposal.plan)
        _print_diff(proposal.diff)
    publication = _carry_out(proposal) if confirm else None
    if as_json:
        print_json({**proposal.to_json(), **(publication.to_json() if publication else {})})
    else:
        say("")
        say(_outcome(publication) if publication else "nothing was changed; --confirm carries the plan out")


def _carry_out(proposal: Proposal) -> Publication:
    with progress("sending bytes") as advance:
        return publish_release(proposal, progress=lambda step, sent, total: advance(sent, total))


def _print_plan(plan: Plan) -> None:
    gating = f", gated {plan.gated}" if plan.gated else ""
    say(f"{plan.tag} to {plan.repo_id}: {STATES[plan.state]}")
    say(f"  {'public' if plan.public else 'private'}{gating}{', by a pull request' if plan.pull_request else ''}")
    for sign, names in zip(("add", "change", "delete"), _changes(plan), strict=True):
        for name in names:
            say(f"  {sign:<7} {name}")
    say(f"  at most {plan.bytes:,} bytes to send")
    if plan.tags:
        say(f"  published so far: {', '.join(plan.tags)}")


def _print_diff(diff: Diff | None) -> None:
    if diff is None:
        return
    say(f"  since v{diff.old}: {summary(diff)}. {comparability(diff)}")
    for sign, ids in (("added", diff.added), ("removed", diff.removed), ("changed", tuple(diff.changed))):
        for instance_id in ids[:SHOWN]:
            fields = f": {', '.join(diff.changed[instance_id])}" if sign == "changed" else ""
            say(f"    {sign:<7} {instance_id}{fields}")
        if len(ids) > SHOWN:
            say(f"    ... and {len(ids) - SHOWN:,} more {sign}; assurai diff shows all")


def _changes(plan: Plan) -> tuple[tuple[str, ...], ...]:
    return plan.difference.added, plan.difference.changed, plan.difference.deleted


def _outcome(publication: Publication) -> str:
    plan = publication.plan
    if publication.already:
        return f"{plan.tag} of {plan.repo_id} is published already, with the same content"
    if publication.pull_request_url:
        return f"opened {publication.pull_request_url}; after its merge, run this again without --pr to set {plan.tag}"
    return f"published {plan.tag} of {plan.repo_id} as commit {publication.commit}"
