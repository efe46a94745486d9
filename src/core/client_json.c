/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The client record as JSON text.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/client.h"
#include "core/client_priv.h"

static client_read_fn read_text, read_flag, read_number, read_word, read_alg;
static client_write_fn write_text, write_flag, write_number, write_word;
static client_write_fn write_alg;

/* The record's format. */
#define AT(field) offsetof(struct client, field)

static const struct member members[] = {
    {"id", read_text, write_text, AT(id), 0, NULL, false},
    {"name", read_text, write_text, AT(name), 0, NULL, false},
    {"description", read_text, write_text, AT(description), 0, NULL, false},
    {"enabled", read_flag, write_flag, AT(enabled), 0, NULL, false},
    {"created", read_number, write_number, AT(created), 0, NULL, false},
    {"updated", read_number, write_number, AT(updated), 0, NULL, false},
    {"expires", read_number, write_number, AT(expires), 0, NULL, false},
    {"auth", read_word, write_word, AT(auth), 0, client_auth_words,
     false},
    {"secrets", client_secrets_read, client_secrets_write, 0, 0, NULL, false},
    {"keys", client_keys_read, client_keys_write, 0, 0, NULL, true},
    {"jwks_uri", read_text, write_text, AT(jwks_uri), 0, NULL, true},
    {"assertion_alg", read_alg, write_alg, AT(assertion_alg), 0, NULL, true},
    {"assertion_aud", read_word, write_word, AT(assertion_aud), 0,
     client_aud_words, true},
    {"subject", read_word, write_word, AT(subject), 0, client_subject_words,
     true},
    {"subject_value", read_text, write_text, AT(subject_value), 0, NULL,
     true},
    {"tls_ca", read_text, write_text, AT(tls_ca), 0, NULL, true},
    {"bind", read_word, write_word, AT(bind), 0, client_bind_words, true},
    {"dpop_nonce", read_word, write_word, AT(dpop_nonce), 0,
     client_nonce_words, true},
    {"profile", read_word, write_word, AT(profile), 0, client_profile_words,
     true},
    {"roles", client_list_read, client_list_write, AT(roles), AT(n_roles),
     NULL, false},
    {"scopes", client_list_read, client_list_write, AT(scopes), AT(n_scopes),
     NULL, false},
    {"resources", client_list_read, client_list_write, AT(resources),
     AT(n_resources), NULL, false},
    {"default_scope", read_word, write_word, AT(default_scope), 0,
     client_default_words, false},
    {"default_scopes", client_list_read, client_list_write,
     AT(default_scopes), AT(n_default_scopes), NULL, false},
    {"excess_scope", read_word, write_word, AT(excess_scope), 0,
     client_excess_words, false},
    {"lifetime", read_number, write_number, AT(lifetime), 0, NULL, false},
    {"max_lifetime", read_number, write_number, AT(max_lifetime), 0, NULL,
     false},
    {"format", read_word, write_word, AT(format), 0, client_format_words,
     false},
    {"token_alg", read_alg, write_alg, AT(token_alg), 0, NULL, true},
    {"claims", client_claims_read, client_claims_write, 0, 0, NULL, true},
    {"compat", client_words_read, client_words_write, AT(compat), 0,
     client_compat_words, true},
    {"permissions", client_words_read, client_words_write, AT(permissions),
     0, client_permit_words, true},
    {"revoked_until", read_number, write_number, AT(revoked_until), 0, NULL,
     true},
    {"budgets", client_budgets_read, client_budgets_write, 0, 0, NULL, true},
    {"reuse", read_number, write_number, AT(reuse), 0, NULL, true},
    {"networks", client_networks_read, client_networks_write, 0, 0, NULL,
     false},
};

/* As jparse_write() has them: of static claims. */
#define REALS JSON_REAL_PRECISION(15)

enum { N_MEMBERS = sizeof(members) / sizeof(members[0]) };

