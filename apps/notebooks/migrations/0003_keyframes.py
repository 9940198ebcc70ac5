"""Cells that were edited before there were keyframes: their history can be read from today's version on."""

from django.db import migrations

KEYFRAMES = """
INSERT INTO notebooks_cellkeyframe (cell_id, version, source)
SELECT id, version, source FROM notebooks_cell WHERE version > 0
"""


class Migration(migrations.Migration):
    dependencies = [("notebooks", "0002_history")]

    operations = [migrations.RunSQL(KEYFRAMES, migrations.RunSQL.noop)]
