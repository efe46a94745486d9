/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Hashes of secrets that other systems made: which family.
 */

#include <stdio.h>
#include <string.h>

#include "io/foreign_priv.h"

static int
check_text(const char *hash, struct errtext *why)
{
    size_t i;

    if (strlen(hash) > FOREIGN_HASH_MAX)
        return errtext_set(why, "the hash is over %d characters",
                           FOREIGN_HASH_MAX);
    for (i = 0; hash[i] != '\0'; i++) {
        if (hash[i] <= ' ' || hash[i] > '~')
            return errtext_set(why, "the hash has a character that is not "
                                    "visible ASCII");
    }
    return 0;
}

int
foreign_check(const char *hash, char cost[FOREIGN_COST_MAX],
              struct errtext *why)
{
    if (check_text(hash, why) != 0)
        return -1;
    if (foreign_pbkdf2_is(hash))
        return foreign_pbkdf2_check(hash, cost, why);
    return foreign_crypt_check(hash, cost, why) < 0 ? -1 : 0;
}

int
foreign_verify(const char *hash, const char *secret, size_t len,
               struct errtext *why)
{
    if (check_text(hash, why) != 0)
        return -1;
    return foreign_pbkdf2_is(hash)
               ? foreign_pbkdf2_verify(hash, secret, len, why)
               : foreign_crypt_verify(hash, secret, len, why);
}

int
foreign_waste(const char *cost, const char *secret, size_t len,
              struct errtext *why)
{
    return cost[0] == '$' ? foreign_crypt_waste(cost, secret, len, why)
                          : foreign_pbkdf2_waste(cost, secret, len, why);
}

long
foreign_ms(const char *cost)
{
    return cost[0] == '$' ? foreign_crypt_ms(cost) : foreign_pbkdf2_ms(cost);
}

const char *
foreign_form(const char *cost)
{
    return cost[0] == '$' ? foreign_crypt_form(cost) : "PBKDF2";
}

/* "$5$rounds=5000$" has 5000, and "$2b$05$" has 5. */
static void
describe_crypt(const char *cost, char text[FOREIGN_COST_MAX])
{
    const char *at = strchr(cost + 1, '$');

    at = at != NULL ? at + 1 : "";
    if (strncmp(at, "rounds=", strlen("rounds=")) == 0)
        at += strlen("rounds=");
    if (at[0] == '0' && at[1] >= '0' && at[1] <= '9')
        at++;
    snprintf(text, FOREIGN_COST_MAX, "%.30s %.*s", foreign_form(cost),
             (int)strcspn(at, "$,"), at);
}

/* "pbkdf2-sha256,i=5000,l=32" has SHA256 and 5000. */
static void
describe_pbkdf2(const char *cost, char text[FOREIGN_COST_MAX])
{
    size_t len = strcspn(cost, ","), i;
    const char *at = cost + len + strspn(cost + len, ",i=");

    snprintf(text, FOREIGN_COST_MAX, "%.*s %.*s", (int) len, cost,
             (int) strcspn(at, ","), at);
    for (i = 0; text[i] != '\0'; i++) {
        if (text[i] >= 'a' && text[i] <= 'z')
            text[i] = (char) (text[i] - 'a' + 'A');
    }
}

void
foreign_describe(const char *cost, char text[FOREIGN_COST_MAX])
{
    const char *salt = strstr(cost, FOREIGN_SALT);
    size_t len;

    if (cost[0] == '$')
        describe_crypt(cost, text);
    else
        describe_pbkdf2(cost, text);
    len = strlen(text);
    if (salt != NULL)
        snprintf(text + len, FOREIGN_COST_MAX - len, " (salt of %.20s)",
                 salt + strlen(FOREIGN_SALT));
}
