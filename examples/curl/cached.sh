#!/usr/bin/env bash
# Asks the gateway as ask.sh does, and has the answer sent only where it has changed since the last time.
#
#   TOKEN=... examples/curl/cached.sh DOCUMENT [VARIABLES]
#
# Answers and their tags are kept in CACHE, one pair for each question: a directory of this user and this partner alone.
# It asks by GET, so document and variables have 16 KiB as they stand in a URL; ask.sh takes more.
set -euo pipefail
umask 077

: "${TOKEN:?takes an access token}"
[[ -f ${1:-} && -r $1 ]] || { echo "takes a file with a GraphQL query, and not: ${1:-nothing}" >&2 && exit 2; }
gateway=${GATEWAY_URL:-http://127.0.0.1:4000/graphql}
cache=${CACHE:-"${XDG_CACHE_HOME:-$HOME/.cache}/recovery-gateway"}
variables=${2:-"{}"}

mkdir -p "$cache"
name=$( (cat "$1" && printf '%s' "$variables") | sha256sum | cut -c 1-32)
answer=$cache/$name.json
tag=$cache/$name.etag
# Of this run alone, on the same disk: curl writes a tag before the answer has come, and may never come to its end.
new=$(mktemp -d "$cache/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
[[ -e $answer ]] || rm -f "$tag"

status=$(curl --silent --show-error --get "$gateway" \
  --header @<(printf 'Authorization: Bearer %s' "$TOKEN") \
  --header 'Accept: application/graphql-response+json, application/json' \
  --data-urlencode "query@$1" \
  --data-urlencode "variables=$variables" \
  --etag-compare "$tag" --etag-save "$new/tag" \
  --retry 4 --retry-connrefused --retry-max-time 120 \
  --output "$new/answer" --write-out '%{http_code}')

case $status in
  200)
    # Whenever this ends, there is no tag beside an answer that it is not of.
    rm -f "$tag"
    mv "$new/answer" "$answer"
    [[ ! -s $new/tag ]] || mv "$new/tag" "$tag"
    ;;
  304) ;;
  *)
    cat "$new/answer" >&2
    exit 22
    ;;
esac
echo "$status" >&2
cat "$answer"
echo
