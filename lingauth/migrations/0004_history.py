"""Seals over the events, and a database that refuses to change or delete either.

Emptying whole tables, which is what ``flush`` does after each test of a host project, is refused
from the first seal on: PostgreSQL calls that TRUNCATE; on SQLite it cannot be told from any other
DELETE, so there events can be deleted until something is sealed.

SQLite forgets the triggers of a table that is altered. A later migration that alters one of these
calls ``allow`` before and ``refuse`` after.
"""

import django.db.models.deletion
from django.db import migrations, models

import lingauth.core.clock

TABLES = ("lingauth_event", "lingauth_historyseal")

FUNCTION = """
CREATE OR REPLACE FUNCTION lingauth_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sealed boolean;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.lingauth_historyseal)', TG_TABLE_SCHEMA)
            INTO sealed;
        IF NOT sealed THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION 'What % holds is written once: never changed, never deleted.', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


def refuse(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(FUNCTION, params=None)
        for table in TABLES:
            for name, when in (
                ("change", "BEFORE UPDATE OR DELETE ON {} FOR EACH ROW"),
                ("truncate", "BEFORE TRUNCATE ON {} FOR EACH STATEMENT"),
            ):
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_{name} {when.format(table)}"
                    " EXECUTE FUNCTION lingauth_refuse_change()",
                    params=None,
                )
    elif vendor == "sqlite":
        for table in TABLES:
            for act, when in (
                ("UPDATE", ""),
                ("DELETE", "WHEN EXISTS (SELECT 1 FROM lingauth_historyseal) "),
            ):
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table} {when}BEGIN"
                    f" SELECT RAISE(ABORT, 'What {table} holds is written once: never changed,"
                    " never deleted.'); END",
                    params=None,
                )


def allow(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for table in TABLES:
        if vendor == "postgresql":
            for name in ("change", "truncate"):
                schema_editor.execute(f"DROP TRIGGER {table}_{name} ON {table}", params=None)
        elif vendor == "sqlite":
            for name in ("update", "delete"):
                schema_editor.execute(f"DROP TRIGGER {table}_{name}", params=None)
    if vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION lingauth_refuse_change()", params=None)


class Migration(migrations.Migration):
    dependencies = [("lingauth", "0003_rates")]

    operations = [
        migrations.CreateModel(
            name="HistorySeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveBigIntegerField()),
                ("last_event_id", models.PositiveBigIntegerField(db_index=True)),
                ("sealed_at", models.DateTimeField(default=lingauth.core.clock.now)),
                ("form", models.PositiveSmallIntegerField()),
                ("rows", models.BinaryField()),
                ("head", models.BinaryField(max_length=32)),
                ("mark", models.BinaryField(max_length=32)),
                (
                    "backend",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history_seals",
                        to="lingauth.backend",
                    ),
                ),
            ],
            options={
                "ordering": ("backend_id", "number"),
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("backend", "number"), name="lingauth_historyseal_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("backend", None)),
                        fields=("number",),
                        name="lingauth_historyseal_once_for_none",
                    ),
                ],
            },
        ),
        migrations.RunPython(refuse, allow, hints={"model_name": "event"}),
    ]
