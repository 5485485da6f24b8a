"""When a task's items get a single label, and who or what chooses it: the key `adjudication` of a rubric.

Four grounds: an answer that a check can prove, a disagreement that is an error of reviewers, a consumer that needs
one label, and a request. Everything else stays a distribution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from panel_eval.schema.base import FileModel

_SOURCE = re.compile(r"(content|metadata|answers)\..+|gold_label")
_ENTRY = re.compile(r"[^:]+:[A-Za-z_]\w*")


def _source(text: str) -> str:
    return _written(text, _SOURCE, "names no text", "content.FIELD, metadata.KEY, answers.COLUMN or gold_label")


def _entry(text: str) -> str:
    return _written(text, _ENTRY, "names no Python function", "file.py:function or module:function")


def _written(text: str, form: re.Pattern[str], wrong: str, right: str) -> str:
    if not form.fullmatch(text):
        raise PydanticCustomError("misfit", "{what}", {"what": wrong, "fix": f"write {right}"})
    return text


Source = Annotated[str, AfterValidator(_source)]
"""Where a text stands: `content.FIELD`, `metadata.KEY` (dots lead inwards), `answers.COLUMN` of the file of
answers, or `gold_label`."""
Ignored = Literal["case", "space", "form"]
Rule = Literal["majority", "most_frequent", "reviewer"]
ReviewerFlag = Literal["fails_gold", "deviates"]
Place = tuple[str | int, ...]
ItemId = Annotated[str, Field(min_length=1)]


class Comparison(FileModel):
    """What all checks that compare an answer with a reference say."""

    reference: Source = Field(default="answers.answer", description="Where the right answer stands.")
    answer: Source | None = Field(
        default=None,
        description="Where the answer to be checked stands. Without it the reference is compared with the labels "
        "themselves, and the one label it equals is the right one.",
    )
    equal: str | None = Field(default=None, description="Label of an answer that equals the reference.")
    unequal: str | None = Field(
        default=None, description="Label of an answer that does not. Without it such items stay as they are."
    )

    @model_validator(mode="after")
    def _says_what_follows(self) -> Self:
        if self.answer is not None and self.equal is None:
            fix = "say which label an answer earns that equals the reference"
            raise located([((), "an answer needs the key equal", fix, None)])
        if self.answer is None and (given := list(self.labels_named)):
            fix = "say where the answer stands, such as `answer: content.answer`, or leave this out"
            raise located([(place, "has no meaning without answer", fix, label) for place, label in given])
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The places that the check reads."""
        return (self.reference,) if self.answer is None else (self.answer, self.reference)

    @property
    def labels_named(self) -> Iterator[tuple[Place, str]]:
        """(key, label) of every label of the rubric that is named."""
        yield from (((key,), label) for key in ("equal", "unequal") if (label := getattr(self, key)) is not None)


class ExactCheck(Comparison):
    """Texts are compared, both in the Unicode form NFC."""

    check: Literal["exact"]
    ignore: list[Ignored] = Field(
        default_factory=list,
        description="Differences that do not count: case; space (how much white space, and where at the ends); "
        "form (compatibility forms, such as full-width digits: NFKC).",
    )


class Tolerance(FileModel):
    """How far an answer may lie from its reference: as far as the wider of the two allows."""

    abs: Annotated[float, Field(ge=0.0)] = Field(default=0.0, description="In `unit`.")
    rel: Annotated[float, Field(ge=0.0, lt=1.0)] = Field(default=0.0, description="Share of the reference.")


class NumericCheck(Comparison):
    """Numbers are compared, with their units where `unit` is given (extra `units`)."""

    check: Literal["numeric"]
    tolerance: Tolerance = Field(default=Tolerance(), description="Without it, numbers must be equal.")
    unit: str | None = Field(
        default=None, description="Unit of the tolerance, such as m/s^2; answers in others are converted."
    )
    bare: Literal["undecided", "accept", "unequal"] = Field(
        default="undecided",
        description="What an answer without any unit is, where `unit` is given: left to people, taken to be in "
        "`unit`, or not equal. A reference without one is in `unit`.",
    )
    decimal: Literal[".", ","] = Field(default=".", description="The decimal mark; the other one groups thousands.")


