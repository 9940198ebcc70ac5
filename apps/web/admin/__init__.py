"""Django admin for people, their tokens and their roles, and for what the assistant did.

The audit log has its own in `apps.journal.admin`.

It lives here because its pages write audit rows: `apps.accounts` is below the journal and may not know it,
and pages are made at the top. Django admin saves its forms itself, so here, and only here, rows are written
outside of commands: by a form, in the transaction that Django admin opens for it, with the audit row in it.

An administrator is a superuser. There is no lesser right to these pages, because whoever may change people,
tokens or roles can become one. In notebooks an administrator has no role but what is given here, on record.
"""

from django.contrib import admin
from django.contrib.auth.models import Group

from apps.web.admin.assistant import (
    AssistantPolicyAdmin,
    ConversationAdmin,
    ModelCallAdmin,
    ToolCallAdmin,
    TurnAdmin,
)
from apps.web.admin.connections import ConnectionAdmin
from apps.web.admin.kernel_policies import KernelPolicyAdmin
from apps.web.admin.kernels import KernelAdmin
from apps.web.admin.notebooks import NotebookAdmin
from apps.web.admin.people import PersonAdmin
from apps.web.admin.proposals import ProposalAdmin, TurnUndoAdmin
from apps.web.admin.tokens import TokenAdmin

__all__ = [
    "AssistantPolicyAdmin",
    "ConnectionAdmin",
    "ConversationAdmin",
    "KernelAdmin",
    "KernelPolicyAdmin",
    "ModelCallAdmin",
    "NotebookAdmin",
    "PersonAdmin",
    "ProposalAdmin",
    "TokenAdmin",
    "ToolCallAdmin",
    "TurnAdmin",
    "TurnUndoAdmin",
]

admin.site.site_header = admin.site.site_title = "Tandem administration"
admin.site.index_title = "People, tokens and the audit log"
# Django's permission groups mean nothing here: notebooks have roles, and administrators may do everything.
admin.site.unregister(Group)
