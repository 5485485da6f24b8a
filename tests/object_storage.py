"""A server that speaks S3 on loopback (moto), started once, and buckets in it. Nothing leaves this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

SECRET = "not-a-real-secret-key"
_STARTS_WITHIN_S = 60
_numbers = count()


@dataclass(frozen=True)
class S3Server:
    """The server.

    Attributes:
        endpoint: its address.
    """

    endpoint: str

    def environment(self) -> dict[str, str]:
        """What a client must have in its environment to reach it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "not-a-real-key-id",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def ask(self, path: str, method: str = "GET", body: bytes | None = None) -> bytes:
        """Send a request that is not signed."""
        headers = {"Content-Type": "text/plain"}
        request = urllib.request.Request(f"{self.endpoint}/{path}", data=body, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bytes(answer.read())

    def client(self) -> Any:
        """Amazon's own client, past all of our code: any key, however odd."""
        import botocore.session  # heavy, and most tests need none

        return botocore.session.get_session().create_client(
            "s3",
            region_name="us-east-1",
            endpoint_url=self.endpoint,
            aws_access_key_id="not-a-real-key-id",
            aws_secret_access_key=SECRET,
        )


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        server = S3Server(f"http://127.0.0.1:{port}")
        _wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(server: S3Server, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            server.ask("moto-api/")
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError("the S3 server did not start") from None
            time.sleep(0.05)


@pytest.fixture
def bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a new bucket, which this process and those that it starts can reach."""
    name = f"bucket-{next(_numbers)}"
    s3_server.client().create_bucket(Bucket=name)
    for variable, value in s3_server.environment().items():
        monkeypatch.setenv(variable, value)
    return name
