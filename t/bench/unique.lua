-- SPDX-License-Identifier: ISC
-- Copyright 2026 The ccgrant authors
--
-- For wrk: token requests that are each made anew.  With the file
-- BENCH_ASSERTIONS each has a line of it as its assertion; with BENCH_CLIENT
-- all are of that client, without a secret; else all are by
-- client_secret_basic, with the file BENCH_PROOFS each with a line of it as its
-- DPoP proof.  Prints the figures as one line that t/bench/run reads.

local body = "grant_type=client_credentials"
local type = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
local lines, headers

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"

function init(args)
    local file = os.getenv("BENCH_ASSERTIONS")
    if file then
        body = body .. "&client_assertion_type=" .. type
            .. "&client_assertion="
        lines = io.lines(file)
    elseif os.getenv("BENCH_CLIENT") then
        body = body .. "&client_id=" .. os.getenv("BENCH_CLIENT")
    else
        wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")
    end
    if os.getenv("BENCH_PROOFS") then
        lines, headers = io.lines(os.getenv("BENCH_PROOFS")), {}
        for name, value in pairs(wrk.headers) do headers[name] = value end
    end
end

-- When no line is left the rest is refused, and counts as errors.
function request()
    if headers then
        headers["DPoP"] = lines() or "none"
        return wrk.format(nil, nil, headers, body)
    end
    return wrk.format(nil, nil, nil, lines and body .. (lines() or "") or body)
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format("figures %d %d %d %d %d\n", summary.requests,
        summary.duration, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status
            + errors.timeout))
end
