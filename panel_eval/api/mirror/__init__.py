"""History in a database (extra `db`), for dashboards: the sealed runs of a results root as tables.

The runs are the truth; the tables can be thrown away and made anew. SQLite or PostgreSQL, by the same statements.
"""

from panel_eval.api.mirror.mirroring import Mirrored, mirror

__all__ = ["Mirrored", "mirror"]
