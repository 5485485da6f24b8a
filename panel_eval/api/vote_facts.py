"""What the table of votes tells of the judges, read column by column: models that answered, samples taken."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow.compute as compute
import pyarrow.parquet as parquet

_COLUMNS = ("judge", "outcome", "model_reported", "sample")


@dataclass(frozen=True)
class VoteFacts:
    """Of each judge.

    Attributes:
        models: judge to model named in its usable answers, to how many answers.
        samples: judge to the number of repetitions.
    """

    models: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    samples: Mapping[str, int] = field(default_factory=dict)


def vote_facts(votes_table: bytes) -> VoteFacts:
    """Count in a votes.parquet.

    Raises:
        ValueError: it is no such table.
    """
    try:
        table = parquet.read_table(io.BytesIO(votes_table), columns=list(_COLUMNS))
        usable = table.filter((compute.field("outcome") == "ok") & compute.field("model_reported").is_valid())
        answers = usable.group_by(["judge", "model_reported"]).aggregate([([], "count_all")]).to_pylist()
        taken = table.group_by("judge").aggregate([("sample", "max")]).to_pylist()
    except (OSError, KeyError, ValueError, NotImplementedError) as error:  # pyarrow's errors are among these
        raise ValueError(f"votes.parquet cannot be read: {error}") from None
    models: dict[str, dict[str, int]] = {}
    for row in sorted(answers, key=lambda row: (str(row["judge"]), str(row["model_reported"]))):
        models.setdefault(str(row["judge"]), {})[str(row["model_reported"])] = row["count_all"]
    return VoteFacts(models, {str(row["judge"]): int(row["sample_max"] or 0) + 1 for row in taken})
