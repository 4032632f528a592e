"""The notes table."""

import django.db.models.deletion
from django.db import migrations, models

import lingauth.core.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [("lingauth", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("body", models.TextField(blank=True, default="")),
                ("is_public", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(default=lingauth.core.clock.now, editable=False),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "backend",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="lingauth.backend",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="lingauth.account",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["backend", "is_public", "id"], name="demo_note_public"
                    ),
                    models.Index(fields=["backend", "owner", "id"], name="demo_note_own"),
                ],
            },
        ),
    ]
