/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A service for the endpoints' tests.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/keyrec.h"
#include "fake_expiring.h"
#include "fake_store.h"
#include "io/crypto.h"
#include "io/keys.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

static void
need(int rc, const struct errtext *why)
{
    if (rc == 0)
        return;
    tap_diag("the test cannot begin: %s", why->text);
    exit(EXIT_FAILURE);
}

void
world_open(struct world *world)
{
    const char *tmp = getenv("TMPDIR");
    struct errtext why = {.text = "no scratch directory"};

    sample_policy(&world->policy);
    snprintf(world->dir, sizeof(world->dir), "%.32s/ccgrant-XXXXXX",
             tmp != NULL ? tmp : "/tmp");
    need(mkdtemp(world->dir) != NULL ? 0 : -1, &why);
    world->policy.state = strdup(world->dir);
    need(crypto_init(&why), &why);
    need(vault_create(world->dir, &why), &why);
    fake_store_put(STORE_META, "schema", "2");
    fake_expiring_break(false); /* and so the linker takes the fake */
    need(service_open(&world->service, &world->policy, STORE_SERVES, &why),
         &why);
}

void
world_key(struct world *world, enum jose_alg alg, int64_t from)
{
    unsigned char pkcs8[KEYS_PRIVATE_MAX];
    struct errtext why;
    struct keyrec rec;
    size_t len;
    char *text;

    memset(&rec, 0, sizeof(rec));
    need(keys_make(alg, &rec, pkcs8, &len, &why), &why);
    rec.created = from;
    rec.signs_from = from;
    need(vault_seal(world->service.vault, rec.kid, pkcs8, len, rec.sealed,
                    &why),
         &why);
    rec.sealed_len = len + VAULT_SEAL_EXTRA;
    text = keyrec_dump(&rec);
    fake_store_put(STORE_KEYS, rec.kid, text);
    free(text);
}

struct client *
world_client(const char *id, const char *roles)
{
    struct client *cl = client_new(id, WORLD_NOW);

    sample_list(&cl->roles, &cl->n_roles, roles);
    return cl;
}

static void
seal(struct vault *vault, const char *id, struct secret *secret,
     const char *text)
{
    char name[CLIENT_SEAL_NAME_MAX];
    struct errtext why;

    secret->sealed_len = strlen(text) + VAULT_SEAL_EXTRA;
    secret->sealed = malloc(secret->sealed_len);
    if (secret->sealed == NULL)
        abort();
    client_seal_name(id, secret->id, name);
    need(vault_seal(vault, name, text, strlen(text), secret->sealed, &why),
         &why);
}

void
world_secret(struct world *world, struct client *cl,
             enum secret_scheme scheme, const char *text, int64_t not_before,
             int64_t not_after)
{
    struct vault *vault = world->service.vault;
    size_t len = strlen(text);
    struct secret *secret;
    struct errtext why;

    cl->secrets =
        realloc(cl->secrets, (cl->n_secrets + 1) * sizeof(*cl->secrets));
    if (cl->secrets == NULL)
        abort();
    secret = &cl->secrets[cl->n_secrets++];
    memset(secret, 0, sizeof(*secret));
    snprintf(secret->id, sizeof(secret->id), "s%zu", cl->n_secrets);
    secret->label = strdup("");
    secret->scheme = scheme;
    secret->not_before = not_before;
    secret->not_after = not_after;
    if (scheme != SECRET_SCRYPT) {
        need(vault_mac_secret(vault, cl->id, text, len, secret->digest, &why),
             &why);
        if (scheme == SECRET_SEALED)
            seal(vault, cl->id, secret, text);
        return;
    }
    need(vault_scrypt_secret(vault, cl->id, text, len, secret->digest, &why),
         &why);
    fake_store_put(STORE_META, "slow_secrets", "1");
}

void
world_store(struct client *cl)
{
    char *text = client_dump(cl);

    fake_store_put(STORE_CLIENTS, cl->id, text);
    free(text);
    client_free(cl);
}

void
world_token(struct world *world, const char *client_id,
            enum token_format format, const struct binding *binding,
            int64_t now, char token[MINT_TOKEN_MAX])
{
    static const struct binding unbound;
    unsigned char random[MINT_RANDOM_LEN];
    struct grant grant = {.scope = "orders.read", .audience[0] = SAMPLE_ORDERS,
                          .n_audiences = 1, .lifetime = WORLD_LIFETIME,
                          .format = format, .alg = JOSE_ES256};
    struct mint_opaque opaque;
    struct expiring_change change = {.records = &opaque.record,
                                     .n_records = 1};
    char jti[AUDIT_JTI_MAX];
    struct errtext why;
    size_t there;

    if (binding == NULL)
        binding = &unbound;
    need(crypto_random(random, sizeof(random), &why), &why);
    if (format == FORMAT_JWT) {
        need(mint_jwt(&world->service, client_id, &grant, binding, now, random,
                      token, jti, &why),
             &why);
        return;
    }
    need(mint_opaque(&world->service, client_id, &grant, binding, now, random,
                     &opaque, jti, &why),
         &why);
    need(expiring_commit(world->service.expiring, &change, now, &there, &why)
                 == 1
             ? 0
             : -1,
         &why);
    snprintf(token, MINT_TOKEN_MAX, "%s", opaque.text);
}

struct request
world_request(const struct world_sent *sent, const char *basic,
              const char *token)
{
    static char body[2 * MINT_TOKEN_MAX + 64], header[SAMPLE_BASIC_MAX];
    struct request rq = sample_request();

    rq.method = sent->method != NULL ? sent->method : "POST";
    rq.content_type = sent->type != NULL
                          ? sent->type
                          : "application/x-www-form-urlencoded";
    rq.accept = sent->accept != NULL ? sent->accept : "";
    if (sent->basic != NULL)
        basic = sent->basic;
    sample_basic(header, basic);
    rq.authorization = basic[0] != '\0' ? header : "";
    if (sent->body != NULL)
        snprintf(body, sizeof(body), "%s", sent->body);
    else
        snprintf(body, sizeof(body), "token=%s", token);
    rq.body = body;
    rq.body_len = strlen(body);
    return rq;
}

void
world_close(struct world *world)
{
    char path[96];

    service_close(&world->service);
    policy_free(&world->policy);
    snprintf(path, sizeof(path), "%s/master.key", world->dir);
    unlink(path);
    rmdir(world->dir);
}
