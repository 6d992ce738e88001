-- What wrk sends to fill a cache: a question about a pair of part numbers, another one each time, until the wanted number
-- is answered. The process ends there, since wrk itself would sleep until its time is over. Arguments: the file of a request
-- with {ONE} and {OTHER} in it, as token, tab and body; that of the part numbers, one a line; how many of them make pairs;
-- the first pair; how many.
function init(args)
  local line = io.lines(args[1])()
  local tab = line:find("\t", 1, true)
  local headers = {
    ["Authorization"] = "Bearer " .. line:sub(1, tab - 1),
    ["Content-Type"] = "application/json",
    ["Accept"] = "application/json",
    ["Host"] = wrk.headers["Host"],
  }
  local body = line:sub(tab + 1)
  local cut = body:find("{ONE}", 1, true)
  local mid = body:find("{OTHER}", 1, true)
  local before, between, after = body:sub(1, cut - 1), body:sub(cut + 5, mid - 1), body:sub(mid + 7)
  local parts = {}
  for part in io.lines(args[2]) do parts[#parts + 1] = part end
  local side, next_pair = tonumber(args[3]), tonumber(args[4])
  local wanted, answered, refused = tonumber(args[5]), 0, 0
  response = function(status)
    answered = answered + 1
    if status > 399 then refused = refused + 1 end
    if answered < wanted then return end
    io.write(string.format('{"requests":%d,"durationMs":null,"p50Ms":0,"p99Ms":0,"refused":%d,"broken":0}\n', answered, refused))
    io.flush()
    os.exit(0)
  end
  request = function()
    local one = parts[math.floor(next_pair / side) % side + 1]
    local other = parts[next_pair % side + 1]
    next_pair = next_pair + 1
    return wrk.format("POST", nil, headers, before .. one .. between .. other .. after)
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"durationMs":%.3f,"p50Ms":%.3f,"p99Ms":%.3f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1000, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
