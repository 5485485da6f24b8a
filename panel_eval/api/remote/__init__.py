"""Results roots in object storage (extra `remote`): sealed runs are published there and read from there.

Storage is reached through fsspec: `s3://bucket/prefix`, `gs://`, `az://`, `file:///folder`. Everything in it is
taken for hostile: names are checked before they become paths, files before they count as a run. fsspec and what it
needs are imported when a URL is used, never before.
"""

from panel_eval.api.remote.publishing import Published, publish
from panel_eval.api.remote.root import RemoteRoot, fetch_run, remote_root

__all__ = ["Published", "RemoteRoot", "fetch_run", "publish", "remote_root"]
