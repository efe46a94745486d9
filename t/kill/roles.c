/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The processes of the kill test.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/expiring.h"
#include "io/store.h"
#include "roles.h"

struct player {
    struct ledger *ledger;
    struct store *store;
    const char *dir;
    unsigned seed;
    int64_t began; /* the call in hand */
    char buf[STORE_VALUE_MAX + 1];
};

struct change {
    struct player *player;
    unsigned writer;
    unsigned record;
    uint64_t n;
};

/* What a worker has decoded, and when. */
struct memory {
    uint64_t generation;
    uint64_t n;
    bool known;
};

static void be_writer(struct player *player, unsigned writer);
static store_edit_fn change_record;
static void be_reader(struct player *player);
static void be_cgi(struct player *player);
static void be_leaver(struct player *player);
static void be_lister(struct player *player);
static store_each_fn check_listed;
static void be_racer(struct player *player);
static void be_racing_cgi(struct player *player);
static void be_tokener(struct player *player, unsigned tokener);
static void race(struct player *player, struct expiring *expiring);
static uint64_t read_one(struct player *player, unsigned writer,
                         unsigned record);
static void open_store(struct player *player, enum store_role role);
static unsigned any(struct player *player, unsigned below);
static void begin(struct player *player);
static void done(struct player *player);
static void fail(struct player *player, const struct errtext *why)
    __attribute__((__noreturn__));
static void nap(long us);

void
role_run(enum role role, const char *dir, struct ledger *ledger,
         unsigned seed)
{
    static struct player player;

    player.ledger = ledger;
    player.dir = dir;
    player.seed = seed;
    if (role <= ROLE_WRITER_2)
        be_writer(&player, (unsigned)role);
    else if (role == ROLE_CGI)
        be_cgi(&player);
    else if (role == ROLE_LEAVER)
        be_leaver(&player);
    else if (role == ROLE_LISTER)
        be_lister(&player);
    else if (role == ROLE_RACER_CGI)
        be_racing_cgi(&player);
    else if (role >= ROLE_TOKENER_0)
        be_tokener(&player, (unsigned)(role - ROLE_TOKENER_0));
    else if (role >= ROLE_RACER)
        be_racer(&player);
    else
        be_reader(&player);
    store_close(player.store);
    _exit(0);
}

static void
be_writer(struct player *player, unsigned writer)
{
    struct ledger *ledger = player->ledger;
    struct errtext why = {.text = ""};
    struct change change = {player, writer, 0, 0};
    char key[32];

    open_store(player, writer == 0 ? STORE_SERVES : STORE_ADMIN);
    while (!ledger->stop) {
        change.record = any(player, 4) == 0 ? SHARED : any(player, SHARED);
        change.n = ledger->begun[writer][change.record] + 1;
        ledger->begun[writer][change.record] = change.n;
        ledger_key(writer, change.record, key);
        begin(player);
        if (store_edit(player->store, STORE_CLIENTS, key, change_record,
                       &change, &why) < 0)
            fail(player, &why);
        ledger->acked[writer][change.record] = change.n;
        ledger->acknowledged++;
        done(player);
    }
}

static int
change_record(void *arg, const char *old, size_t len, char **value,
              struct errtext *why)
{
    struct change *change = arg;
    struct ledger *ledger = change->player->ledger;

    (void)len;
    (void)why;
    ledger_check(ledger, change->writer, change->record, old,
                 ledger->acked[change->writer][change->record], change->n);
    if (change->record == SHARED)
        *value = ledger_shared(old, change->writer, change->n);
    else
        *value = ledger_text(change->writer, change->record, change->n);
    return 1;
}

/*
 * As a worker does it: what was decoded under a generation is used as long as
 * the generation stands.
 */
static void
be_reader(struct player *player)
{
    static struct memory memories[WRITERS][RECORDS];
    struct memory *memory;
    unsigned writer;
    unsigned record;
    uint64_t acked;

    open_store(player, STORE_SERVES);
    while (!player->ledger->stop) {
        writer = any(player, WRITERS);
        record = any(player, RECORDS);
        memory = &memories[writer][record];
        acked = player->ledger->acked[writer][record];
        if (memory->known
            && memory->generation == store_generation(player->store)) {
            if (memory->n != 0 && memory->n < acked)
                player->ledger->stale++;
            continue;
        }
        memory->generation = store_generation(player->store);
        memory->n = read_one(player, writer, record);
        memory->known = true;
        nap(50);
    }
}

static void
be_cgi(struct player *player)
{
    while (!player->ledger->stop) {
        open_store(player, STORE_SERVES);
        (void)read_one(player, any(player, WRITERS), any(player, RECORDS));
        store_close(player->store);
        player->store = NULL;
        nap(500);
    }
}

static void
be_leaver(struct player *player)
{
    open_store(player, STORE_SERVES);
    (void)read_one(player, any(player, WRITERS), any(player, RECORDS));
    _exit(0);
}