static void *
need(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* Text of a JSON string; one with a NUL inside is refused by jansson. */
static char *
copy(const json_t *string)
{
    return alloc_text(json_string_value(string));
}

static int
read_text(struct client *cl, const struct member *m, const json_t *value,
          struct errtext *why)
{
    char **text = (char **) (void *) ((char *) cl + m->offset);

    if (!json_is_string(value))
        return client_wrong(m, "a string", why);
    free(*text);
    *text = copy(value);
    return 0;
}

static json_t *
write_text(const struct client *cl, const struct member *m)
{
    char *const *text = (const void *) ((const char *) cl + m->offset);

    return json_string(*text);
}

static int
read_flag(struct client *cl, const struct member *m, const json_t *value,
          struct errtext *why)
{
    bool *flag = (void *) ((char *) cl + m->offset);

    if (!json_is_boolean(value))
        return client_wrong(m, "true or false", why);
    *flag = json_is_true(value);
    return 0;
}

static json_t *
write_flag(const struct client *cl, const struct member *m)
{
    const bool *flag = (const void *) ((const char *) cl + m->offset);

    return json_boolean(*flag);
}

static int
read_number(struct client *cl, const struct member *m, const json_t *value,
            struct errtext *why)
{
    int64_t *number = (void *) ((char *) cl + m->offset);

    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return client_wrong(m, "an integer of 0 or more", why);
    *number = json_integer_value(value);
    return 0;
}

static json_t *
write_number(const struct client *cl, const struct member *m)
{
    const int64_t *number = (const void *) ((const char *) cl + m->offset);

    return json_integer(*number);
}

static int
read_word(struct client *cl, const struct member *m, const json_t *value,
          struct errtext *why)
{
    int word = client_find_word(m->words, json_string_value(value));

    if (word < 0)
        return client_wrong(m, "a word that this version knows", why);
    memcpy((char *) cl + m->offset, &word, sizeof(word));
    return 0;
}

static json_t *
write_word(const struct client *cl, const struct member *m)
{
    int word;

    memcpy(&word, (const char *) cl + m->offset, sizeof(word));
    return json_string(m->words[word]);
}

static int
read_alg(struct client *cl, const struct member *m, const json_t *value,
         struct errtext *why)
{
    const char *name = json_string_value(value);
    enum jose_alg *alg = (void *) ((char *) cl + m->offset);

    if (name == NULL
        || ((*alg = jose_alg(name)) == JOSE_NONE && name[0] != '\0'))
        return client_wrong(m, "an algorithm that this version knows", why);
    return 0;
}

static json_t *
write_alg(const struct client *cl, const struct member *m)
{
    const enum jose_alg *alg = (const void *) ((const char *) cl + m->offset);

    return json_string(jose_name(*alg));
}

/* Read the members of the object; every one is known, the older needed. */
static int
read_members(struct client *cl, const json_t *object, struct errtext *why)
{
    size_t i, n = 0;

    for (i = 0; i < N_MEMBERS; i++) {
        const json_t *value = json_object_get(object, members[i].name);

        if (value == NULL && members[i].is_newer)
            continue;
        if (value == NULL)
            return errtext_set(why, "%s is missing", members[i].name);
        if (members[i].read(cl, &members[i], value, why) != 0)
            return -1;
        n++;
    }
    if (json_object_size(object) != n)
        return errtext_set(why, "it has a member that this version does not "
                                "know: upgrade ccgrant");
    return client_check_id(cl->id, why);
}

int
client_load(struct client **cl, const char *json, size_t len,
            struct errtext *why)
{
    struct client *new = client_new("", 0);
    json_error_t error;
    json_t *object;
    int rc = -1;

    object = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(object))
        errtext_set(why, "it is not a JSON object");
    else
        rc = read_members(new, object, why);
    json_decref(object);
    if (rc != 0) {
        client_free(new);
        return errtext_context(why, "client record");
    }
    *cl = new;
    return 0;
}

static json_t *
to_json(const struct client *cl)
{
    json_t *object = json_object();
    size_t i;

    for (i = 0; i < N_MEMBERS; i++) {
        if (json_object_set_new(object, members[i].name,
                                members[i].write(cl, &members[i]))
            != 0)
            abort();
    }
    return object;
}

char *
client_dump(const struct client *cl)
{
    json_t *object = to_json(cl);
    char *text = need(json_dumps(object, JSON_COMPACT | REALS));

    json_decref(object);
    return text;
}

char *
client_show(const struct client *cl)
{
    json_t *object = to_json(cl), *secret;
    char *text;
    size_t i;

    json_array_foreach(json_object_get(object, "secrets"), i, secret) {
        json_object_del(secret, "digest");
        json_object_del(secret, "sealed");
    }
    text = need(json_dumps(object, JSON_INDENT(2) | REALS));
    json_decref(object);
    return text;
}