class PythonCheck(FileModel):
    """A Python function of the user's, run in a process of its own; only where code is allowed to run."""

    check: Literal["python"]
    entry: Annotated[str, AfterValidator(_entry)] = Field(
        description="`file.py:function` (from the rubric's folder) or `module:function`. Takes the item, returns a "
        "label, (label, why), or None where it cannot tell.",
    )
    timeout_s: Annotated[float, Field(gt=0.0, le=3600.0)] = Field(
        default=10.0, description="Seconds by the clock that one item may take."
    )
    memory_mb: Annotated[int, Field(ge=64)] = Field(
        default=1024, description="Address space of the process, and the largest file that it may write."
    )


Check = Annotated[ExactCheck | NumericCheck | PythonCheck, Field(discriminator="check")]


class ErrorGround(FileModel):
    """When a disagreement may be put down to an error of reviewers: all others must agree."""

    flags: list[ReviewerFlag] = Field(
        default_factory=list,
        description="Reviewers whom `panel-eval qa` finds: fails_gold (pass rate of gold items below the "
        "threshold), deviates (agrees too little with others: their disagreements are listed, and get no label "
        "until a person says that they are errors).",
    )
    reviewers: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        default_factory=dict, description="Reviewers to their error, such as `used the rubric of 2021`."
    )
    others: Annotated[int, Field(ge=1)] = Field(
        default=2,
        description="Fewest other reviewers, all of one label; they must outnumber those who erred.",
    )


class LabelRule(FileModel):
    """How a label is chosen from the votes. What the rule leaves open is left to a person's decision."""

    rule: Rule = Field(
        default="majority",
        description="majority: more than half of the votes; most_frequent: more votes than any other label; "
        "reviewer: the vote of the one named in `reviewer`.",
    )
    reviewer: str | None = Field(default=None, min_length=1, description="The senior reviewer, for that rule.")

    @model_validator(mode="after")
    def _names_its_reviewer(self) -> Self:
        if self.rule == "reviewer" and self.reviewer is None:
            raise located([((), "rule: reviewer needs the key reviewer", "name the senior reviewer there", None)])
        if self.rule != "reviewer" and self.reviewer is not None:
            fix = "write `rule: reviewer`, or leave it out"
            raise located([(("reviewer",), f"has no meaning for rule: {self.rule}", fix, self.reviewer)])
        return self


class Consumer(LabelRule):
    """Somebody or something downstream that needs one label an item."""

    name: str = Field(min_length=1, description="What `--consumer` calls it.")
    why: str = Field(min_length=1, description="Why it cannot take a distribution; stands in every reason.")
    items: Literal["all"] | list[ItemId] = Field(default="all", description="The items that it needs.")


class Requests(LabelRule):
    """Labels that somebody asks for, item by item or by decision."""

    allowed: bool = Field(default=True, description="Whether labels may be asked for at all.")


class AdjudicationPolicy(FileModel):
    """When items of a task get a single label. Grounds that are not given are not used."""

    verify: Check | None = Field(default=None, description="A check that proves an item's answer.")
    errors: ErrorGround | None = Field(default=None, description="Disagreements that are errors of reviewers.")
    consumers: list[Consumer] = Field(default_factory=list, description="Who needs one label an item, and why.")
    requests: Requests = Field(default=Requests(), description="Labels asked for with `--items` or `--decisions`.")

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [consumer.name for consumer in self.consumers]
        twice = [(place, name) for place, name in enumerate(names) if name in names[:place]]
        if twice:
            fix = "give every consumer its own name"
            raise located([(("consumers", place, "name"), "is given twice", fix, name) for place, name in twice])
        return self

    def unknown_labels(self, labels: Sequence[str]) -> Iterator[tuple[Place, str]]:
        """(key, label) of labels that the policy names and the rubric lacks."""
        if isinstance(self.verify, Comparison):
            for place, label in self.verify.labels_named:
                if label not in labels:
                    yield ("verify", *place), label


def located(found: Sequence[tuple[Place, str, str, object]]) -> ValidationError:
    """An error of a validator that looks at several keys, told at the keys themselves.

    Args:
        found: (key, what is wrong, how to mend it, the value) of each.
    """
    lines = [
        InitErrorDetails(
            type=PydanticCustomError("misfit", "{what}", {"what": what, "fix": fix}), loc=place, input=value
        )
        for place, what, fix, value in found
    ]
    return ValidationError.from_exception_data("policy", lines)
