/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * authorization_details: what the types of the policy let through, and what
 * is refused (RFC 9396, 5).
 */

#include <stdlib.h>
#include <string.h>

#include "core/details.h"
#include "sample.h"
#include "tap.h"

/*
 * "payment" has actions pay and refund, a location, an identifier, amount and
 * note, and must have amount; "free" has any privileges, datatypes and
 * identifier; "bare" has no member; "bills" is of another role.
 */
#define PAY(more) "[{\"type\":\"payment\",\"amount\":1" more "}]"

static const struct {
    const char *sentence;
    const char *text;
    const char *granted; /* NULL: as it came; with a fault, nothing */
    const char *fault;   /* a part of the reason */
} rows[] = {
    {"an object of a type", "[{\"type\":\"bare\"}]", NULL, NULL},
    {"two objects keep their order",
     "[{\"type\":\"free\"},{\"type\":\"bare\"}]", NULL, NULL},
    {"an object twice stays twice",
     "[{\"type\":\"bare\"},{\"type\":\"bare\"}]", NULL, NULL},
    {"white space goes", " [ {\r\n\t\"type\" : \"bare\" } ] ",
     "[{\"type\":\"bare\"}]", NULL},
    {"members are in the order of their bytes",
     "[{\"type\":\"payment\",\"note\":{\"b\":1,\"a\":2},\"amount\":1}]",
     "[{\"amount\":1,\"note\":{\"a\":2,\"b\":1},\"type\":\"payment\"}]",
     NULL},
    {"escapes are the characters", "[{\"type\":\"b\\u0061re\"}]",
     "[{\"type\":\"bare\"}]", NULL},
    {"an allowed action", PAY(",\"actions\":[\"pay\"]"),
     "[{\"actions\":[\"pay\"],\"amount\":1,\"type\":\"payment\"}]", NULL},
    {"allowed actions keep their order",
     PAY(",\"actions\":[\"refund\",\"pay\"]"),
     "[{\"actions\":[\"refund\",\"pay\"],\"amount\":1,"
     "\"type\":\"payment\"}]",
     NULL},
    {"an allowed location", PAY(",\"locations\":[\"https://a.example/\"]"),
     "[{\"amount\":1,\"locations\":[\"https://a.example/\"],"
     "\"type\":\"payment\"}]",
     NULL},
    {"an allowed identifier", PAY(",\"identifier\":\"acct-1\""),
     "[{\"amount\":1,\"identifier\":\"acct-1\",\"type\":\"payment\"}]",
     NULL},
    {"any privileges, where any may be",
     "[{\"privileges\":[\"x\",\"y\"],\"type\":\"free\"}]", NULL, NULL},
    {"any identifier, where any may be",
     "[{\"identifier\":\"x\",\"type\":\"free\"}]", NULL, NULL},
    {"a member of any value", PAY(",\"note\":[1,{\"x\":null},true,\"\"]"),
     "[{\"amount\":1,\"note\":[1,{\"x\":null},true,\"\"],"
     "\"type\":\"payment\"}]",
     NULL},
    {"a number stays what it is",
     PAY(",\"note\":[0,-1,9007199254740991,-9007199254740991,1.5,0.1,"
         "123.45,-0.001,1.0]"),
     "[{\"amount\":1,\"note\":[0,-1,9007199254740991,-9007199254740991,1.5,"
     "0.1,123.45,-0.001,1.0],\"type\":\"payment\"}]",
     NULL},
    {"digits in a string are no number",
     "[{\"amount\":\"1e400 12345678901234567890 \\\"\",\"type\":"
     "\"payment\"}]",
     NULL, NULL},
    {"UTF-8 stays",
     "[{\"amount\":\"\xe2\x82\xac\",\"type\":\"payment\"}]", NULL, NULL},

    {"nothing is refused", " ", NULL, "broken JSON"},
    {"a word is refused", "payment", NULL, "broken JSON"},
    {"an object alone is refused", "{\"type\":\"bare\"}", NULL,
     "no array of objects"},
    {"a string is refused", "\"bare\"", NULL, "no array of objects"},
    {"an empty array is refused", "[]", NULL, "empty"},
    {"an array of strings is refused", "[\"bare\"]", NULL, "no object"},
    {"an array in an array is refused", "[[{\"type\":\"bare\"}]]", NULL,
     "no object"},
    {"null among objects is refused", "[{\"type\":\"bare\"},null]", NULL,
     "no object"},
    {"an object without type is refused", "[{\"actions\":[\"pay\"]}]", NULL,
     "no type"},
    {"an empty object is refused", "[{}]", NULL, "no type"},
    {"a type that is no string is refused", "[{\"type\":[\"bare\"]}]", NULL,
     "no type"},
    {"an unknown type is refused", "[{\"type\":\"x\"}]", NULL,
     "no type \"x\""},
    {"an unknown type behind a known one is refused",
     "[{\"type\":\"bare\"},{\"type\":\"x\"}]", NULL, "no type \"x\""},
    {"a type in capitals is refused", "[{\"type\":\"Bare\"}]", NULL,
     "no type \"Bare\""},
    {"an empty type is refused", "[{\"type\":\"\"}]", NULL, "no type \"\""},
    {"a type of another role is refused", "[{\"type\":\"bills\"}]", NULL,
     "no role of details.roles of \"bills\""},
    {"an unknown member is refused", "[{\"type\":\"bare\",\"x\":1}]", NULL,
     "bare: it may have no member \"x\""},
    {"a common member that is not allowed is refused",
     "[{\"type\":\"bare\",\"actions\":[\"pay\"]}]", NULL,
     "no member \"actions\""},
    {"a missing member is refused",
     "[{\"type\":\"payment\",\"actions\":[\"pay\"]}]", NULL,
     "\"amount\" is missing"},
    {"an action that is not listed is refused",
     PAY(",\"actions\":[\"pay\",\"steal\"]"), NULL,
     "actions has a value that details.actions does not list"},
    {"an action in capitals is refused", PAY(",\"actions\":[\"PAY\"]"), NULL,
     "actions has a value"},
    {"an action that is no array is refused", PAY(",\"actions\":\"pay\""),
     NULL, "actions is no array"},
    {"no action at all is refused", PAY(",\"actions\":[]"), NULL,
     "actions is no array of strings, or an empty one"},
    {"null for actions is refused", PAY(",\"actions\":null"), NULL,
     "actions is no array"},
    {"a number among actions is refused", PAY(",\"actions\":[\"pay\",1]"),
     NULL, "actions is not an array of strings"},
    {"another location is refused",
     PAY(",\"locations\":[\"https://a.example\"]"), NULL,
     "locations has a value"},
    {"an identifier in an array is refused",
     PAY(",\"identifier\":[\"acct-1\"]"), NULL, "identifier is not a string"},
    {"another identifier is refused", PAY(",\"identifier\":\"acct-2\""),
     NULL, "identifier has a value"},
    {"a form is asked even where any value may be",
     "[{\"type\":\"free\",\"privileges\":\"x\"}]", NULL,
     "privileges is no array"},
    {"a member twice is refused", PAY(",\"amount\":2"), NULL, "twice"},
    {"a type twice is refused",
     "[{\"type\":\"bare\",\"type\":\"payment\"}]", NULL, "twice"},
    {"a member twice, deep within, is refused",
     PAY(",\"note\":[{\"a\":1,\"a\":1}]"), NULL, "twice"},
    {"something behind is refused", "[{\"type\":\"bare\"}]x", NULL,
     "behind"},
    {"an array that does not end is refused", "[{\"type\":\"bare\"}", NULL,
     "early"},
    {"an integer beyond 2^53 - 1 is refused",
     PAY(",\"note\":9007199254740992"), NULL, "2^53"},
    {"and below that", PAY(",\"note\":-9007199254740992"), NULL, "2^53"},
    {"an integer beyond 64 bits is refused",
     PAY(",\"note\":123456789012345678901"), NULL, "2^53"},
    {"a decimal of 16 digits is refused",
     PAY(",\"note\":1.234567890123456"), NULL, "15 digits"},
    {"an exponent is refused", PAY(",\"note\":1e2"), NULL, "exponent"},
    {"a great one, too", PAY(",\"note\":1E999"), NULL, "exponent"},
    {"17 deep is refused",
     PAY(",\"note\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]"), NULL, "deep"},
    {"a NUL in a string is refused", PAY(",\"note\":\"\\u0000\""), NULL,
     "NUL"},
    {"a lone surrogate is refused", PAY(",\"note\":\"\\ud800\""), NULL,
     "broken JSON"},
};

