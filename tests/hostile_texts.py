"""Texts that run, move, break or forge something where a page, terminal or table lets them.

Each of `RUNNING` sets `window.owned` in Chromium where it stands unescaped in a page: `test_report_harness.py` lets
each of them. They are the known ways in: elements, handlers, URLs, ends of the element, attribute, string or
comment that holds data, styles, drawings, foreign content. `SLEEPING` are for other browsers, frameworks and
readers that decode twice, and some that load something, which shows as a request.
"""

from __future__ import annotations

from typing import Final

RUN: Final = "window.owned=1"

RUNNING: Final = (
    f"<script>{RUN}</script>",
    f"<ScRiPt >{RUN}</sCrIpT >",
    f"</script><script>{RUN}</script>",
    f"<script/src=data:,{RUN}></script>",
    f"<script src='data:text/javascript,{RUN}'></script>",
    f"<script type=module>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'"><img src=x onerror={RUN}>',
    f"'><img src=x onerror={RUN}>",
    f"<img/src/onerror={RUN}>",
    f"<img src=x:x onerror\x0c={RUN}>",
    f"<svg onload={RUN}>",
    f"</style></title><svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f'<svg><a xlink:href="javascript:{RUN}"><text x=9 y=9>x</text></a></svg>',
    f"<svg><foreignObject><body onload={RUN}></foreignObject></svg>",
    f"<body onload={RUN}>",
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f'<a href="javascript:{RUN}" autofocus tabindex=1 onfocus={RUN}>x</a>',
    f'<a href="jav&#x09;ascript:{RUN}">x</a>',
    f'" autofocus onfocus={RUN} x="',
    f"' autofocus onfocus={RUN} x='",
    f"` onmouseover={RUN} x=`",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}>",
    f"<textarea autofocus onfocus={RUN}></textarea>",
    f"<details open ontoggle={RUN}>",
    f"</details></summary><details open ontoggle={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f'<form action="javascript:{RUN}"><button autofocus>x</button></form>',
    f'<template><script>{RUN}</script></template><noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f"{{{{constructor.constructor('{RUN}')()}}}}${{{RUN}}}#{{{RUN}}}<%={RUN}%>",
    f"]]>--><script>{RUN}</script><!--",
    f"\u2028{RUN}\u2029//</scr\x00ipt><script>{RUN}</script>",
    f"<script type='text/javascript'>{RUN}</script>",
    f"<script/x>{RUN}</script>",
    f"<!--</script><script>{RUN}</script>-->",
    f"]]><script>{RUN}</script>",
    f"\\u003c/script\\u003e<script>{RUN}</script>",
    f"';{RUN};//",
    f"`;{RUN};//${{{RUN}}}",
    f"\u2028{RUN}\u2029",
    f"<img src=x:x onerror={RUN} ",
    f"<image src=x onerror={RUN}>",
    f"</text></svg><svg onload={RUN}>",
    f"</style><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</noscript><script>{RUN}</script>",
    f"</option></select><img src=x onerror={RUN}>",
    f"</summary></details><details open ontoggle={RUN}>",
    f"</table><body onload={RUN}>",
    f'" onmouseover={RUN} style=position:fixed;inset:0 x="',
    f"<iframe src=javascript:parent.{RUN}></iframe>",
    f"javascript:{RUN}",
    f"<a href=javascript:{RUN}>x</a>",
    f"<form action=//localhost/><button autofocus onfocus={RUN}>x</button></form>",
)  # fmt: skip
"""Over fifty texts, each of which sets `window.owned` where it is executed."""

SLEEPING: Final = (
    f"<!--<script>-->{RUN}</script>",
    f"<script>/*</script><script>*/{RUN}//</script>",
    f"<svg><set attributeName=onload to={RUN}>",
    f"<svg><use href=\"data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg' onload='{RUN}'/>#x\">",
    f'<math><mi xlink:href="javascript:{RUN}">x</mi></math>',
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}></style>",
    f'<iframe src="javascript:{RUN}"></iframe>',
    f'<object data="data:text/html,<script>{RUN}</script>"></object>',
    f'<embed src="javascript:{RUN}">',
    f"<marquee onstart={RUN}>x</marquee>",
    f'<meta http-equiv=refresh content="0;url=javascript:{RUN}">',
    f'<base href="javascript:{RUN}//">',
    f'<link rel=stylesheet href="data:text/css,*{{background:url(javascript:{RUN})}}">',
    f"<style>@import 'data:text/css,*{{background:url(javascript:{RUN})}}';</style>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<!--<script>{RUN}//-->",
    f'"}};{RUN};//',
    f"<object data=javascript:{RUN}></object>",
    "<base href=//localhost/><script src=x.js></script>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    "<link rel=stylesheet href=//localhost/x.css>",
    f"{{{{constructor.constructor('{RUN}')()}}}}\x00<style>@import '//localhost/x.css';</style>",
)  # fmt: skip
"""What old browsers, frameworks and careless decoders run, and what asks the network for something."""

XSS: Final = (*RUNNING, *SLEEPING)

BREAKING: Final = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b31m",
    "\u202egnp.exe\u2066\u200f",
    "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1+1)", "\t=1+1", "\r=1+1",
    "../../../etc/passwd", "C:\\..\\x", "a/b", ".", "CON",
    "'; DROP TABLE runs; --",
    "#import \"/x\": *", "$ x^2 $", "\\input{x}", "*bold* _it_ `raw` <label> @ref",
    "[red]x[/red]", "{{ 7 * 7 }}{% for x in y %}", "%s%n", "__proto__", "constructor",
    "\ufffe\uffff", "𝔘𝔫𝔦", "漢字かな", "עברית عربى", "e\u0301" * 20, "🏳️‍🌈",
)  # fmt: skip
"""Texts that move a cursor, turn the reading direction, are formulas, paths, markup, or odd characters."""
