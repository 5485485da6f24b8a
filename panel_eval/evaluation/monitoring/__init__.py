"""Nights watched for change: what is one stream, and evidence of change that may be looked at every night.

`Instrument` tells why a new stream begins, `watch` parts the nights of one instrument into items asked again
(canary) and items asked once (fresh), and says of each whether its mean cross-entropy has changed.
"""

from panel_eval.evaluation.monitoring.instrument import Instrument
from panel_eval.evaluation.monitoring.nights import ItemNight, Night
from panel_eval.evaluation.monitoring.watch import Series, watch

__all__ = ["Instrument", "ItemNight", "Night", "Series", "watch"]
