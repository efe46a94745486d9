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
local lines, proofs, headers, head, length

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
        proofs, headers = io.lines(os.getenv("BENCH_PROOFS")), {}
        for name, value in pairs(wrk.headers) do headers[name] = value end
    end
end

-- All of a request but its last bytes, of which there are so many.
local function make_head(n)
    local text = wrk.format(nil, nil, nil, body .. string.rep("x", n))
    return text:sub(1, #text - n)
end

-- When no line is left the rest is refused, and counts as errors.
function request()
    if proofs then
        headers["DPoP"] = proofs() or "none"
        return wrk.format(nil, nil, headers, body)
    end
    local line = lines and lines() or ""
    if line == "" then
        lines = nil
    end
    if #line ~= length then
        length = #line
        head = make_head(length)
    end
    return head .. line
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format("figures %d %d %d %d %d\n", summary.requests,
        summary.duration, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status
            + errors.timeout))
end
