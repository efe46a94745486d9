/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Who guesses secrets has to wait.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/counter.h"
#include "core/when.h"
#include "guess.h"
#include "guess_priv.h"

enum {
    SLOTS = 64,     /* of the memory; see find_slot() */
    WAITS_MAX = 640 /* bytes of what waits, in words */
};

/* What was read, or written, at that time. */
struct slot {
    int64_t at; /* 0: never */
    struct counter_key key;
    struct guess_tallies failed;
};

struct guess_memory {
    struct slot slots[SLOTS];
};

static void find_network(const struct service *service,
                         const struct request *rq, struct guess *guess);
static int look_up(struct service *service, struct guess *guess, int64_t now,
                   struct errtext *why);
static int64_t write_waits(const struct service *service,
                           const struct guess *guess, int64_t now,
                           const char *between, char text[WAITS_MAX]);
static int count(struct service *service, struct guess *guess, bool is_new,
                 int64_t now, struct errtext *why);
static void tell(const struct service *service, const struct guess *guess,
                 int64_t now, struct errtext *why);

enum oauth_error
guess_check(struct service *service, const struct request *rq,
            const char *client_id, int64_t now, struct guess *guess,
            struct audit *audit)
{
    char text[WAITS_MAX];
    int64_t until;

    memset(guess, 0, sizeof(*guess));
    guess->client_id = client_check_id(client_id, NULL) == 0 ? client_id : "";
    if (!service->policy->limits.lockout
        || expiring_alarmed(service->expiring)
               < tally_start(GUESS_WINDOW, now))
        return OAUTH_OK;
    find_network(service, rq, guess);
    if (guess->network[0] == '\0')
        return OAUTH_OK;
    if (look_up(service, guess, now, &audit->why) != 0) {
        errtext_under(&audit->why, RULE_SERVER_STORE);
        return OAUTH_UNAVAILABLE;
    }
    if (guess->failed.shared.n > 0
        && guess_is_usual(service, guess->client_id, guess->network, now)) {
        guess->is_usual = true;
        memset(&guess->failed.shared, 0, sizeof(guess->failed.shared));
    }
    until = write_waits(service, guess, now, ": until ", text);
    if (until <= now)
        return OAUTH_OK;
    errtext_rule(&audit->why, RULE_LIMITS_LOCKOUT, "%s", text);
    audit->retry_after = (int) (until - now);
    return OAUTH_TOO_MANY;
}

/*
 * Who can make a proxy's field unreadable chooses to be unknown, so what is
 * unknown is counted, too, apart from all others.  A proxy's own address is
 * that of everybody whom no field tells of.
 */
static void
find_network(const struct service *service, const struct request *rq,
             struct guess *guess)
{
    const struct policy *policy = service->policy;

    if (guess->is_known)
        return;
    guess->is_known = true;
    if (rq->origin[0] == '\0' && rq->remote_addr[0] == '\0')
        return;
    if (rq->origin[0] == '\0'
        || cidr_match(policy->proxy_nets, policy->n_proxies, rq->origin))
        snprintf(guess->network, sizeof(guess->network), "%s", GUESS_UNKNOWN);
    else if (cidr_network(rq->origin, guess->network) != 0)
        snprintf(guess->network, sizeof(guess->network), "%.*s",
                 GUESS_NETWORK_MAX - 1, rq->origin);
}

