"""The settings of whoever is logged in. The page itself changes them over REST, and at once; the form is for browsers
without scripts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.models import CodeSize, KeyMap, Theme
from apps.accounts.preferences import preferences_of, set_preferences
from apps.base.errors import Invalid
from apps.web.pages import actor_of, page


@require_http_methods(["GET", "HEAD", "POST"])
@page
def show(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _changed(request)
    context = {
        "preferences": preferences_of(actor_of(request)),
        "themes": Theme.choices,
        "code_sizes": CodeSize.choices,
        "key_maps": KeyMap.choices,
    }
    return render(request, "settings.html", context)


def _changed(request: HttpRequest) -> HttpResponse:
    changes: dict[str, str | bool] = {
        name: request.POST[name] for name in ("theme", "code_size", "key_map") if name in request.POST
    }
    try:
        set_preferences(
            actor=actor_of(request), has_line_numbers="has_line_numbers" in request.POST, **changes
        )
    except Invalid as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Saved.")
    return redirect("settings")
