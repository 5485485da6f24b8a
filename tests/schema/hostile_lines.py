"""Lines that readers may get wrong: fields of every type, right and wrong, and the damage that files come with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

SCALARS = (
    "null", "true", "false", "0", "1", "4", "-1", "-0", "1.0", "4.0", "0.5", "-0.0", "1e0", "1E-2", "1e999",
    "1e-999", "0.30000000000000004", "9007199254740993", "123456789012345678901234567890", "9" * 5000, "NaN",
    "Infinity", "-Infinity", "nan", "Inf", "01", "+1", ".5", "1.", '""', '"x"', '"y"', '"4"', '"a\\u0000b"',
    '"\\ud800"', '"\\ud83d\\ude00"', '"caf\u00e9"', '"say \\"x\\" \\\\"', '"a\x01b"', '"NaN"', "'x'", "",
)  # fmt: skip
NESTED = (
    "[]", "{}", "[1]", "[null]", '["x", "y"]', '["x", 1]', '{"x": 1}', '{"x": 0.5, "y": 0.5}',
    '{"x": 0.5, "x": 0.5, "y": 0.5}', '{"x": 1, "y": null}', '{"x": 1, "y": true}', '{"x": NaN}', '{"": 1}',
    '{"x": 0.5, "y": 0.500001}', '{"x": 0.5, "y": 0.5000011}', '{"x": 1e999}', "[" * 300 + "]" * 300,
    '{"a": {"b": 1, "b": 2}}', '{"a": [{"k": "v"}, {"k": "v"}]}', '{"x": 3, "y": 1, "x": 3}', "[[", "{1: 2}",
    '{"x": "text"}', '{"x": "text", "y": null}', '{"x": -1, "y": 2}', '{"x": 0, "y": 0}', '{"x": 3, "y": 1}',
)  # fmt: skip
DAMAGE = (
    b"\xff", b"\x00", b"\r", b"\t", b" ", b",", b"}", b"{", b'"', b"\\", b"[", b":", b"//", b"\xef\xbb\xbf",
    b"\xc3", b"null", b"\xe2\x80\xa8", b"\x0b",
)  # fmt: skip
LINE_ENDS = (b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b"\n  \t\n", b"", b" ", b"\r", b"\n\x0c\n", b",\n")


def escaped(key: str) -> str:
    """The same key, its first letter as an escape."""
    return f"\\u{ord(key[0]):04x}{key[1:]}"


@st.composite
def records(draw: st.DrawFn, fields: Mapping[str, tuple[str, ...]], base: Mapping[str, str]) -> bytes:
    """One JSON object: the base's members, some changed, some of the other fields, rarely damaged.

    Args:
        draw: given by hypothesis.
        fields: key → JSON texts that are right for it.
        base: members of a valid record.
    """
    members = dict(base)
    for key in draw(st.lists(st.sampled_from(sorted(fields)), max_size=4)):
        right = st.sampled_from(fields[key])
        members[key] = draw(right | right | st.sampled_from(SCALARS + NESTED))
    if draw(st.integers(0, 9)) == 0:
        members.pop(draw(st.sampled_from(sorted(members))))
    names = list(members)
    if draw(st.integers(0, 14)) == 0:
        names.append(draw(st.sampled_from([*names, "unknown", "Label"])))
    pairs = []
    for name in names:
        spelling = escaped(name) if draw(st.integers(0, 19)) == 0 else name
        pairs.append(f'"{spelling}": {members.get(name, "1")}')
    line = ("{" + ", ".join(pairs) + "}").encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(line)))
        line = line[:at] + draw(st.sampled_from(DAMAGE)) + line[at + draw(st.integers(0, 2)) :]
    return line


@st.composite
def files(draw: st.DrawFn, fields: Mapping[str, tuple[str, ...]], bases: Sequence[Mapping[str, str]]) -> bytes:
    """A whole file of such lines, with line ends of all kinds; perhaps torn, perhaps with a byte order mark."""
    parts = [b"\xef\xbb\xbf"] if draw(st.integers(0, 9)) == 0 else []
    for _ in range(draw(st.integers(0, 6))):
        base = draw(st.sampled_from(bases))
        plain = "{" + ", ".join(f'"{key}": {value}' for key, value in base.items()) + "}"
        parts.append(draw(records(fields, base) | st.just(plain.encode())))
        parts.append(draw(st.sampled_from(LINE_ENDS)))
    data = b"".join(parts)
    return data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 9)) == 0 else data
