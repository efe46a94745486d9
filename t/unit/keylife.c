/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The life of signing keys, over their times.
 */

#include <stdio.h>
#include <string.h>

#include "core/keylife.h"
#include "tap.h"

enum { KEYS_MAX = 4 };

/* Of all rows: 100 published, 1000 signing, 60 published after that. */
static const struct keylife life = {100, 1000, 60};

struct key {
    const char *kid;
    int64_t from, until, publish;
    enum jose_alg alg; /* JOSE_NONE: ES256 */
};

static size_t
load(struct keyrec *recs, const struct key *keys)
{
    size_t i;

    memset(recs, 0, KEYS_MAX * sizeof(*recs));
    for (i = 0; i < KEYS_MAX && keys[i].kid != NULL; i++) {
        snprintf(recs[i].kid, sizeof(recs[i].kid), "%s", keys[i].kid);
        recs[i].alg = keys[i].alg != JOSE_NONE ? keys[i].alg : JOSE_ES256;
        recs[i].signs_from = keys[i].from;
        recs[i].signs_until = keys[i].until;
        recs[i].publish_until = keys[i].publish;
    }
    return i;
}

static const char *
kid_of(const struct keyrec *key)
{
    return key != NULL ? key->kid : "-";
}

/*
 * states has a letter for each key: Published, Signing, Retiring, Gone; steps
 * one for what is next: Begin, Succeed, End, Withdraw, Remove.  at is that of
 * the first key.
 */
static const struct {
    const char *sentence;
    struct key keys[KEYS_MAX];
    int64_t now;
    const char *signer, *successor, *states, *steps;
    int64_t at;
} states[] = {
    {"no key at all", {{0}}, 500, "-", "-", "", "", 0},
    {"before its first second a key is published", {{"a", 500, 0, 0, 0}}, 499,
     "-", "a", "P", "B", 500},
    {"in its first second it signs", {{"a", 500, 0, 0, 0}}, 500, "a", "-",
     "S", "S", 1400},
    {"a lone key signs past its time", {{"a", 500, 0, 0, 0}}, 99999, "a", "-",
     "S", "S", 1400},
    {"until the last second of the time of a successor",
     {{"a", 500, 1500, 1560, 0}, {"b", 1500, 0, 0, 0}}, 1499, "a", "b", "SP",
     "EB", 1500},
    {"the successor takes over by time alone",
     {{"a", 500, 1500, 1560, 0}, {"b", 1500, 0, 0, 0}}, 1500, "b", "-", "RS",
     "WS", 1560},
    {"and does when the end of the first was not written",
     {{"a", 500, 0, 0, 0}, {"b", 1500, 0, 0, 0}}, 1500, "b", "-", "RS", "WS",
     0},
    {"the first is published to its last second",
     {{"a", 500, 1500, 1560, 0}, {"b", 1500, 0, 0, 0}}, 1559, "b", "-", "RS",
     "WS", 1560},
    {"then it is gone", {{"a", 500, 1500, 1560, 0}, {"b", 1500, 0, 0, 0}},
     1560, "b", "-", "GS", "RS", 1560},
    {"no key signs that is not published", {{"a", 500, 0, 600, 0}}, 600, "-",
     "-", "G", "R", 600},
    {"of two of the same second the first by kid signs",
     {{"b", 500, 0, 0, 0}, {"a", 500, 0, 0, 0}}, 500, "a", "-", "RS", "WS",
     0},
    {"of two that wait the earlier is the successor",
     {{"a", 500, 0, 0, 0}, {"b", 900, 0, 0, 0}, {"c", 800, 0, 0, 0}}, 700,
     "a", "c", "SPP", "EBB", 800},
    {"a key that ends before it begins is no successor",
     {{"a", 500, 0, 0, 0}, {"b", 900, 900, 960, 0}}, 700, "a", "-", "SP",
     "SB", 1400},
    {"keys of another algorithm do not count",
     {{"a", 500, 0, 0, 0}, {"b", 600, 0, 0, JOSE_EDDSA}}, 700, "a", "-", "SS",
     "SS", 1400},
    {"nor as successors",
     {{"a", 500, 0, 0, 0}, {"b", 900, 0, 0, JOSE_EDDSA}}, 700, "a", "-", "SP",
     "SB", 1400},
    {"the greatest time does not overflow", {{"a", INT64_MAX - 5, 0, 0, 0}},
     INT64_MAX, "a", "-", "S", "S", INT64_MAX},
};

