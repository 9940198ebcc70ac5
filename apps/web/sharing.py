"""Who has which role in a notebook; owners change it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import Role
from apps.base.errors import Forbidden, Invalid, NotFound
from apps.notebooks.commands import remove_member, set_member
from apps.notebooks.queries import get_notebook_for, members_of
from apps.web.pages import actor_of, page


@require_safe
@page
def members(request: HttpRequest, notebook_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    notebook = get_notebook_for(actor=actor, notebook_id=notebook_id)
    people = members_of(actor=actor, notebook_id=notebook_id)
    mine = next(person["role"] for person in people if person["username"] == request.user.get_username())
    context = {
        "notebook": notebook,
        "members": people,
        "roles": Role.choices,
        "can_share": mine == Role.OWNER,
    }
    return render(request, "notebook/sharing.html", context)


@require_POST
@page
def share(request: HttpRequest, notebook_id: UUID) -> HttpResponse:
    """Give somebody a role, or take it from them (an empty role). What is wrong with the form is said above it."""
    actor = actor_of(request)
    # Whoever may not know of the notebook gets the 404 page, not a message about the form.
    get_notebook_for(actor=actor, notebook_id=notebook_id, role=Role.OWNER)
    username, role = request.POST.get("username", "").strip(), request.POST.get("role", "")
    try:
        if role:
            set_member(actor=actor, notebook_id=notebook_id, username=username, role=role)
        else:
            remove_member(actor=actor, notebook_id=notebook_id, username=username)
    except (Invalid, NotFound, Forbidden) as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request, f"{username} is {role} now." if role else f"{username} has no access any more."
        )
    return redirect("sharing", notebook_id)
