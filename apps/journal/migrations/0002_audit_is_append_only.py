from django.db import migrations

CREATE = """
CREATE FUNCTION journal_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;
CREATE TRIGGER journal_audit_is_append_only BEFORE UPDATE OR DELETE ON journal_auditentry
    FOR EACH ROW EXECUTE FUNCTION journal_refuse_audit_change();
CREATE TRIGGER journal_audit_is_not_emptied BEFORE TRUNCATE ON journal_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_audit_change();
"""

DROP = """
DROP TRIGGER journal_audit_is_not_emptied ON journal_auditentry;
DROP TRIGGER journal_audit_is_append_only ON journal_auditentry;
DROP FUNCTION journal_refuse_audit_change();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
