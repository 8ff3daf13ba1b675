"""The full-text index: raw SQL, for neither FTS5 nor tsvector is a thing of the ORM."""

from django.db import migrations

from mailsuite.mailstore.search import postgres_text, sqlite_fts


def create(apps, schema_editor):
    statements = [sqlite_fts.CREATE] if schema_editor.connection.vendor == "sqlite" else postgres_text.CREATE
    for statement in statements:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute(sqlite_fts.DROP if schema_editor.connection.vendor == "sqlite" else postgres_text.DROP)


class Migration(migrations.Migration):
    dependencies = [("mailstore", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
