/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Hashes of other systems: those that they published as examples are verified,
 * what is weak, cut, changed or too slow is refused, and no secret is cut.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/foreign.h"
#include "../lib/tap.h"

#define BCRYPT "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
#define LONG_BCRYPT \
    "$2b$04$CCCCCCCCCCCCCCCCCCCCC.ug0A3dTXhy5U.dFjx/qguZ8I4CB77BC"
#define YESCRYPT \
    "$y$j75$F5Jx5fExrKuPp53xLKQ..1$aEFV0VcEI5Jx.rzUhLbfRgipTKSbuNF0ldHPkDpnc" \
    "o3"
#define LONG_YESCRYPT \
    "$y$j75$F5Jx5fExrKuPp53xLKQ..1$VzJCw8X/ODbk6eAgLH2Xom.8wHoEkuknmZAqttGgc" \
    "u2"
#define SHADOW \
    "$y$j9T$huXYrFRxr5.EtlA/GqJQg1$R36Nu5MbY5YM0SzRaWbBPyGpM7KMcWtbUmBq5gDZA" \
    "9B"
#define GOST \
    "$gy$j9T$i.krMgTvuXE2doi6Hguka/$qwn482j7gJbWZNQ3cF0YdKAud.C3vUIorQGsF0ry" \
    "ox3"
#define SCRYPT \
    "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"
#define SHA512_HASH \
    "lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y" \
    "6JMxxl8audkUEm0"
#define SHA512 "$6$rounds=5000$toolongsaltstrin$" SHA512_HASH
#define SHA256 "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"
#define DJANGO \
    "pbkdf2_sha256$12000$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s="
#define DJANGO1 "pbkdf2_sha1$24000$seasalt$F+kiWNHXbMBcwgxsvSKFCWHnZZ0="
#define HYDRA_SALT "1jP+5Zxpxgtee/iPxGgOz0RfE9/KJuDElP1ley4VxXc"
#define HYDRA_KEY "QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJctoYpI"
#define HYDRA "$pbkdf2-sha256$i=100000,l=32$" HYDRA_SALT "$" HYDRA_KEY
#define HYDRA512 \
    "$pbkdf2-sha512$i=100000,l=32$bdHBpn7OWOivJMVJypy2UqR0UnaD5prQXRZevj/05YU" \
    "$+wArTfv1a+bNGO1iZrmEdVjhA+lL11wF4/IxpgYfPwc"
#define DOTS43 "..........................................."

/* The example of whoever made the form, its work and what that is called. */
static const struct {
    const char *sentence;
    const char *hash;
    const char *secret;
    const char *cost;
    const char *form;
} good_rows[] = {
    {"bcrypt of Openwall", BCRYPT, "U*U", "$2b$05$", "bcrypt"},
    {"bcrypt as $2y$",
     "$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*",
     "$2b$05$", "bcrypt"},
    {"bcrypt as $2b$",
     "$2b$04$CCCCCCCCCCCCCCCCCCCCC..o66Ba.o65rt06KXeSpKWfObOB7QJIe",
     "correct horse", "$2b$04$", "bcrypt"},
    {"yescrypt", YESCRYPT, "correct horse", "$y$j75$", "yescrypt"},
    {"yescrypt of a shadow file", SHADOW, "Password123", "$y$j9T$",
     "yescrypt"},
    {"gost-yescrypt of a shadow file", GOST, "Password123", "$gy$j9T$",
     "gost-yescrypt"},
    {"scrypt of libxcrypt", SCRYPT, "pleaseletmein", "$7$C6..../....,s=14",
     "scrypt"},
    {"sha512crypt of Drepper", SHA512, "This is just a test",
     "$6$rounds=5000$", "sha512crypt"},
    {"sha256crypt of Drepper, whose salt is shorter", SHA256, "Hello world!",
     "$5$rounds=5000$,s=10", "sha256crypt"},
    {"PBKDF2 of Django", DJANGO, "l\303\250tmein",
     "pbkdf2-sha256,i=12000,l=32", "PBKDF2"},
    {"PBKDF2 of Django with SHA-1", DJANGO1, "KRONOS",
     "pbkdf2-sha1,i=24000,l=20", "PBKDF2"},
    {"PBKDF2 of Hydra", HYDRA, "test", "pbkdf2-sha256,i=100000,l=32",
     "PBKDF2"},
    {"PBKDF2 of Hydra with SHA-512", HYDRA512, "test",
     "pbkdf2-sha512,i=100000,l=32", "PBKDF2"},
};

