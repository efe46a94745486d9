/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Certificates and bound tokens: what says so in a client's record.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "ctl_args.h"
#include "ctl_out.h"
#include "ctl_tls.h"
#include "io/cert.h"

/* The subjects by their numbers: the option, the name of RFC 8705, 2.1.2, and
 * that for people. */
static const struct {
    const char *option;
    const char *member;
    const char *fact;
} subjects[] = {
    [SUBJECT_DN] = {"tls-subject-dn", "tls_client_auth_subject_dn",
                    "subject dn"},
    [SUBJECT_DNS] = {"tls-san-dns", "tls_client_auth_san_dns", "san dns"},
    [SUBJECT_URI] = {"tls-san-uri", "tls_client_auth_san_uri", "san uri"},
    [SUBJECT_IP] = {"tls-san-ip", "tls_client_auth_san_ip", "san ip"},
    [SUBJECT_EMAIL] = {"tls-san-email", "tls_client_auth_san_email",
                       "san email"},
};

enum { N_SUBJECTS = sizeof(subjects) / sizeof(subjects[0]) };

static void
put_text(char **text, const char *value)
{
    free(*text);
    *text = alloc_text(value);
}

/* The value of the option, unless that is empty, or NULL. */
static const char *
given(const struct ctl *ctl, const char *option)
{
    const char *value = ctl_args_value(ctl, option);

    return value != NULL && *value != '\0' ? value : NULL;
}

static int
put_subject(const struct ctl *ctl, struct client *cl, enum client_subject kind,
            struct errtext *why)
{
    const char *value = ctl_args_value(ctl, subjects[kind].option);

    if (value == NULL || (*value == '\0' && cl->subject != kind))
        return 0;
    if (*value == '\0')
        kind = SUBJECT_NONE;
    else if (cert_check_subject(kind, value, why) != 0)
        return errtext_context(why, "--%s", subjects[kind].option);
    cl->subject = kind;
    put_text(&cl->subject_value, value);
    return 0;
}

int
ctl_tls_subject(const struct ctl *ctl, struct client *cl, struct errtext *why)
{
    const char *first = NULL;
    size_t i;

    for (i = SUBJECT_DN; i < N_SUBJECTS; i++) {
        if (given(ctl, subjects[i].option) == NULL)
            continue;
        if (first != NULL)
            return errtext_set(why, "a client has one subject alone (RFC "
                                    "8705, 2.1.2): --%s or --%s",
                               first, subjects[i].option);
        first = subjects[i].option;
    }
    for (i = SUBJECT_DN; i < N_SUBJECTS; i++) {
        if (put_subject(ctl, cl, (enum client_subject) i, why) != 0)
            return -1;
    }
    return 0;
}

bool
ctl_tls_is_given(const struct ctl *ctl)
{
    size_t i;

    for (i = SUBJECT_DN; i < N_SUBJECTS; i++) {
        if (given(ctl, subjects[i].option) != NULL)
            return true;
    }
    return given(ctl, "tls-ca") != NULL;
}

/* Whether the file of the policy is meant: its name, or the end of it. */
static bool
is_ca(const char *file, const char *name)
{
    size_t len = strlen(file), tail = strlen(name);

    if (strcmp(file, name) == 0)
        return true;
    return len > tail && file[len - tail - 1] == '/'
           && strcmp(file + len - tail, name) == 0;
}

/* Say which there are. */
static int
no_such_ca(const struct policy *policy, struct errtext *why)
{
    if (policy->mtls.n_ca == 0)
        return errtext_set(why, "the policy names no certificate authority: "
                                "put the file into mtls.ca first");
    return errtext_set(why, "mtls.ca of the policy has no such file; its "
                            "first is %s",
                       policy->mtls.ca[0]);
}

int
ctl_tls_ca(const struct ctl *ctl, struct client *cl, const char *value,
           struct errtext *why)
{
    const struct policy *policy = &ctl->policy;
    const char *found = *value == '\0' ? "" : NULL;
    size_t i;

    for (i = 0; *value != '\0' && i < policy->mtls.n_ca; i++) {
        const char *file = policy->mtls.ca[i];

        if (!is_ca(file, value))
            continue;
        if (found != NULL && strcmp(found, file) != 0)
            return errtext_set(why, "that can be %.120s or %.120s: say which "
                                    "with more of its name",
                               found, file);
        found = file;
    }
    if (found == NULL)
        return no_such_ca(policy, why);
    put_text(&cl->tls_ca, found);
    return 0;
}

int
ctl_tls_check_ca(const struct client *cl, const struct policy *policy,
                 struct errtext *why)
{
    size_t i;

