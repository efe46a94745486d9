/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The keys of counters: what they are made of, and taken apart into.
 */

#include <string.h>

#include "core/counter.h"
#include "tap.h"

/* A text with its zero bytes, and its length. */
#define TEXT(text) text, sizeof(text) - 1

static const struct {
    const char *sentence;
    const char *kind, *first, *second;
    const char *key;
    size_t len;
} written[] = {
    {"two names", COUNTER_BUDGET, "app", "day", TEXT("budget\0app\0day")},
    {"one name", COUNTER_REVOKED_CLIENT, "app", NULL,
     TEXT("revoked_client\0app")},
    {"a second name that is empty", COUNTER_GUESS, "192.0.2.1", "",
     TEXT("guess\000192.0.2.1\0")},
    {"a name that is empty", COUNTER_MARK, "", NULL,
     TEXT("revocation_mark\0")},
};

static const struct {
    const char *sentence;
    const char *key;
    size_t len;
    int rc;
    const char *first, *second;
} read[] = {
    {"a network and a client", TEXT("guess\0a\0b"), 1, "a", "b"},
    {"a network", TEXT("guess\0a"), 0, "a", ""},
    {"an id that no client can have", TEXT("guess\0a\0"), 1, "a", ""},
    {"the number of all is neither", TEXT("guess"), -1, NULL, NULL},
    {"nor is it with a zero byte", TEXT("guess\0"), -1, NULL, NULL},
    {"nor is another kind", TEXT("guesses\0a"), -1, NULL, NULL},
    {"nor a budget", TEXT("budget\0a\0b"), -1, NULL, NULL},
    {"nor nothing", TEXT(""), -1, NULL, NULL},
};

static void
test_long(void)
{
    char id[2 * COUNTER_KEY_MAX];
    struct counter_key key;

    memset(id, 'a', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    key = counter_key(COUNTER_USE, id, "b");
    tap_is_int(COUNTER_KEY_MAX - 1, (long long)key.len,
               "what is too long is cut");
    id[CLIENT_ID_MAX] = '\0';
    key = counter_key(COUNTER_REVOKED_TOKEN, id, "0123456789012345678901");
    tap_is_int(14 + CLIENT_ID_MAX + 1 + 22, (long long)key.len,
               "the longest id of a client is not");
}

int
main(void)
{
    const char *first, *second;
    struct counter_key key;
    size_t i;

    for (i = 0; i < LEN(written); i++) {
        key = counter_key(written[i].kind, written[i].first,
                          written[i].second);
        tap_is_mem(written[i].key, written[i].len, key.bytes, key.len,
                   "written: %s", written[i].sentence);
    }
    for (i = 0; i < LEN(read); i++) {
        tap_is_int(read[i].rc, counter_read(read[i].key, read[i].len,
                                            COUNTER_GUESS, &first, &second),
                   "read: %s", read[i].sentence);
        if (read[i].rc < 0)
            continue;
        tap_is_str(read[i].first, first, "  its first name");
        tap_is_str(read[i].second, second, "  its second");
    }
    test_long();
    return tap_done();
}
