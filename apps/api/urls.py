"""/api/v1/. Ids that are not UUIDs match nothing here, and so are 404."""

from django.urls import path, re_path

from apps.api.views.cells import CellListView, CellMoveView, CellView
from apps.api.views.files import NotebookExportView, NotebookImportView
from apps.api.views.kernel import (
    KernelInterruptView,
    KernelRestartView,
    KernelShutdownView,
    KernelView,
)
from apps.api.views.members import MemberListView
from apps.api.views.notebooks import NotebookListView, NotebookView
from apps.api.views.reference import NowhereView, SchemaView
from apps.api.views.runs import RunListView, RunView

NOTEBOOK = "notebooks/<uuid:notebook_id>/"

urlpatterns = [
    path("notebooks/", NotebookListView.as_view()),
    path("notebooks/import/", NotebookImportView.as_view()),
    path(NOTEBOOK, NotebookView.as_view()),
    path(f"{NOTEBOOK}export/", NotebookExportView.as_view()),
    path(f"{NOTEBOOK}cells/", CellListView.as_view()),
    path(f"{NOTEBOOK}cells/<uuid:cell_id>/", CellView.as_view()),
    path(f"{NOTEBOOK}cells/<uuid:cell_id>/move/", CellMoveView.as_view()),
    path(f"{NOTEBOOK}runs/", RunListView.as_view()),
    path(f"{NOTEBOOK}runs/<uuid:run_id>/", RunView.as_view()),
    path(f"{NOTEBOOK}kernel/", KernelView.as_view()),
    path(f"{NOTEBOOK}kernel/interrupt/", KernelInterruptView.as_view()),
    path(f"{NOTEBOOK}kernel/restart/", KernelRestartView.as_view()),
    path(f"{NOTEBOOK}kernel/shutdown/", KernelShutdownView.as_view()),
    path(f"{NOTEBOOK}members/", MemberListView.as_view()),
    path("schema/", SchemaView.as_view()),
    re_path("", NowhereView.as_view()),
]
