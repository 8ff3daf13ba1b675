"""Small content gets a table of its own, so that counting a reference need not write the content again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("blobs", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Packed",
            fields=[
                (
                    "blob",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to="blobs.blob"
                    ),
                ),
                ("content", models.BinaryField(help_text="zstd-compressed")),
            ],
        ),
        migrations.RunSQL(
            "INSERT INTO blobs_packed (blob_id, content) SELECT id, inline FROM blobs_blob WHERE inline IS NOT NULL",
            # Back again: the column is there, and empty.
            "UPDATE blobs_blob SET inline = (SELECT content FROM blobs_packed WHERE blob_id = blobs_blob.id)",
        ),
        migrations.RemoveField(model_name="blob", name="inline"),
    ]
