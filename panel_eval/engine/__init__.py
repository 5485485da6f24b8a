"""Asking a panel: the plan, concurrency and retries, the vote journal, the run directory.

`make_plan` lists the votes to collect, `execute` collects them into a `RunDirectory`, `run_async` runs that from
ordinary code, and `read_votes` reads them back.
"""

from panel_eval.engine.execute import RunOutcome, execute
from panel_eval.engine.interrupts import stop_on_interrupt
from panel_eval.engine.journal import Journal, read_votes
from panel_eval.engine.loop import run_async
from panel_eval.engine.manifest import file_sha256, git_commit, judge_manifests, package_versions, utc_now
from panel_eval.engine.plan import Plan, Shard, VoteTask
from panel_eval.engine.planning import make_plan, rubric_hash
from panel_eval.engine.progress import OnProgress, Progress
from panel_eval.engine.retrying import RetryPolicy
from panel_eval.engine.reuse import Reusable, reusable_votes
from panel_eval.engine.run_directory import (
    JOURNAL_NAME,
    MANIFEST_NAME,
    RunDirectory,
    earlier_manifest,
    find_resumable,
    read_state,
)
from panel_eval.engine.run_identity import RecordedJudge, run_hash8
from panel_eval.engine.run_names import runs_of
from panel_eval.engine.stop import StopSignal
from panel_eval.engine.stored_votes import StoredVotes, read_stored

__all__ = [
    "JOURNAL_NAME", "MANIFEST_NAME", "Journal", "OnProgress", "Plan", "Progress", "RecordedJudge",
    "RetryPolicy", "Reusable", "RunDirectory", "RunOutcome", "Shard", "StopSignal", "StoredVotes", "VoteTask",
    "earlier_manifest", "execute", "file_sha256", "find_resumable", "git_commit", "judge_manifests",
    "make_plan", "package_versions", "read_state", "read_stored", "read_votes", "reusable_votes", "rubric_hash",
    "run_async", "run_hash8", "runs_of", "stop_on_interrupt", "utc_now",
]  # fmt: skip
