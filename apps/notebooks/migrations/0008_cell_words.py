from django.db import migrations

# The words of a text as apps/notebooks/search.py looks for them. A tsvector holds at most a megabyte, hence `left`.
CREATE = """
CREATE INDEX notebooks_cell_words ON notebooks_cell USING gin
  (to_tsvector('simple', regexp_replace(left(source, 100000), '[^[:alnum:]]+', ' ', 'g'))) WHERE deleted_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("notebooks", "0007_notebook_tags")]

    operations = [migrations.RunSQL(CREATE, "DROP INDEX notebooks_cell_words")]
