"""YAML as plain data: no tags that build Python objects, no aliases that unfold without bound, no repeated keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from panel_eval.errors import InputError, Problem, shorten

_MOST_NODES = 100_000
"""Most nodes a file may unfold to. Aliases let a few lines stand for billions ("billion laughs")."""


def load_plain_yaml(raw: bytes, path: Path) -> tuple[yaml.Node | None, object]:
    """Parse one YAML document.

    Args:
        raw: the file's bytes.
        path: the file's name, for messages.

    Returns:
        (node tree, which knows the lines; the data). Both None for an empty document.

    Raises:
        InputError: not UTF-8, not YAML, or not plain data.
    """
    try:
        loader = yaml.SafeLoader(raw.decode("utf-8"))
        node = loader.get_single_node()
        if node is None:
            return None, None
        _refuse_bombs_and_repeats(node, path)
        return node, loader.construct_document(node)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        fix = "save the file as UTF-8"
        raise InputError(Problem(f"is not UTF-8 (byte {raw[error.start]:#04x})", path, line, fix=fix)) from None
    except yaml.YAMLError as error:
        raise InputError(_yaml_trouble(error, path, raw)) from None
    except RecursionError:
        raise InputError(Problem("is not valid YAML: nested too deeply", path=path)) from None
    except ValueError as error:
        raise InputError(Problem(f"holds a value YAML cannot read: {shorten(str(error))}", path=path)) from None


def _yaml_trouble(error: yaml.YAMLError, path: Path, raw: bytes) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        line = raw.decode("utf-8")[: error.position].count("\n") + 1
        return Problem(f"is not valid YAML: character {error.character:#06x} is not allowed", path=path, line=line)
    mark = getattr(error, "problem_mark", None)
    what = shorten(getattr(error, "problem", None) or "cannot be parsed", 120)
    fix = "plain YAML only: remove the tag" if "for the tag" in what else None
    return Problem(f"is not valid YAML: {what}", path, None if mark is None else mark.line + 1, fix=fix)


def _refuse_bombs_and_repeats(root: yaml.Node, path: Path) -> None:
    """Refuse aliases that unfold without bound, and keys given twice (YAML would silently take the last)."""
    sizes: dict[int, int | None] = {}
    repeated: list[Problem] = []

    def size(node: yaml.Node) -> int:
        if (known := sizes.get(id(node), 0)) is None:
            raise InputError(Problem("an alias contains itself", path=path, line=node.start_mark.line + 1))
        if known:
            return known
        sizes[id(node)] = None
        children: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            repeated.extend(_repeated_keys(node, path))
            children = [child for pair in node.value for child in pair]
        elif isinstance(node, yaml.SequenceNode):
            children = node.value
        sizes[id(node)] = total = 1 + sum(size(child) for child in children)
        if total > _MOST_NODES:
            message = f"unfolds to more than {_MOST_NODES:,} values"
            raise InputError(Problem(message, path, node.start_mark.line + 1, fix="use fewer aliases (*name)"))
        return total

    size(root)
    if repeated:
        raise InputError(repeated)


def _repeated_keys(node: yaml.MappingNode, path: Path) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag.endswith(":merge"):
            continue
        line = key.start_mark.line + 1
        if (key.tag, key.value) in first:
            before = first[key.tag, key.value]
            yield Problem(f"is given twice (first on line {before})", path, line, shorten(key.value))
        first.setdefault((key.tag, key.value), line)


def line_of(node: yaml.Node | None, loc: tuple[str | int, ...]) -> int | None:
    """1-based line of the deepest part of `loc` that stands in the file."""
    line = None if node is None else node.start_mark.line + 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                if key_node.value == str(part):
                    line, node = key_node.start_mark.line + 1, value_node
                    break
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
