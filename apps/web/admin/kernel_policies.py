"""What kernels of single notebooks may do beyond the others."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from apps.journal.record import audit
from apps.kernels.models import KernelPolicy
from apps.web.admin.administrators import AdministratorsOnly, administrator

if TYPE_CHECKING:  # Django's own classes are generic only to the type checker
    PolicyModelAdmin = admin.ModelAdmin[KernelPolicy]
else:
    PolicyModelAdmin = admin.ModelAdmin


@admin.register(KernelPolicy)
class KernelPolicyAdmin(AdministratorsOnly, PolicyModelAdmin):
    """A policy counts from the next start of the kernel. Without network again is a change, too: none is deleted."""

    list_display = ("notebook", "has_network", "cell_timeout_s")
    list_select_related = ("notebook",)
    search_fields = ("notebook__title",)
    autocomplete_fields = ("notebook",)
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: KernelPolicy | None = None) -> tuple[str, ...]:
        return ("notebook",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: KernelPolicy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit(
            administrator(request),
            "set_kernel_policy",
            obj.notebook_id,
            has_network=obj.has_network,
            cell_timeout_s=obj.cell_timeout_s,
            in_admin=True,
        )
