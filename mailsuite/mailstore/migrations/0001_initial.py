
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('blobs', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountState',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='store', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('modseq', models.BigIntegerField(default=1)),
                ('floor', models.BigIntegerField(default=0, help_text='changes up to this modseq were compacted: what is gone since is not known')),
                ('uidvalidity', models.BigIntegerField(default=0, help_text='the last one given to a mailbox; each is given once')),
                ('bytes_used', models.BigIntegerField(default=0, help_text='size of all messages, each counted once')),
            ],
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trace', models.BinaryField(default=b'', help_text='Return-Path, Received, Authentication-Results; goes before the blob')),
                ('size', models.BigIntegerField(help_text='bytes of trace and blob: RFC822.SIZE')),
                ('incarnation', models.IntegerField(default=0, help_text='goes up when a merge of threads re-announces the message: see `email_id`')),
                ('place', models.IntegerField(choices=[(1, 'Mail'), (2, 'Spam'), (3, 'Trash')], default=1)),
                ('flags', models.IntegerField(default=0)),
                ('keywords', models.JSONField(default=list, help_text='sorted IMAP keywords, as written')),
                ('own', models.BooleanField(default=False, help_text='written by the account itself')),
                ('modseq', models.BigIntegerField(help_text="of its last change of any kind, mailboxes included: never below its memberships'")),
                ('created_modseq', models.BigIntegerField(help_text='when it came to be under its present `email_id`')),
                ('received_at', models.DateTimeField(help_text='INTERNALDATE; for own mail the time of sending')),
                ('sent_at', models.DateTimeField(help_text='the Date field, where it can be read', null=True)),
                ('trashed_at', models.DateTimeField(help_text='moved to Trash or Spam at; the purge counts from here', null=True)),
                ('remembered', models.JSONField(default=list, help_text='mailbox ids it had when it went to Trash or Spam')),
                ('message_id', models.TextField(help_text='without < >; made up where there was none (rule R2)')),
                ('in_reply_to', models.TextField(blank=True, help_text="the nearest parent's id, without < >")),
                ('subject', models.TextField(blank=True)),
                ('author_name', models.CharField(blank=True, help_text='of the first author, decoded', max_length=200)),
                ('author_address', models.CharField(blank=True, help_text='local@domain, domain lower case', max_length=320)),
                ('people', models.JSONField(default=dict, help_text='{from|sender|reply_to|to|cc|bcc: [[name, address], …]}, decoded, at most 200 each')),
                ('preview', models.TextField(blank=True, help_text='first 200 characters of text without quotes')),
                ('attachments', models.JSONField(default=list, help_text='[{part, name, type, size, inline, cid}]: names decoded, size in bytes')),
                ('imap_envelope', models.BinaryField(help_text='ENVELOPE as it goes over the wire (RFC 9051 §7.5.2)')),
                ('imap_structure', models.BinaryField(help_text='BODYSTRUCTURE as it goes over the wire')),
                ('traits', models.JSONField(default=dict, help_text='what rules ask: {list_id, bulk, auto, calendar_uid, encrypted, tracked …}')),
                ('decision', models.JSONField(default=dict, help_text='why it is where it is: {reasons: [{code, text, weight}], auth: {...}}')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to=settings.AUTH_USER_MODEL)),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='blobs.blob')),
            ],
        ),
        migrations.CreateModel(
            name='Action',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('sentence', models.CharField(help_text='as shown: "Archived 3 conversations"', max_length=300)),
                ('delta', models.JSONField(help_text='{message id: [state before, state after]}: see `homes.State`')),
                ('labels', models.JSONField(default=list, help_text='labels it deleted: [{id, name, color, sticky, subscribed}]')),
                ('undone', models.BooleanField(default=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='actions', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='IndexedText',
            fields=[
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='indexed', serialize=False, to='mailstore.message')),
                ('text', models.BinaryField(help_text='zstd of the JSON list of the index columns')),
            ],
        ),
        migrations.CreateModel(
            name='Mailbox',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='the whole path, levels divided by /', max_length=500)),
                ('folded', models.CharField(help_text='the name case-folded: what uniqueness is judged by', max_length=500)),
                ('role', models.CharField(blank=True, choices=[('inbox', 'Inbox'), ('flagged', 'Starred'), ('sent', 'Sent'), ('drafts', 'Drafts'), ('archive', 'Archive'), ('all', 'All'), ('junk', 'Junk'), ('trash', 'Trash')], max_length=10)),
                ('uidvalidity', models.BigIntegerField()),
                ('uidnext', models.BigIntegerField(default=1)),
                ('modseq', models.BigIntegerField(default=1, help_text='highest modseq of any change in it, expunges included (RFC 7162 §3.1.2.1)')),
                ('created_modseq', models.BigIntegerField(default=1)),
                ('total', models.IntegerField(default=0, help_text='messages in it; these four are kept right by `rows`, checked by `verify`')),
                ('unread', models.IntegerField(default=0, help_text='messages in it without \\Seen')),
                ('threads', models.IntegerField(default=0, help_text='conversations in it')),
                ('unread_threads', models.IntegerField(default=0, help_text='conversations with an unread message in it')),
                ('subscribed', models.BooleanField(default=True)),
                ('sticky', models.BooleanField(default=True, help_text='a label that later messages of a thread inherit')),
                ('color', models.CharField(blank=True, help_text="one of product.md 6.4's label hues", max_length=10)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mailboxes', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.BigIntegerField()),
                ('deleted', models.BooleanField(default=False, help_text='\\Deleted, which belongs to the copy and not to the message')),
                ('modseq', models.BigIntegerField(help_text='when it came in, or its deleted mark last changed')),
                ('mailbox', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='mailstore.mailbox')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='mailstore.message')),
            ],
        ),
        migrations.CreateModel(
            name='Thread',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('base_subjects', models.JSONField(default=list, help_text='the different base subjects of its messages (rule R4)')),
                ('subject_key', models.BigIntegerField(default=0, help_text='hash of its first base subject, for rule R8')),
                ('gathers', models.CharField(blank=True, help_text='calendar UID or chat group id: what carries it belongs here, whatever its subject', max_length=255)),
                ('barrier', models.CharField(blank=True, help_text='rule R12: threads split by hand from one another share this', max_length=40)),
                ('list_id', models.CharField(blank=True, max_length=255)),
                ('oldest_at', models.DateTimeField(help_text='received time of its oldest message')),
                ('newest_at', models.DateTimeField()),
                ('total', models.IntegerField(default=0, help_text='messages in any place (rule R13)')),
                ('count', models.IntegerField(default=0, help_text='messages in place Mail')),
                ('unread', models.IntegerField(default=0)),
                ('starred', models.BooleanField(default=False)),
                ('attachments', models.BooleanField(default=False)),
                ('draft', models.BooleanField(default=False)),
                ('muted', models.BooleanField(default=False, help_text='one of its messages carries $muted')),
                ('subject', models.TextField(blank=True)),
                ('preview', models.TextField(blank=True, help_text='of the first unread message, else the newest')),
                ('writers', models.JSONField(default=list, help_text='[[name, address, unread], …] in order of first appearance')),
                ('labels', models.JSONField(default=list, help_text='ids of own labels on any message in place Mail')),
                ('modseq', models.BigIntegerField(default=1)),
                ('created_modseq', models.BigIntegerField(default=1)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='threads', to=settings.AUTH_USER_MODEL)),
                ('continues', models.ForeignKey(help_text='rule R7', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='continued_by', to='mailstore.thread')),
            ],
        ),
        migrations.CreateModel(
            name='Reference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('msgid', models.CharField(help_text='without < >', max_length=250)),
                ('uses', models.IntegerField(default=0, help_text='messages of the thread that referred to it while it was a ghost (rule R15)')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='mailstore.message')),
                ('thread', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='references', to='mailstore.thread')),
            ],
        ),
        migrations.AddField(
            model_name='message',
            name='thread',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='mailstore.thread'),
        ),
        migrations.CreateModel(
            name='ThreadRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('newest_at', models.DateTimeField(help_text='product.md 3.6: Inbox by newest incoming, Sent by newest own, else newest')),
                ('count', models.IntegerField(help_text='its messages in this mailbox')),
                ('unread', models.IntegerField()),
                ('face', models.JSONField(help_text='of a thread that is in several places, how it looks in this one where that is not how the thread looks: {subject, preview, writers, attachments, starred}', null=True)),
                ('mailbox', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='mailstore.mailbox')),
                ('thread', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='mailstore.thread')),
            ],
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('modseq', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('expunged', 'a message left a mailbox: mailbox and uid name the hole (RFC 7162 VANISHED)'), ('destroyed', 'an email_id is gone from the account'), ('dissolved', 'a thread is gone: emptied, or merged into another'), ('dropped', 'a mailbox is gone')], max_length=10)),
                ('email_id', models.CharField(blank=True, max_length=40)),
                ('thread_id', models.BigIntegerField(null=True)),
                ('mailbox_id', models.BigIntegerField(null=True)),
                ('uid', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['account', 'modseq'], name='mailstore_c_account_d2fa9a_idx'), models.Index(condition=models.Q(('kind', 'expunged')), fields=['mailbox_id', 'modseq'], name='change_tombstones')],
            },
        ),
        migrations.CreateModel(
            name='Expunged',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trace', models.BinaryField(default=b'')),
                ('flags', models.IntegerField(default=0)),
                ('keywords', models.JSONField(default=list)),
                ('own', models.BooleanField(default=False)),
                ('received_at', models.DateTimeField()),
                ('subject', models.TextField(blank=True, help_text='so that a member knows what it was')),
                ('author', models.CharField(blank=True, max_length=320)),
                ('remembered', models.JSONField(default=list, help_text='mailbox ids it had')),
                ('at', models.DateTimeField(db_index=True, help_text='expunged at')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='expunged', to=settings.AUTH_USER_MODEL)),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='blobs.blob')),
            ],
            options={
                'indexes': [models.Index(fields=['account', 'at'], name='mailstore_e_account_e941dd_idx')],
            },
        ),
        migrations.AddConstraint(
            model_name='mailbox',
            constraint=models.UniqueConstraint(fields=('account', 'folded'), name='one_mailbox_a_name'),
        ),
        migrations.AddConstraint(
            model_name='mailbox',
            constraint=models.UniqueConstraint(condition=models.Q(('role', ''), _negated=True), fields=('account', 'role'), name='one_mailbox_a_role'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('mailbox', 'uid'), name='one_message_a_uid'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('mailbox', 'message'), name='one_copy_a_mailbox'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(fields=['account', 'modseq'], name='mailstore_t_account_ef3989_idx'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(fields=['account', 'subject_key', 'newest_at'], name='mailstore_t_account_b6f2f0_idx'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(condition=models.Q(('gathers', ''), _negated=True), fields=['account', 'gathers'], name='thread_gathers'),
        ),
        migrations.AddIndex(
            model_name='reference',
            index=models.Index(fields=['account', 'msgid'], name='mailstore_r_account_34ca53_idx'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['account', 'modseq'], name='mailstore_m_account_3e2713_idx'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['thread', 'received_at'], name='mailstore_m_thread__6f4fd9_idx'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['account', 'received_at'], name='mailstore_m_account_5a35ae_idx'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['trashed_at'], name='message_trashed'),
        ),
        migrations.AddIndex(
            model_name='threadrow',
            index=models.Index(fields=['mailbox', '-newest_at', '-thread'], name='row_order'),
        ),
        migrations.AddIndex(
            model_name='threadrow',
            index=models.Index(condition=models.Q(('unread__gt', 0)), fields=['mailbox', '-newest_at'], name='row_unread'),
        ),
        migrations.AddConstraint(
            model_name='threadrow',
            constraint=models.UniqueConstraint(fields=('mailbox', 'thread'), name='one_row_a_mailbox'),
        ),
    ]
