"""JSON in the middle of a page: no text in it can end the element, move a cursor or turn the reading direction."""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup

# What HTML reads as markup; line ends of old JavaScript; what an editor or terminal would obey; lone surrogates.
_ESCAPED = re.compile(
    "[<>&\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def json_in_page(value: Any) -> Markup:
    """`value` as JSON that stands in a `<script type="application/json">` as it is, and is read back as it was.

    Raises:
        ValueError: a number is NaN or infinite, which JSON has no word for.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(_ESCAPED.sub(_escape, text))


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    return json.dumps(character)[1:-1] if ord(character) > 0xFFFF else f"\\u{ord(character):04x}"
