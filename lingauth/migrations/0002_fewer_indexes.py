"""Drops indexes that others make up for, beside people who use the tables."""

import django.db.models.deletion
from django.db import migrations, models


class AlterIndex(migrations.AlterField):
    """Where ``db_index`` of a foreign key is all that changes.

    Django's AlterField also takes the constraint down and puts it back: with both tables locked it
    reads every row.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        old = from_state.apps.get_model(app_label, self.model_name)
        new = to_state.apps.get_model(app_label, self.model_name)
        field = new._meta.get_field(self.name)
        if field.db_index:
            schema_editor.execute(schema_editor._create_index_sql(new, fields=[field]))
            return
        ours = {index.name for index in old._meta.indexes}
        for name in schema_editor._constraint_names(
            old, [field.column], index=True, type_=models.Index.suffix, exclude=ours
        ):
            schema_editor.execute(schema_editor._delete_index_sql(old, name))


class Migration(migrations.Migration):

    # One table after the other is locked, and let go: with one in hand it would wait for another
    # that a request has, which waits for the first.
    atomic = False

    dependencies = [
        ('lingauth', '0001_initial'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='guesslimit',
            name='lingauth_guesslimit_age',
        ),
        AlterIndex(
            model_name='account',
            name='backend',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='accounts', to='lingauth.backend'),
        ),
        AlterIndex(
            model_name='event',
            name='backend',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='lingauth.backend'),
        ),
        AlterIndex(
            model_name='totpfactor',
            name='account',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='factors', to='lingauth.account'),
        ),
    ]
