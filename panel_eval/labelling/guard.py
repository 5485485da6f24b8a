"""Who may ask the server, and what pages from it may do.

The server listens on loopback only. That alone keeps neither other pages in a reviewer's browser nor other users
of the machine away, so: the host must be a name of this machine (a page whose name was bent to 127.0.0.1 sends its
own, DNS rebinding); what holds data asks for a key in a header (no form of another site can send one), for JSON,
and for the server's own origin; pages may run and load their own files only, and make no element out of text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

MOST_BYTES = 256 * 1024
"""Of one request."""
KEY_HEADER = "X-Labelling-Key"
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refusal(status: int, message: str) -> web.Response:
    """An answer that says why a request is not served."""
    return web.json_response({"error": message}, status=status, headers=HEADERS)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets requests of our own pages through, with our headers on every answer."""
    if not _is_local(request.headers.get("Host", "")):
        return refusal(403, "this server answers on this machine only")
    if request.path.startswith("/api/") and (why := _foreign(request)) is not None:
        return refusal(*why)
    try:
        response = await handler(request)
    except web.HTTPRequestEntityTooLarge:
        return refusal(413, f"a request has at most {MOST_BYTES} bytes")
    except web.HTTPException as error:
        return refusal(error.status, error.reason)
    response.headers.update(HEADERS)
    return response


def _is_local(host: str) -> bool:
    """Any port: a tunnel (ssh -L) may end at another one than ours."""
    try:
        return urlsplit(f"//{host}").hostname in _LOCAL_NAMES
    except ValueError:
        return False


def _foreign(request: web.Request) -> tuple[int, str] | None:
    """Why a request for data cannot come from our page, with its status; None if it may."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.headers.get('Host')}":
        return 403, "requests of other pages are refused"
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return 403, "requests of other pages are refused"
    if request.content_type != "application/json":
        return 415, "requests are JSON"
    return None
