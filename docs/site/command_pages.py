"""A page for each command, from the same declarations that `--help` prints."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from generated import PageText
from rich.text import Text
from tables import cell, table

from panel_eval.cli.app import app

FOLDER = "reference/commands"
EVERY_COMMAND = ["0 done", "2 bad input or usage", "130 interrupted"]


def command_pages() -> list[PageText]:
    """All commands: a list, then a page each, in the order of `panel-eval --help`."""
    commands = _commands()
    pages = [
        PageText(name, f"{FOLDER}/{name}.md", _page(name, command, get_type_hints(callback, include_extras=True)))
        for name, (command, callback) in commands.items()
    ]
    rows = [[f"[`{name}`]({name}.md)", cell(_lead(command.help))] for name, (command, _) in commands.items()]
    head = f"# Commands\n\n{_plain(app.info.help)}\n\n" + table(["command", "does"], rows)
    globals_ = "\n\n## Options before the command\n\n" + _options(_group().params, _hints(_callback()))
    return [PageText("All commands", f"{FOLDER}/index.md", head + globals_), *pages]


def _group() -> Any:
    return typer.main.get_command(app)


def _callback() -> Any:
    return app.registered_callback.callback if app.registered_callback else None


def _hints(callback: Any) -> dict[str, Any]:
    return get_type_hints(callback, include_extras=True) if callback else {}


def _commands() -> dict[str, tuple[Any, Any]]:
    group = _group()
    return {info.name: (group.commands[info.name], info.callback) for info in app.registered_commands if info.name}


def _page(name: str, command: Any, hints: dict[str, Any]) -> str:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option" and not param.hidden]
    parts = [f"# panel-eval {name}", _plain(command.help), f"```text\n{_synopsis(name, arguments, options)}\n```"]
    if arguments:
        parts += ["## Arguments", _arguments(arguments, hints)]
    if options:
        parts += ["## Options", _options(options, hints)]
    parts += ["## Exit codes", _exit_codes(command.help)]
    return "\n\n".join(parts) + "\n"


def _synopsis(name: str, arguments: list[Any], options: list[Any]) -> str:
    words = ["panel-eval", name]
    words += [f"{option.opts[0]} {_placeholder(option)}" for option in options if option.required]
    if any(not option.required for option in options):
        words.append("[OPTIONS]")
    for argument in arguments:
        word = _placeholder(argument)
        words.append(word if argument.required else f"[{word}]")
    return " ".join(words)


def _placeholder(param: Any) -> str:
    word = str(param.metavar or param.name.upper().replace("_", "-"))
    return word + ("..." if param.nargs == -1 and not word.endswith("...") else "")


def _arguments(arguments: Iterable[Any], hints: dict[str, Any]) -> str:
    rows = [
        [f"`{_placeholder(param)}`", _kind(hints.get(param.name)), _default(param), cell(_plain(param.help))]
        for param in arguments
    ]
    return table(["argument", "type", "default", ""], rows)


def _options(options: Iterable[Any], hints: dict[str, Any]) -> str:
    rows = [
        [_names(param), _kind(hints.get(param.name)), _default(param), cell(_plain(param.help))]
        for param in options
    ]
    return table(["option", "type", "default", ""], rows)


def _names(param: Any) -> str:
    return ", ".join(f"`{name}`" for name in [*param.opts, *param.secondary_opts])


def _kind(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        return _kind(get_args(hint)[0])
    inner = [kind for kind in get_args(hint) if kind is not type(None)]
    if get_origin(hint) is list:
        return f"{_kind(inner[0])}, may be repeated"
    if inner:
        return _kind(inner[0])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ", ".join(f"`{member.value}`" for member in hint)
    names = {bool: "flag", str: "text", int: "integer", float: "number", Path: "path"}
    return names.get(hint, "text")


def _default(param: Any) -> str:
    if param.required:
        return "required"
    value = param.default
    if value is None or value is False or value in ([], ()):
        return ""
    return f"`{value.value if isinstance(value, Enum) else value}`"


def _exit_codes(text: str | None) -> str:
    own = [
        paragraph for paragraph in _plain(text).split("\n\n") if re.search(r"[Ee]xit code|[Ee]nds with", paragraph)
    ]
    every = "Every command: " + ", ".join(EVERY_COMMAND) + ". [What all codes mean](../../contracts.md#exit-codes)."
    return "\n\n".join([*own, every])


def _plain(text: str | None) -> str:
    """Help text without the marks of the terminal's styles; paragraphs stay."""
    paragraphs = Text.from_markup(text or "").plain.split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _lead(text: str | None) -> str:
    return _plain(text).split("\n\n")[0]
