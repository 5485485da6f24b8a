"""One attempt at a panel, for `faults.py`, which kills it: runs it or goes on with it, and prints how far it got.

python benchmarks/faults_runner.py PANEL RESULTS [--retry-failed]
"""

from __future__ import annotations

import json
import sys
import time

from panel_eval import api

if __name__ == "__main__":
    result = api.run(
        sys.argv[1], results=sys.argv[2], retry_failed="--retry-failed" in sys.argv, resamples=100, report=False
    )
    print(json.dumps({"state": result.manifest.state, "ended": time.time()}))