static void
be_lister(struct player *player)
{
    struct errtext why = {.text = ""};

    open_store(player, STORE_ADMIN);
    while (!player->ledger->stop) {
        begin(player);
        if (store_each(player->store, STORE_CLIENTS, check_listed, player,
                       &why) < 0)
            fail(player, &why);
        done(player);
        nap(20000);
    }
}

static int
check_listed(void *arg, const char *key, const char *value, size_t len)
{
    struct player *player = arg;
    unsigned writer;
    unsigned record;

    /* What was acknowledged before is not known here: whole or not. */
    if (strlen(value) != len)
        player->ledger->torn++;
    if (sscanf(key, "writer-%u-%u", &writer, &record) == 2
        && writer < WRITERS && record < SHARED)
        ledger_check(player->ledger, writer, record, value, 0,
                     player->ledger->begun[writer][record]);
    return 0;
}

static void
be_racer(struct player *player)
{
    struct expiring *expiring;

    open_store(player, STORE_SERVES);
    expiring = expiring_open(player->store);
    while (!player->ledger->stop) {
        race(player, expiring);
        if (any(player, 4) == 0)
            nap(50);
    }
    expiring_close(expiring);
}

static void
be_racing_cgi(struct player *player)
{
    struct expiring *expiring;

    while (!player->ledger->stop) {
        open_store(player, STORE_SERVES);
        expiring = expiring_open(player->store);
        race(player, expiring);
        expiring_close(expiring);
        store_close(player->store);
        player->store = NULL;
        nap(500);
    }
}

/* All race for the same prize until it is out, and now and then for one that
 * is out. */
static void
race(struct player *player, struct expiring *expiring)
{
    struct ledger *ledger = player->ledger;
    struct errtext why = {.text = ""};
    uint32_t last = ledger->prize;
    uint32_t n = any(player, 8) == 0 ? any(player, last + 1) : last;

    begin(player);
    if (ledger_race(ledger, expiring, n, &why) < 0
        || (any(player, 2) == 0
            && ledger_litter(expiring, any(player, 1 << 20), &why) < 0))
        fail(player, &why);
    done(player);
    if (n == last && last < PRIZES - 1)
        (void)atomic_compare_exchange_strong(&ledger->prize, &last, last + 1);
}

static void
be_tokener(struct player *player, unsigned tokener)
{
    struct ledger *ledger = player->ledger;
    struct expiring *expiring;
    struct errtext why = {.text = ""};
    unsigned other;

    open_store(player, STORE_SERVES);
    expiring = expiring_open(player->store);
    while (!ledger->stop) {
        other = any(player, TOKENERS);
        begin(player);
        if (ledger_token(ledger, expiring, WRITERS + tokener,
                         any(player, SHARED), &why) < 0
            || ledger_check_token(ledger, expiring, WRITERS + other,
                                  any(player, SHARED), &why) < 0)
            fail(player, &why);
        done(player);
    }
    expiring_close(expiring);
}

/* Returns the number that was read. */
static uint64_t
read_one(struct player *player, unsigned writer, unsigned record)
{
    struct ledger *ledger = player->ledger;
    uint64_t acked = ledger->acked[writer][record];
    struct errtext why = {.text = ""};
    const char *text;
    char key[32];
    size_t len;
    int rc;

    ledger_key(writer, record, key);
    begin(player);
    rc = store_get(player->store, STORE_CLIENTS, key, player->buf,
                   sizeof(player->buf), &len, &why);
    if (rc < 0)
        fail(player, &why);
    done(player);
    text = rc > 0 ? player->buf : NULL;
    ledger_check(ledger, writer, record, text, acked,
                 ledger->begun[writer][record]);
    return ledger_number(writer, record, text);
}

static void
open_store(struct player *player, enum store_role role)
{
    struct errtext why = {.text = ""};

    begin(player);
    if (store_open(&player->store, player->dir, role, &why) < 0)
        fail(player, &why);
    done(player);
}

static unsigned
any(struct player *player, unsigned below)
{
    player->seed = player->seed * 1103515245U + 12345U;
    return (player->seed >> 8) % below;
}

static void
begin(struct player *player)
{
    player->began = ledger_now_ms();
}

static void
done(struct player *player)
{
    int64_t took = ledger_now_ms() - player->began;
    int64_t longest = player->ledger->longest_ms;

    while (longest < took
           && !atomic_compare_exchange_weak(&player->ledger->longest_ms,
                                            &longest, took))
        ;
    player->ledger->operations++;
}

static void
fail(struct player *player, const struct errtext *why)
{
    player->ledger->failed++;
    fprintf(stderr, "# %s\n", why->text);
    _exit(1);
}

static void
nap(long us)
{
    const struct timespec time = {0, us * 1000};

    (void)nanosleep(&time, NULL);
}
