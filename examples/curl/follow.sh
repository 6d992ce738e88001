#!/usr/bin/env bash
# Follows what changes in the restart: one line of JSON for each event, for as long as the token lasts.
#
#   TOKEN=... examples/curl/follow.sh
#
# A stream may end at any time, and what happened in between is not repeated. So each begins with a line that says how the
# restart stands. SILENCE_SECONDS without a byte mean that the connection is lost, a comment comes every 12; PAUSE_SECONDS
# is the shortest wait before the next.
set -euo pipefail

: "${TOKEN:?takes an access token}"
gateway=${GATEWAY_URL:-http://127.0.0.1:4000/graphql}
silence=${SILENCE_SECONDS:-30}
pause=${PAUSE_SECONDS:-2}
here=$(dirname "${BASH_SOURCE[0]}")
subscription='subscription { restoredSystemChanged { key lifecycle answersViewer } }'

stream=
trap '[[ -z $stream ]] || kill "$stream" 2>/dev/null || true' EXIT

while true; do
  status=0
  wait=$((pause + RANDOM % (4 * pause + 1)))
  has_begun=
  # Not --speed-limit: that is a rate, and a stream in which nothing happens is far below any.
  exec 3< <(
    exec curl --silent --show-error --no-buffer --include --suppress-connect-headers --get "$gateway/stream" \
      --header @<(printf 'Authorization: Bearer %s' "$TOKEN") --header 'Accept: text/event-stream' \
      --data-urlencode "query=$subscription"
  )
  stream=$!
  while IFS= read -r -t "$silence" -u 3 line; do
    line=${line%$'\r'}
    case $line in
      HTTP/*) status=$(cut -d ' ' -f 2 <<<"$line") ;;
      [Rr]etry-[Aa]fter:\ [0-9]*) wait=$((${line#*: } + RANDOM % (pause + 1))) ;;
      'data: '?*) printf '%s\n' "${line#data: }" ;;
      :*)
        # From the first comment on nothing is missed.
        [[ -n $has_begun ]] || "$here/ask.sh" "$here/documents/restart.graphql" || break
        has_begun=yes
        ;;
    esac
  done
  kill "$stream" 2>/dev/null || true
  exec 3<&-
  [[ $status == 200 ]] || printf '%s %s\n' "$status" "$line" >&2
  # What is refused for good, as when the token has ended. Anything else passes.
  case $status in 400 | 401 | 403) exit 22 ;; esac
  sleep "$wait"
done
