"""What mkdocs calls while it builds the site: generated pages, links that leave docs/, formulas.

mkdocs finds the functions by their names (https://www.mkdocs.org/dev-guide/plugins/#events). Nothing that is
generated is written to the checkout: it exists in the built site only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import outside_links
from command_pages import command_pages
from contract_pages import contract_pages
from formulas import set_formulas
from generated import Generated, fill_navigation
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from python_pages import python_pages
from shipped_pages import benchmarks_page, changelog_page, prompt_pages, rubric_pages

CHECKOUT = Path(__file__).resolve().parents[2]


def generated_pages() -> Generated:
    """Every page that is made from the code instead of being written."""
    return Generated(
        {
            "commands": command_pages(),
            "python": python_pages(),
            "formats": contract_pages(),
            "rubrics": rubric_pages(CHECKOUT),
            "prompts": prompt_pages(CHECKOUT),
            "changelog": changelog_page(CHECKOUT),
            "benchmarks": benchmarks_page(CHECKOUT),
        }
    )


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the generated pages where the navigation of mkdocs.yml names their kind."""
    config.extra["generated"] = generated = generated_pages()
    config.nav = fill_navigation(config.nav, generated)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to those of docs/."""
    for path, text in config.extra["generated"].texts.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Let links to files outside docs/ lead to the pages made from them."""
    return outside_links.rewrite(markdown, page.file.src_uri)


def on_page_content(html: str, **_: Any) -> str:
    """Set the formulas."""
    return set_formulas(html)


def on_post_page(output: str, **_: Any) -> str:
    """Name the search dialog for those who hear the page; the theme leaves it without a name."""
    return output.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )
