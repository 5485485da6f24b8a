"""From a panel to judges that can be asked: finds prompts, keys, weights and scripts, lists all that is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from panel_eval import schema
from panel_eval.errors import InputError, JudgeSetupError
from panel_eval.judges.codes import label_codes
from panel_eval.judges.fake_script import load_fake_script
from panel_eval.judges.hosted import hosted_judge, hosted_route
from panel_eval.judges.instrument import public_url
from panel_eval.judges.judge import Account, Judge, Route
from panel_eval.judges.local import LocalTransport, close_servers, find_weights
from panel_eval.judges.local.weights import digest_of_text
from panel_eval.judges.prompt import Prompt, load_prompt
from panel_eval.judges.question import Question
from panel_eval.judges.replay import RecordedVotes, ReplayJudge, Silent
from panel_eval.judges.wire import Transport
from panel_eval.schema import Panel, Rubric
from panel_eval.schema.shipped import shipped_path


@dataclass(frozen=True)
class _Setting:
    """What a judge is built in."""

    panel: Panel
    rubric: Rubric
    base_dir: Path
    sending: bool


def build_judges(
    panel: Panel,
    rubric: Rubric,
    base_dir: Path,
    transports: Mapping[str, Transport] | None = None,
    *,
    sending: bool = True,
) -> list[Judge]:
    """The panel's judges, in its order. Nothing is sent and no server is started yet.

    Args:
        panel: the panel.
        rubric: what is asked.
        base_dir: folder of the panel file; its relative paths start here.
        transports: judge id to a transport that replaces the one its model names (tests).
        sending: whether the judges are to be asked. If not, no keys are needed, and none can send a request.

    Raises:
        JudgeSetupError: lists everything that is missing or wrong, for all judges.
    """
    setting = _Setting(panel, rubric, base_dir, sending)
    judges: list[Judge] = []
    problems: list[str] = []
    for config in panel.judges:
        try:
            judges.append(_judge(config, setting, (transports or {}).get(config.id)))
        except (JudgeSetupError, InputError) as error:
            problems.append(f"judge {config.id!r} ({config.model}): {error}")
    if problems:
        raise JudgeSetupError("\n".join(problems))
    return judges


def judge_transport(config: schema.Judge, base_dir: Path) -> tuple[Transport, Route]:
    """What carries the requests of a judge, and where they go: equal on machines with the same keys and weights.

    Args:
        config: its settings in the panel file.
        base_dir: folder of the panel file; paths of weights start here.

    Raises:
        JudgeSetupError: a key, a package or weights are missing.
    """
    return _ROUTES.get(config.model.partition("/")[0], _hosted)(config, base_dir)


def setup_problems(panel: Panel, base_dir: Path) -> list[str]:
    """What keeps judges behind an API from being asked: keys that are not set, transports that do not fit."""
    problems = []
    for config in panel.judges:
        if config.model.partition("/")[0] not in (*_ROUTES, "replay"):
            try:
                judge_transport(config, base_dir)
            except JudgeSetupError as error:
                problems.append(f"judge {config.id!r} ({config.model}): {error}")
    return problems


async def close_judges(judges: Iterable[Judge]) -> None:
    """Close every judge's connections, and the local servers of this process."""
    await asyncio.gather(*(judge.transport.aclose() for judge in judges))
    await asyncio.to_thread(close_servers)


def _judge(config: schema.Judge, setting: _Setting, transport: Transport | None) -> Judge:
    prompt = _prompt(config, setting)
    _probe(prompt, setting.rubric)
    seed = setting.panel.seed
    kind, _, name = config.model.partition("/")
    if config.transport is not None and kind in ("fake", "replay"):
        raise JudgeSetupError("nothing is sent for this model; leave transport out")
    if transport is None and kind == "replay" and name:
        recorded = RecordedVotes(setting.base_dir / name, config.id)
        return ReplayJudge(config, setting.rubric, prompt, recorded, seed)
    if transport is not None:
        route = Route(config.model, {} if config.api_base is None else {"base_url": public_url(config.api_base)})
    elif setting.sending or kind in _ROUTES:
        transport, route = judge_transport(config, setting.base_dir)
    else:
        transport, route = Silent(), hosted_route(config)
    return Judge(config, setting.rubric, prompt, transport, route, seed)


def _fake(config: schema.Judge, base_dir: Path) -> tuple[Transport, Route]:
    path = base_dir / config.model.partition("/")[2]
    return load_fake_script(path), Route(config.model)


def _local(config: schema.Judge, base_dir: Path) -> tuple[Transport, Route]:
    weights = find_weights(config.model.partition("/")[2], base_dir)
    identity = {
        "weights_sha256": weights.sha256,
        "chat_template_sha256": None if weights.chat_template is None else digest_of_text(weights.chat_template),
    }
    account = Account(f"local/{weights.name}", f"local {weights.path}")
    route = Route(f"openai/{weights.name}", identity, local=True, brief=weights.tiny, account=account)
    return LocalTransport(weights, config.transport or "direct"), route


def _hosted(config: schema.Judge, base_dir: Path) -> tuple[Transport, Route]:
    return hosted_judge(config)


_ROUTES: Mapping[str, Callable[[schema.Judge, Path], tuple[Transport, Route]]] = {"fake": _fake, "local": _local}


def _prompt(config: schema.Judge, setting: _Setting) -> Prompt:
    """The judge's template: its own, the panel's, or the elicitation's; a user's file wins over a shipped name."""
    name = config.prompt or setting.panel.prompt or config.elicit
    own = setting.base_dir / name
    if own.is_file():
        return load_prompt(own)
    shipped = shipped_path("prompts", name)
    return load_prompt(own if shipped is None else shipped)


def _probe(prompt: Prompt, rubric: Rubric) -> None:
    """Render once with a made-up item, so that a broken template is found before anything is sent.

    Raises:
        InputError: the template fails, or does not show the item.
        JudgeSetupError: the rubric has more labels than there are codes.
    """
    marker = "made-up text of an item"
    content = dict.fromkeys(rubric.fields or ["text"], marker)
    question = Question("probe", content, rubric.label_names)
    try:
        codes = label_codes(rubric.label_names, rubric.abstain == "allowed")
    except ValueError as error:
        raise JudgeSetupError(str(error)) from None
    messages = prompt.render(rubric, question, codes)
    if not any(marker in message.content for message in messages):
        raise InputError(
            f"{prompt.path}: the template never shows the item; write {{{{ item }}}} in its user block"
        )
