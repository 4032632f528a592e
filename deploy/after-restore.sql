-- After a restore that lost commits, before the app starts; as the owner of the database.
-- What was used up or ended since the backup is not, in a backup. So it is ended here.

BEGIN;
SET LOCAL statement_timeout = 0;
-- Everybody signs in again. An old refresh token would work a second time.
UPDATE lingauth_session SET ended_at = now(), end_reason = 'restored' WHERE ended_at IS NULL;
-- Links and codes in mails, sign-ins under way, mail that has gone out.
DELETE FROM lingauth_mailtoken;
DELETE FROM lingauth_flow;
DELETE FROM lingauth_mailjob;
-- Operators at the console.
DELETE FROM django_session;
COMMIT;