    if (cl->auth != AUTH_TLS)
        return 0;
    if (policy->mtls.n_ca == 0)
        return errtext_set(why, "the policy names no certificate authority "
                                "that could have issued its certificate: put "
                                "a file into mtls.ca");
    for (i = 0; cl->tls_ca[0] != '\0' && i < policy->mtls.n_ca; i++) {
        if (is_ca(policy->mtls.ca[i], cl->tls_ca))
            return 0;
    }
    if (cl->tls_ca[0] == '\0')
        return 0;
    return errtext_set(why, "its certificate has to be under %.160s, which is "
                            "not in the policy's mtls.ca: ccgrant client set "
                            "--tls-ca",
                       cl->tls_ca);
}

/* An empty value is the first word, the default. */
static int
find_word(const char *const *words, const char *value)
{
    return *value != '\0' ? client_find_word(words, value) : 0;
}

int
ctl_tls_bind(const struct ctl *ctl, struct client *cl, const char *value,
             struct errtext *why)
{
    int word = find_word(client_bind_words, value);

    (void) ctl;
    if (word < 0)
        return errtext_set(why, "say none, mtls, dpop or any");
    cl->bind = (enum client_bind) word;
    return 0;
}

int
ctl_tls_nonce(const struct ctl *ctl, struct client *cl, const char *value,
              struct errtext *why)
{
    int word = find_word(client_nonce_words, value);

    (void) ctl;
    if (word < 0)
        return errtext_set(why, "say default, off, on or required");
    cl->dpop_nonce = (enum dpop_nonce) word;
    return 0;
}

int
ctl_tls_profile(const struct ctl *ctl, struct client *cl, const char *value,
                struct errtext *why)
{
    int word = find_word(client_profile_words, value);

    (void) ctl;
    if (word < 0)
        return errtext_set(why, "say none or fapi2");
    cl->profile = (enum client_profile) word;
    return 0;
}

const char *
ctl_tls_demand(const struct ctl *ctl, const struct client *cl)
{
    enum client_bind bind = cl->bind;

    if (ctl->policy.mtls.required)
        return bind == BIND_DPOP ? "mtls and dpop" : "mtls";
    if (bind == BIND_NONE && client_is_fapi2(cl, &ctl->policy))
        bind = BIND_ANY;
    return client_bind_words[bind];
}

void
ctl_tls_subject_facts(struct ctl_table *table, const struct client *cl)
{
    if (cl->subject != SUBJECT_NONE)
        ctl_table_fact(table, subjects[cl->subject].fact, cl->subject_value);
    if (cl->subject != SUBJECT_NONE || cl->tls_ca[0] != '\0')
        ctl_table_fact(table, "tls ca",
                       cl->tls_ca[0] != '\0' ? cl->tls_ca
                                             : "any of the policy's");
}

/* What the record says, and what is so when the rule makes it another. */
static void
rule_fact(struct ctl_table *table, const char *name, const char *stored,
          const char *rule, const char *effective)
{
    char text[80];

    if (strcmp(stored, effective) == 0)
        snprintf(text, sizeof(text), "%s", stored);
    else
        snprintf(text, sizeof(text), "%s (%s: %s)", stored, rule, effective);
    ctl_table_fact(table, name, text);
}

void
ctl_tls_bind_facts(const struct ctl *ctl, struct ctl_table *table,
                   const struct client *cl)
{
    bool fapi2 = client_is_fapi2(cl, &ctl->policy);

    rule_fact(table, "bind", client_bind_words[cl->bind],
              ctl->policy.mtls.required ? "mtls.required" : "fapi2",
              ctl_tls_demand(ctl, cl));
    ctl_table_fact(table, "dpop nonce",
                   cl->dpop_nonce == DPOP_NONCE_DEFAULT
                       ? "the policy's"
                       : client_nonce_words[cl->dpop_nonce]);
    rule_fact(table, "profile", client_profile_words[cl->profile],
              "the policy",
              client_profile_words[fapi2 ? PROFILE_FAPI2 : PROFILE_NONE]);
}

/* The names are those of RFC 7591, 2, and RFC 8705, 2.1.2. */
static void
print_json(const struct client *cl)
{
    json_t *object =
        json_pack("{s:s,s:s}", "client_id", cl->id,
                  "token_endpoint_auth_method", client_auth_words[cl->auth]);

    if (json_object_set_new(object, subjects[cl->subject].member,
                            ctl_out_string(cl->subject_value))
        != 0)
        abort();
    ctl_out_json(object);
}

void
ctl_tls_made(const struct ctl *ctl, const struct client *cl)
{
    struct ctl_table table;

    if (ctl->json) {
        print_json(cl);
        return;
    }
    ctl_table_init(&table, 2);
    ctl_table_fact(&table, "client_id", cl->id);
    ctl_table_fact(&table, "auth", client_auth_words[cl->auth]);
    ctl_tls_subject_facts(&table, cl);
    ctl_table_print(&table, false, false);
    ctl_table_wipe(&table);
}
