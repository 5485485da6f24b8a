"""Finding files that ship with the package, and nothing else."""

from pathlib import Path

import pytest

from panel_eval.schema import shipped, shipped_names, shipped_path

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def site_packages(tmp_path, monkeypatch):
    """A package installed in a folder of its own, with nothing shipped yet."""
    package = tmp_path / "site-packages" / "panel_eval"
    package.mkdir(parents=True)
    monkeypatch.setattr(shipped, "_PACKAGE", package)
    return package


def test_a_checkout_finds_its_rubrics_with_and_without_ending():
    assert shipped_path("rubrics", "nli") == ROOT / "rubrics" / "nli.yaml"
    assert shipped_path("rubrics", "nli.yaml") == ROOT / "rubrics" / "nli.yaml"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../pyproject",
        "../pyproject.toml",
        "/etc/passwd",
        "nli.yaml/..",
        "./nli",
        "NLI",
        "nli\0",
        "*",
    ],
)
def test_names_cannot_leave_the_folder(name):
    assert shipped_path("rubrics", name) is None


def test_names_are_listed_sorted_and_without_ending():
    names = shipped_names("rubrics")
    assert list(names) == sorted(names)
    assert {"tumor_severity", "nli", "offensiveness", "sentiment", "content_policy_severity"} <= set(names)


def test_an_installed_package_finds_what_lies_inside_it(site_packages):
    folder = site_packages / "shipped" / "prompts"
    folder.mkdir(parents=True)
    (folder / "vote.md.j2").write_text("x")
    (folder / ".hidden").write_text("x")
    (folder / "__init__.py").write_text("")
    assert shipped_names("prompts") == ("vote",)
    assert shipped_path("prompts", "vote") == folder / "vote.md.j2"


def test_a_strangers_folder_beside_an_installed_package_is_not_ours(site_packages):
    stranger = site_packages.parent / "prompts"
    stranger.mkdir()
    (stranger / "vote.j2").write_text("x")
    assert shipped_path("prompts", "vote") is None
    assert shipped_names("prompts") == ()
