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

#include "core/when.h"
#include "guess.h"

enum { SLOTS = 64 }; /* of the memory; see find_slot() */

/* A key of the store. */
struct key {
    size_t len;
    char bytes[GUESS_KEY_MAX];
};

/* What was read, or written, at that time. */
struct slot {
    int64_t at; /* 0: never */
    struct key key;
    struct tally pair;
    struct tally whole;
    struct tally shared;
};

struct guess_memory {
    struct slot slots[SLOTS];
};

static void find_network(const struct service *service,
                         const struct request *rq, struct guess *guess);
static int look_up(struct service *service, struct guess *guess, int64_t now,
                   struct errtext *why);
static enum oauth_error judge(const struct service *service,
                              const struct guess *guess, int64_t now,
                              struct audit *audit);
static int count(struct service *service, struct guess *guess, bool is_new,
                 int64_t now, struct errtext *why);
static void tell(const struct service *service, const struct guess *guess,
                 struct errtext *why);

enum oauth_error
guess_check(struct service *service, const struct request *rq,
            const char *client_id, int64_t now, struct guess *guess,
            struct audit *audit)
{
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
    return judge(service, guess, now, audit);
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

/* Kind, a zero byte, network; and a zero byte and the client, unless that is
 * NULL. */
static void
write_key(struct key *key, const char *network, const char *client_id)
{
    int len = snprintf(key->bytes, sizeof(key->bytes), "%s%c%s%c%s",
                       GUESS_KIND, '\0', network, '\0',
                       client_id != NULL ? client_id : "");

    key->len = (size_t) len - (client_id == NULL ? 1 : 0);
}

int
guess_read_key(const char *key, size_t len, const char **network,
               const char **client_id)
{
    size_t kind = sizeof(GUESS_KIND), network_len;
    bool is_pair;

    if (len <= kind || memcmp(key, GUESS_KIND, kind) != 0)
        return -1;
    *network = key + kind;
    network_len = strlen(*network);
    is_pair = kind + network_len < len;
    *client_id = *network + network_len + (is_pair ? 1 : 0);
    return is_pair ? 1 : 0;
}

/*
 * The one of that key, or another's in its place, emptied.  Who brings that
 * about by choosing ids makes this process read the store once more.
 */
static struct slot *
find_slot(struct service *service, const struct key *key)
{
    struct slot *slot;

    if (service->guesses == NULL) {
        service->guesses = calloc(1, sizeof(*service->guesses));
        if (service->guesses == NULL)
            abort();
    }
    slot = &service->guesses->slots[hash_of(key->bytes, key->len) % SLOTS];
    if (slot->key.len != key->len
        || memcmp(slot->key.bytes, key->bytes, key->len) != 0) {
        slot->at = 0;
        slot->key = *key;
    }
    return slot;
}

static struct expiring_count
count_of(const struct key *key)
{
    return (struct expiring_count){.key = key->bytes,
                                   .key_len = key->len,
                                   .length = GUESS_WINDOW,
                                   .limit = INT64_MAX};
}

static int
read_tally(struct service *service, const struct key *key, int64_t now,
           struct tally *tally, struct errtext *why)
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
    struct key whole, shared;

    memset(&slot->pair, 0, sizeof(slot->pair));
    memset(&slot->shared, 0, sizeof(slot->shared));
    write_key(&whole, guess->network, NULL);
    if (read_tally(service, &whole, now, &slot->whole, why) != 0)
        return -1;
    if (slot->whole.n > 0)
        return read_tally(service, &slot->key, now, &slot->pair, why);
    write_shared(guess->network, network);
    write_key(&shared, network, NULL);
    return read_tally(service, &shared, now, &slot->shared, why);
}

static int
look_up(struct service *service, struct guess *guess, int64_t now,
        struct errtext *why)
{
    struct key pair;
    struct slot *slot;

    write_key(&pair, guess->network, guess->client_id);
    slot = find_slot(service, &pair);
    if (slot->at != now) {
        slot->at = 0;
        if (read_slot(service, guess, slot, now, why) != 0)
            return -1;
        slot->at = now;
    }
    guess->pair = slot->pair;
    guess->whole = slot->whole;
    guess->shared = slot->shared;
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

static enum oauth_error
judge(const struct service *service, const struct guess *guess, int64_t now,
      struct audit *audit)
{
    int64_t limit = service->policy->limits.failures;
    int64_t pair = guess_wait(&guess->pair, limit);
    const struct tally *many =
        guess->whole.n > 0 ? &guess->whole : &guess->shared;
    int64_t whole = guess_wait(many, limit * GUESS_NETWORK);
    int64_t until = pair > whole ? pair : whole;
    char text[WHEN_TEXT_MAX];

