"""The tables of LingAuth."""

import django.core.validators
import django.db.models.deletion
import lingauth.core.clock
import lingauth.models.session
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Backend',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(max_length=40, unique=True, validators=[django.core.validators.RegexValidator('\\A[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\\Z')])),
                ('name', models.CharField(max_length=80)),
                ('created_at', models.DateTimeField(default=lingauth.core.clock.now, editable=False)),
                ('auto_confirm', models.BooleanField(default=False)),
                ('signup_enabled', models.BooleanField(default=True)),
                ('password_min_length', models.PositiveSmallIntegerField(default=8, validators=[django.core.validators.MinValueValidator(8), django.core.validators.MaxValueValidator(64)])),
                ('access_token_ttl', models.PositiveIntegerField(default=300, validators=[django.core.validators.MinValueValidator(120), django.core.validators.MaxValueValidator(3600)])),
                ('token_claims', models.JSONField(blank=True, default=list)),
                ('refresh_reuse_grace', models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(60)])),
                ('session_max_age', models.PositiveIntegerField(default=2592000, validators=[django.core.validators.MinValueValidator(3600), django.core.validators.MaxValueValidator(2592000)])),
                ('aal2_max_age', models.PositiveIntegerField(default=86400, validators=[django.core.validators.MinValueValidator(300), django.core.validators.MaxValueValidator(2592000)])),
                ('aal2_max_idle', models.PositiveIntegerField(default=3600, validators=[django.core.validators.MinValueValidator(300), django.core.validators.MaxValueValidator(2592000)])),
                ('mfa_mode', models.CharField(choices=[('optional', 'Optional'), ('observe', 'Observe'), ('required', 'Required')], default='optional', max_length=8)),
                ('mfa_starts_at', models.DateTimeField(blank=True, null=True)),
                ('mfa_grace', models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(7776000)])),
                ('mfa_grace_from', models.DateTimeField(editable=False, null=True)),
                ('policy_version', models.PositiveIntegerField(default=1, editable=False)),
                ('keys_version', models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                'ordering': ('name', 'ref'),
                'constraints': [models.CheckConstraint(condition=models.Q(('mfa_mode__in', ['optional', 'observe', 'required'])), name='lingauth_backend_mfa_mode_known')],
            },
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('email', models.CharField(max_length=254)),
                ('email_key', models.CharField(max_length=254)),
                ('email_confirmed_at', models.DateTimeField(null=True)),
                ('confirmation_sent_at', models.DateTimeField(null=True)),
                ('banned_until', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(null=True)),
                ('mfa_enrolled_at', models.DateTimeField(null=True)),
                ('last_sign_in_at', models.DateTimeField(null=True)),
                ('password_changed_at', models.DateTimeField(null=True)),
                ('user_metadata', models.JSONField(blank=True, default=dict)),
                ('app_metadata', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('updated_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='lingauth_account', to=settings.AUTH_USER_MODEL)),
                ('backend', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='accounts', to='lingauth.backend')),
            ],
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('kind', models.CharField(max_length=40)),
                ('result', models.CharField(default='ok', max_length=8)),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.CharField(blank=True, max_length=64)),
                ('account_uuid', models.UUIDField(null=True)),
                ('session_id', models.UUIDField(null=True)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('ip', models.GenericIPAddressField(null=True)),
                ('user_agent', models.CharField(blank=True, max_length=256)),
                ('data', models.JSONField(default=dict)),
                ('backend', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='lingauth.backend')),
            ],
            options={
                'ordering': ('-at', '-id'),
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='GuessLimit',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=12)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('locked_until', models.DateTimeField(null=True)),
                ('updated_at', models.DateTimeField()),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lingauth.account')),
                ('backend', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lingauth.backend')),
            ],
        ),
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('provider', models.CharField(max_length=40)),
                ('subject', models.CharField(max_length=255)),
                ('data', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('updated_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identities', to='lingauth.account')),
                ('backend', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lingauth.backend')),
            ],
            options={
                'verbose_name_plural': 'identities',
                'ordering': ('created_at',),
            },
        ),
        migrations.CreateModel(
            name='Operator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('admin', 'Admin'), ('viewer', 'Viewer')], max_length=8)),
                ('created_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('backend', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='operators', to='lingauth.backend')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lingauth_roles', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('actor_label', models.CharField(max_length=254)),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
                ('backend', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='policy_versions', to='lingauth.backend')),
            ],
            options={
                'ordering': ('-version',),
            },
        ),
        migrations.CreateModel(
            name='RecoverySet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_set', to='lingauth.account')),
                ('backend', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lingauth.backend')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('digest', models.BinaryField()),
                ('used_at', models.DateTimeField(null=True)),
                ('set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='lingauth.recoveryset')),
            ],
            options={
                'ordering': ('position',),
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('secret', models.BinaryField(default=lingauth.models.session.new_secret)),
                ('generation', models.PositiveBigIntegerField(default=1)),
                ('retry_digest', models.BinaryField(null=True)),
                ('advanced_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('advanced_by', models.CharField(choices=[('sign_in', 'Sign In'), ('refresh', 'Refresh'), ('verification', 'Verification')], default='sign_in', max_length=12)),
                ('elevations', models.PositiveIntegerField(default=0)),
                ('verified_at', models.DateTimeField(null=True)),
                ('methods', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('refreshed_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, max_length=40)),
                ('user_agent', models.CharField(blank=True, max_length=256)),
                ('ip', models.GenericIPAddressField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='lingauth.account')),
                ('backend', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='lingauth.backend')),
            ],
        ),
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kid', models.CharField(max_length=43, unique=True)),
                ('algorithm', models.CharField(default='ES256', max_length=8)),
                ('secret', models.BinaryField()),
                ('public', models.JSONField()),
                ('created_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('activates_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('backend', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signing_keys', to='lingauth.backend')),
            ],
            options={
                'ordering': ('-activates_at',),
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('kind', models.CharField(max_length=40)),
                ('count', models.PositiveBigIntegerField(default=0)),
                ('backend', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='lingauth.backend')),
            ],
            options={
                'verbose_name_plural': 'tallies',
            },
        ),
        migrations.CreateModel(
            name='TotpFactor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='The human-readable name of this device.', max_length=64)),
                ('confirmed', models.BooleanField(default=True, help_text='Is this device ready for use?')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('secret', models.BinaryField()),
                ('last_step', models.BigIntegerField(null=True)),
                ('created_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('verified_at', models.DateTimeField(null=True)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('last_challenged_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='factors', to='lingauth.account')),
                ('backend', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lingauth.backend')),
                ('session', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='pending_factors', to='lingauth.session')),
                ('user', models.ForeignKey(help_text='The user that this device belongs to.', on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'TOTP factor',
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('anon', 'Anon'), ('service', 'Service')], max_length=8)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('value', models.CharField(blank=True, max_length=80)),
                ('hint', models.CharField(max_length=24)),
                ('created_at', models.DateTimeField(default=lingauth.core.clock.now)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('backend', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to='lingauth.backend')),
            ],
            options={
                'ordering': ('created_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(('role', 'anon'), ('value', ''), _connector='OR'), name='lingauth_apikey_service_is_digest_only')],
            },
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(fields=('backend', 'email_key'), name='lingauth_account_email_once'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['backend', '-at'], name='lingauth_event_backend'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['account_uuid', '-at'], name='lingauth_event_account'),
        ),
        migrations.AddIndex(
            model_name='guesslimit',
            index=models.Index(fields=['updated_at'], name='lingauth_guesslimit_age'),
        ),
        migrations.AddConstraint(
            model_name='identity',
            constraint=models.UniqueConstraint(fields=('backend', 'provider', 'subject'), name='lingauth_identity_once'),
        ),
        migrations.AddConstraint(
            model_name='operator',
            constraint=models.UniqueConstraint(fields=('user', 'backend'), name='lingauth_operator_once'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(fields=('backend', 'version'), name='lingauth_policyversion_once'),
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=models.UniqueConstraint(fields=('set', 'position'), name='lingauth_recoverycode_position_once'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['account', '-created_at'], name='lingauth_session_open'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['expires_at'], name='lingauth_session_expiry'),
        ),
        migrations.AddConstraint(
            model_name='tally',
            constraint=models.UniqueConstraint(fields=('backend', 'day', 'kind'), name='lingauth_tally_once'),
        ),
        migrations.AddIndex(
            model_name='totpfactor',
            index=models.Index(fields=['account', 'confirmed'], name='lingauth_factor_account'),
        ),
        migrations.AddConstraint(
            model_name='totpfactor',
            constraint=models.UniqueConstraint(condition=models.Q(('confirmed', True)), fields=('account', 'name'), name='lingauth_factor_name_once'),
        ),
    ]
