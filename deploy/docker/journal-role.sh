#!/bin/sh
# Run once by PostgreSQL's image, when the journal's database is made: the role that the gateway logs in as, whether or not the
# SQL of the gateway was there first. What that role may do is in that: `recovery-gateway journal schema --role journal_writer`.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set password="$(cat "${JOURNAL_WRITER_PASSWORD_FILE:-/run/secrets/journal-writer-password}")" <<'SQL'
SELECT 'CREATE ROLE journal_writer' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'journal_writer') \gexec
ALTER ROLE journal_writer LOGIN PASSWORD :'password' CONNECTION LIMIT 100;
SQL
