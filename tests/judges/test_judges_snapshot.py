"""The provider's mark of what served an answer comes to stand in the vote."""

from __future__ import annotations

from asking import ask

from panel_eval.judges import Answered, WireReply, WireRequest


class Marked:
    """A transport whose first answer is no JSON; each answer comes from a newer snapshot."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    async def send(self, request: WireRequest) -> WireReply:
        number = 3 - len(self.texts)
        code = request.codes[0][0]
        return WireReply(self.texts.pop(0).replace("CODE", code), system_fingerprint=f"fp_{number}")

    async def aclose(self) -> None:
        pass


GOOD = '{"rationale": "r", "label": "CODE", "confidence": 0.5}'


def test_a_reply_tells_the_snapshot():
    assert ask(Marked("", GOOD)).snapshot == "fp_2"  # after a repair that of the answer that counts
    reply = ask(Marked(GOOD, ""))
    assert isinstance(reply.answer, Answered)
    assert reply.snapshot == "fp_1"
