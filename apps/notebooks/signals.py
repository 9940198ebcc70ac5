"""What the document tells the layers above it, inside the transaction that changes it."""

from django.dispatch import Signal

# A cell was taken out of the notebook. Sent with `notebook_id`; the sender is None.
cell_hidden = Signal()
