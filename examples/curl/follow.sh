#!/usr/bin/env bash
# Follows what changes in the restart: one line of JSON for each event, for as long as the token lasts.
#
#   TOKEN=... examples/curl/follow.sh
#
# A stream may end at any time. What happened in between is not repeated: after each beginning, ask once how it stands.
set -euo pipefail

: "${TOKEN:?takes an access token}"
gateway=${GATEWAY_URL:-http://127.0.0.1:4000/graphql}
subscription='subscription { restoredSystemChanged { key lifecycle answersViewer } }'

while true; do
  # A comment comes every 12 seconds, so silence for 30 means that the connection is lost.
  curl --silent --show-error --fail-with-body --no-buffer --get "$gateway/stream" \
    --header @<(printf 'Authorization: Bearer %s' "$TOKEN") --header 'Accept: text/event-stream' \
    --data-urlencode "query=$subscription" \
    --speed-limit 1 --speed-time 30 |
    sed -n --unbuffered 's/^data: \(..*\)/\1/p' || status=$?
  # Refused, as when the token has ended: trying on with the same would not help.
  [[ ${status:-0} == 22 ]] && exit 22
  sleep $((2 + RANDOM % 9))
done
