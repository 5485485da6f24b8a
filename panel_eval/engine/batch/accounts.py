"""The batch services of a run's judges, and telling one account from another without writing keys down."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache

from panel_eval.engine.batch.batch_log import BatchRecord
from panel_eval.judges.batches import BatchAccount, BatchBackend, batches_of
from panel_eval.judges.judge import Judge
from panel_eval.judges.wire import TransportError

_ROUNDS = 200_000
_SHOWN_BYTES = 4
_NO_SUCH_SERVICE = frozenset({404, 405, 501})


class Accounts:
    """Judge id to the batch service that its votes can go to. An async context manager.

    Args:
        judges: all judges of the run.

    Attributes:
        reasons: judge id to the reason why it has none, in words.
    """

    def __init__(self, judges: Iterable[Judge]) -> None:
        self._found: dict[str, BatchAccount] = {}
        self.reasons: dict[str, str] = {}
        for judge in judges:
            found = batches_of(judge)
            if isinstance(found, str):
                self.reasons[judge.id] = found
            else:
                self._found[judge.id] = found

    async def __aenter__(self) -> Accounts:
        for judge_id, account in list(self._found.items()):
            try:
                await account.backend.begin()
            except TransportError as error:
                self.reasons[judge_id] = error.message
                del self._found[judge_id]
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(account.backend.aclose() for account in self._found.values()))

    def __contains__(self, judge_id: object) -> bool:
        return judge_id in self._found

    @property
    def judge_ids(self) -> list[str]:
        """The judges that have a batch service."""
        return list(self._found)

    def backend(self, judge_id: str) -> BatchBackend:
        """The service of a judge that has one."""
        return self._found[judge_id].backend

    def name(self, judge_id: str) -> str:
        """The account of a judge, in words."""
        return self._found[judge_id].name

    def fingerprint(self, judge_id: str, salt: str) -> str:
        """What tells the account's key from others, in eight hexadecimal digits."""
        return fingerprint(self._found[judge_id].secret, salt)

    async def leave_out_servers_without(self) -> None:
        """Ask servers of one's own whether they have batches at all; judges of those that do not lose theirs."""
        for judge_id, account in list(self._found.items()):
            if account.certain:
                continue
            try:
                await account.backend.check_service()
            except TransportError as error:
                if error.status in _NO_SUCH_SERVICE:
                    self.reasons[judge_id] = f"{account.name} has no batch API (HTTP {error.status})"
                    await account.backend.aclose()
                    del self._found[judge_id]

    def strangers(self, records: Iterable[BatchRecord], *, any_key: bool = False) -> Mapping[str, str]:
        """Tag to words, for batches that another account submitted than the one that would be asked now.

        Args:
            records: the batches.
            any_key: another key is taken to belong to the same account.
        """
        found: dict[str, str] = {}
        for record in records:
            if record.judge not in self._found:
                why = self.reasons.get(record.judge, "it is not in the panel")
                found[record.tag] = (
                    f"batch {record.name} was submitted for judge {record.judge} by account {record.account} "
                    f"(fingerprint {record.fingerprint}), but now that judge has no batches: {why}"
                )
                continue
            if any_key:
                continue
            now = self.fingerprint(record.judge, record.salt)
            if (self.name(record.judge), now) != (record.account, record.fingerprint):
                found[record.tag] = (
                    f"batch {record.name} was submitted by account {record.account} (fingerprint "
                    f"{record.fingerprint}); judge {record.judge} would now ask as {self.name(record.judge)} "
                    f"(fingerprint {now}). Set the key that submitted it; or, if both belong to one account, "
                    "add --other-key"
                )
        return found


@lru_cache(maxsize=256)
def fingerprint(secret: str, salt: str) -> str:
    """Eight hexadecimal digits that are the same for the same key, and say nothing about it.

    They are a slow, salted digest cut to 32 bits: millions of strings share them, and no key can be told from them.
    """
    return hashlib.pbkdf2_hmac("sha256", secret.encode("utf-8", "replace"), salt.encode(), _ROUNDS)[
        :_SHOWN_BYTES
    ].hex()