static const struct {
    const char *sentence;
    const char *hash;
    const char *reason;
} bad_rows[] = {
    {"nothing", "", "not of a form"},
    {"a secret in place of its hash", "correct-horse", "not of a form"},
    {"DES", "CCNf8Sbh3HDfQ", "not of a form"},
    {"DES of BSDi", "_J9..CCCCXBrJUJV154M", "not of a form"},
    {"MD5-crypt", "$1$abc$iCQ2D3nhptRYi27fDYv2s1", "not of a form"},
    {"NTLM", "$3$$8846f7eaee8fb117ad06bdd830b7586c", "not of a form"},
    {"MD5 of Solaris", "$md5,rounds=1000$GUBv0xjJ$$mSwgIswdjlTY0YxV7HBVm0",
     "not of a form"},
    {"SHA-1 of NetBSD", "$sha1$1000$abc$3BouD4k4kpP9zZN7ajk83qnpfntH",
     "not of a form"},
    {"the bcrypt of a bug",
     "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
     "not of a form"},
    {"Argon2", "$argon2id$v=19$m=32,t=2,p=4$cm94YnRVOW5j$MNzk5BtR2vUhrp6qQE",
     "not of a form"},
    {"a hash and the end of its line", SHA256 "\n", "visible ASCII"},
    {"a hash and a space", SHA256 " ", "visible ASCII"},
    {"a byte beyond ASCII", "$5$salt\303\251$" DOTS43, "visible ASCII"},
    {"bcrypt that was cut", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRG",
     "cut or changed"},
    {"bcrypt alone", "$2b$", "cut or changed"},
    {"bcrypt with a character more", BCRYPT "W", "cut or changed"},
    {"bcrypt with a digit that is none",
     "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyO_W",
     "cut or changed"},
    {"bcrypt with bits left over in the salt",
     "$2a$05$CCCCCCCCCCCCCCCCCCCCCCE5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
     "cut or changed"},
    {"bcrypt with bits left over in the hash",
     "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeX",
     "cut or changed"},
    {"bcrypt with cost 3",
     "$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
     "cut or changed"},
    {"bcrypt with cost 14",
     "$2a$14$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
     "the most is 13"},
    {"bcrypt with cost 99",
     "$2a$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
     "the most is 13"},
    {"sha512crypt with 100001 rounds",
     "$6$rounds=100001$toolongsaltstrin$" SHA512_HASH, "the most is 100000"},
    {"sha512crypt with more rounds than a number holds",
     "$6$rounds=99999999999999999999$toolongsaltstrin$" SHA512_HASH,
     "the most is 100000"},
    {"sha256crypt with 100001 rounds", "$5$rounds=100001$saltstring$" DOTS43,
     "the most is 100000"},
    {"sha512crypt with 999 rounds",
     "$6$rounds=999$toolongsaltstrin$" SHA512_HASH, "cut or changed"},
    {"sha512crypt with a zero before its rounds",
     "$6$rounds=05000$toolongsaltstrin$" SHA512_HASH, "cut or changed"},
    {"sha512crypt with a salt that was not cut",
     "$6$rounds=5000$toolongsaltstring$" SHA512_HASH, "cut or changed"},
    {"sha512crypt without a salt", "$6$$" SHA512_HASH, "cut or changed"},
    {"sha512crypt that was cut", "$6$salt$" DOTS43, "cut or changed"},
    {"sha256crypt with the hash of sha512crypt", "$5$salt$" SHA512_HASH,
     "cut or changed"},
    {"yescrypt of another flavour", "$y$k9T$.......$" DOTS43, "N and r"},
    {"yescrypt with p",
     "$y$jD5.7$LdJMENpBABJJ3hIHjB1Bi.$HboGM6qPrsK.StKYGt6KErmUYtioHreJd98oIu"
     "goNB6",
     "N and r"},
    {"yescrypt of 256 MB", "$y$jDT$.......$" DOTS43, "over 128 MB"},
    {"yescrypt with a digit of two", "$y$jzT$.......$" DOTS43,
     "cut or changed"},
    {"yescrypt of a few bytes", "$y$j.5$.......$" DOTS43, "too weak"},
    {"gost-yescrypt of 1 GB", "$gy$jFT$.......$" DOTS43, "over 128 MB"},
    {"scrypt with N of 4",
     "$7$06..../....SodiumChloride$ENlyo6fGw4PCcDBOFepfSZjFUnVatHzCcW55.ZGz3"
     "B0",
     "too weak"},
    {"scrypt of 256 MB", "$7$EU..../....saltsalt$" DOTS43, "over 128 MB"},
    {"scrypt with r beyond all", "$7$Czzzzz/....saltsalt$" DOTS43,
     "over 128 MB"},
    {"scrypt with p of 0", "$7$C6.........saltsalt$" DOTS43,
     "cut or changed"},
    {"yescrypt with a salt of no number of bytes", "$y$j75$.....$" DOTS43,
     "cut or changed"},
    {"yescrypt with a salt of 65 bytes", "$y$j75$" DOTS43 DOTS43 ".$" DOTS43,
     "cut or changed"},
    {"scrypt with a salt that is longer than any",
     "$7$C6..../...." DOTS43 DOTS43 ".$" DOTS43, "cut or changed"},
    {"scrypt without a salt", "$7$C6..../....$" DOTS43, "cut or changed"},
    {"PBKDF2 with 999 iterations",
     "pbkdf2_sha256$999$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=",
     "under 1000"},
    {"PBKDF2 with 1600001 iterations",
     "pbkdf2_sha256$1600001$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up"
     "4s=",
     "the most is 1600000"},
    {"PBKDF2 of two blocks with 800001 iterations",
     "$pbkdf2-sha256$i=800001,l=33$" HYDRA_SALT "$" HYDRA_KEY "A",
     "the most is 800000"},
    {"PBKDF2 with SHA-512 and 600001 iterations",
     "$pbkdf2-sha512$i=600001,l=32$" HYDRA_SALT "$" HYDRA_KEY,
     "the most is 600000"},
    {"PBKDF2 with more iterations than a number holds",
     "pbkdf2_sha256$99999999999999$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DR"
     "rGED6Up4s=",
     "not in a form"},
    {"PBKDF2 of Django without a salt",
     "pbkdf2_sha256$12000$$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=",
     "not in a form"},
    {"PBKDF2 of Django without its padding",
     "pbkdf2_sha256$12000$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s",
     "not in a form"},
    {"PBKDF2 of Django with a key of another length",
     "pbkdf2_sha256$24000$seasalt$F+kiWNHXbMBcwgxsvSKFCWHnZZ0=",
     "not in a form"},
    {"PBKDF2 of Django with MD5",
     "pbkdf2_md5$12000$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=",
     "not in a form"},
    {"PBKDF2 of Hydra with another length than it says",
     "$pbkdf2-sha256$i=100000,l=31$" HYDRA_SALT "$" HYDRA_KEY,
     "not in a form"},
    {"PBKDF2 of Hydra with parameters in another order",
     "$pbkdf2-sha256$l=32,i=100000$" HYDRA_SALT "$" HYDRA_KEY,
     "not in a form"},
    {"PBKDF2 of Hydra with padding", HYDRA "=", "not in a form"},
    {"PBKDF2 of Hydra with too short a key",
     "$pbkdf2-sha256$i=100000,l=8$" HYDRA_SALT "$AAAAAAAAAAA",
     "not in a form"},
    {"PBKDF2 of passlib",
     "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN3"
     "3N23OSgQYThBYRfk",
     "not in a form"},
    {"PBKDF2 of an unknown digest", "$pbkdf2-sha384$i=100000,l=32$"
     HYDRA_SALT "$" HYDRA_KEY,
     "not in a form"},
};

