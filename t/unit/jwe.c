/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Encrypted tokens: names, header, OtherInfo, what looks like one, and which
 * keys can be encrypted to.
 */

#include <stdlib.h>
#include <string.h>

#include "core/jwe.h"
#include "tap.h"

/* RFC 7518, C: the key of Bob; and one of RFC 8037, A.6. */
#define XY "\"x\":\"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ\"," \
           "\"y\":\"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck\""
#define BOB "{\"kty\":\"EC\",\"crv\":\"P-256\"," XY "}"
#define BOB_WITH(more) "{\"kty\":\"EC\",\"crv\":\"P-256\"," more "," XY "}"
#define OKP "\"kty\":\"OKP\",\"x\":" \
            "\"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08\""
#define DAVE "{\"crv\":\"X25519\"," OKP "}"

static struct errtext why;

static void
test_names(void)
{
    int i;

    for (i = 0; i < JWE_ALG__MAX; i++)
        tap_is_int(i, jwe_alg(jwe_alg_name((enum jwe_alg) i)),
                   "alg %s is found by its name",
                   jwe_alg_name((enum jwe_alg) i));
    for (i = 0; i < JWE_ENC__MAX; i++)
        tap_is_int(i, jwe_enc(jwe_enc_name((enum jwe_enc) i)),
                   "enc %s is found by its name",
                   jwe_enc_name((enum jwe_enc) i));
    tap_is_int(JWE_ALG_AUTO, jwe_alg("RSA1_5"), "RSA1_5 is none");
    tap_is_int(JWE_ALG_AUTO, jwe_alg("RSA-OAEP"), "nor is OAEP with SHA-1");
    tap_is_int(JWE_ALG_AUTO, jwe_alg("dir"), "nor is a key in common");
}

static void
test_header(void)
{
    char text[JWE_HEADER_MAX];
    struct jwk epk = {.type = JWK_X25519, .x = {1}};
    struct sbuf sb;

    sbuf_init(&sb, text, sizeof(text));
    jwe_header(&sb, "at+jwt", JWE_RSA_OAEP_256, JWE_A256GCM, "", NULL);
    tap_is_str("{\"typ\":\"at+jwt\",\"cty\":\"JWT\",\"alg\":\"RSA-OAEP-256\","
               "\"enc\":\"A256GCM\"}",
               text, "a header says that a JWT is inside (RFC 7519, 5.2)");
    sbuf_init(&sb, text, sizeof(text));
    jwe_header(&sb, "JWT", JWE_ECDH_ES, JWE_A128CBC_HS256, "a\"b", &epk);
    tap_is_str("{\"typ\":\"JWT\",\"cty\":\"JWT\",\"alg\":\"ECDH-ES\","
               "\"enc\":\"A128CBC-HS256\",\"kid\":\"a\\u0022b\","
               "\"epk\":{\"crv\":\"X25519\",\"kty\":\"OKP\",\"x\":"
               "\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}",
               text, "kid and ephemeral key are in it, when there are any");
}

/* The longest header fits. */
static void
test_longest(void)
{
    char text[JWE_HEADER_MAX], kid[JWS_KID_MAX + 1];
    struct jwk epk = {.type = JWK_P521};
    struct sbuf sb;

    memset(kid, 1, sizeof(kid) - 1);
    kid[sizeof(kid) - 1] = '\0';
    sbuf_init(&sb, text, sizeof(text));
    jwe_header(&sb, "at+jwt", JWE_ECDH_ES_A256KW, JWE_A256CBC_HS512, kid,
               &epk);
    tap_ok(!sb.overflow, "the longest kid fits, each character escaped");
}

