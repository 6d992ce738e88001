-- What the scripts of wrk in this folder share: how a prepared request becomes one on the wire, and how a run is told in a
-- line of JSON. Loaded by them; sends nothing by itself.
local requests = {}

-- A line of a prepared file: token and body with a tab between them. Returns what makes a request of a body, and the body.
function requests.prepared(line)
  local tab = line:find("\t", 1, true)
  local headers = {
    ["Authorization"] = "Bearer " .. line:sub(1, tab - 1),
    ["Content-Type"] = "application/json",
    ["Accept"] = "application/json",
    ["Host"] = wrk.headers["Host"],
  }
  local function post(body)
    return wrk.format("POST", nil, headers, body)
  end
  return post, line:sub(tab + 1)
end

-- Figures that nobody has are left out; a run without a duration has ended by itself.
function requests.report(figures)
  io.write(string.format(
    '{"requests":%d,"durationMs":%s,"p50Ms":%.3f,"p99Ms":%.3f,"refused":%d,"broken":%d}\n',
    figures.requests, figures.durationMs or "null", figures.p50Ms or 0, figures.p99Ms or 0,
    figures.refused, figures.broken or 0))
  io.flush()
end

-- wrk calls it when its time is over.
function requests.done(summary, latency)
  local errors = summary.errors
  requests.report({
    requests = summary.requests,
    durationMs = summary.duration / 1000,
    p50Ms = latency:percentile(50) / 1000,
    p99Ms = latency:percentile(99) / 1000,
    refused = errors.status,
    broken = errors.connect + errors.read + errors.write + errors.timeout,
  })
end

return requests
