#!/usr/bin/env bash
# Asks the gateway as ask.sh does, and has the answer sent only where it has changed since the last time.
#
#   TOKEN=... examples/curl/cached.sh DOCUMENT [VARIABLES]
#
# Answers and their tags are kept in CACHE, one pair for each question: a directory of this user and this partner alone.
set -euo pipefail
umask 077

: "${TOKEN:?takes an access token}"
gateway=${GATEWAY_URL:-http://127.0.0.1:4000/graphql}
cache=${CACHE:-"${XDG_CACHE_HOME:-$HOME/.cache}/recovery-gateway"}
variables=${2:-"{}"}

mkdir -p "$cache"
name=$( (cat "$1" && printf '%s' "$variables") | sha256sum | cut -c 1-32)
answer=$cache/$name.json
new=$cache/$name.new
tag=$cache/$name.etag
[[ -e $answer ]] || rm -f "$tag"

status=$(curl --silent --show-error --get "$gateway" \
  --header @<(printf 'Authorization: Bearer %s' "$TOKEN") \
  --data-urlencode "query@$1" \
  --data-urlencode "variables=$variables" \
  --etag-compare "$tag" --etag-save "$tag" \
  --retry 4 --retry-connrefused --retry-max-time 120 \
  --output "$new" --write-out '%{http_code}')

case $status in
  200) mv "$new" "$answer" ;;
  304) rm -f "$new" ;;
  *)
    cat "$new" >&2
    exit 22
    ;;
esac
echo "$status" >&2
cat "$answer"
echo
