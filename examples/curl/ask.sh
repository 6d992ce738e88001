#!/usr/bin/env bash
# Asks the gateway a document in a file, and asks again where it says that this helps, not sooner than it says.
#
#   TOKEN=... examples/curl/ask.sh DOCUMENT [VARIABLES]
#
# DOCUMENT is a file with one GraphQL query, VARIABLES a JSON object. The answer goes to standard output. The exit code is
# 0 where there is an answer, whatever in it is null, and 22 where the question was refused as a whole.
set -euo pipefail

: "${TOKEN:?takes an access token}"
gateway=${GATEWAY_URL:-http://127.0.0.1:4000/graphql}
variables=${2:-"{}"}

# A file, because curl writes the answer to each try where it is told to, and begins a file anew.
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# --retry waits as long as Retry-After says. The token is read from a file, because everybody on a machine sees arguments.
code=0
curl --silent --show-error --fail-with-body --get "$gateway" \
  --header @<(printf 'Authorization: Bearer %s' "$TOKEN") \
  --header 'Accept: application/graphql-response+json, application/json' \
  --data-urlencode "query@$1" \
  --data-urlencode "variables=$variables" \
  --retry 4 --retry-connrefused --retry-max-time 120 \
  --output "$answer" || code=$?
cat "$answer"
echo
exit "$code"
