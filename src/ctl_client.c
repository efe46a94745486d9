/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant client: add and set.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "ctl_args.h"
#include "ctl_auth.h"
#include "ctl_clientkeys.h"
#include "ctl_credential.h"
#include "ctl_key.h"
#include "ctl_keytable.h"
#include "ctl_options.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_tls.h"

/* What comes from files, which are read before anything else is done. */
struct given {
    struct ctl_credential secret;
    struct ctl_clientkeys keys;
};

/* What change() makes of a record. */
struct change {
    struct ctl *ctl;
    const struct given *given;
    bool has_new;          /* the new secret is in the record */
    enum client_auth auth; /* the record's method then */
    struct errtext fault;  /* of its authorities, or "" */
};

static int read_given(const struct ctl *ctl, struct given *given,
                      struct errtext *why);
static int add(struct ctl *ctl, struct given *given, struct client *cl,
               struct errtext *why);
static int add_secret(struct ctl *ctl, struct ctl_credential *new,
                      struct client *cl, struct errtext *why);
static void print_new(struct ctl *ctl, const struct client *cl,
                      const struct ctl_credential *secret);
static int set(struct ctl *ctl, struct given *given, struct errtext *why);
static int ready_secret(struct ctl *ctl, struct given *given,
                        struct errtext *why);
static ctl_record_fn change;
static int report_change(const struct ctl *ctl, int rc, const char *done,
                         const char *already);

/* given_free() follows, whatever this returns. */
static int
read_given(const struct ctl *ctl, struct given *given, struct errtext *why)
{
    memset(given, 0, sizeof(*given));
    if (ctl_clientkeys_read(ctl, &given->keys, why) != 0)
        return -1;
    return ctl_credential_read(ctl, &given->secret, why);
}

static void
given_free(struct given *given)
{
    ctl_clientkeys_free(&given->keys);
    ctl_credential_wipe(&given->secret);
}

int
ctl_client_add(struct ctl *ctl, struct errtext *why)
{
    const char *id = ctl->args[0];
    struct client *cl = NULL;
    struct given given;
    int rc = CTL_FAILED;

    if (read_given(ctl, &given, why) == 0 && client_check_id(id, why) == 0) {
        cl = client_new(id, ctl->now);
        rc = add(ctl, &given, cl, why);
    }
    if (rc == CTL_DONE) {
        ctl_auth_fetch(ctl, cl->auth, "made");
        ctl_auth_note(ctl, cl->auth);
        if (ctl_tls_check_ca(cl, &ctl->policy, why) != 0)
            ctl_out_note(why->text);
        print_new(ctl, cl, &given.secret);
    }
    client_free(cl);
    given_free(&given);
    return rc;
}

static void
print_new(struct ctl *ctl, const struct client *cl,
          const struct ctl_credential *secret)
{
    if (ctl_auth_has_secret(cl->auth))
        ctl_credential_print(ctl, secret, cl->id, false);
    else if (cl->auth == AUTH_TLS)
        ctl_tls_made(ctl, cl);
    else
        ctl_keytable_made(ctl, cl);
}

static int
add(struct ctl *ctl, struct given *given, struct client *cl,
    struct errtext *why)
{
    if (ctl_record_open(ctl, why) != 0
        || ctl_options_apply(ctl, cl, &given->keys, why) != 0
        || ctl_key_check_alg(ctl, "token-alg", why) != 0
        || add_secret(ctl, &given->secret, cl, why) != 0)
        return -1;
    if (ctl_record_add(ctl, cl, why) != 0)
        return -1;
    return ctl_credential_announce(ctl, &given->secret, why);
}

static int
add_secret(struct ctl *ctl, struct ctl_credential *new, struct client *cl,
           struct errtext *why)
{
    static const char *const options[] = {"secret-label", "secret-expires"};
    bool wanted = new->chosen || ctl_auth_has_secret(cl->auth);
    size_t i;

    for (i = 0; !wanted && i < 2; i++) {
        if (ctl_args_has(ctl, options[i]))
            return errtext_set(why, "--%s: %s has no secret", options[i],
                               client_auth_words[cl->auth]);
    }
    if (!wanted)
        return 0;
    if (ctl_credential_make(ctl, new, cl, options[0], options[1], why) != 0
        || ctl_credential_add(new, cl, why) != 0)
        return -1;
    return ctl_credential_announce(ctl, new, why);
}

