-- As the superuser, in the database, after migrate: psql -d lingauth -f deploy/history.sql
-- The app reads the history and adds to it. It can do nothing else there, whoever got into it.
-- Before a restore, or a migration that says it is not the owner:
--     GRANT lingauth_history TO lingauth;
-- and after it this file again, which takes that back.

BEGIN;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lingauth_history') THEN
        CREATE ROLE lingauth_history NOLOGIN;
    END IF;
END $$;
ALTER TABLE lingauth_event OWNER TO lingauth_history;
ALTER TABLE lingauth_historyseal OWNER TO lingauth_history;
ALTER FUNCTION lingauth_refuse_change() OWNER TO lingauth_history;
GRANT SELECT, INSERT ON lingauth_event, lingauth_historyseal TO lingauth;
GRANT SELECT ON SEQUENCE lingauth_event_id_seq, lingauth_historyseal_id_seq TO lingauth;
REVOKE lingauth_history FROM lingauth;
COMMIT;