static void
test_other_info(void)
{
    /* RFC 7518, C. */
    static const unsigned char right[] = {
        0, 0, 0, 7,  65, 49,  50,  56, 71,  67, 77, 0,   0, 0, 5, 65,
        108, 105, 99, 101, 0, 0,  0, 3, 66,  111, 98, 0, 0, 0, 128};
    static const struct jwe_party nobody;
    unsigned char info[JWE_INFO_MAX];
    size_t len;

    len = jwe_other_info(info, "A128GCM", (struct jwe_party){"Alice", 5},
                         (struct jwe_party){"Bob", 3}, 16);
    tap_is_mem(right, sizeof(right), info, len, "OtherInfo (RFC 7518, C)");
    len = jwe_other_info(info, "ECDH-ES+A256KW", nobody, nobody, 32);
    tap_is_mem("\0\0\0\16ECDH-ES+A256KW\0\0\0\0\0\0\0\0\0\0\1\0", 30, info,
               len, "and of parties that say nothing");
}

static void
test_look(void)
{
    static const struct {
        const char *sentence;
        const char *text;
        bool looks;
    } rows[] = {
        {"five parts look like one", "a.b.c.d.e", true},
        {"an empty second part is that of ECDH-ES", "eyJ..c.d.e", true},
        {"four parts do not", "a.b.c.d", false},
        {"nor six", "a.b.c.d.e.f", false},
        {"nor a JWS", "a.b.c", false},
        {"nor one without header", ".b.c.d.e", false},
        {"nor with other characters", "a.b.c.d+.e", false},
        {"nor nothing", "", false},
    };
    size_t i;

    for (i = 0; i < LEN(rows); i++)
        tap_is_int(rows[i].looks,
                   jwe_looks_like(rows[i].text, strlen(rows[i].text)), "%s",
                   rows[i].sentence);
}

static const struct {
    const char *sentence;
    const char *json;
    enum jwe_alg alg;
    int n;               /* keys, or -1 */
    const char *text;    /* in the reason of a refusal */
    enum jwe_alg chosen; /* of the first key */
} rows[] = {
    {"a lone key is taken", BOB, 0, 1, "", JWE_ECDH_ES},
    {"for the algorithm that is wanted", BOB, JWE_ECDH_ES_A256KW, 1, "",
     JWE_ECDH_ES_A256KW},
    {"or that of its alg", BOB_WITH("\"alg\":\"ECDH-ES+A256KW\""), 0, 1, "",
     JWE_ECDH_ES_A256KW},
    {"X25519 is a key to agree with", DAVE, 0, 1, "", JWE_ECDH_ES},
    {"use enc is right", BOB_WITH("\"use\":\"enc\""), 0, 1, "", JWE_ECDH_ES},
    {"and so is deriveKey", BOB_WITH("\"key_ops\":[\"deriveKey\"]"), 0, 1, "",
     JWE_ECDH_ES},
    {"and no operation (RFC 7517, 4.3)", BOB_WITH("\"key_ops\":[]"), 0, 1, "",
     JWE_ECDH_ES},
    {"a set of two with kids", "{\"keys\":[" BOB_WITH("\"kid\":\"a\"") ","
     BOB_WITH("\"kid\":\"b\"") "]}", 0, 2, "", JWE_ECDH_ES},
    {"keys for signatures are left out",
     "{\"keys\":[" BOB_WITH("\"use\":\"sig\"") "," BOB "]}", 0, 1, "",
     JWE_ECDH_ES},
    {"and those of another algorithm",
     "{\"keys\":[" BOB_WITH("\"alg\":\"ECDH-ES\"") ","
     BOB_WITH("\"alg\":\"ECDH-ES+A256KW\"") "]}", JWE_ECDH_ES_A256KW, 1, "",
     JWE_ECDH_ES_A256KW},
    {"and those of one that is not used here",
     "{\"keys\":[" BOB_WITH("\"alg\":\"ECDH-ES+A128KW\"") "," BOB "]}", 0, 1,
     "", JWE_ECDH_ES},
    {"and those of an unknown type",
     "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-999\"}," BOB "]}", 0, 1, "",
     JWE_ECDH_ES},
    {"Ed25519 alone is none", "{\"crv\":\"Ed25519\"," OKP "}", 0, -1,
     "signatures alone", 0},
    {"use sig alone is none", BOB_WITH("\"use\":\"sig\""), 0, -1,
     "its use is not \"enc\"", 0},
    {"verify alone is none", BOB_WITH("\"key_ops\":[\"verify\"]"), 0, -1,
     "key_ops are those of signatures", 0},
    {"another algorithm alone is none", BOB, JWE_RSA_OAEP_256, -1,
     "not a key for RSA-OAEP-256", 0},
    {"an alg that is not for the type is refused",
     BOB_WITH("\"alg\":\"RSA-OAEP-256\""), 0, -1, "not for a key of its type",
     0},
    {"an alg that is no string is refused", BOB_WITH("\"alg\":1"), 0, -1,
     "alg is not a string", 0},
    {"a private key is refused, and the cure is told",
     BOB_WITH("\"d\":\"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw\""), 0, -1,
     "public key alone", 0},
    {"one that is for signatures, too",
     "{\"keys\":[" BOB "," BOB_WITH("\"use\":\"sig\",\"d\":\"AA\"") "]}", 0,
     -1, "private or secret", 0},
    {"a secret is refused", "{\"kty\":\"oct\",\"k\":\"AAAA\"}", 0, -1,
     "private or secret", 0},
    {"several keys without kid are refused", "{\"keys\":[" BOB "," BOB "]}", 0,
     -1, "without kid", 0},
    {"and so is one among them", "{\"keys\":[" BOB_WITH("\"kid\":\"a\"") ","
     BOB "]}", 0, -1, "without kid", 0},
    {"and two with the same", "{\"keys\":[" BOB_WITH("\"kid\":\"a\"") ","
     BOB_WITH("\"kid\":\"a\"") "]}", 0, -1, "same kid", 0},
    {"a coordinate that is too short is refused",
     "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}", 0, -1,
     "has not 32 bytes", 0},
    {"a weak modulus is refused",
     "{\"kty\":\"RSA\",\"n\":\"_w\",\"e\":\"AQAB\"}", 0, -1, "under 2048", 0},
    {"a use that is no string is refused", BOB_WITH("\"use\":1"), 0, -1,
     "use is not a string", 0},
    {"an empty set is refused", "{\"keys\":[]}", 0, -1, "it has no keys", 0},
    {"and what is no set", "{}", 0, -1, "is no key", 0},
    {"and what is no JSON", "x", 0, -1, "JWK Set", 0},
    {"and an entry that is no object", "{\"keys\":[1]}", 0, -1,
     "not an object", 0},
};

