/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant policy check.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "ctl.h"
#include "ctl_args.h"
#include "ctl_file.h"
#include "ctl_key.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_tls.h"
#include "io/cert.h"
#include "io/conf.h"
#include "io/encrypter.h"
#include "io/path.h"

enum {
    MISFITS_MAX = 20,      /* clients that are named one by one */
    CA_FILE_MAX = 4194304, /* bytes */
};

static conf_warn_fn warn;
static void check_keys(struct ctl *ctl, json_t *warnings);
static int check_archive(const struct ctl *ctl, const char *file,
                         struct errtext *why);
static int check_list(const struct ctl *ctl, const char *file,
                      struct errtext *why);
static int check_log(const struct ctl *ctl, const char *file,
                     struct errtext *why);
static int check_cas(const struct policy *policy, const char *file,
                     struct errtext *why);
static int check_jwks_ca(const struct policy *policy, const char *file,
                         struct errtext *why);
static int check_recipients(const struct policy *policy, const char *file,
                            struct errtext *why);
static void check_proxies(const struct policy *policy, json_t *warnings);
static void check_clients(struct ctl *ctl, json_t *warnings);
static store_each_fn check_client;

/* What the callback of store_each() is told. */
struct misfits {
    const struct policy *policy;
    json_t *warnings;
    size_t n;
};

int
ctl_policy_check(struct ctl *ctl, struct errtext *why)
{
    const char *file = conf_file(ctl_args_value(ctl, "config"));
    json_t *warnings = json_array(), *warning;
    size_t i;

    if (conf_load(&ctl->policy, file, warn, warnings, why) != 0) {
        json_decref(warnings);
        return CTL_FAILED;
    }
    check_keys(ctl, warnings);
    if (check_archive(ctl, file, why) != 0
        || check_list(ctl, file, why) != 0
        || check_log(ctl, file, why) != 0
        || check_cas(&ctl->policy, file, why) != 0
        || check_jwks_ca(&ctl->policy, file, why) != 0
        || check_recipients(&ctl->policy, file, why) != 0) {
        json_decref(warnings);
        return CTL_FAILED;
    }
    check_proxies(&ctl->policy, warnings);
    check_clients(ctl, warnings);
    if (ctl->json) {
        ctl_out_json(json_pack("{s:b,s:o}", "ok", 1, "warnings", warnings));
        return CTL_DONE;
    }
    json_array_foreach(warnings, i, warning) {
        char *text = ctl_out_clean(json_string_value(warning));

        printf("warning: %s\n", text);
        free(text);
    }
    json_decref(warnings);
    printf("%s: ok\n", file);
    return CTL_DONE;
}

static void
warn(void *arg, const char *text)
{
    json_array_append_new(arg, ctl_out_string(text));
}

/* What tokens are signed with must be there; a state directory that cannot be
 * opened is not the policy's fault. */
static void
check_keys(struct ctl *ctl, json_t *warnings)
{
    enum jose_alg algs[JOSE__MAX];
    struct ctl_keys keys;
    char text[200];
    size_t i, n = 0;

    if (ctl_record_open(ctl, NULL) != 0)
        return;
    if (ctl_key_read(ctl, &keys, NULL) == 0
        && ctl_key_algs(ctl, algs, &n, NULL) == 0) {
        for (i = 0; i < n; i++) {
            if (keylife_signer(keys.recs, keys.n, algs[i], ctl->now)
                != NULL)
                continue;
            snprintf(text, sizeof(text),
                     "there is no %s key that may sign now: ccgrant key add "
                     "--alg %s",
                     jose_name(algs[i]), jose_name(algs[i]));
            warn(warnings, text);
        }
    }
    ctl_key_free(&keys);
}

/* As the owner of the state directory, which the responder is too. */
static int
check_archive(const struct ctl *ctl, const char *file, struct errtext *why)
{
    const char *archive = ctl->policy.archive;

    if (*archive == '\0' || ctl->service.store == NULL
        || ctl_file_can_write(archive))
        return 0;
    errtext_set(why, "%.200s: it must be a directory that is there and that "
                     "the owner of the state directory can write in: logs "
                     "wait until it is",
                archive);
    return conf_context(file, "archive", 0, why);
}

static int
check_list(const struct ctl *ctl, const char *file, struct errtext *why)
{
    if (ctl->service.store == NULL
        || ctl_file_list(ctl->policy.revocations.file, why) == 0)
        return 0;
    return conf_context(file, "revocations.file", 0, why);
}

static int
check_log(const struct ctl *ctl, const char *file, struct errtext *why)
{
    if (ctl->service.store == NULL
        || ctl_file_log(ctl->policy.log.to, why) == 0)
        return 0;
    return conf_context(file, "log.to", 0, why);
}

