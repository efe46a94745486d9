/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The ledger of the kill test.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "ledger.h"

enum {
    DELETES = 8,
    FIELD = 21,
    FIRST = 1700000000, /* seconds: the time of the first prize */
    PER_SECOND = 50,
    FOR_LONG = 1000000000,
};

static int add(struct expiring *expiring, int64_t expires, uint32_t n,
               struct errtext *why);
static bool deleted_between(uint64_t from, uint64_t to);

struct ledger *
ledger_new(void)
{
    void *at = mmap(NULL, sizeof(struct ledger), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        abort();
    return at;
}

void
ledger_key(unsigned writer, unsigned record, char key[32])
{
    if (record == SHARED)
        snprintf(key, 32, "shared");
    else
        snprintf(key, 32, "writer-%u-%u", writer, record);
}

char *
ledger_text(unsigned writer, unsigned record, uint64_t n)
{
    /* Mostly of the size of a client record, now and then of many pages. */
    uint64_t much = writer < WRITERS ? 20000 : 14000;
    size_t pad = (size_t)(n % 16 == 3 ? much + n % 1000
                                      : (n * 37 + writer * 11) % 3000);
    char *text = malloc(TEXT_MAX);
    int len;

    if (text == NULL)
        abort();
    if (n % DELETES == 0) {
        free(text);
        return NULL;
    }
    len = snprintf(text, TEXT_MAX, "%llu of %u-%u ", (unsigned long long)n,
                   writer, record);
    memset(text + len, (int)('a' + n % 26), pad);
    snprintf(text + (size_t)len + pad, 32, " %llu", (unsigned long long)n);
    return text;
}

char *
ledger_shared(const char *old, unsigned writer, uint64_t n)
{
    char *text = malloc(WRITERS * FIELD + 1);
    unsigned i;

    if (text == NULL)
        abort();
    for (i = 0; i < WRITERS; i++)
        snprintf(text + i * FIELD, FIELD + 1, "%020llu;", i == writer
                 ? (unsigned long long)n
                 : (unsigned long long)ledger_number(i, SHARED, old));
    return text;
}

uint64_t
ledger_number(unsigned writer, unsigned record, const char *text)
{
    if (text == NULL)
        return 0;
    if (record != SHARED)
        return strtoull(text, NULL, 10);
    if (strlen(text) != WRITERS * FIELD)
        return 0;
    return strtoull(text + writer * FIELD, NULL, 10);
}

void
ledger_check(struct ledger *ledger, unsigned writer, unsigned record,
             const char *text, uint64_t acked, uint64_t begun)
{
    uint64_t n = ledger_number(writer, record, text);
    char *whole;

    if (record != SHARED && text == NULL) {
        if (!deleted_between(acked, begun))
            ledger->missing++;
        return;
    }
    if (n < acked) {
        ledger->missing++;
        return;
    }
    if (n > begun)
        ledger->torn++;
    if (record == SHARED)
        return;
    whole = ledger_text(writer, record, n);
    if (whole == NULL || strcmp(whole, text) != 0)
        ledger->torn++;
    free(whole);
}

/* No record is there before the first number. */
static bool
deleted_between(uint64_t from, uint64_t to)
{
    return to - from >= DELETES || from % DELETES == 0
           || from / DELETES != to / DELETES;
}

int
ledger_token(struct ledger *ledger, struct expiring *expiring,
             unsigned tokener, unsigned token, struct errtext *why)
{
    uint64_t n = ledger->begun[tokener][token] + 1;
    char *text = ledger_text(tokener, token, n);
    char key[32];
    struct expiring_record record = {
        EXPIRING_TOKENS, key, 0, ledger_time(PRIZES) + FOR_LONG, text,
    };
    struct expiring_change change = {.records = &record, .n_records = 1,
                                     .durable = true};
    size_t there;
    int rc;

    ledger_key(tokener, token, key);
    record.key_len = strlen(key);
    ledger->begun[tokener][token] = n;
    rc = expiring_commit(expiring, &change, ledger_time(0), &there, why);
    free(text);
    if (rc < 0)
        return -1;
    ledger->acked[tokener][token] = n;
    ledger->acknowledged++;
    return 0;
}

int
ledger_check_token(struct ledger *ledger, struct expiring *expiring,
                   unsigned tokener, unsigned token, struct errtext *why)
{
    char buf[EXPIRING_TEXT_MAX + 1], key[32];
    uint64_t acked = ledger->acked[tokener][token];
    int rc;

    ledger_key(tokener, token, key);
    rc = expiring_read(expiring, EXPIRING_TOKENS, key, strlen(key),
                       ledger_time(0), buf, sizeof(buf), NULL, NULL, why);
    if (rc >= 0)
        ledger_check(ledger, tokener, token, rc > 0 ? buf : NULL, acked,
                     ledger->begun[tokener][token]);
    return rc < 0 ? -1 : 0;
}

int
ledger_race(struct ledger *ledger, struct expiring *expiring, uint32_t n,
            struct errtext *why)
{
    int rc = add(expiring, ledger_time(n) + FOR_LONG, n, why);

    if (rc > 0) {
        ledger->won[n]++;
        ledger->acknowledged++;
    }
    if (rc >= 0)
        return 0;
    if (strstr(why->text, "nobody can tell") == NULL)
        return -1;
    ledger->doubts++;
    return 0;
}

int
ledger_litter(struct expiring *expiring, uint32_t n, struct errtext *why)
{
    uint32_t mixed = n * 2654435761U;
    struct expiring_record record = {
        EXPIRING_TOKENS, &mixed, sizeof(mixed), ledger_time(n) / 2, "litter",
    };
    struct expiring_change change = {.records = &record, .n_records = 1};
    size_t there;

    if (add(expiring, ledger_time(n) / 2, n, why) < 0)
        return -1;
    return expiring_commit(expiring, &change, ledger_time(n), &there, why) < 0
               ? -1
               : 0;
}

int64_t
ledger_time(uint32_t n)
{
    return FIRST + n / PER_SECOND;
}

static int
add(struct expiring *expiring, int64_t expires, uint32_t n,
    struct errtext *why)
{
    uint32_t mixed = n * 2654435761U; /* the places of ids are random */
    struct expiring_use use = {.expires = expires};
    struct expiring_change change = {.uses = &use, .n_uses = 1};
    size_t there;

    memset(use.id, 0xa5, sizeof(use.id));
    memcpy(use.id, &mixed, sizeof(mixed));
    memcpy(use.id + sizeof(use.id) - sizeof(n), &n, sizeof(n));
    return expiring_commit(expiring, &change, ledger_time(n), &there, why);
}

int
ledger_check_prizes(struct ledger *ledger, struct expiring *expiring,
                    struct errtext *why)
{
    uint32_t n;
    int rc;

    for (n = 0; n <= ledger->prize; n++) {
        rc = add(expiring, ledger_time(n) + FOR_LONG, n, why);
        if (rc < 0)
            return -1;
        if (rc > 0 && ledger->won[n] > 0)
            ledger->missing++;
        if (ledger->won[n] > 1)
            ledger->twice++;
    }
    return 0;
}

int64_t
ledger_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