static void
test_keys(void)
{
    size_t i;

    for (i = 0; i < LEN(rows); i++) {
        struct jwe_key *keys = NULL;
        int n = jwe_keys_read(&keys, rows[i].json, strlen(rows[i].json),
                              rows[i].alg, &why);

        tap_is_int(rows[i].n, n, "%s", rows[i].sentence);
        if (n < 0)
            tap_ok(strstr(why.text, rows[i].text) != NULL, "  and why: %s",
                   why.text);
        else
            tap_is_str(jwe_alg_name(rows[i].chosen),
                       jwe_alg_name(keys[0].alg), "  with that algorithm");
        free(keys);
    }
}

static void
test_take(void)
{
    struct jwk jwk = {.type = JWK_P384};
    struct jwe_key key;

    tap_is_int(0, jwe_key_take(&key, &jwk, JWE_ALG_AUTO, &why),
               "a key of another form is taken");
    tap_is_int(JWE_ECDH_ES, key.alg, "  with its usual algorithm");
    tap_is_int(-1, jwe_key_take(&key, &jwk, JWE_RSA_OAEP_256, &why),
               "but not for one of RSA");
    jwk.type = JWK_ED25519;
    tap_is_int(-1, jwe_key_take(&key, &jwk, JWE_ALG_AUTO, &why),
               "and not one that signs");
    jwk.type = JWK_RSA;
    jwk.n_len = 1;
    jwk.n[0] = 1; /* 65537 to the power of 0, modulo all */
    tap_is_int(-1, jwe_key_take(&key, &jwk, JWE_ALG_AUTO, &why),
               "nor one of a broken generator");
}

int
main(void)
{
    test_names();
    test_header();
    test_longest();
    test_other_info();
    test_look();
    test_keys();
    test_take();
    return tap_done();
}
