"""The one-time login link. Login and logout by password are Django's own views."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.models import LoginLink

BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login_link(request: HttpRequest, secret: str) -> HttpResponse:
    """A GET only shows a button, so that a mail program's preview of the link does not use it up."""
    if request.method != "POST":
        return render(request, "registration/login_link.html")
    user = LoginLink.objects.redeem(secret)
    if user is None:
        return render(request, "registration/login_link_invalid.html", status=410)
    login(request, user, backend=BACKEND)
    return redirect("home")
