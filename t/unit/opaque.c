/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The text of opaque tokens.
 */

#include <string.h>

#include "core/opaque.h"
#include "tap.h"

#define ZEROS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" /* 43 */

static const struct {
    const char *sentence;
    const char *text;
    bool good;
} rows[] = {
    {"prefix, 43 characters and a checksum", "ccga_" ZEROS "AAECAw", true},
    {"another prefix", "ccgb_" ZEROS "AAECAw", false},
    {"the prefix in capitals", "CCGA_" ZEROS "AAECAw", false},
    {"no prefix", ZEROS "AAECAwAAAAA", false},
    {"a character too few", "ccga_" ZEROS "AAECA", false},
    {"a character too many", "ccga_" ZEROS "AAECAwA", false},
    {"nothing behind the prefix", "ccga_", false},
    {"nothing", "", false},
    {"a plus", "ccga_+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAECAw",
     false},
    {"a space", "ccga_ AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAECAw",
     false},
    {"a dot", "ccga_AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAECAw",
     false},
    {"bits behind the last byte",
     "ccga_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAECAw", false},
    {"bits behind the checksum", "ccga_" ZEROS "AAECAx", false},
    {"padding", "ccga_" ZEROS "AAEC==", false},
};

int
main(void)
{
    unsigned char random[OPAQUE_RANDOM_LEN] = {0};
    static const unsigned char check[OPAQUE_CHECK_LEN] = {0, 1, 2, 3};
    char text[OPAQUE_LEN + 1];
    size_t i;

    memset(text, 'x', sizeof(text));
    opaque_begin(text, random);
    opaque_finish(text, check);
    tap_is_str("ccga_" ZEROS "AAECAw", text, "a token");
    memset(random, 0xff, sizeof(random));
    opaque_begin(text, random);
    tap_is_str("ccga___________________________________________8", text,
               "its body ends before the checksum");
    opaque_finish(text, check);
    tap_ok(opaque_looks_like(text, OPAQUE_LEN), "what is made looks like one");
    for (i = 0; i < LEN(rows); i++)
        tap_is_int(rows[i].good,
                   opaque_looks_like(rows[i].text, strlen(rows[i].text)),
                   "%s", rows[i].sentence);
    return tap_done();
}