static void
test_states(void)
{
    static const char state_letters[] = "PSRG", step_letters[] = "BSEWR";
    struct keyrec recs[KEYS_MAX];
    char seen[KEYS_MAX + 1], next[KEYS_MAX + 1];
    size_t i, j, n;

    for (i = 0; i < LEN(states); i++) {
        int64_t now = states[i].now, at = 0, first = 0;
        const char *what = states[i].sentence;

        n = load(recs, states[i].keys);
        memset(seen, 0, sizeof(seen));
        memset(next, 0, sizeof(next));
        for (j = 0; j < n; j++) {
            seen[j] = state_letters[keylife_state(&recs[j], recs, n, now)];
            next[j] = step_letters[keylife_next(&recs[j], recs, n, &life, now,
                                                &at)];
            first = j == 0 ? at : first;
        }
        tap_is_str(states[i].signer,
                   kid_of(keylife_signer(recs, n, JOSE_ES256, now)),
                   "%s: who signs", what);
        tap_is_str(states[i].successor,
                   kid_of(keylife_successor(recs, n, JOSE_ES256, now)),
                   "%s: who is next", what);
        tap_is_str(states[i].states, seen, "%s: the states", what);
        tap_is_str(states[i].steps, next, "%s: what is next", what);
        tap_is_int(states[i].at, first, "%s: when", what);
    }
}

static const struct {
    const char *sentence;
    struct key keys[KEYS_MAX];
    bool at_once;
    int64_t start; /* at 700 */
} starts[] = {
    {"the first key begins now", {{0}}, false, 700},
    {"also at once", {{0}}, true, 700},
    {"a second one after the lead", {{"a", 500, 0, 0, 0}}, false, 800},
    {"or at once", {{"a", 500, 0, 0, 0}}, true, 700},
    {"never in the second in which another began", {{"a", 700, 0, 0, 0}},
     true, 701},
    {"nor in that in which another is to begin",
     {{"a", 500, 0, 0, 0}, {"b", 800, 0, 0, 0}, {"c", 801, 0, 0, 0}}, false,
     802},
    {"at once where all others have ended", {{"a", 500, 600, 990, 0}}, false,
     700},
    {"at once where another only waits", {{"a", 900, 0, 0, 0}}, false, 700},
    {"a key of another algorithm does not count",
     {{"a", 700, 0, 0, JOSE_EDDSA}}, false, 700},
};

static void
test_starts(void)
{
    struct keyrec recs[KEYS_MAX];
    size_t i, n;

    for (i = 0; i < LEN(starts); i++) {
        n = load(recs, starts[i].keys);
        tap_is_int(starts[i].start,
                   keylife_start(recs, n, JOSE_ES256, &life, 700,
                                 starts[i].at_once),
                   "%s", starts[i].sentence);
    }
}

static const struct {
    const char *sentence;
    struct key keys[KEYS_MAX]; /* the first is settled, at 700 */
    bool changed;
    int64_t until, publish;
} ends[] = {
    {"a lone key has no end", {{"a", 500, 0, 0, 0}}, false, 0, 0},
    {"with a successor it ends when that begins",
     {{"a", 500, 0, 0, 0}, {"b", 800, 0, 0, 0}}, true, 800, 860},
    {"once is enough", {{"a", 500, 800, 860, 0}, {"b", 800, 0, 0, 0}}, false,
     800, 860},
    {"of two that follow the first counts",
     {{"a", 500, 0, 0, 0}, {"c", 900, 0, 0, 0}, {"b", 800, 0, 0, 0}}, true,
     800, 860},
    {"a successor that begins sooner ends it sooner",
     {{"a", 500, 800, 860, 0}, {"b", 700, 0, 0, 0}}, true, 700, 760},
    {"one that begins later ends it later",
     {{"a", 500, 800, 860, 0}, {"b", 900, 0, 0, 0}}, true, 900, 960},
    {"without the successor it has no end again", {{"a", 500, 800, 860, 0}},
     true, 0, 0},
    {"what has ended does not begin again", {{"a", 500, 600, 660, 0}}, false,
     600, 660},
    {"nor end a second time",
     {{"a", 500, 600, 660, 0}, {"b", 690, 0, 0, 0}}, false, 600, 660},
    {"an end of this very second is over", {{"a", 500, 700, 760, 0}}, false,
     700, 760},
    {"what was not written is found later",
     {{"a", 100, 0, 0, 0}, {"b", 500, 0, 0, 0}}, true, 500, 560},
    {"half of it, too", {{"a", 500, 600, 0, 0}}, true, 600, 660},
    {"it is published no shorter than it was to be",
     {{"a", 500, 800, 5000, 0}, {"b", 800, 0, 0, 0}}, false, 800, 5000},
    {"also when its end moves",
     {{"a", 500, 800, 5000, 0}, {"b", 700, 0, 0, 0}}, true, 700, 4900},
    {"and longer where tokens may live longer now",
     {{"a", 500, 800, 810, 0}, {"b", 800, 0, 0, 0}}, true, 800, 860},
    {"a key that is over does not end it",
     {{"a", 500, 0, 0, 0}, {"b", 600, 650, 710, 0}}, false, 0, 0},
    {"but the one after that does",
     {{"a", 500, 0, 0, 0}, {"b", 600, 650, 710, 0}, {"c", 650, 0, 0, 0}},
     true, 650, 710},
    {"nor does one of the same second that is over",
     {{"b", 500, 0, 0, 0}, {"a", 500, 501, 561, 0}}, false, 0, 0},
    {"a key of another algorithm does not end it",
     {{"a", 500, 0, 0, 0}, {"b", 800, 0, 0, JOSE_EDDSA}}, false, 0, 0},
    {"one that began before it does not",
     {{"b", 500, 0, 0, 0}, {"a", 400, 0, 0, 0}}, false, 0, 0},
    {"of two of the same second the second by kid never signs",
     {{"b", 500, 0, 0, 0}, {"a", 500, 0, 0, 0}}, true, 500, 560},
    {"and the first is not ended by it",
     {{"a", 500, 0, 0, 0}, {"b", 500, 0, 0, 0}}, false, 0, 0},
    {"the greatest time does not overflow",
     {{"a", 500, 0, 0, 0}, {"b", INT64_MAX - 5, 0, 0, 0}}, true,
     INT64_MAX - 5, INT64_MAX},
};

