"""Links from the history to the reports of its runs: relative addresses only, whatever they are made from."""

from __future__ import annotations

import re
from urllib.parse import quote

_SCHEME = re.compile(r"^[^/]*:")


def relative_href(address: str | None) -> str | None:
    """The path, quoted; None if there is none or it leaves the page's place (a scheme, a host, an absolute path).

    A path with percent signs in it is taken as it lies on the disk: they are quoted, too.
    """
    path = "" if address is None else address.replace("\\", "/")
    if not path or path.startswith("/") or _SCHEME.match(path):
        return None
    return quote(path, safe="/", errors="replace")
