/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Whether an access token is active.
 */

#include <string.h>

#include "active_priv.h"
#include "core/b64.h"
#include "core/jwe.h"
#include "core/jws.h"
#include "core/opaque.h"
#include "core/when.h"

/* What is at hand while one token is looked at. */
struct look {
    struct service *service;
    struct active_memory *memory;
    const char *token;
    size_t len;
    int64_t now;
    struct active *active;
    struct errtext *why;
};

/* The steps return 1 to go on; else what active_find() returns. */
static int find_opaque(struct look *look);
static int find_jwt(struct look *look);
static int check_revoked(struct look *look);
static int check_times(struct look *look);
static int check_client(struct look *look);

int
active_find(struct service *service, const char *token, size_t len,
            int64_t now, struct active *active, struct errtext *why)
{
    struct look look = {.service = service, .token = token, .len = len,
                        .now = now, .active = active, .why = why};
    int rc;

    memset(active, 0, sizeof(*active));
    look.memory = active_memory_ready(service, why);
    if (look.memory == NULL)
        return -1;
    active->is_opaque = opaque_looks_like(token, len);
    crypto_sha256(token, len, active->name);
    rc = active->is_opaque ? find_opaque(&look) : find_jwt(&look);
    if (rc == 1)
        rc = check_times(&look);
    if (rc == 1)
        rc = check_revoked(&look);
    if (rc == 1)
        rc = check_client(&look);
    if (rc != 1)
        crypto_wipe(active, sizeof(*active));
    return rc;
}

static int
refuse(struct look *look, const char *reason)
{
    errtext_set(look->why, "%s", reason);
    return 0;
}

static void
take_access(struct active *active, const struct access *access)
{
    memcpy(active->jti, access->jti, sizeof(active->jti));
    memcpy(active->client_id, access->client_id, sizeof(active->client_id));
    active->iat = access->iat;
    active->exp = access->exp;
    active->is_dpop = access->is_dpop;
}

/* Returns 1, or 0 when there is no room for them. */
static int
take_claims(struct look *look, const char *claims, size_t len)
{
    struct active *active = look->active;

    if (len < 2 || len >= sizeof(active->claims) || claims[0] != '{')
        return refuse(look, "its claims are not as this server writes them");
    memcpy(active->claims, claims, len);
    active->claims[len] = '\0';
    active->claims_len = len;
    return 1;
}

/* Nobody asks the store about what was mistyped or guessed. */
static bool
has_good_checksum(const char *token)
{
    unsigned char digest[CRYPTO_SHA256_LEN];
    char right[OPAQUE_LEN + 1];
    bool good;

    memcpy(right, token, OPAQUE_BODY_LEN);
    crypto_sha256(token, OPAQUE_BODY_LEN, digest);
    opaque_finish(right, digest);
    good = memcmp(right, token, OPAQUE_LEN) == 0;
    crypto_wipe(right, sizeof(right));
    return good;
}

static int
find_opaque(struct look *look)
{
    struct active_memory *memory = look->memory;
    struct active *active = look->active;
    struct access access;
    size_t len;
    int rc;

    if (!has_good_checksum(look->token))
        return refuse(look, "its checksum is wrong");
    rc = expiring_read(look->service->expiring, EXPIRING_TOKENS,
                       active->name, sizeof(active->name), look->now,
                       memory->scratch, sizeof(memory->scratch), &len, NULL,
                       look->why);
    if (rc == 0)
        return refuse(look, "there is no such opaque token: it has expired, "
                            "or was revoked");
    if (rc == 1)
        rc = take_claims(look, memory->scratch, len);
    if (rc == 1
        && access_read(&access, active->claims, active->claims_len,
                       look->service->policy->issuer, look->why)
               != 0)
        rc = 0;
    if (rc == 1)
        take_access(active, &access);
    return rc;
}

/* Verify with the one algorithm that the key is for (RFC 8725, 3.1). */
static int
check_signature(struct look *look, const struct jws *jws)
{
    struct verifier *verifier;
    enum jose_alg alg;
    int rc;

    if (!jws_typ_is(jws, CLAIMS_TYP) && !jws_typ_is(jws, CLAIMS_TYP_PLAIN))
        return refuse(look, "its typ is not at+jwt");
    if (jws->kid == NULL)
        return refuse(look, "its header has no kid");
    rc = keyring_verifier(look->service->keyring, jws->kid, look->now, &alg,
                          &verifier, look->why);
    if (rc != 1)
        return rc;
    if (alg != jws->alg)
        return refuse(look, "its alg is not that of its key");
    rc = verifier_check(verifier, alg, jws->input, jws->input_len, jws->sig,
                        jws->sig_len, look->why);
    return rc == 0 ? refuse(look, "its signature is wrong") : rc;
}

