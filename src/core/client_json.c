/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The client record as JSON text.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/client.h"
#include "core/client_priv.h"

/*
 * A value of the record is read from, and written to, one member of the
 * object by a pair of functions; the table below is the record's format.
 */
struct member {
    const char *name;
    client_read_fn *read;
    client_write_fn *write;
    size_t offset; /* of the member in struct client */
    size_t count;  /* of its number of entries there, for lists */
    const char *const *words; /* names of an enumeration's values */
    bool is_newer;            /* records of schema 1 do not have it */
};

static client_read_fn read_text, read_flag, read_number, read_word;
static client_read_fn read_list, read_networks, read_alg, read_bits;
static client_write_fn write_text, write_flag, write_number, write_word;
static client_write_fn write_list, write_networks, write_alg;
static client_write_fn write_bits;

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
    {"roles", read_list, write_list, AT(roles), AT(n_roles), NULL, false},
    {"scopes", read_list, write_list, AT(scopes), AT(n_scopes), NULL, false},
    {"resources", read_list, write_list, AT(resources), AT(n_resources),
     NULL, false},
    {"default_scope", read_word, write_word, AT(default_scope), 0,
     client_default_words, false},
    {"default_scopes", read_list, write_list, AT(default_scopes),
     AT(n_default_scopes), NULL, false},
    {"excess_scope", read_word, write_word, AT(excess_scope), 0,
     client_excess_words, false},
    {"lifetime", read_number, write_number, AT(lifetime), 0, NULL, false},
    {"max_lifetime", read_number, write_number, AT(max_lifetime), 0, NULL,
     false},
    {"format", read_word, write_word, AT(format), 0, client_format_words,
     false},
    {"token_alg", read_alg, write_alg, AT(token_alg), 0, NULL, true},
    {"claims", client_claims_read, client_claims_write, 0, 0, NULL, true},
    {"compat", read_bits, write_bits, AT(compat), 0, client_compat_words,
     true},
    {"permissions", read_bits, write_bits, AT(permissions), 0,
     client_permit_words, true},
    {"revoked_until", read_number, write_number, AT(revoked_until), 0, NULL,
     true},
    {"networks", read_networks, write_networks, 0, 0, NULL, false},
};

/* As jparse_write() has them: of static claims. */
#define REALS JSON_REAL_PRECISION(15)

enum { N_MEMBERS = sizeof(members) / sizeof(members[0]) };

static int
wrong(const struct member *m, const char *expected, struct errtext *why)
{
    return errtext_set(why, "%s is not %s", m->name, expected);
}

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
    return need(strdup(json_string_value(string)));
}

static int
read_text(struct client *cl, const struct member *m, const json_t *value,
          struct errtext *why)
{
    char **text = (char **) (void *) ((char *) cl + m->offset);

    if (!json_is_string(value))
        return wrong(m, "a string", why);
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
        return wrong(m, "true or false", why);
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
        return wrong(m, "an integer of 0 or more", why);
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
        return wrong(m, "a word that this version knows", why);
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
check_list(const struct member *m, const json_t *value, size_t max,
           struct errtext *why)
{
    if (!json_is_array(value))
        return wrong(m, "an array", why);
    if (json_array_size(value) > max)
        return errtext_set(why, "%s has more than %zu entries", m->name, max);
    return 0;
}

static int
read_list(struct client *cl, const struct member *m, const json_t *value,
          struct errtext *why)
{
    char ***list = (void *) ((char *) cl + m->offset);
    size_t *n = (void *) ((char *) cl + m->count), i;

    if (check_list(m, value, CLIENT_LIST_MAX, why) != 0)
        return -1;
    *list = need(calloc(json_array_size(value) + 1, sizeof(**list)));
    for (i = 0; i < json_array_size(value); i++) {
        const json_t *entry = json_array_get(value, i);

        if (!json_is_string(entry))
            return wrong(m, "an array of strings", why);
        (*list)[(*n)++] = copy(entry);
    }
    return 0;
}

/* Text that is not UTF-8 is no JSON: better no record than one without it. */
static void
append(json_t *array, const char *text)
{
    if (json_array_append_new(array, json_string(text)) != 0)
        abort();
}

static json_t *
write_list(const struct client *cl, const struct member *m)
{
    char **const *list = (const void *) ((const char *) cl + m->offset);
    const size_t *n = (const void *) ((const char *) cl + m->count);
    json_t *array = json_array();
    size_t i;

    for (i = 0; i < *n; i++)
        append(array, (*list)[i]);
    return array;
}

static int
read_networks(struct client *cl, const struct member *m, const json_t *value,
              struct errtext *why)
{
    size_t i;

    if (check_list(m, value, CLIENT_LIST_MAX, why) != 0)
        return -1;
    cl->networks =
        need(calloc(json_array_size(value) + 1, sizeof(*cl->networks)));
    for (i = 0; i < json_array_size(value); i++) {
        const char *text = json_string_value(json_array_get(value, i));

        if (text == NULL)
            return wrong(m, "an array of strings", why);
        if (cidr_parse(&cl->networks[cl->n_networks], text, why) != 0)
            return -1;
        cl->n_networks++;
    }
    return 0;
}

static json_t *
write_networks(const struct client *cl, const struct member *m)
{
    json_t *array = json_array();
    size_t i;

    (void) m;
    for (i = 0; i < cl->n_networks; i++) {
        char text[CIDR_TEXT_MAX];

        cidr_text(&cl->networks[i], text);
        append(array, text);
    }
    return array;
}

static int
read_alg(struct client *cl, const struct member *m, const json_t *value,
         struct errtext *why)
{
    const char *name = json_string_value(value);
    enum jose_alg *alg = (void *) ((char *) cl + m->offset);

    if (name == NULL
        || ((*alg = jose_alg(name)) == JOSE_NONE && name[0] != '\0'))
        return wrong(m, "an algorithm that this version knows", why);
    return 0;
}

static json_t *
write_alg(const struct client *cl, const struct member *m)
{
    const enum jose_alg *alg = (const void *) ((const char *) cl + m->offset);

    return json_string(jose_name(*alg));
}

static int
read_bits(struct client *cl, const struct member *m, const json_t *value,
          struct errtext *why)
{
    unsigned *bits = (void *) ((char *) cl + m->offset);
    size_t i;

    if (!json_is_array(value))
        return wrong(m, "an array", why);
    for (i = 0; i < json_array_size(value); i++) {
        const char *text = json_string_value(json_array_get(value, i));
        int word = client_find_word(m->words, text);

        if (word < 1)
            return wrong(m, "an array of words that this version knows", why);
        *bits |= 1u << (word - 1);
    }
    return 0;
}

static json_t *
write_bits(const struct client *cl, const struct member *m)
{
    const unsigned *bits = (const void *) ((const char *) cl + m->offset);
    json_t *array = json_array();
    int word;

    for (word = 1; m->words[word] != NULL; word++) {
        if ((*bits & 1u << (word - 1)) != 0)
            append(array, m->words[word]);
    }
    return array;
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