#define DOTS86 DOTS43 DOTS43
#define KEY32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define SALT17 "seasaltseasaltsea"

/* What changes the work is in the cost, and nothing else is. */
static const struct {
    const char *sentence;
    const char *hash;
    const char *other;
    bool same;
} pairs[] = {
    {"sha512crypt, salts of 16 and 8", "$6$abcdefghabcdefgh$" DOTS86,
     "$6$abcdefgh$" DOTS86, false},
    {"sha512crypt, salts of 9 and 8", "$6$abcdefghi$" DOTS86,
     "$6$abcdefgh$" DOTS86, false},
    {"sha512crypt, two salts of 8", "$6$abcdefgh$" DOTS86,
     "$6$hgfedcba$" DOTS86, true},
    {"sha512crypt, 5000 rounds, said or not",
     "$6$rounds=5000$abcdefgh$" DOTS86, "$6$abcdefgh$" DOTS86, true},
    {"sha512crypt, 5000 rounds and 5001", "$6$rounds=5001$abcdefgh$" DOTS86,
     "$6$abcdefgh$" DOTS86, false},
    {"sha256crypt, salts of 16 and 1", "$5$abcdefghabcdefgh$" DOTS43,
     "$5$a$" DOTS43, false},
    {"sha256crypt and sha512crypt", "$5$abcdefgh$" DOTS43,
     "$6$abcdefgh$" DOTS86, false},
    {"yescrypt, salts of 22 and 11", "$y$j9T$huXYrFRxr5.EtlA/GqJQg1$" DOTS43,
     "$y$j9T$huXYrFRxr5.$" DOTS43, false},
    {"yescrypt, salts of 22 and 86",
     "$y$j9T$huXYrFRxr5.EtlA/GqJQg1$" DOTS43, "$y$j9T$" DOTS86 "$" DOTS43,
     false},
    {"yescrypt, another r", "$y$j9T$......$" DOTS43,
     "$y$j9S$......$" DOTS43, false},
    {"yescrypt and gost-yescrypt", "$y$j9T$......$" DOTS43,
     "$gy$j9T$......$" DOTS43, false},
    {"scrypt, salts of 14 and 15", SCRYPT,
     "$7$C6..../....SodiumChloride2$" DOTS43, false},
    {"scrypt, another p", SCRYPT, "$7$C6....0....SodiumChloride$" DOTS43,
     false},
    {"bcrypt by two names", BCRYPT,
     "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", true},
    {"bcrypt, another salt", BCRYPT,
     "$2b$05$DDDDDDDDDDDDDDDDDDDDD.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", true},
    {"PBKDF2 of Django, salts of a block",
     "pbkdf2_sha256$12000$s$" KEY32 "=",
     "pbkdf2_sha256$12000$" SALT17 SALT17 SALT17 "$" KEY32 "=", true},
    {"PBKDF2 of Django, salts of one and two blocks",
     "pbkdf2_sha256$12000$s$" KEY32 "=",
     "pbkdf2_sha256$12000$" SALT17 SALT17 SALT17 "2$" KEY32 "=", false},
    {"PBKDF2 of Hydra, keys of one and two blocks",
     "$pbkdf2-sha256$i=12000,l=32$" HYDRA_SALT "$" KEY32,
     "$pbkdf2-sha256$i=12000,l=64$" HYDRA_SALT "$" KEY32 KEY32, false},
    {"PBKDF2, other iterations", "pbkdf2_sha256$12000$s$" KEY32 "=",
     "pbkdf2_sha256$12001$s$" KEY32 "=", false},
    {"PBKDF2 of Django and of Hydra", "pbkdf2_sha256$12000$s$" KEY32 "=",
     "$pbkdf2-sha256$i=12000,l=32$" HYDRA_SALT "$" KEY32, true},
};

