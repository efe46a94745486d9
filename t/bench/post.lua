-- SPDX-License-Identifier: ISC
-- Copyright 2026 The ccgrant authors
--
-- For wrk: one request by client_secret_basic, over and over: a token request,
-- or what $BENCH_BODY says.  Prints the figures as one line that t/bench/run
-- reads.

wrk.method = "POST"
wrk.body = os.getenv("BENCH_BODY") or "grant_type=client_credentials"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format("figures %d %d %d %d %d\n", summary.requests,
        summary.duration, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status
            + errors.timeout))
end
