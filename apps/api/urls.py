"""/api/v1/. Ids that are not UUIDs match nothing here, and so are 404."""

from django.urls import path, re_path

from apps.api.views.cell_input import CellInputView
from apps.api.views.cells import (
    CellListView,
    CellMergeView,
    CellMoveView,
    CellRestoreView,
    CellSplitView,
    CellView,
)
from apps.api.views.chat import (
    ChatView,
    ConversationListView,
    ConversationView,
    ToolCallDecisionView,
    TurnCancelView,
    TurnRecordView,
    TurnRetryView,
    TurnView,
)
from apps.api.views.connections import (
    CellSourceView,
    ConnectionListView,
    ConnectionNotebookView,
    ConnectionSchemaView,
    ConnectionTestView,
    ConnectionView,
    SourceListView,
)
from apps.api.views.execute import CodeSessionListView, CodeSessionView, ExecuteView
from apps.api.views.files import NotebookExportView, NotebookImportView
from apps.api.views.history import (
    CellHistoryView,
    CellVersionRestoreView,
    CellVersionView,
    CheckpointDiffView,
    CheckpointListView,
    CheckpointRestoreView,
    DeletedCellListView,
    UndoView,
)
from apps.api.views.kernel import (
    KernelInterruptView,
    KernelPackagesView,
    KernelRestartView,
    KernelShutdownView,
    KernelSpecListView,
    KernelView,
)
from apps.api.views.members import MemberListView
from apps.api.views.notebooks import (
    NotebookDuplicateView,
    NotebookListView,
    NotebookRestoreView,
    NotebookTrashView,
    NotebookView,
)
from apps.api.views.outputs import OutputFileView
from apps.api.views.preferences import PreferencesView
from apps.api.views.proposals import (
    ProposalAcceptView,
    ProposalListView,
    ProposalRejectView,
    TurnChangesView,
    TurnUndoView,
)
from apps.api.views.reference import NowhereView, SchemaView
from apps.api.views.runs import RunListView, RunView
from apps.api.views.tables import TableCellView, TableDownloadView, TableRowsView, TableSummaryView
from apps.api.views.workspace import (
    FileContentView,
    FileImageView,
    FileListView,
    FileMoveView,
    FilePreviewView,
    FolderView,
    FolderZipView,
)

NOTEBOOK = "notebooks/<uuid:notebook_id>/"
CELL = f"{NOTEBOOK}cells/<uuid:cell_id>/"
TURN = f"{NOTEBOOK}turns/<uuid:turn_id>/"
PROPOSAL = f"{NOTEBOOK}proposals/<uuid:proposal_id>/"
TABLE = f"{NOTEBOOK}tables/<str:table_id>/"
CONNECTION = "connections/<uuid:connection_id>/"
CHECKPOINT = f"{NOTEBOOK}checkpoints/<uuid:checkpoint_id>/"