static void
check_pairs(void)
{
    size_t i;

    for (i = 0; i < LEN(pairs); i++) {
        char cost[FOREIGN_COST_MAX] = "", other[FOREIGN_COST_MAX] = "";
        struct errtext why = {.text = ""};

        tap_ok(foreign_check(pairs[i].hash, cost, &why) == 0
                   && foreign_check(pairs[i].other, other, &why) == 0,
               "%s: both are taken (%s)", pairs[i].sentence, why.text);
        tap_is_int(pairs[i].same, strcmp(cost, other) == 0,
                   "%s: the same work or not (\"%s\", \"%s\")",
                   pairs[i].sentence, cost, other);
        tap_ok(foreign_waste(cost, "secret", 6, &why) == 0
                   && foreign_waste(other, "secret", 6, &why) == 0,
               "%s: for nobody, too (%s)", pairs[i].sentence, why.text);
        tap_ok(foreign_ms(cost) > 0 && foreign_ms(other) > 0,
               "%s: its time is known", pairs[i].sentence);
    }
}

static void
check_names(void)
{
    static const struct {
        const char *cost;
        const char *name;
    } rows[] = {
        {"$2b$05$", "bcrypt 5"},
        {"$2b$12$", "bcrypt 12"},
        {"$y$j9T$", "yescrypt j9T"},
        {"$gy$j9T$", "gost-yescrypt j9T"},
        {"$7$C6..../....", "scrypt C6..../...."},
        {"$6$rounds=5000$", "sha512crypt 5000"},
        {"$6$rounds=5000$,s=8", "sha512crypt 5000 (salt of 8)"},
        {"$7$C6..../....,s=14", "scrypt C6..../.... (salt of 14)"},
        {"pbkdf2-sha256,i=5000,l=32,s=52", "PBKDF2-SHA256 5000 (salt of 52)"},
        {"pbkdf2-sha1,i=24000,l=20", "PBKDF2-SHA1 24000"},
        {"pbkdf2-sha256,i=600000,l=32", "PBKDF2-SHA256 600000"},
        {"$", "unknown "},
        {"", " "},
    };
    char name[FOREIGN_COST_MAX];
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        foreign_describe(rows[i].cost, name);
        tap_is_str(rows[i].name, name, "\"%s\" for people", rows[i].cost);
    }
}

