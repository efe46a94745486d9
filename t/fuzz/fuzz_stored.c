/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A record of the store, which may come from a backup: a signing key, a
 * fetched JWK Set or a tally; what loads is written and loads again, the same.
 */

#include <string.h>

#include "core/jwksrec.h"
#include "core/keyrec.h"
#include "core/tally.h"
#include "core/utf8.h"
#include "fuzz.h"

const char fuzz_corpus[] = "stored";

enum { NOW = 1000000, WINDOW = 60 };

/* Nobody counts that far: the last numbers that are read, raised, are not. */
static const int64_t count_max = INT64_C(1000000000000000000);

/* What is published of it is a set of that key. */
static void
check_published(const struct keyrec *key)
{
    static char text[4 * KEYREC_JWK_MAX];
    int n = keyrec_jwks(key, 1, NOW, text, sizeof(text));

    hold(n > 0 && utf8_is_valid(text, (size_t)n));
    hold((strstr(text, key->kid) != NULL) == keyrec_is_public(key, NOW));
}

static void
check_key(const char *json, size_t len)
{
    static struct keyrec key, again;
    struct errtext why = {.text = ""};
    char *text, *same;

    if (keyrec_load(&key, json, len, &why) != 0) {
        hold(why.text[0] != '\0');
        return;
    }
    text = keyrec_dump(&key);
    hold(keyrec_load(&again, text, strlen(text), NULL) == 0);
    same = keyrec_dump(&again);
    hold(strcmp(text, same) == 0);
    hold(key.kid[0] != '\0' && key.sealed_len > 0);
    check_published(&key);
    free(text);
    free(same);
}

static void
check_set(const char *json, size_t len)
{
    struct errtext why = {.text = ""};
    struct jwksrec rec, again;
    char *text, *same;

    if (jwksrec_load(&rec, json, len, &why) != 0) {
        hold(why.text[0] != '\0');
        return;
    }
    hold(rec.n <= JWK_SET_MAX && rec.fetched >= 0 && rec.tried >= 0);
    text = jwksrec_dump(&rec);
    hold(text != NULL && utf8_is_valid(text, strlen(text)));
    hold(jwksrec_load(&again, text, strlen(text), NULL) == 0);
    hold(again.n == rec.n);
    hold(memcmp(again.keys, rec.keys, rec.n * sizeof(*rec.keys)) == 0);
    same = jwksrec_dump(&again);
    hold(same != NULL && strcmp(text, same) == 0);
    free(text);
    free(same);
    jwksrec_free(&rec);
    jwksrec_free(&again);
}

static void
check_tally(const char *text)
{
    const int64_t until = tally_start(WINDOW, NOW) + WINDOW;
    struct tally tally, again;
    char written[TALLY_TEXT_MAX];

    if (tally_read(&tally, text, until, WINDOW, NOW) != 0) {
        hold(tally.n == 0 && tally.until == until);
        return;
    }
    hold(tally.n >= 0 && tally.at >= 0 && tally.until == until);
    if (tally.n > count_max)
        return;
    tally_raise(&tally, NOW, written);
    hold(tally_read(&again, written, until, WINDOW, NOW) == 0);
    hold(again.n == tally.n && again.at == NOW && again.until == until);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *json = copy(data, size, false), *text = copy(data, size, true);

    check_key(json, size);
    check_set(json, size);
    check_tally(text);
    free(json);
    free(text);
    return 0;
}