    if (until <= now)
        return OAUTH_OK;
    when_text(until, text);
    errtext_rule(&audit->why, RULE_LIMITS_LOCKOUT,
                 "%" PRId64 " failures %sfrom %s%s: until %s",
                 pair >= whole ? guess->pair.n : many->n,
                 pair >= whole ? "of this client " : "", guess->network,
                 many == &guess->shared ? " and others" : "", text);
    audit->retry_after = (int) (until - now);
    return OAUTH_TOO_MANY;
}

/* What did not fail before makes a record, and those have an end. */
void
guess_failed(struct service *service, const struct request *rq,
             struct guess *guess, int64_t now, struct errtext *why)
{
    bool is_new = guess->pair.n == 0 || guess->whole.n == 0;
    struct errtext trouble;
    int rc;

    if (!service->policy->limits.lockout)
        return;
    find_network(service, rq, guess);
    if (guess->network[0] == '\0')
        return;
    rc = count(service, guess, is_new, now, &trouble);
    if (rc == 1)
        tell(service, guess, why);
    else
        errtext_context(why, "not counted: %s",
                        rc < 0 ? trouble.text : "no room");
}

/*
 * Returns as expiring_commit() does.  When there is no room for new records,
 * a network that is there counts on, and any other with those it shares one
 * with.
 */
static int
count(struct service *service, struct guess *guess, bool is_new, int64_t now,
      struct errtext *why)
{
    struct key pair, whole, all = {sizeof(GUESS_KIND) - 1, GUESS_KIND};
    struct expiring_count counts[3] = {count_of(&all), count_of(&whole),
                                       count_of(&pair)};
    struct expiring_change change = {
        .counts = is_new ? counts : counts + 1,
        .n_counts = is_new ? 3 : 2,
        .alarms = true,
    };
    char network[GUESS_NETWORK_MAX];
    struct tally *many = &guess->whole;
    struct slot *slot;
    size_t there;
    int rc;

    write_key(&pair, guess->network, guess->client_id);
    write_key(&whole, guess->network, NULL);
    counts[0].limit = GUESS_NEW_MAX;
    counts[1].key_len = whole.len;
    counts[2].key_len = pair.len;
    counts[2].tally = guess->pair;
    rc = expiring_commit(service->expiring, &change, now, &there, why);
    if (rc == 2) {
        if (guess->whole.n == 0) {
            many = &guess->shared;
            write_shared(guess->network, network);
            write_key(&whole, network, NULL);
            counts[1] = count_of(&whole);
        }
        change.counts = counts + 1;
        change.n_counts = 1;
        rc = expiring_commit(service->expiring, &change, now, &there, why);
    }
    if (rc != 1)
        return rc;
    slot = find_slot(service, &pair);
    slot->at = now;
    *many = counts[1].tally;
    guess->pair = counts[2].tally;
    slot->pair = guess->pair;
    slot->whole = guess->whole;
    slot->shared = guess->shared;
    return 1;
}

static void
tell(const struct service *service, const struct guess *guess,
     struct errtext *why)
{
    int64_t limit = service->policy->limits.failures;
    const struct tally *many =
        guess->whole.n > 0 ? &guess->whole : &guess->shared;
    char text[WHEN_TEXT_MAX];

    if (guess->pair.n == limit) {
        when_text(guess_wait(&guess->pair, limit), text);
        errtext_context(why, "%s: now %" PRId64 " failures of this client "
                             "from %s, which is refused until %s",
                        rule_name(RULE_LIMITS_LOCKOUT), guess->pair.n,
                        guess->network, text);
    } else if (many->n == limit * GUESS_NETWORK) {
        when_text(guess_wait(many, limit * GUESS_NETWORK), text);
        errtext_context(why, "%s: now %" PRId64 " failures from %s%s, which "
                             "is refused until %s",
                        rule_name(RULE_LIMITS_LOCKOUT), many->n,
                        guess->network,
                        many == &guess->shared ? " and others" : "", text);
    }
}

/* What fails is left to the next time. */
void
guess_passed(struct service *service, struct guess *guess, int64_t now)
{
    struct key pair;
    struct expiring_record record = {.table = EXPIRING_COUNTERS};
    struct expiring_change change = {.records = &record, .n_records = 1};
    size_t there;

    if (guess->pair.n == 0)
        return;
    write_key(&pair, guess->network, guess->client_id);
    record.key = pair.bytes;
    record.key_len = pair.len;
    if (expiring_commit(service->expiring, &change, now, &there, NULL) == 1)
        find_slot(service, &pair)->pair.n = 0;
}

void
guess_memory_close(struct guess_memory *memory)
{
    free(memory);
}