static void
check_good(void)
{
    size_t i;

    for (i = 0; i < LEN(good_rows); i++) {
        const char *hash = good_rows[i].hash, *secret = good_rows[i].secret;
        char cost[FOREIGN_COST_MAX] = "", wrong[64];
        size_t len = strlen(secret);
        struct errtext why = {.text = ""};

        tap_is_int(0, foreign_check(hash, cost, &why), "%s is taken (%s)",
                   good_rows[i].sentence, why.text);
        tap_is_str(good_rows[i].cost, cost, "%s: its work",
                   good_rows[i].sentence);
        tap_is_str(good_rows[i].form, foreign_form(cost), "%s: its name",
                   good_rows[i].sentence);
        tap_is_int(1, foreign_verify(hash, secret, len, &why),
                   "%s: the secret", good_rows[i].sentence);
        memcpy(wrong, secret, len + 1);
        wrong[len - 1] ^= 1;
        tap_is_int(0, foreign_verify(hash, wrong, len, &why),
                   "%s: another secret", good_rows[i].sentence);
        tap_is_int(0, foreign_verify(hash, secret, len - 1, &why),
                   "%s: its beginning", good_rows[i].sentence);
        tap_is_int(0, foreign_verify(hash, hash, strlen(hash), &why),
                   "%s: its hash", good_rows[i].sentence);
        tap_is_int(0, foreign_waste(cost, secret, len, &why),
                   "%s: the same work for nobody (%s)",
                   good_rows[i].sentence, why.text);
    }
}

static void
check_bad(void)
{
    size_t i;

    for (i = 0; i < LEN(bad_rows); i++) {
        char cost[FOREIGN_COST_MAX];
        struct errtext why = {.text = ""};

        tap_is_int(-1, foreign_check(bad_rows[i].hash, cost, &why),
                   "%s is refused", bad_rows[i].sentence);
        tap_ok(strstr(why.text, bad_rows[i].reason) != NULL,
               "%s: the reason (%s)", bad_rows[i].sentence, why.text);
        tap_is_int(-1, foreign_verify(bad_rows[i].hash, "secret", 6, &why),
                   "%s is not verified either", bad_rows[i].sentence);
    }
}

/* Of a secret that is cut, the beginning would be enough. */
static void
check_whole(void)
{
    struct errtext why;
    char text[600];

    memset(text, 'x', sizeof(text));
    tap_is_int(1, foreign_verify(LONG_BCRYPT, text, 72, &why),
               "bcrypt takes 72 bytes");
    tap_is_int(0, foreign_verify(LONG_BCRYPT, text, 73, &why),
               "but not the 72 first of 73");
    tap_is_int(0, foreign_verify(LONG_BCRYPT, text, 600, &why),
               "nor those of 600");
    tap_is_int(1, foreign_verify(LONG_YESCRYPT, text, 511, &why),
               "yescrypt takes 511 bytes");
    tap_is_int(0, foreign_verify(LONG_YESCRYPT, text, 512, &why),
               "but not the 511 first of 512");
    tap_is_int(0, foreign_verify(BCRYPT, "U*U\0", 4, &why),
               "a zero byte behind a secret is part of it");
    tap_is_int(0, foreign_verify(YESCRYPT, "correct\0horse", 13, &why),
               "and in it is no space");
    tap_is_int(0, foreign_verify(DJANGO1, "KRONOS\0", 7, &why),
               "and HMAC would not see it");
    tap_is_int(0, foreign_verify(BCRYPT, "", 0, &why),
               "an empty secret is wrong");
    tap_is_int(0, foreign_waste("$2b$04$", text, sizeof(text), &why),
               "a long secret is worked on for nobody, too");
}