static void
make_policy(struct policy *policy)
{
    struct policy_detail *detail;

    sample_policy(policy);
    detail = sample_detail(policy, "payment", SAMPLE_ORDERS, "idle batch");
    sample_list(&detail->common[COMMON_ACTIONS].list,
                &detail->common[COMMON_ACTIONS].n, "pay refund");
    sample_list(&detail->common[COMMON_LOCATIONS].list,
                &detail->common[COMMON_LOCATIONS].n, "https://a.example/");
    sample_list(&detail->common[COMMON_IDENTIFIER].list,
                &detail->common[COMMON_IDENTIFIER].n, "acct-1");
    sample_list(&detail->members.list, &detail->members.n, "amount note");
    sample_list(&detail->required.list, &detail->required.n, "amount");
    detail = sample_detail(policy, "free", SAMPLE_ORDERS, "batch");
    sample_list(&detail->members.list, &detail->members.n,
                "privileges datatypes identifier");
    sample_detail(policy, "bare", SAMPLE_ORDERS, "batch");
    sample_detail(policy, "bills", SAMPLE_BILLS, "admin");
    sample_ready(policy);
}

static int
take(char buf[DETAILS_MAX + 1], const struct policy *policy,
     const struct client *cl, const char *text, struct errtext *why)
{
    const struct policy_detail *types[DETAILS_ENTRIES_MAX];
    struct sbuf sb;
    size_t n = 0;

    sbuf_init(&sb, buf, DETAILS_MAX + 1);
    return details_take(&sb, types, &n, policy, cl, text, strlen(text), why);
}

