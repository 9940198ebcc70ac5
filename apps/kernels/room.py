"""How many kernels people may have at once: memory is shared. A kernel counts for the owners of its notebook."""

from uuid import UUID

from django.conf import settings
from django.db.models import Count

from apps.accounts.models import Membership, Role, User
from apps.base.errors import Unavailable
from apps.kernels.models import LIVING


def check_kernel_room(notebook_id: UUID, *, is_last_look: bool = False) -> None:
    """Unavailable if no owner of the notebook may have one more kernel than they have in other notebooks.

    `is_last_look`: in the transaction that writes the kernel down. Others that start at once for the same owners wait
    for its end: their rows come after those of the notebook and the lane in the order of locks.
    """
    owners = set(
        Membership.objects.filter(notebook=notebook_id, role=Role.OWNER).values_list("user", flat=True)
    )
    if is_last_look:
        list(User.objects.select_for_update(no_key=True).filter(pk__in=owners).order_by("pk"))
    living = (
        Membership.objects.filter(user__in=owners, role=Role.OWNER, notebook__deleted_at=None)
        .filter(notebook__kernel__status__in=LIVING)
        .exclude(notebook=notebook_id)
        .values_list("user")
        .annotate(kernels=Count("pk"))
    )
    full = {user for user, kernels in living if kernels >= settings.KERNELS_PER_USER}
    if owners and owners == full:
        raise Unavailable(
            f"{settings.KERNELS_PER_USER} other notebooks of the owner have a kernel, which is as many as are allowed. "
            "Shut one of them down, then run this cell again."
        )
