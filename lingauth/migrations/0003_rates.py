"""Renames a model and no table: what counts mails counts other things too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("lingauth", "0002_fewer_indexes")]

    operations = [
        migrations.AlterModelTable("maillimit", "lingauth_maillimit"),
        migrations.RenameModel("MailLimit", "RateLimit"),
    ]
