-- For wrk: paths of a file (one a line), uniformly at random; prints one JSON object at the end.
-- Usage: wrk … -s random.lua URL -- FILE
local requests = {}

function init(arguments)
    for path in io.lines(arguments[1]) do requests[#requests + 1] = wrk.format("GET", path) end
    math.randomseed(os.time())
end

function request()
    return requests[math.random(#requests)]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"ok": %d, "bad": %d, "rate": %.1f, "p50": %.3f, "p99": %.3f}\n',
        summary.requests - errors.status, errors.status + errors.connect + errors.read + errors.write + errors.timeout,
        (summary.requests - errors.status) / (summary.duration / 1e6),
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
