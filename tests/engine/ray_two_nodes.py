"""A program: a Ray cluster of two nodes on loopback, one of which can be killed. Run by the Ray tests.

Usage: python ray_two_nodes.py FOLDER

Ray keeps its logs in FOLDER. Prints the head node's address. Reads lines: ``kill`` kills the second node's
processes and prints ``killed``; the end of its input ends the cluster.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # keeps Ray on 127.0.0.1, on Linux too

from ray.cluster_utils import Cluster

SETTINGS = {"object_store_memory": 80 << 20, "include_dashboard": False, "node_ip_address": "127.0.0.1"}


def main(folder: str) -> None:
    """Two nodes: the head with room for two workers, the other with room for one."""
    os.environ["RAY_TMPDIR"] = folder  # the head's address is noted in `ray` there, which must exist
    (Path(folder) / "ray").mkdir()
    settings = {**SETTINGS, "temp_dir": folder}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, **settings})
    second = cluster.add_node(num_cpus=1, **settings)
    print(cluster.address, flush=True)
    for line in sys.stdin:
        if line.strip() == "kill":
            cluster.remove_node(second, allow_graceful=False)
            print("killed", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1])
