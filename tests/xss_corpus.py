"""Fifty texts that run script, load something or break out of their place where a page lets them.

What has run has set `window.owned`; what has loaded shows as a request. They were written for the places where a
report puts texts: element content, attributes, titles, styles, drawings, JSON inside a script element, links.
"""

from __future__ import annotations

from typing import Final

_RUN: Final = "window.owned=1"

XSS: Final = (
    f"<script>{_RUN}</script>",
    f"</script><script>{_RUN}</script>",
    f"<ScRiPt>{_RUN}</sCrIpT>",
    f"<script\x20type='text/javascript'>{_RUN}</script>",
    f"<script/x>{_RUN}</script>",
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    f"<!--</script><script>{_RUN}</script>-->",
    f"<!--<script>{_RUN}//-->",
    f"]]><script>{_RUN}</script>",
    f"\\u003c/script\\u003e<script>{_RUN}</script>",
    f'"}};{_RUN};//',
    f"';{_RUN};//",
    f"`;{_RUN};//${{{_RUN}}}",
    f"\u2028{_RUN}\u2029",
    f"<img src=x onerror={_RUN}>",
    f'"><img src=x onerror={_RUN}>',
    f"'><img src=x onerror={_RUN}>",
    f"<img src=x:x onerror={_RUN} ",
    f"<img/src/onerror={_RUN}>",
    f"<image src=x onerror={_RUN}>",
    f"<svg onload={_RUN}>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<svg><a xlink:href='javascript:{_RUN}'><text>x</text></a></svg>",
    f"</text></svg><svg onload={_RUN}>",
    f"</style><script>{_RUN}</script>",
    f"</style></title><svg onload={_RUN}>",
    f"</title><script>{_RUN}</script>",
    f"</textarea><script>{_RUN}</script>",
    f"</noscript><script>{_RUN}</script>",
    f"</option></select><img src=x onerror={_RUN}>",
    f"</summary></details><details open ontoggle={_RUN}>",
    f"</table><body onload={_RUN}>",
    f"\" autofocus onfocus={_RUN} x=\"",
    f"' autofocus onfocus={_RUN} x='",
    f"\" onmouseover={_RUN} style=position:fixed;inset:0 x=\"",
    f"<input autofocus onfocus={_RUN}>",
    f"<video><source onerror={_RUN}></video>",
    f"<audio src=x onerror={_RUN}>",
    f"<iframe src=javascript:parent.{_RUN}></iframe>",
    f"<iframe srcdoc='<script>parent.{_RUN}</script>'></iframe>",
    f"<object data=javascript:{_RUN}></object>",
    f"<embed src=javascript:{_RUN}>",
    f"javascript:{_RUN}",
    f"<a href=javascript:{_RUN}>x</a>",
    "<base href=//localhost/><script src=x.js></script>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_RUN}'>",
    "<link rel=stylesheet href=//localhost/x.css>",
    f"<form action=//localhost/><button autofocus onfocus={_RUN}>x</button></form>",
    f"{{{{constructor.constructor('{_RUN}')()}}}}\x00<style>@import '//localhost/x.css';</style>",
)  # fmt: skip
