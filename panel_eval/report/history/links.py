"""Links from the history to the reports of its runs: relative addresses only, whatever they are made from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from panel_eval.report.history.tables import night_labels
from panel_eval.schema.history import HistoryRun

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True)
class RunLink:
    """A run of the table; `href` is None where it has no report at hand."""

    night: str
    run_id: str
    href: str | None


def run_links(runs: Sequence[HistoryRun], hrefs: Mapping[str, str]) -> tuple[RunLink, ...]:
    """The runs with the addresses of their reports."""
    return tuple(
        RunLink(label, run.run_id, _relative(hrefs.get(run.run_id)))
        for label, run in zip(night_labels(runs), runs, strict=True)
    )


def _relative(address: str | None) -> str | None:
    """The address, quoted; None if it leaves the page's own place (a scheme, another host, an absolute path)."""
    if not address or _SCHEME.match(address) or address[0] in "/\\?#":
        return None
    return quote(address.replace("\\", "/"), safe="/%._-~")
