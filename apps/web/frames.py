"""The page inside the sandboxed frame of HTML and script outputs."""

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

# Scripts of an output may run, but in a page without an origin that can reach nothing: no network, no images
# but those it carries, nothing of ours. The `sandbox` also holds when the page is opened by itself.
POLICY = {
    "default-src": [NONE],
    # As blobs the modules of anywidget; they can do no more than scripts in HTML.
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL, "blob:"],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": ["data:", "blob:"],
    "media-src": ["data:", "blob:"],
    # Those of formulas, which widgets show.
    "font-src": [SELF, "data:"],
    "connect-src": [NONE],
    "form-action": [NONE],
    "base-uri": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-scripts"],
}


@require_safe
@cache_control(private=True, max_age=60)
@xframe_options_exempt
@csp(POLICY)
def output(request: HttpRequest) -> HttpResponse:
    """The same for everybody, so there is nothing to log in for."""
    return render(request, "frames/output.html")


@require_safe
@cache_control(private=True, max_age=60)
@xframe_options_exempt
@csp(POLICY)
def widget(request: HttpRequest) -> HttpResponse:
    """The same, with the parts that the page's renderers clone: what widgets have captured is drawn by them."""
    return render(request, "frames/output.html", {"has_parts": True})
