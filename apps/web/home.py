"""The list of notebooks, and its forms."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.notebooks.commands import create_notebook, delete_notebook, import_notebook, rename_notebook
from apps.notebooks.queries import notebooks_for
from apps.web.forms import ImportForm, TitleForm
from apps.web.pages import actor_of, page

UNTITLED = "Untitled notebook"


@require_safe
@page
def index(request: HttpRequest) -> HttpResponse:
    search = request.GET.get("q", "").strip()
    notebooks = notebooks_for(actor=actor_of(request), search=search)
    return render(request, "home/index.html", {"notebooks": notebooks, "search": search})


@require_POST
@page
def create(request: HttpRequest) -> HttpResponse:
    notebook = create_notebook(actor=actor_of(request), title=UNTITLED)
    return redirect("notebook", notebook.id)


@require_POST
@page
def import_file(request: HttpRequest) -> HttpResponse:
    file = ImportForm(request.POST, request.FILES).checked_file()
    notebook = import_notebook(actor=actor_of(request), content=file.read(), filename=file.name)
    return redirect("notebook", notebook.id)


@require_POST
@page
def rename(request: HttpRequest, notebook_id: UUID) -> HttpResponse:
    title = TitleForm(request.POST).checked_title()
    rename_notebook(actor=actor_of(request), notebook_id=notebook_id, title=title)
    return redirect("home")


@require_POST
@page
def delete(request: HttpRequest, notebook_id: UUID) -> HttpResponse:
    delete_notebook(actor=actor_of(request), notebook_id=notebook_id)
    messages.success(request, "The notebook is deleted.")
    return redirect("home")
