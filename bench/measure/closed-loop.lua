-- What wrk sends: the requests of a file, one a line, token and body with a tab between them, round and round. One line
-- is sent from memory. At the end, the figures of the run on a line of JSON.
function init(args)
  local requests, last = {}, 0
  for line in io.lines(args[1]) do
    local tab = line:find("\t", 1, true)
    local headers = {
      ["Authorization"] = "Bearer " .. line:sub(1, tab - 1),
      ["Content-Type"] = "application/json",
      ["Accept"] = "application/json",
      ["Host"] = wrk.headers["Host"],
    }
    requests[#requests + 1] = wrk.format("POST", nil, headers, line:sub(tab + 1))
  end
  request = function()
    last = last % #requests + 1
    return requests[last]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"durationMs":%.3f,"p50Ms":%.3f,"p99Ms":%.3f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1000, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
