-- Once, as the superuser: psql -v password="$PASSWORD" -f deploy/postgresql.sql

CREATE ROLE lingauth LOGIN PASSWORD :'password' CONNECTION LIMIT 90;
CREATE DATABASE lingauth OWNER lingauth;
REVOKE CONNECT ON DATABASE lingauth FROM PUBLIC;

-- Below proxy_read_timeout. A request that waits longer is answered 503, and its thread is free.
ALTER ROLE lingauth IN DATABASE lingauth SET statement_timeout = '20s';
ALTER ROLE lingauth IN DATABASE lingauth SET lock_timeout = '5s';
ALTER ROLE lingauth IN DATABASE lingauth SET idle_in_transaction_session_timeout = '30s';
