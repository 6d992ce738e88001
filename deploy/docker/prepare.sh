#!/bin/sh
# Makes what compose.yaml needs beside the gateway's own files: an authority, certificates for PostgreSQL and Valkey, and
# passwords. Makes only what is missing, says what is still to be brought, and gives each secret to the user of its container
# alone, which takes root. Run it again after a file was added, or was taken away to be made anew.
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

fail() {
  echo "$1" >&2
  exit 1
}

# quietly COMMAND…: says what the command says only where it fails.
quietly() {
  said=$("$@" 2>&1) || fail "$said"
}

# The authority of the two stores is one of its own, beside those of the systems that the site brings.
authority=$site/stores-ca.pem
authority_key=$secrets/stores-ca.key.pem
systems=$site/systems-ca.pem
trusted=$site/ca.pem

# certificate NAME: for the host NAME among the containers, and for localhost inside its own.
certificate() {
  [ -e "$site/$1.pem" ] && [ -e "$secrets/$1.key.pem" ] && return
  [ -e "$authority_key" ] || fail "$site/$1.pem cannot be made without $authority_key: bring that back, or take $authority
away, so that an authority and both certificates are made anew."
  quietly openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=$1" \
    -keyout "$secrets/$1.key.pem" -out "$site/$1.csr.pem"
  printf 'subjectAltName=DNS:%s,DNS:localhost\nextendedKeyUsage=serverAuth\n' "$1" >"$site/$1.ext"
  quietly openssl x509 -req -in "$site/$1.csr.pem" -CA "$authority" -CAkey "$authority_key" -CAcreateserial \
    -days "$days" -extfile "$site/$1.ext" -out "$site/$1.pem"
  rm "$site/$1.csr.pem" "$site/$1.ext"
}

if [ ! -e "$authority" ]; then
  # What was brought under this name is the systems'; under it stands what is made of both.
  if [ -e "$trusted" ] && [ ! -e "$systems" ]; then mv "$trusted" "$systems"; fi
  quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days "$days" \
    -subj '/CN=recovery-gateway stores' \
    -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign' \
    -keyout "$authority_key" -out "$authority"
  # Of an authority before it.
  rm -f "$site/journal.pem" "$site/valkey.pem"
fi
certificate journal
certificate valkey
if [ -e "$systems" ]; then
  # A line feed between them, whether or not the first ends with one.
  { cat "$systems" && echo && cat "$authority"; } >"$trusted"
fi

password | make "$secrets/journal-owner-password"
# A password and the URL that has it in it are made together: one without the other opens nothing.
if [ ! -e "$secrets/journal-writer-password" ]; then
  rm -f "$secrets/journal-database-url"
  password | make "$secrets/journal-writer-password"
fi
make "$secrets/journal-database-url" <<END
postgres://journal_writer:$(cat "$secrets/journal-writer-password")@journal:5432/journal
END
if [ ! -e "$secrets/valkey-users.acl" ] || [ ! -e "$secrets/shared-store-url" ]; then
  rm -f "$secrets/valkey-users.acl" "$secrets/shared-store-url"
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
for file in "$secrets"/webhook-*; do
  [ ! -e "$file" ] || own "$gateway" "$file"
done
own "$stores" "$secrets/journal.key.pem" "$secrets/journal-owner-password" "$secrets/journal-writer-password" \
  "$secrets/valkey.key.pem" "$secrets/valkey-users.acl"
# What is no secret is read in the containers under other users.
chmod 0755 "$site" "$secrets"
for file in "$systems" "$authority" "$site"/journal.pem "$site"/valkey.pem "$site"/sites.yaml "$site"/signatories.jwks.json; do
  if [ -e "$file" ]; then chmod 0644 "$file"; else missing="$missing
  $file"; fi
done
[ ! -e "$trusted" ] || chmod 0644 "$trusted"

[ "$(id -u)" = 0 ] || echo 'Not run as root: the secrets still belong to you, and the containers cannot read them.' >&2
if [ -n "$missing" ]; then
  printf 'Still to be brought, then run this again:%s\n' "$missing" >&2
  exit 1
fi