static void
check_salt(void)
{
    struct errtext why = {.text = ""};
    char cost[FOREIGN_COST_MAX];

    tap_is_int(0, foreign_check("$y$j75$F5Jx5f$" DOTS43, cost, &why),
               "a salt of no length that yescrypt writes is taken");
    tap_is_int(-1, foreign_verify("$y$j75$F5Jx5f$" DOTS43, "x", 1, &why),
               "and found out when it is tried");
    tap_ok(strstr(why.text, "salt") != NULL, "with the reason (%s)",
           why.text);
}

static void
check_costs(void)
{
    static const char *const costs[] = {
        "", "$", "1", "$2b$", "$2a$05$", "$2b$14$", "$2b$5$", "$6$",
        "$6$rounds=100001$", "$y$jDT$", "$1$", "pbkdf2-sha256",
        "pbkdf2-sha256,i=999,l=32", "pbkdf2-sha256,i=800001,l=33",
        "pbkdf2-sha512,i=600001,l=64",
        "pbkdf2-sha256,i=12000,l=32,", "pbkdf2-md5,i=12000,l=16",
        "$6$rounds=5000$,s=16", "$6$rounds=5000$,s=17",
        "$6$rounds=5000$,s=0", "$6$rounds=5000$,s=", "$6$rounds=5000$,s=8 ",
        "$6$rounds=5000$,s=08", "$6$rounds=5000$,s=-8", "$6$rounds=5000$,",
        "$6$rounds=5000$,s=99999999999999999999999999", "$6$rounds=5000$,8",
        "$2b$05$,s=22", "$2b$05$,s=8", "$y$j75$,s=5", "$y$j75$,s=87",
        "$7$C6..../....,s=87", "$7$C6..../....,s=22",
        "pbkdf2-sha256,i=12000,l=32,s=51", "pbkdf2-sha256,i=12000,l=32,s=129",
        "pbkdf2-sha256,i=12000,l=32,s=", "pbkdf2-sha256,i=12000,l=32,s=52,",
    };
    struct errtext why;
    size_t i;

    for (i = 0; i < LEN(costs); i++)
        tap_is_int(-1, foreign_waste(costs[i], "secret", 6, &why),
                   "\"%s\" is no work", costs[i]);
}

/* What the greatest of each form takes, and that twice the work is twice. */
static void
check_times(void)
{
    static const struct {
        const char *cost;
        long least, most; /* ms */
    } rows[] = {
        {"$2b$13$", 450, 600},
        {"$2b$04$", 1, 2},
        {"$5$rounds=100000$", 400, 600},
        {"$6$rounds=100000$", 400, 600},
        {"$6$rounds=5000$", 20, 30},
        {"$y$jCT$", 200, 300},
        {"$gy$jCT$", 200, 300},
        {"$y$j9T$", 20, 40},
        {"$7$E6..../....", 200, 300},
        {"$7$C6..../....", 50, 80},
        {"pbkdf2-sha1,i=1600000,l=20", 600, 750},
        {"pbkdf2-sha256,i=1600000,l=32", 600, 750},
        {"pbkdf2-sha256,i=800000,l=64", 600, 750},
        {"pbkdf2-sha256,i=12000,l=32", 5, 8},
        {"pbkdf2-sha512,i=600000,l=64", 600, 750},
        {"1", 0, 0},
        {"", 0, 0},
        {"of-a-newer-version", 0, 0},
    };
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        long ms = foreign_ms(rows[i].cost);

        tap_ok(ms >= rows[i].least && ms <= rows[i].most,
               "the longest secret takes \"%s\" some %ld ms", rows[i].cost,
               ms);
    }
}

int
main(void)
{
    check_times();
    check_names();
    check_good();
    check_pairs();
    check_bad();
    check_whole();
    check_salt();
    check_costs();
    return tap_done();
}
