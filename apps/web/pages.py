"""What every page is: for whoever is logged in, never cached, and with domain errors as pages or messages.

The one place that maps `DomainError` for pages.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from apps.accounts.actors import Actor, user_actor
from apps.accounts.models import User
from apps.base.errors import DomainError, Forbidden, NotFound

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Parameters], HttpResponseBase]


def page(view: View[Parameters]) -> View[Parameters]:
    """Decorates a view; a domain error it raises becomes the answer."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            return _error_answer(request, error)

    return cast(View[Parameters], never_cache(login_required(answer)))


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a page's request; the page is for users who are logged in."""
    return user_actor(cast(User, request.user))


def _error_answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    match error:
        case NotFound():
            heading = "There is nothing here for you"
        case Forbidden():
            heading = "You may not do this"
        case _ if request.method == "POST":
            # Forms are on the list of notebooks: it says what was wrong with them.
            messages.error(request, error.message)
            return redirect("home")
        case _:
            heading = "This did not work"
    context = {"heading": heading, "message": error.message}
    return render(request, "error.html", context, status=error.http_status)
