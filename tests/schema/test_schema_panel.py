"""What a panel file may say, and that no key can stand in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from panel_eval.errors import InputError
from panel_eval.schema import Panel, read_yaml

PANEL = """\
panel: p
rubric: sentiment
labels: labels.jsonl
judges:
  - id: one
    model: openai/x
"""


def problems(tmp_path: Path, text: str) -> str:
    """What reading the panel complains about."""
    path = tmp_path / "panel.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_yaml(path, Panel)
    return str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://me:s3cret@host/v1", "https://host/v1?key=s3cret", "https://host/v1#s3cret"]
)
def test_a_key_in_the_base_url_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    message = problems(tmp_path, PANEL + f"    api_base: '{url}'\n")
    assert "panel.yaml:7" in message
    assert "api_key_env" in message
    assert "s3cret" not in message


@pytest.mark.parametrize("url", ["host/v1", "ftp://host", "http://", "http://host:99999/v1"])
def test_a_base_url_must_be_one(tmp_path: Path, url: str) -> None:
    assert "http://127.0.0.1:8000/v1" in problems(tmp_path, PANEL + f"    api_base: '{url}'\n")


def test_a_key_given_in_place_of_a_variables_name_is_refused_and_not_repeated(tmp_path: Path) -> None:
    message = problems(tmp_path, PANEL + "    api_key_env: sk-abcdefghijklmnop\n")
    assert "NAME of an environment variable" in message
    assert "abcdefgh" not in message


def test_two_judges_of_one_name_are_refused(tmp_path: Path) -> None:
    assert "unique" in problems(tmp_path, PANEL + "  - {id: one, model: openai/y}\n")


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "a" * 65, "a b"])
def test_a_panels_name_cannot_lead_out_of_the_results_folder(tmp_path: Path, name: str) -> None:
    assert "panel" in problems(tmp_path, PANEL.replace("panel: p", f"panel: '{name}'"))


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("    weight: 1.0e+308\n", "weight"),
        ("smoothing: {alpha: 1.0e+308}\n", "alpha"),
        ("smoothing: {strength: 1.0e+308}\n", "strength"),
    ],
)
def test_numbers_whose_sums_would_be_infinite_are_refused(tmp_path: Path, line: str, key: str) -> None:
    message = problems(tmp_path, PANEL + line)
    assert key in message
    assert "1000000000" in message
