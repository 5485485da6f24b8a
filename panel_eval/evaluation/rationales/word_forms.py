"""What a written word says: stop words, units, numbers, and a light English stem. Ours, small and conservative."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_STOPS: Final = (
    "a about after all also am an and any are aren as at be because been before being both but by can cannot "
    "could couldn did didn do does doesn don done during each either etc for from had hadn has hasn have "
    "having he her here his how however i if in into is isn it its itself just let ll may me might more most "
    "much must my neither no nor not now of on once only or other our out over own per quite rather re same "
    "she should shouldn since so some such than that the their them then there therefore these they this those "
    "though through thus to too under until up upon us ve very was wasn we were weren what when where whether "
    "which while who whom whose why will with within without won would wouldn yet you your "
)
STOP_WORDS: Final = frozenset(_STOPS.split())
"""Words that every English text holds. Negations are among them: whether a thing is denied is not read."""

_UNIT_NAMES: Final = {
    "millimeter": "mm", "millimetre": "mm", "centimeter": "cm", "centimetre": "cm", "kilometer": "km",
    "kilometre": "km", "milligram": "mg", "kilogram": "kg", "milliliter": "ml", "millilitre": "ml",
    "percent": "%", "second": "s", "minute": "min", "hour": "h",
}  # fmt: skip
_UNIT_SIGNS: Final = (
    "mm cm km nm μm mg kg μg ml dl cl ms hz khz mhz ghz kb mb gb tb px pt mmhg bpm iu mol mmol kcal kj kw kwh mv "
    "kv usd eur gbp min sec hr hrs mph kmh ppm g l s h v w t m % ‰ ° °c °f € $ £"
)
UNIT: Final = "|".join(
    sorted((*map(re.escape, _UNIT_SIGNS.split()), *(f"{name}s?" for name in _UNIT_NAMES)), key=len, reverse=True)
)
"""Units as a pattern, the longest first: signs, and names in one or in several."""

_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})++(?:\.[0-9]++)?")
_SHORTEST_STEM = 4
_KEPT_DOUBLE = frozenset("lsz")


def unit_sign(unit: str) -> str:
    """A unit's sign: `millimetres` is `mm`; a sign is itself.

    Args:
        unit: casefolded.
    """
    return _UNIT_NAMES.get(unit.removesuffix("s"), unit)


def plain_number(number: str) -> str:
    """One way to write a number: `1,500` is `1500`, `1,5` is `1.5`, digits of any script are 0 to 9."""
    if not number.isascii():
        number = "".join(str(unicodedata.decimal(sign, sign)) for sign in number)
    return number.replace(",", "" if _THOUSANDS.fullmatch(number) else ".")


def stem(word: str) -> str:
    """The word without an English plural, -ing, -ed or final e; words with a letter beyond a to z stay as they are.

    Plurals go by the rules of Harman's S-stemmer (1991, "How effective is suffixing?"). -ing and -ed go where at
    least four letters with a vowel are left, a doubled consonant loses one, and a final e goes where four letters
    are left, so that `grade`, `grades`, `graded` and `grading` are one. A few different words become one too
    (`plane`, `plan`); no word is ever told apart from itself.

    Args:
        word: casefolded.
    """
    if len(word) < _SHORTEST_STEM or not (word.isascii() and word.isalpha()):
        return word
    single = _singular(word)
    base = _without_ending(single)
    return base[:-1] if base.endswith("e") and len(base) > _SHORTEST_STEM else base


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > _SHORTEST_STEM and word[-4] not in "ae":
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_ending(word: str) -> str:
    if word.endswith("ing"):
        base = word[:-3]
    elif word.endswith("ed") and not word.endswith("eed"):
        base = word[:-2]
    else:
        return word
    if len(base) < _SHORTEST_STEM or not any(vowel in base for vowel in "aeiouy"):
        return word
    doubled = len(base) > _SHORTEST_STEM and base[-1] == base[-2] and base[-1] not in _KEPT_DOUBLE
    return base[:-1] if doubled and base[-1] not in "aeiou" else base
