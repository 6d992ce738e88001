#!/usr/bin/env bash
# Asks the gateway a document in a file, and asks again where it says that this helps, not sooner than it says.
#
#   TOKEN=... examples/curl/ask.sh DOCUMENT [VARIABLES]
#
# DOCUMENT is a file with one GraphQL query, VARIABLES a JSON object. The answer goes to standard output. The exit code is
# 0 where there is an answer, whatever in it is null, and 22 where the question was refused as a whole.
set -euo pipefail

: "${TOKEN:?takes an access token}"
[[ -f ${1:-} && -r $1 ]] || { echo "takes a file with a GraphQL query, and not: ${1:-nothing}" >&2 && exit 2; }
gateway=${GATEWAY_URL:-http://127.0.0.1:4000/graphql}
variables=${2:-"{}"}

# As a string of JSON, to its last byte: a trusted document is known by all of them.
document=$(cat "$1" && printf .)
document=${document%.}
document=${document//\\/\\\\}
document=${document//\"/\\\"}
document=${document//$'\n'/\\n}
document=${document//$'\r'/\\r}
document=${document//$'\t'/\\t}

# A file, because curl writes the answer to each try where it is told to, and begins a file anew.
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# By POST, because a URL has room for 16 KiB. --retry waits as long as Retry-After says. Token and question are read from
# files, because everybody on a machine sees arguments.
code=0
curl --silent --show-error --fail-with-body "$gateway" \
  --header @<(printf 'Authorization: Bearer %s' "$TOKEN") \
  --header 'Content-Type: application/json' \
  --header 'Accept: application/graphql-response+json, application/json' \
  --data-binary @<(printf '{"query":"%s","variables":%s}' "$document" "$variables") \
  --retry 4 --retry-connrefused --retry-max-time 120 \
  --output "$answer" || code=$?
cat "$answer"
echo
exit "$code"