/* FNV-1a */
static uint32_t
hash_of(const void *data, size_t len)
{
    const unsigned char *bytes = data;
    uint32_t hash = 2166136261u;
    size_t i;

    for (i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash ^ hash >> 16;
}

/* Who has an IPv6 network often has 48 bits of one (RFC 6177, 2). */
static void
write_shared(const char *network, char shared[GUESS_NETWORK_MAX])
{
    struct cidr net;
    uint32_t hash;

    if (cidr_parse(&net, network, NULL) == 0 && net.bits == 64)
        hash = hash_of(net.addr, 6);
    else
        hash = hash_of(network, strlen(network));
    snprintf(shared, GUESS_NETWORK_MAX, "%s%u", GUESS_SHARED,
             (unsigned) (hash % GUESS_SHARED_MAX));
}

/*
 * The one of that key, or another's in its place, emptied.  Who brings that
 * about by choosing ids makes this process read the store once more.
 */
static struct slot *
find_slot(struct service *service, const struct counter_key *key)
{
    struct slot *slot;

    if (service->guesses == NULL)
        service->guesses = alloc_zero(1, sizeof(*service->guesses));
    slot = &service->guesses->slots[hash_of(key->bytes, key->len) % SLOTS];
    if (slot->key.len != key->len
        || memcmp(slot->key.bytes, key->bytes, key->len) != 0) {
        slot->at = 0;
        slot->key = *key;
    }
    return slot;
}

static struct expiring_count
count_of(const struct counter_key *key)
{
    return (struct expiring_count){.key = key->bytes,
                                   .key_len = key->len,
                                   .length = GUESS_WINDOW,
                                   .limit = INT64_MAX};
}

static int
read_tally(struct service *service, const struct counter_key *key,
           int64_t now, struct tally *tally, struct errtext *why)
{
    struct expiring_count what = count_of(key);

    if (expiring_count_read(service->expiring, &what, now, why) != 0)
        return -1;
    *tally = what.tally;
    return 0;
}

/* A network that never failed has no client that did. */
static int
read_slot(struct service *service, const struct guess *guess,
          struct slot *slot, int64_t now, struct errtext *why)
{
    char network[GUESS_NETWORK_MAX];
    struct counter_key key = counter_key(COUNTER_GUESS, guess->network, NULL);

    memset(&slot->failed, 0, sizeof(slot->failed));
    if (read_tally(service, &key, now, &slot->failed.whole, why) != 0)
        return -1;
    if (slot->failed.whole.n > 0)
        return read_tally(service, &slot->key, now, &slot->failed.pair, why);
    write_shared(guess->network, network);
    key = counter_key(COUNTER_GUESS, network, NULL);
    return read_tally(service, &key, now, &slot->failed.shared, why);
}

static int
look_up(struct service *service, struct guess *guess, int64_t now,
        struct errtext *why)
{
    const struct counter_key pair =
        counter_key(COUNTER_GUESS, guess->network, guess->client_id);
    struct slot *slot = find_slot(service, &pair);

    if (slot->at != now) {
        slot->at = 0;
        if (read_slot(service, guess, slot, now, why) != 0)
            return -1;
        slot->at = now;
    }
    guess->failed = slot->failed;
    return 0;
}

int64_t
guess_wait(const struct tally *tally, int64_t limit)
{
    int64_t over = tally->n - limit, until;

    if (over < 0)
        return 0;
    until = tally->at + (over < 9 && 1 << over < GUESS_WAIT_MAX
                             ? 1 << over
                             : GUESS_WAIT_MAX);
    return until < tally->until ? until : tally->until;
}

/* Write all who wait, the longest first.  Returns the end of that. */
static int64_t
write_waits(const struct service *service, const struct guess *guess,
            int64_t now, const char *between, char text[WAITS_MAX])
{
    const struct guess_tallies *by = &guess->failed;
    const struct tally *many = by->whole.n > 0 ? &by->whole : &by->shared;
    int64_t limit = service->policy->limits.failures;
    int64_t ends[2] = {guess_wait(&by->pair, limit),
                       guess_wait(many, limit * GUESS_NETWORK)};
    char others[WAITS_MAX / 4] = " and others, ", end[WHEN_TEXT_MAX];
    const char *whose = guess->client_id[0] != '\0'
                            ? "of this client "
                            : "of " GUESS_IMPOSSIBLE " ";
    int first = ends[1] > ends[0], i, n = 0;

    if (ends[first] > now)
        write_shared(guess->network, others + strlen(others));
    text[0] = '\0';
    for (i = 0; i < 2; i++) {
        bool pair = i == first; /* else of the network */

        if (ends[!pair] <= now)
            continue;
        when_text(ends[!pair], end);
        n += snprintf(text + n, (size_t) (WAITS_MAX - n),
                      "%s%" PRId64 " failures %sfrom %s%s%s%s",
                      n > 0 ? "; " : "", pair ? by->pair.n : many->n,
                      pair ? whose : "", guess->network,
                      !pair && many == &by->shared ? others : "", between,
                      end);
    }
    return ends[first];
}

/* What did not fail before makes a record, and those have an end. */
void
guess_failed(struct service *service, const struct request *rq,
             struct guess *guess, int64_t now, struct errtext *why)
{
    bool is_new = guess->failed.pair.n == 0 || guess->failed.whole.n == 0;
    struct errtext trouble;
    int rc;

    if (!service->policy->limits.lockout)
        return;
    find_network(service, rq, guess);
    if (guess->network[0] == '\0')
        return;
    rc = count(service, guess, is_new, now, &trouble);
    if (rc == 1)
        tell(service, guess, now, why);
    else
        errtext_context(why, "not counted: %s",
                        rc < 0 ? trouble.text : "no room");
}

/*
 * Returns as expiring_commit() does.  When there is no room for new records, a
 * client that is where it usually is makes them, a network that is there
 * counts on, and any other with those it shares one with.
 */
static int
count(struct service *service, struct guess *guess, bool is_new, int64_t now,
      struct errtext *why)
{
    const struct counter_key
        all = {sizeof(COUNTER_GUESS) - 1, COUNTER_GUESS},
        pair = counter_key(COUNTER_GUESS, guess->network, guess->client_id);
    struct counter_key whole = counter_key(COUNTER_GUESS, guess->network,
                                           NULL);
    /* What did not fail before, the network, and the client from there. */
    struct expiring_count counts[3] = {count_of(&all), count_of(&whole),
                                       count_of(&pair)};
    struct expiring_change change = {
        .counts = is_new ? counts : counts + 1,
        .n_counts = is_new ? 3 : 2,
        .alarms = true,
    };
    char network[GUESS_NETWORK_MAX];
    struct tally *many = &guess->failed.whole;
    struct slot *slot;
    size_t there;
    int rc;

    counts[0].limit = GUESS_NEW_MAX;
    counts[2].tally = guess->failed.pair;
    rc = expiring_commit(service->expiring, &change, now, &there, why);
    if (rc == 2) {
        if (guess->failed.whole.n == 0 && !guess->is_usual) {
            many = &guess->failed.shared;
            write_shared(guess->network, network);
            whole = counter_key(COUNTER_GUESS, network, NULL);
            counts[1] = count_of(&whole);
        }
        change.counts = counts + 1;
        change.n_counts = guess->is_usual ? 2 : 1;
        rc = expiring_commit(service->expiring, &change, now, &there, why);
    }
    if (rc != 1)
        return rc;
    slot = find_slot(service, &pair);
    slot->at = now;
    *many = counts[1].tally;
    guess->failed.pair = counts[2].tally;
    slot->failed = guess->failed;
    return 1;
}

/* Waiting begins with that failure, of the client there or of the network. */
static void
tell(const struct service *service, const struct guess *guess, int64_t now,
     struct errtext *why)
{
    const struct guess_tallies *by = &guess->failed;
    int64_t limit = service->policy->limits.failures;
    char text[WAITS_MAX];

    if (by->pair.n != limit && by->whole.n != limit * GUESS_NETWORK
        && by->shared.n != limit * GUESS_NETWORK)
        return;
    write_waits(service, guess, now, ", which is refused until ", text);
    errtext_context(why, "%s: now %s", rule_name(RULE_LIMITS_LOCKOUT), text);
}

/* What fails is left to the next time. */
void
guess_passed(struct service *service, struct guess *guess, int64_t now)
{
    const struct counter_key pair =
        counter_key(COUNTER_GUESS, guess->network, guess->client_id);
    const struct expiring_record record = {.table = EXPIRING_COUNTERS,
                                           .key = pair.bytes,
                                           .key_len = pair.len};
    struct expiring_change change = {.records = &record, .n_records = 1};
    size_t there;

    if (guess->failed.pair.n == 0)
        return;
    if (expiring_commit(service->expiring, &change, now, &there, NULL) == 1)
        find_slot(service, &pair)->failed.pair.n = 0;
}

void
guess_memory_close(struct guess_memory *memory)
{
    free(memory);
}
