"""The report's item explorer: the most telling items as JSON in the page, one script of ours that shows them.

`explorer` renders the section; `content_security_policy` names the script by its hash, so that a browser runs it
and no other. Without script, and on paper, a table of a few items stands in its place.
"""

from panel_eval.report.explorer.section import content_security_policy, explorer

__all__ = ["content_security_policy", "explorer"]
