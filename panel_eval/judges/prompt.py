"""Prompts: jinja2 templates with a `system` and a `user` block, rendered in a sandbox.

A third block, `answer_start`, may begin the answer; only local models are given it, since they go on from there.

A template sees:

===================  =========================================================================================
`task`, `question`   the rubric's task name and its description (the question put to reviewers)
`ordinal`            whether the labels stand on a scale
`labels`             in the order shown: each with `code`, `name`, `definition`, `anchors`
`codes`              the codes offered, the abstain code included
`abstain_code`       the code for "cannot decide", or None
`criteria`           each with `name`, `description`, `anchors` (pairs of label name and text)
`examples`           each with `text`, `code`, `rationale`
`item`               the item's fields, fenced: data between two lines that its author cannot have written
`fence_rule`         the sentence that says so
`brief`              whether the model is so small that anchors, criteria and examples only confuse it
===================  =========================================================================================

The fence is a digest of the item itself, so an author who wanted to close it early would have to write a text
that holds its own hash. It is the same each time, so recorded requests can be replayed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import jinja2

from panel_eval.errors import InputError, Problem
from panel_eval.judges.question import Question
from panel_eval.judges.rendering import ENVIRONMENT, Codes, Rendering, blocks_without_item
from panel_eval.judges.wire import Message
from panel_eval.schema import Rubric, read_bytes

_NEEDED = ("system", "user")


@dataclass(frozen=True)
class Prompt:
    """A compiled template.

    Attributes:
        path: the file it came from.
        sha256: digest of its bytes, a part of the judge's instrument.
        template: the compiled template.
        same: names of its blocks that read the same for every item of a rubric.
        text: the template as it stands in the file.
    """

    path: Path
    sha256: str
    template: jinja2.Template
    same: frozenset[str] = frozenset()
    text: str = ""

    def ready(self, rubric: Rubric, seed: int = 0, *, brief: bool = False, begin: bool = False) -> Rendering:
        """The prompt made ready for one rubric: the way to render it many times.

        Args:
            rubric: what is asked.
            seed: a part of the fence.
            brief: leave out anchors, criteria and examples.
            begin: begin the answer, if the template has a block for it.
        """
        return Rendering(self.template, self.path, self.same, rubric, seed, brief, begin)

    def render(
        self,
        rubric: Rubric,
        question: Question,
        codes: Codes,
        seed: int = 0,
        *,
        brief: bool = False,
        begin: bool = False,
    ) -> tuple[Message, ...]:
        """The conversation that puts `question` to a judge, once; arguments and errors as in `Rendering`."""
        return self.ready(rubric, seed, brief=brief, begin=begin).messages(question, codes)


def load_prompt(path: Path) -> Prompt:
    """Read and compile a template file.

    Raises:
        InputError: it is missing, not UTF-8, not a jinja2 template, or lacks one of the two blocks.
    """
    data = read_bytes(path)
    try:
        source = data.decode("utf-8")
        code = ENVIRONMENT.compile(source, path.name, str(path))
        same = blocks_without_item(source)
    except UnicodeDecodeError as error:
        raise InputError(Problem(f"is not UTF-8 (position {error.start + 1})", path=path)) from None
    except jinja2.TemplateSyntaxError as error:
        raise InputError(Problem(f"template: {error.message}", path=path, line=error.lineno)) from None
    template = jinja2.Template.from_code(ENVIRONMENT, code, ENVIRONMENT.make_globals(None))
    missing = [name for name in _NEEDED if name not in template.blocks]
    if missing:
        fix = "write {% block system %}…{% endblock %} and {% block user %}…{% endblock %}"
        raise InputError(Problem(f"template lacks the block {' and '.join(missing)}", path=path, fix=fix))
    return Prompt(path, hashlib.sha256(data).hexdigest(), template, same, source)