int
ctl_client_set(struct ctl *ctl, struct errtext *why)
{
    const struct ctl_option *option;
    struct given given;
    int rc = CTL_FAILED;

    for (option = ctl->command->options; option->name != NULL; option++) {
        if (ctl_args_has(ctl, option->name))
            break;
    }
    if (option->name == NULL) {
        errtext_set(why, "nothing is to be set: see ccgrant client set "
                         "--help");
        return CTL_USAGE;
    }
    if (read_given(ctl, &given, why) == 0)
        rc = set(ctl, &given, why);
    given_free(&given);
    return rc;
}

static int
set(struct ctl *ctl, struct given *given, struct errtext *why)
{
    struct change how = {.ctl = ctl, .given = given};
    const char *id = ctl->args[0];
    int rc;

    if (ctl_record_open(ctl, why) != 0
        || ctl_key_check_alg(ctl, "token-alg", why) != 0
        || ready_secret(ctl, given, why) != 0)
        return CTL_FAILED;
    rc = ctl_record_edit(ctl, id, change, &how, why);
    if (rc >= 0 && ctl_credential_announce(ctl, &given->secret, why) != 0)
        rc = -1;
    if (rc >= 0) {
        ctl_auth_fetch(ctl, how.auth, "changed");
        ctl_auth_note(ctl, how.auth);
        if (how.fault.text[0] != '\0')
            ctl_out_note(how.fault.text);
    }
    if (rc < 0 || !how.has_new || given->secret.chosen)
        return report_change(ctl, rc, "changed", "unchanged");
    ctl_credential_print(ctl, &given->secret, id, true);
    return CTL_DONE;
}

/*
 * Make the secret that the record may need: outside of the transaction, which
 * can be tried more than once.
 */
static int
ready_secret(struct ctl *ctl, struct given *given, struct errtext *why)
{
    struct ctl_credential *new = &given->secret;
    struct client *cl = NULL;
    int rc;

    if (!new->chosen && !ctl_args_has(ctl, "auth"))
        return 0;
    rc = ctl_record_get(ctl, ctl->args[0], &cl, why);
    if (rc != 0)
        return -1;
    rc = ctl_options_apply(ctl, cl, &given->keys, why);
    if (rc == 0 && (new->chosen || ctl_auth_has_secret(cl->auth)))
        rc = ctl_credential_make(ctl, new, cl, "secret-label",
                                 "secret-expires", why);
    if (rc == 0)
        rc = ctl_credential_announce(ctl, new, why);
    client_free(cl);
    return rc;
}

/* A rule that none of the secrets can follow would lock the client out. */
static int
check_secrets(const struct change *how, const struct client *cl,
              struct errtext *why)
{
    if (cl->auth != AUTH_SECRET_JWT || how->given->secret.made
        || !ctl_args_has(how->ctl, "assertion-alg")
        || cl->assertion_alg == JOSE_NONE
        || ctl_credential_is_there(cl, how->ctl->now))
        return 0;
    return errtext_set(why, "--assertion-alg: none of the client's secrets "
                            "is long enough for %s (RFC 7518, 3.2): first "
                            "ccgrant secret add",
                       jose_name(cl->assertion_alg));
}

static int
change(void *arg, struct client *cl, struct errtext *why)
{
    struct change *how = arg;
    const struct ctl_credential *new = &how->given->secret;
    int rc = ctl_options_apply(how->ctl, cl, &how->given->keys, why);

    if (rc == 0 && new->chosen)
        rc = ctl_credential_replace(new, cl, why);
    else if (rc == 0 && new->made
             && !ctl_credential_is_there(cl, how->ctl->now))
        rc = ctl_credential_add(new, cl, why);
    if (rc == 0)
        rc = check_secrets(how, cl, why);
    how->has_new = new->made && ctl_credential_is_in(new, cl);
    how->auth = cl->auth;
    how->fault.text[0] = '\0';
    (void) ctl_tls_check_ca(cl, &how->ctl->policy, &how->fault);
    return rc == 0 ? 1 : -1;
}

/* rc is what ctl_record_edit() returned. */
static int
report_change(const struct ctl *ctl, int rc, const char *done,
              const char *already)
{
    const char *id = ctl->args[0];

    if (rc < 0)
        return CTL_FAILED;
    if (ctl->json)
        ctl_out_outcome(id, rc == 1);
    else
        printf("%s: %s\n", id, rc == 1 ? done : already);
    return CTL_DONE;
}
