-- What wrk sends to fill a cache: a question about a pair of part numbers, another one each time, until the wanted number
-- is answered. The process ends there, since wrk itself would sleep until its time is over. Arguments: the file of a request
-- with {ONE} and {OTHER} in it; that of the part numbers, one a line; how many of them make pairs; the first pair; how many;
-- how many are sent on a connection at once.
local requests = dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "") .. "requests.lua")

local function filled(post, body)
  local cut, mid = body:find("{ONE}", 1, true), body:find("{OTHER}", 1, true)
  local before, between, after = body:sub(1, cut - 1), body:sub(cut + 5, mid - 1), body:sub(mid + 7)
  return function(one, other)
    return post(before .. one .. between .. other .. after)
  end
end

function init(args)
  local pair = filled(requests.prepared(io.lines(args[1])()))
  local parts = {}
  for part in io.lines(args[2]) do parts[#parts + 1] = part end
  local side, next_pair, wanted, at_once = tonumber(args[3]), tonumber(args[4]), tonumber(args[5]), tonumber(args[6])
  local answered, refused = 0, 0
  response = function(status)
    answered = answered + 1
    if status > 399 then refused = refused + 1 end
    if answered < wanted then return end
    requests.report({ requests = answered, refused = refused })
    os.exit(0)
  end
  request = function()
    local made = {}
    for place = 1, at_once do
      made[place] = pair(parts[math.floor(next_pair / side) % side + 1], parts[next_pair % side + 1])
      next_pair = next_pair + 1
    end
    return table.concat(made)
  end
end

done = requests.done
