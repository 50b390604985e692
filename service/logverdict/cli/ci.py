"""The request id: the same for every call of one CI attempt, another for the next attempt."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence

ATTEMPTS: Mapping[str, Sequence[str]] = {
    "GITHUB_RUN_ID": ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB"),
    "CI_JOB_ID": ("CI_PIPELINE_ID", "CI_JOB_ID"),
    "BUILD_TAG": ("BUILD_TAG",),
    "BUILD_BUILDID": ("BUILD_BUILDID", "SYSTEM_JOBID", "SYSTEM_JOBATTEMPT", "SYSTEM_STAGEATTEMPT"),
    "CIRCLE_WORKFLOW_ID": ("CIRCLE_WORKFLOW_ID", "CIRCLE_BUILD_NUM"),
    "BUILDKITE_JOB_ID": ("BUILDKITE_BUILD_ID", "BUILDKITE_JOB_ID"),
    "BITBUCKET_BUILD_NUMBER": ("BITBUCKET_BUILD_NUMBER", "BITBUCKET_STEP_UUID", "BITBUCKET_STEP_RUN_NUMBER"),
    "HARNESS_EXECUTION_ID": ("HARNESS_EXECUTION_ID", "HARNESS_STAGE_UUID"),
    "ARGO_WORKFLOW_UID": ("ARGO_WORKFLOW_UID", "ARGO_NODE_ID"),
    "TEKTON_TASK_RUN_UID": ("TEKTON_TASK_RUN_UID",),
    "LOGVERDICT_ATTEMPT": ("LOGVERDICT_ATTEMPT",),
}
"""Variable that tells the CI system → the variables that together name one attempt. A retried job of GitLab and
Buildkite has a new id; Argo and Tekton hand over what the step's `env` passes on. The last one is for all others."""


def attempt(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What names this attempt, or nothing outside CI; LOGVERDICT_ATTEMPT comes before all others."""
    for mark in ("LOGVERDICT_ATTEMPT", *ATTEMPTS):
        if environ.get(mark):
            return (mark, *(environ.get(name, "") for name in ATTEMPTS[mark]))
    return ()


def request_id(environ: Mapping[str, str], deployment: Sequence[str], asked: Sequence[str]) -> str:
    """`deployment` is service, environment, version; `asked` the rest of the call as it was typed, so that two
    different calls in one job do not meet. Outside CI: a new id for every call."""
    run = attempt(environ)
    if not run:
        return f"cli-{uuid.uuid4()}"
    parts = "\x1f".join((*run, *deployment, *asked))
    return f"ci-{hashlib.sha256(parts.encode()).hexdigest()[:40]}"
