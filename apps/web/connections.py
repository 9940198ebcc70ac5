"""A person's database connections: the list, the form of one, and which notebooks use it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.models import Role
from apps.base.errors import DomainError, Invalid, NotFound
from apps.base.ids import parse_id
from apps.data.addresses import OPTIONS
from apps.data.commands import (
    change_connection,
    check_connection,
    create_connection,
    delete_connection,
    share_connection,
    unshare_connection,
)
from apps.data.connection_parts import Parts
from apps.data.connections import connection_json, connections_of, get_connection_for
from apps.data.models import FILES, Connection, ConnectionKind
from apps.notebooks.queries import notebooks_for
from apps.web.pages import actor_of, page


@require_safe
@page
def index(request: HttpRequest) -> HttpResponse:
    found = connections_of(actor=actor_of(request))
    context = {"connections": found, "kinds": dict(ConnectionKind.choices), "files": FILES}
    return render(request, "connections/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(
            request, model_to_dict(Connection(kind=ConnectionKind.POSTGRESQL), exclude=["notebooks"])
        )
    try:
        create_connection(actor=actor_of(request), parts=_parts(request))
    except DomainError as error:
        messages.error(request, error.message)
        return _form(request, _entered(request), status=error.http_status)
    messages.success(request, "The connection is saved. Test it, and choose it above an SQL cell to use it.")
    return redirect("connections")


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    saved = get_connection_for(actor=actor, connection_id=connection_id)
    if request.method != "POST":
        return _form(request, connection_json(saved))
    try:
        changed = change_connection(actor=actor, connection_id=connection_id, parts=_parts(request))
    except DomainError as error:
        messages.error(request, error.message)
        return _form(request, connection_json(saved) | _entered(request), status=error.http_status)
    if saved.sealed_secret and not changed.sealed_secret:
        messages.warning(
            request, "The password was for another server or user, so it is gone. Enter it again."
        )
        return redirect("connection", connection_id)
    messages.success(request, f"“{changed.name}” is saved.")
    return redirect("connections")


@require_POST
@page
def check(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    try:
        check_connection(actor=actor_of(request), connection_id=connection_id)
    except NotFound as error:
        messages.error(request, error.message)
    except DomainError as error:
        messages.error(request, f"It does not work. {error.message}")
    else:
        messages.success(request, "The connection works.")
    return redirect("connections")


@require_POST
@page
def delete(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    delete_connection(actor=actor_of(request), connection_id=connection_id)
    messages.success(request, "The connection is deleted, with its password.")
    return redirect("connections")


@require_POST
@page
def share(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """With a notebook, or, with `end`, not any more."""
    command = unshare_connection if request.POST.get("end") else share_connection
    try:
        notebook_id = parse_id(request.POST.get("notebook"), "notebook")
        command(actor=actor_of(request), connection_id=connection_id, notebook_id=notebook_id)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("connection", connection_id)


def _form(request: HttpRequest, connection: dict[str, Any], *, status: int = 200) -> HttpResponse:
    shared = {each["id"] for each in connection.get("notebooks", ())}
    mine = notebooks_for(actor=actor_of(request)) if connection.get("id") else []
    context = {
        "connection": connection,
        "kinds": ConnectionKind.choices,
        "ssl_modes": OPTIONS[ConnectionKind.POSTGRESQL]["sslmode"],
        "notebooks": [each for each in mine if each.role.allows(Role.EDITOR) and str(each.id) not in shared],
    }
    return render(request, "connections/form.html", context, status=status)


def _parts(request: HttpRequest) -> Parts:
    """An empty password, or URL, leaves the one that there is. A file has no server, and a URL has all in itself."""
    form = request.POST
    parts = Parts(
        name=form.get("name", ""),
        kind=form.get("kind", ""),
        is_read_only=bool(form.get("is_read_only")),
        timeout_s=_number(form.get("timeout_s", ""), "timeout_s"),
        max_queries=_number(form.get("max_queries", ""), "max_queries"),
    )
    if parts.kind == ConnectionKind.SQLALCHEMY:
        return replace(parts, url=form.get("url", "").strip() or None)
    parts = replace(parts, database=form.get("database", "").strip(), secret=form.get("secret") or None)
    if parts.kind in FILES:
        return replace(parts, options={})
    mode = form.get("sslmode", "")
    return replace(
        parts,
        host=form.get("host", ""),
        port=_number(form.get("port", ""), "port") or 0,
        user=form.get("user", ""),
        options={"sslmode": mode} if mode else {},
    )


def _entered(request: HttpRequest) -> dict[str, Any]:
    """To be shown again, without the password."""
    names = ("name", "kind", "host", "port", "database", "user", "timeout_s", "max_queries")
    entered: dict[str, Any] = {name: request.POST.get(name, "") for name in names}
    options = {"sslmode": request.POST.get("sslmode", "")}
    return entered | {"options": options, "is_read_only": bool(request.POST.get("is_read_only"))}


def _number(text: str, name: str) -> int | None:
    text = text.strip()
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(f"{name} must be a whole number.", field=name)
    return int(text) if text else None
