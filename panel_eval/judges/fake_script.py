"""Reading the YAML script behind ``model: fake/SCRIPT.yaml``; the format stands in `panel_eval.judges.fake`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from panel_eval.judges.fake import Entry, FakeTransport
from panel_eval.judges.wire import TransportError, WireRequest
from panel_eval.schema import FileModel, read_yaml


class When(FileModel):
    """Which requests a rule answers; everything given must hold."""

    contains: str | None = Field(default=None, description="Substring of any content field.")
    item_id: str | None = None
    sample: int | None = None

    def matches(self, request: WireRequest) -> bool:
        """Whether the request fits."""
        question = request.question
        if self.contains is not None and not any(self.contains in text for text in question.content.values()):
            return False
        if self.item_id is not None and question.item_id != self.item_id:
            return False
        return self.sample is None or question.sample == self.sample


class Rule(FileModel):
    """One rule of a script."""

    when: When = Field(default_factory=When)
    reply: str | dict[str, Any]
    delay_s: float | None = Field(default=None, ge=0.0)
    times: int | None = Field(default=None, ge=1, description="Matches only this often in this process.")


class FakeScript(FileModel):
    """A script file."""

    delay_s: float = Field(default=0.0, ge=0.0, description="Seconds before every reply.")
    default: str | dict[str, Any] | None = Field(default=None, description="Reply where no rule matches.")
    rules: list[Rule] = Field(default_factory=list)


def load_fake_script(path: Path) -> FakeTransport:
    """A fake transport that answers by the rules of a YAML file.

    Raises:
        InputError: the file is missing or not a script; lists every problem with its line.
    """
    script = read_yaml(path, FakeScript)
    used = [0] * len(script.rules)

    def entry(request: WireRequest) -> Entry:
        for position, rule in enumerate(script.rules):
            if rule.when.matches(request) and (rule.times is None or used[position] < rule.times):
                used[position] += 1
                return _delayed(rule)
        if script.default is None:
            return TransportError("bad_request", f"no rule of {path.name} matches, and it has no default")
        return script.default

    return FakeTransport(entry, script.delay_s)


def _delayed(rule: Rule) -> Entry:
    if rule.delay_s is None:
        return rule.reply
    reply = {"label": rule.reply} if isinstance(rule.reply, str) else rule.reply
    return {**reply, "delay_s": rule.delay_s}
