"""The list of notebooks, its trash, and their forms."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.execution.queries import with_kernel
from apps.notebooks.commands import (
    create_notebook,
    create_tour,
    delete_notebook,
    duplicate_notebook,
    import_notebook,
    rename_notebook,
    restore_notebook,
    tag_notebook,
)
from apps.notebooks.queries import Sort, deleted_notebooks, notebooks_for, tags_for
from apps.web.forms import ImportForm, TitleForm
from apps.web.pages import actor_of, page

UNTITLED = "Untitled notebook"
SORTS = [
    (Sort.EDITED, "Last edited"),
    (Sort.OPENED, "Last opened by you"),
    (Sort.CREATED, "Newest"),
    (Sort.TITLE, "By title"),
]


@require_safe
@page
def index(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    search, tag = (request.GET.get(name, "").strip()[:200] for name in ("q", "tag"))
    sort = Sort(request.GET["sort"]) if request.GET.get("sort") in set(Sort) else Sort.EDITED
    notebooks = notebooks_for(actor=actor, search=search, tag=tag, sort=sort)
    running = with_kernel([notebook.id for notebook in notebooks])
    is_running = request.GET.get("kernel") == "on"
    if is_running:
        notebooks = [notebook for notebook in notebooks if notebook.id in running]
    context = {
        "notebooks": notebooks,
        "running": running,
        "search": search,
        "tag": tag,
        "tags": tags_for(actor=actor),
        "sort": sort,
        "sorts": SORTS,
        "is_running": is_running,
        "is_narrowed": bool(search or tag or is_running),
        "trash_count": len(deleted_notebooks(actor=actor)),
    }
    return render(request, "home/index.html", context)


@require_safe
@page
def trash(request: HttpRequest) -> HttpResponse:
    return render(request, "home/trash.html", {"notebooks": deleted_notebooks(actor=actor_of(request))})


@require_POST
@page
def create(request: HttpRequest) -> HttpResponse:
    notebook = create_notebook(actor=actor_of(request), title=UNTITLED)
    return redirect("notebook", notebook.id)


@require_POST
@page
def tour(request: HttpRequest) -> HttpResponse:
    return redirect("notebook", create_tour(actor=actor_of(request)).id)


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
def tag(request: HttpRequest, notebook_id: UUID) -> HttpResponse:
    """All tags, with commas between."""
    tags = [each for each in request.POST.get("tags", "").split(",") if each.strip()]
    tag_notebook(actor=actor_of(request), notebook_id=notebook_id, tags=tags)
    return redirect("home")


@require_POST
@page
def duplicate(request: HttpRequest, notebook_id: UUID) -> HttpResponse:
    copy = duplicate_notebook(actor=actor_of(request), notebook_id=notebook_id)
    return redirect("notebook", copy.id)


@require_POST
@page
def delete(request: HttpRequest, notebook_id: UUID) -> HttpResponse:
    delete_notebook(actor=actor_of(request), notebook_id=notebook_id)
    messages.success(request, "The notebook is in the trash. You can bring it back from there.")
    return redirect("home")


@require_POST
@page
def restore(request: HttpRequest, notebook_id: UUID) -> HttpResponse:
    notebook = restore_notebook(actor=actor_of(request), notebook_id=notebook_id)
    messages.success(request, f"“{notebook.title}” is back.")
    return redirect("home")