static void
test_row(size_t row, const struct policy *policy, const struct client *cl)
{
    struct errtext why = {.text = ""};
    char buf[DETAILS_MAX + 1];
    int rc = take(buf, policy, cl, rows[row].text, &why);

    tap_is_int(rows[row].fault == NULL ? 0 : -1, rc, "%s",
               rows[row].sentence);
    if (rows[row].fault == NULL)
        tap_is_str(rows[row].granted != NULL ? rows[row].granted
                                             : rows[row].text,
                   buf, "%s: what is granted", rows[row].sentence);
    else if (strstr(why.text, rows[row].fault) == NULL
             || strncmp(why.text, "authorization_details: ", 23) != 0)
        tap_ok(false, "%s: its reason: %s", rows[row].sentence, why.text);
}

/* The limits: bytes and objects. */
static void
test_limits(const struct policy *policy, const struct client *cl)
{
    static const char one[] = "{\"type\":\"bare\"}";
    char text[DETAILS_MAX + 2], buf[DETAILS_MAX + 1];
    struct errtext why = {.text = ""};
    size_t len = 0;
    int i;

    text[len++] = '[';
    for (i = 0; i <= DETAILS_ENTRIES_MAX; i++) {
        memcpy(text + len, one, sizeof(one) - 1);
        len += sizeof(one) - 1;
        text[len++] = i + 1 < DETAILS_ENTRIES_MAX ? ',' : ']';
        text[len] = '\0';
        if (i + 1 == DETAILS_ENTRIES_MAX)
            tap_is_int(0, take(buf, policy, cl, text, &why),
                       "as many objects as there may be");
        if (i + 1 == DETAILS_ENTRIES_MAX)
            text[len - 1] = ',';
    }
    tap_is_int(-1, take(buf, policy, cl, text, &why),
               "one more is refused");
    tap_ok(strstr(why.text, "objects") != NULL, "and said: %s", why.text);
    memset(text, 'x', sizeof(text));
    memcpy(text, "[{\"amount\":\"", 12);
    memcpy(text + DETAILS_MAX - 21, "\",\"type\":\"payment\"}]", 21);
    len = strlen(text);
    tap_is_int(0, take(buf, policy, cl, text, &why),
               "nearly the greatest length, %zu bytes", len);
    tap_is_str(text, buf, "is granted whole");
    memset(text, ' ', sizeof(text));
    memcpy(text, "[{\"type\":\"bare\"}]", 17);
    text[DETAILS_MAX] = '\0';
    tap_is_int(0, take(buf, policy, cl, text, &why), "the greatest length");
    text[DETAILS_MAX] = ' ';
    text[DETAILS_MAX + 1] = '\0';
    tap_is_int(-1, take(buf, policy, cl, text, &why),
               "one byte more is refused");
}

int
main(void)
{
    struct client *cl = client_new("a", 7);
    struct errtext why = {.text = ""};
    char buf[DETAILS_MAX + 1];
    struct policy policy;
    size_t i;

    make_policy(&policy);
    sample_list(&cl->roles, &cl->n_roles, "x batch");
    for (i = 0; i < LEN(rows); i++)
        test_row(i, &policy, cl);
    test_limits(&policy, cl);
    sample_list(&cl->roles, &cl->n_roles, NULL);
    tap_is_int(-1, take(buf, &policy, cl, "[{\"type\":\"bare\"}]", &why),
               "a client without roles is refused any type");
    sample_list(&policy.details[2].roles.list, &policy.details[2].roles.n,
                NULL);
    sample_list(&cl->roles, &cl->n_roles, "batch admin idle");
    tap_is_int(-1, take(buf, &policy, cl, "[{\"type\":\"bare\"}]", &why),
               "a type without roles is for nobody");
    policy_free(&policy);
    sample_policy(&policy);
    tap_is_int(-1, take(buf, &policy, cl, "[{\"type\":\"bare\"}]", &why),
               "a policy without types refuses any");
    tap_ok(strstr(why.text, "defines no types") != NULL, "and says so");
    policy_free(&policy);
    client_free(cl);
    return tap_done();
}