static int
check_cas(const struct policy *policy, const char *file, struct errtext *why)
{
    struct cert_trust *trust = NULL;
    size_t i;
    int rc = 0;

    for (i = 0; rc == 0 && i < policy->mtls.n_ca; i++) {
        rc = cert_trust_read(&trust, policy->mtls.ca[i], why);
        if (rc != 0)
            conf_context(file, "mtls.ca", i, why);
    }
    cert_trust_free(trust);
    return rc;
}

/* Hosts are no clients: a certificate of their own may stand there, too. */
static int
check_jwks_ca(const struct policy *policy, const char *file,
              struct errtext *why)
{
    const char *ca = policy->jwks.ca;
    char *text;
    long len;
    int rc;

    if (*ca == '\0')
        return 0;
    text = alloc_zero(1, CA_FILE_MAX + 1);
    len = path_read(ca, text, CA_FILE_MAX, why);
    rc = len < 0 ? -1 : 0;
    if (len >= 0 && strstr(text, "-----BEGIN CERTIFICATE-----") == NULL
        && strstr(text, "-----BEGIN TRUSTED CERTIFICATE-----") == NULL)
        rc = errtext_set(why, "%.200s: there is no certificate in PEM", ca);
    free(text);
    return rc == 0 ? 0 : conf_context(file, "jwks.ca", 0, why);
}

/* What tokens are encrypted to must be there, too. */
static int
check_recipients(const struct policy *policy, const char *file,
                 struct errtext *why)
{
    size_t i;

    for (i = 0; i < policy->n_resources; i++) {
        const struct policy_resource *resource = &policy->resources[i];
        struct encrypter *encrypter = NULL;
        char key[48];

        if (resource->encryption_key == NULL)
            continue;
        if (encrypter_read(&encrypter, resource->encryption_key,
                           resource->encryption_alg,
                           resource->encryption_enc, why)
            != 0) {
            snprintf(key, sizeof(key), "resources.[%zu].encryption_key", i);
            return conf_context(file, key, 0, why);
        }
        encrypter_free(encrypter);
    }
    return 0;
}

/* Whether anybody may be a proxy. */
static bool
has_nobodys(const struct policy *policy)
{
    return cidr_match(policy->proxy_nets, policy->n_proxies, "192.0.2.1")
           || cidr_match(policy->proxy_nets, policy->n_proxies,
                         "2001:db8::1");
}

/* Whose headers are believed, and which. */
static void
check_proxies(const struct policy *policy, json_t *warnings)
{
    bool has_header = policy->mtls.header[0] != '\0';
    bool has_forwarded = policy->forwarded != FORWARDED_NONE;

    if (has_header && policy->n_proxies == 0)
        warn(warnings, "mtls.header is of no use without proxies: nobody is "
                       "believed to send it");
    if (has_forwarded && policy->n_proxies == 0)
        warn(warnings, "forwarded is of no use without proxies: nobody is "
                       "believed to send it");
    if (!has_header && !has_forwarded && policy->n_proxies > 0)
        warn(warnings, "proxies is of no use without mtls.header or "
                       "forwarded: no other header of theirs is read");
    if (!has_forwarded && policy->n_proxies > 0 && policy->n_networks > 0)
        warn(warnings, "networks is compared with the addresses of proxies "
                       "themselves: forwarded names no header of theirs");
    if (has_header && has_nobodys(policy))
        warn(warnings, "proxies has addresses that are nobody's: whoever may "
                       "send from there is believed to have any certificate");
    if (has_forwarded && has_nobodys(policy))
        warn(warnings, "proxies has addresses that are nobody's: whoever may "
                       "send from there is believed to come from anywhere");
}

/* A client that fitted an older policy may get no tokens any more. */
static void
check_clients(struct ctl *ctl, json_t *warnings)
{
    struct misfits misfits = {.policy = &ctl->policy, .warnings = warnings};
    char text[80];

    if (ctl->service.store == NULL
        || store_each(ctl->service.store, STORE_CLIENTS, check_client,
                      &misfits, NULL)
               != 0
        || misfits.n <= MISFITS_MAX)
        return;
    snprintf(text, sizeof(text), "%zu more clients do not fit the policy",
             misfits.n - MISFITS_MAX);
    warn(warnings, text);
}

static int
check_client(void *arg, const char *key, const char *value, size_t len)
{
    struct misfits *misfits = arg;
    struct client *cl = NULL;
    struct errtext why;
    int rc;

    rc = client_load(&cl, value, len, &why);
    if (rc == 0)
        rc = client_check(cl, misfits->policy, &why);
    if (rc == 0)
        rc = ctl_tls_check_ca(cl, misfits->policy, &why);
    client_free(cl);
    if (rc != 0 && misfits->n++ < MISFITS_MAX) {
        errtext_context(&why, "client %.255s", key);
        warn(misfits->warnings, why.text);
    }
    return 0;
}
