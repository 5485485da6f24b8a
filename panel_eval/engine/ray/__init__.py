"""One run over a Ray cluster: the engine stays on the driver, worker processes on the nodes carry the requests.

`spread` replaces the transports of judges for as long as its block lasts. Plan, governor, budget, retries and
journal are the driver's, so there is one of each however many nodes there are.

| object | role | lives |
|---|---|---|
| `Cluster` | the connection to Ray: which nodes there are, how a worker is made on one | driver |
| `Crew` | who carries what; makes lost workers anew | driver, on the event loop |
| `Seat` | one place for a worker, with its requests in flight | driver |
| `Worker` | holds the real transports, carries many requests at once | a process on a node |

Ray is imported by `spread`, not before.
"""

from panel_eval.engine.ray.spreading import Spread, spread

__all__ = ["Spread", "spread"]
