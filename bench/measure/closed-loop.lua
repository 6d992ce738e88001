-- What wrk sends: the requests of a file, one a line, round and round. They are made beforehand and sent from memory.
local requests = dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "") .. "requests.lua")

function init(args)
  local made, last = {}, 0
  for line in io.lines(args[1]) do
    local post, body = requests.prepared(line)
    made[#made + 1] = post(body)
  end
  request = function()
    last = last % #made + 1
    return made[last]
  end
end

done = requests.done
