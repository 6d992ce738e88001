#!/bin/sh
# Makes what compose.yaml needs beside the gateway's own files: an authority, certificates for PostgreSQL and Valkey, and
# passwords. Makes only what is missing, says what is still to be brought, and gives each secret to the user of its container
# alone, which takes root. Run it again after a file was added.
#
#   prepare.sh [DIRECTORY]     preset: site, beside this file
set -eu
umask 077

site=${1:-$(dirname "$0")/site}
secrets=$site/secrets
mkdir -p "$secrets"

gateway=10001:10001
stores=999:999
days=825

password() {
  openssl rand -hex 24
}

# Writes standard input to a file, where it is not there yet.
make() {
  if [ -e "$1" ]; then cat >/dev/null; else cat >"$1"; fi
}

# certificate NAME: for the host NAME among the containers, and for localhost inside its own.
certificate() {
  [ -e "$site/$1.pem" ] && return
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=$1" \
    -keyout "$secrets/$1.key.pem" -out "$site/$1.csr.pem" 2>/dev/null
  printf 'subjectAltName=DNS:%s,DNS:localhost\nextendedKeyUsage=serverAuth\n' "$1" >"$site/$1.ext"
  openssl x509 -req -in "$site/$1.csr.pem" -CA "$site/ca.pem" -CAkey "$secrets/ca.key.pem" -CAcreateserial \
    -days "$days" -extfile "$site/$1.ext" -out "$site/$1.pem" 2>/dev/null
  rm "$site/$1.csr.pem" "$site/$1.ext"
}

if [ ! -e "$site/ca.pem" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days "$days" -subj '/CN=recovery-gateway stores' \
    -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign' \
    -keyout "$secrets/ca.key.pem" -out "$site/ca.pem" 2>/dev/null
fi
certificate journal
certificate valkey

password | make "$secrets/journal-owner-password"
password | make "$secrets/journal-writer-password"
make "$secrets/journal-database-url" <<END
postgres://journal_writer:$(cat "$secrets/journal-writer-password")@journal:5432/journal
END
if [ ! -e "$secrets/valkey-users.acl" ]; then
  valkey=$(password)
  make "$secrets/valkey-users.acl" <<END
user default off
user gateway on >$valkey resetkeys ~recovery-gateway:* resetchannels -@all +get +set +pttl +incrbyfloat +multi +exec +time
END
  make "$secrets/shared-store-url" <<END
rediss://gateway:$valkey@valkey:6379
END
fi

missing=
own() {
  owner=$1
  shift
  for file in "$@"; do
    if [ ! -e "$file" ]; then
      missing="$missing
  $file"
      continue
    fi
    chmod 0400 "$file"
    [ "$(id -u)" != 0 ] || chown "$owner" "$file"
  done
}
own "$gateway" "$secrets/gateway.jwk.json" "$secrets/parts-database-url" "$secrets/finance-database-url" \
  "$secrets/schedule-database-url" "$secrets/journal-database-url" "$secrets/shared-store-url"
own "$stores" "$secrets/journal.key.pem" "$secrets/journal-owner-password" "$secrets/journal-writer-password" \
  "$secrets/valkey.key.pem" "$secrets/valkey-users.acl"
# What is no secret is read in the containers under other users.
chmod 0755 "$site" "$secrets"
for file in "$site"/ca.pem "$site"/journal.pem "$site"/valkey.pem "$site"/sites.yaml "$site"/signatories.jwks.json; do
  if [ -e "$file" ]; then chmod 0644 "$file"; else missing="$missing
  $file"; fi
done

[ "$(id -u)" = 0 ] || echo 'Not run as root: the secrets still belong to you, and the containers cannot read them.' >&2
if [ -n "$missing" ]; then
  printf 'Still to be brought, then run this again:%s\n' "$missing" >&2
  exit 1
fi
