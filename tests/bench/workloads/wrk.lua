-- Sends the requests of a file in turn: a line each, path, tab, body. The token is an environment
-- variable.
local requests = {}
local place = 0

function init()
  for line in io.lines(os.getenv("WORKLOAD_FILE")) do
    local path, body = line:match("^(%S+)\t(.*)$")
    requests[#requests + 1] = wrk.format("POST", path, {
      ["Content-Type"] = "application/json",
      ["Authorization"] = "Token " .. os.getenv("WORKLOAD_TOKEN"),
    }, body)
  end
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary, latency)
  io.write(string.format("result %d %d %d %.0f\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout,
    latency:percentile(99)))
end