urlpatterns = [
    path("notebooks/", NotebookListView.as_view()),
    path("notebooks/import/", NotebookImportView.as_view()),
    path("notebooks/trash/", NotebookTrashView.as_view()),
    path(NOTEBOOK, NotebookView.as_view()),
    path(f"{NOTEBOOK}duplicate/", NotebookDuplicateView.as_view()),
    path(f"{NOTEBOOK}restore/", NotebookRestoreView.as_view()),
    path(f"{NOTEBOOK}export/", NotebookExportView.as_view()),
    path(f"{NOTEBOOK}cells/", CellListView.as_view()),
    path(CELL, CellView.as_view()),
    path(f"{CELL}move/", CellMoveView.as_view()),
    path(f"{CELL}split/", CellSplitView.as_view()),
    path(f"{CELL}merge/", CellMergeView.as_view()),
    path(f"{CELL}restore/", CellRestoreView.as_view()),
    path(f"{CELL}input/", CellInputView.as_view()),
    path(f"{CELL}history/", CellHistoryView.as_view()),
    path(f"{CELL}versions/<int:version>/", CellVersionView.as_view()),
    path(f"{CELL}versions/<int:version>/restore/", CellVersionRestoreView.as_view()),
    path(f"{NOTEBOOK}deleted-cells/", DeletedCellListView.as_view()),
    path(f"{NOTEBOOK}checkpoints/", CheckpointListView.as_view()),
    path(CHECKPOINT, CheckpointDiffView.as_view()),
    path(f"{CHECKPOINT}restore/", CheckpointRestoreView.as_view()),
    path(f"{NOTEBOOK}undo/", UndoView.as_view()),
    path(f"{NOTEBOOK}runs/", RunListView.as_view()),
    path(f"{NOTEBOOK}runs/<uuid:run_id>/", RunView.as_view()),
    path("kernelspecs/", KernelSpecListView.as_view()),
    path(f"{NOTEBOOK}kernel/", KernelView.as_view()),
    path(f"{NOTEBOOK}kernel/packages/", KernelPackagesView.as_view()),
    path(f"{NOTEBOOK}kernel/interrupt/", KernelInterruptView.as_view()),
    path(f"{NOTEBOOK}kernel/restart/", KernelRestartView.as_view()),
    path(f"{NOTEBOOK}kernel/shutdown/", KernelShutdownView.as_view()),
    path(f"{NOTEBOOK}chat/", ChatView.as_view()),
    path(f"{NOTEBOOK}conversations/", ConversationListView.as_view()),
    path(f"{NOTEBOOK}conversations/<uuid:conversation_id>/", ConversationView.as_view()),
    path(TURN, TurnView.as_view()),
    path(f"{TURN}record/", TurnRecordView.as_view()),
    path(f"{TURN}cancel/", TurnCancelView.as_view()),
    path(f"{TURN}retry/", TurnRetryView.as_view()),
    path(f"{TURN}changes/", TurnChangesView.as_view()),
    path(f"{TURN}undo/", TurnUndoView.as_view()),
    path(f"{NOTEBOOK}proposals/", ProposalListView.as_view()),
    path(f"{PROPOSAL}accept/", ProposalAcceptView.as_view()),
    path(f"{PROPOSAL}reject/", ProposalRejectView.as_view()),
    path(f"{NOTEBOOK}tool-calls/<uuid:tool_call_id>/decision/", ToolCallDecisionView.as_view()),
    path(f"{NOTEBOOK}files/", FileListView.as_view()),
    path(f"{NOTEBOOK}files/content/", FileContentView.as_view()),
    path(f"{NOTEBOOK}files/image/", FileImageView.as_view()),
    path(f"{NOTEBOOK}files/preview/", FilePreviewView.as_view()),
    path(f"{NOTEBOOK}files/zip/", FolderZipView.as_view()),
    path(f"{NOTEBOOK}files/folders/", FolderView.as_view()),
    path(f"{NOTEBOOK}files/move/", FileMoveView.as_view()),
    path(f"{NOTEBOOK}outputs/<str:sha256>/", OutputFileView.as_view()),
    path(f"{TABLE}rows/", TableRowsView.as_view()),
    path(f"{TABLE}cell/", TableCellView.as_view()),
    path(f"{TABLE}summary/", TableSummaryView.as_view()),
    path(f"{TABLE}download/", TableDownloadView.as_view()),
    path("connections/", ConnectionListView.as_view()),
    path(CONNECTION, ConnectionView.as_view()),
    path(f"{CONNECTION}test/", ConnectionTestView.as_view()),
    path(f"{CONNECTION}notebooks/<uuid:notebook_id>/", ConnectionNotebookView.as_view()),
    path(f"{NOTEBOOK}connections/", SourceListView.as_view()),
    path(f"{NOTEBOOK}{CONNECTION}schema/", ConnectionSchemaView.as_view()),
    path(f"{CELL}connection/", CellSourceView.as_view()),
    path(f"{NOTEBOOK}members/", MemberListView.as_view()),
    path("preferences/", PreferencesView.as_view()),
    path("execute/", ExecuteView.as_view()),
    path("execute/sessions/", CodeSessionListView.as_view()),
    path("execute/sessions/<str:session>/", CodeSessionView.as_view()),
    path("schema/", SchemaView.as_view()),
    re_path("", NowhereView.as_view()),
]