static int
remember(struct look *look, const struct jws *jws)
{
    struct active_known known;

    if (strlen(jws->kid) >= sizeof(known.kid))
        return refuse(look, "its kid is not one of this server's");
    if (access_read(&known.access, jws->payload, jws->payload_len,
                    look->service->policy->issuer, look->why)
        != 0)
        return 0;
    memcpy(known.digest, look->active->name, sizeof(known.digest));
    memcpy(known.kid, jws->kid, strlen(jws->kid) + 1);
    known.claims = jws->payload;
    known.claims_len = jws->payload_len;
    active_memory_add(look->memory, &known);
    take_access(look->active, &known.access);
    return take_claims(look, known.claims, known.claims_len);
}

static int
find_new_jwt(struct look *look)
{
    struct jws jws;
    int rc;

    if (jwe_looks_like(look->token, look->len))
        return refuse(look, "it is encrypted: its resource alone can read it, "
                            "and ask about the JWT inside");
    if (jws_parse(&jws, look->token, look->len, look->why) != 0)
        return 0;
    rc = check_signature(look, &jws);
    if (rc == 1)
        rc = remember(look, &jws);
    jws_free(&jws);
    return rc;
}

/* A key may have been withdrawn since, by time alone. */
static int
find_jwt(struct look *look)
{
    const struct active_known *known =
        active_memory_find(look->memory, look->active->name);
    struct verifier *verifier;
    enum jose_alg alg;
    int rc;

    if (known == NULL)
        return find_new_jwt(look);
    rc = keyring_verifier(look->service->keyring, known->kid, look->now, &alg,
                          &verifier, look->why);
    if (rc != 1)
        return rc;
    take_access(look->active, &known->access);
    return take_claims(look, known->claims, known->claims_len);
}

static int
check_times(struct look *look)
{
    if (look->active->exp <= look->now)
        return refuse(look, "it has expired");
    if (look->active->iat <= look->memory->all_until)
        return refuse(look, "all tokens of its time were revoked");
    return 1;
}

/* A JWT is marked by its jti; an opaque token is gone. */
static int
check_revoked(struct look *look)
{
    struct active *active = look->active;
    int rc;

    if (active->is_opaque)
        return 1;
    rc = expiring_read(look->service->expiring, EXPIRING_TOKENS, active->jti,
                       strlen(active->jti), look->now, look->memory->scratch,
                       sizeof(look->memory->scratch), NULL, NULL, look->why);
    if (rc < 0)
        return -1;
    return rc == 1 ? refuse(look, "it was revoked") : 1;
}

static int
check_client(struct look *look)
{
    const struct active *active = look->active;
    const struct roster_entry *entry =
        roster_find(look->service->roster, active->client_id, look->why);
    const struct client *cl;

    if (entry == NULL)
        return -1;
    cl = entry->cl;
    if (cl == NULL)
        return refuse(look, "its client is gone");
    if (!cl->enabled)
        return refuse(look, "its client is disabled");
    if (cl->expires != 0 && cl->expires <= look->now)
        return refuse(look, "its client has expired");
    if (active->iat < cl->created)
        return refuse(look, "it is of an earlier client of that id");
    if (active->iat <= cl->revoked_until)
        return refuse(look, "all tokens of its client were revoked");
    return 1;
}

int
active_would_be(struct service *service, const struct client *cl, int64_t iat,
                struct errtext *why)
{
    const struct active_memory *memory = active_memory_ready(service, why);
    char when[WHEN_TEXT_MAX];
    int64_t until;

    if (memory == NULL)
        return -1;
    until = memory->all_until > cl->revoked_until ? memory->all_until
                                                  : cl->revoked_until;
    if (iat > until)
        return 1;
    when_text(until, when);
    errtext_set(why, "the tokens of this second, and all up to %s, are "
                     "revoked",
                when);
    return 0;
}

bool
active_is_for(const struct active *active, const char *audience)
{
    return access_is_for(active->claims, active->claims_len, audience);
}