static void
test_ends(void)
{
    struct keyrec recs[KEYS_MAX];
    size_t i, n;

    for (i = 0; i < LEN(ends); i++) {
        const char *what = ends[i].sentence;
        bool changed;

        n = load(recs, ends[i].keys);
        changed = keylife_settle(&recs[0], recs, n, &life, 700);
        tap_ok(changed == ends[i].changed, "%s: %s", what,
               ends[i].changed ? "a change" : "no change");
        tap_is_int(ends[i].until, recs[0].signs_until, "%s: its end", what);
        tap_is_int(ends[i].publish, recs[0].publish_until,
                   "%s: it is published until then", what);
    }
}

/* Every second of some lives, with cron each day, seldom, and not at all. */
static void
test_no_gap(int64_t every)
{
    struct keyrec recs[64];
    size_t n = 1, i, most = 0;
    int64_t now, at, gaps = 0, shown = 0;

    memset(recs, 0, sizeof(recs));
    recs[0].alg = JOSE_ES256;
    memcpy(recs[0].kid, "k", 2);
    for (now = 0; now < 20000; now++) {
        const struct keyrec *signer =
            keylife_signer(recs, n, JOSE_ES256, now);

        gaps += signer == NULL;
        for (i = 0; i < n; i++)
            shown += keylife_state(&recs[i], recs, n, now) == KEYLIFE_GONE
                     && recs[i].signs_until + life.tail > now;
        if (signer == NULL || every == 0 || now % every != 0)
            continue;
        for (i = 0; i < n;) {
            if (!keyrec_is_public(&recs[i], now))
                recs[i] = recs[--n];
            else
                i++;
        }
        signer = keylife_signer(recs, n, JOSE_ES256, now);
        if (keylife_successor(recs, n, JOSE_ES256, now) == NULL
            && keylife_next(signer, recs, n, &life, now, &at)
                   == KEYLIFE_SUCCEED
            && at <= now) {
            memset(&recs[n], 0, sizeof(recs[n]));
            recs[n].alg = JOSE_ES256;
            snprintf(recs[n].kid, sizeof(recs[n].kid), "k%d", (int) now);
            recs[n].signs_from = keylife_start(recs, n, JOSE_ES256, &life,
                                               now, false);
            n++;
        }
        for (i = 0; i < n; i++)
            (void) keylife_settle(&recs[i], recs, n, &life, now);
        most = n > most ? n : most;
    }
    tap_is_int(0, gaps, "every %d seconds: in each second a key signs",
               (int) every);
    tap_is_int(0, shown, "every %d seconds: none goes before its last token",
               (int) every);
    tap_ok(most <= 3, "every %d seconds: there are never more than three",
           (int) every);
}

static void
test_init(void)
{
    struct policy policy;
    struct keylife own;

    memset(&policy, 0, sizeof(policy));
    policy.keys.lead = 7;
    policy.keys.lifetime = 70;
    policy.token.max_lifetime = 86400;
    keylife_init(&own, &policy);
    tap_is_int(7, own.lead, "the policy's lead");
    tap_is_int(70, own.lifetime, "the policy's lifetime");
    tap_is_int(86400 + KEYLIFE_MARGIN, own.tail,
               "the longest token and the margin");
}

int
main(void)
{
    test_states();
    test_starts();
    test_ends();
    test_no_gap(24);
    test_no_gap(50);
    test_no_gap(3333);
    test_no_gap(0);
    test_init();
    return tap_done();
}
