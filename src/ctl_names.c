/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Names that nobody defined, and those that were meant.
 */

#include <string.h>

#include "core/nearest.h"
#include "core/sbuf.h"
#include "ctl_names.h"

enum { WORDS_MAX = 256 }; /* bytes of all that one option takes */

/* The policy does not define the name; near has looked at those it does. */
static int
undefined(const char *what, const char *name, const struct nearest *near,
          struct errtext *why)
{
    if (near->best == NULL)
        return errtext_set(why, "the policy defines no %s \"%.120s\"", what,
                           name);
    return errtext_set(why, "the policy defines no %s \"%.120s\"; did you "
                            "mean \"%.120s\"?",
                       what, name, near->best);
}

int
ctl_names_role(const struct policy *policy, const char *name,
               struct errtext *why)
{
    struct nearest near;
    size_t i;

    if (policy_role(policy, name, strlen(name)) != NULL)
        return 0;
    nearest_begin(&near, name, strlen(name));
    for (i = 0; i < policy->n_roles; i++)
        nearest_offer(&near, policy->roles[i].name,
                      strlen(policy->roles[i].name));
    return undefined("role", name, &near, why);
}

int
ctl_names_scope(const struct policy *policy, const char *name,
                struct errtext *why)
{
    struct nearest near;
    size_t i;

    if (policy_scope(policy, name, strlen(name)) >= 0)
        return 0;
    nearest_begin(&near, name, strlen(name));
    for (i = 0; i < policy->n_scopes; i++)
        nearest_offer(&near, policy->scopes[i].name,
                      strlen(policy->scopes[i].name));
    return undefined("scope", name, &near, why);
}

int
ctl_names_resource(const struct policy *policy, const char *name,
                   struct errtext *why)
{
    struct nearest near;
    size_t i;

    if (policy_resource(policy, name) >= 0)
        return 0;
    nearest_begin(&near, name, strlen(name));
    for (i = 0; i < policy->n_resources; i++)
        nearest_offer(&near, policy->resources[i].audience,
                      strlen(policy->resources[i].audience));
    return undefined("resource", name, &near, why);
}

int
ctl_names_alg(enum jose_alg *alg, const char *name, bool own,
              struct errtext *why)
{
    const char *names[JOSE__MAX + 1] = {""};
    enum jose_alg i;

    *alg = jose_alg(name);
    if (*alg != JOSE_NONE && (!own || jose_is_own(*alg)))
        return 0;
    for (i = JOSE_NONE + 1; i < JOSE__MAX; i++)
        names[i] = !own || jose_is_own(i) ? jose_name(i) : "";
    return ctl_names_word(names, name, why);
}

/* Say them all, "a, b or c". */
static void
list_words(struct sbuf *sb, const char *const *words)
{
    const char *last = NULL;
    bool is_first = true;

    for (; *words != NULL; words++) {
        if ((*words)[0] == '\0')
            continue;
        if (last != NULL) {
            sbuf_add(sb, is_first ? "" : ", ");
            sbuf_add(sb, last);
            is_first = false;
        }
        last = *words;
    }
    sbuf_add(sb, is_first ? "" : " or ");
    sbuf_add(sb, last != NULL ? last : "");
}

int
ctl_names_word(const char *const *words, const char *value,
               struct errtext *why)
{
    char list[WORDS_MAX];
    struct nearest near;
    struct sbuf sb;
    size_t i;

    sbuf_init(&sb, list, sizeof(list));
    list_words(&sb, words);
    nearest_begin(&near, value, strlen(value));
    for (i = 0; words[i] != NULL; i++) {
        if (words[i][0] != '\0')
            nearest_offer(&near, words[i], strlen(words[i]));
    }
    if (near.best != NULL)
        return errtext_set(why, "there is no \"%.80s\"; did you mean %s?",
                           value, near.best);
    return errtext_set(why, "there is no \"%.80s\": say %s", value, list);
}
