/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * REMOTE_ADDR on the first line, a field of proxies behind it: the peer is
 * believed unless it is a proxy, and of the field nothing that was forged.
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/forwarded.h"
#include "fuzz.h"
#include "sample.h"

const char fuzz_corpus[] = "forwarded";

#define PROXY "10.0.0.1"

/* Made at the first input, kept to the end. */
static struct policy policy;

static const struct {
    const char *variable;
    const char *of_proxy; /* what one of them adds */
} fields[] = {
    [FORWARDED_NONE] = {"HTTP_X_FORWARDED_FOR", ""},
    [FORWARDED_X_FOR] = {"HTTP_X_FORWARDED_FOR", ", 10.0.0.2"},
    [FORWARDED_RFC7239] = {"HTTP_FORWARDED", ", for=10.0.0.2"},
};

/* What a client might put before the text of the proxies. */
static const char *const forged[] = {
    "198.51.100.1,", "for=198.51.100.1,", "\",", "for=\"198.51.100.1,",
    "\\,", "host=\"\\\";for=198.51.100.1,", ",",
};

static void
make_policy(void)
{
    sample_policy(&policy);
    sample_list(&policy.proxies, &policy.n_proxies,
                "10.0.0.0/24 2001:db8:1::/48");
    sample_ready(&policy);
}

static bool
is_proxy(const char *address)
{
    return cidr_match(policy.proxy_nets, policy.n_proxies, address);
}

/* The origin, when the field is made of three texts and came n times. */
static const char *
ask(const char *from, const char *const text[3], size_t n,
    char buf[CIDR_TEXT_MAX], struct errtext *why)
{
    const char *variable = fields[policy.forwarded].variable;
    size_t size = strlen(variable) + strlen(text[0]) + strlen(text[1])
                  + strlen(text[2]) + 2;
    char *field = malloc(size), *env[] = {field, field, NULL};
    struct request rq = sample_request();
    const char *origin;

    hold(field != NULL);
    snprintf(field, size, "%s=%s%s%s", variable, text[0], text[1], text[2]);
    env[n] = NULL;
    rq.remote_addr = from;
    rq.env = env;
    origin = forwarded_origin(&policy, &rq, buf, why);
    hold(origin == from || origin == buf);
    free(field);
    return origin;
}

/* Whether the address, or one in another form of it, stands in the text,
 * escapes aside. */
static bool
stands_in(const char *text, const char *address)
{
    static const char digits[] = "0123456789abcdefABCDEF:.";
    char run[CIDR_TEXT_MAX], same[CIDR_TEXT_MAX];
    size_t n = 0;
    bool found = false;

    for (; !found; text++) {
        if (*text != '\0' && strchr(digits, *text) != NULL) {
            if (n < sizeof(run) - 1)
                run[n++] = *text;
            continue;
        }
        if (*text == '\\')
            continue;
        run[n] = '\0';
        n = 0;
        found = cidr_address(run, same) == 0 && strcmp(same, address) == 0;
        run[strcspn(run, ":")] = '\0'; /* a port */
        found = found
                || (cidr_address(run, same) == 0
                    && strcmp(same, address) == 0);
        if (*text == '\0')
            break;
    }
    return found;
}

/* The peer, whatever the field says. */
static void
check_peer(const char *from, const char *text)
{
    const char *const none[3] = {"", "", ""}, *const all[3] = {text, "", ""};
    char form[CIDR_TEXT_MAX], buf[CIDR_TEXT_MAX];
    struct errtext why = {.text = ""};
    const char *origin = ask(from, all, 1, buf, &why);

    hold(why.text[0] == '\0');
    hold(strcmp(origin, from) == 0
         || (cidr_address(from, form) == 0 && strcmp(origin, form) == 0));
    hold(strcmp(origin, ask(from, none, 0, form, &why)) == 0);
}

/* What is known does not depend on what is before it, nor on proxies. */
static void
check_known(const char *text, const char *known)
{
    const char *parts[3] = {"", text, fields[policy.forwarded].of_proxy};
    char buf[CIDR_TEXT_MAX];
    struct errtext why = {.text = ""};
    size_t i;

    hold(cidr_address(known, buf) == 0 && strcmp(buf, known) == 0);
    hold(stands_in(text, known));
    if (strcmp(ask(PROXY, parts, 1, buf, &why), known) != 0)
        hold(strncmp(why.text, "more than", 9) == 0);
    parts[2] = "";
    for (i = 0; i < sizeof(forged) / sizeof(forged[0]) && !is_proxy(known);
         i++) {
        parts[0] = forged[i];
        hold(strcmp(ask(PROXY, parts, 1, buf, &why), known) == 0);
    }
}

/* Text that came from a proxy. */
static void
check_field(const char *text)
{
    const char *const parts[3] = {text, "", ""};
    char buf[CIDR_TEXT_MAX], known[CIDR_TEXT_MAX];
    struct errtext why = {.text = ""};

    snprintf(known, sizeof(known), "%s", ask(PROXY, parts, 1, buf, &why));
    hold((known[0] == '\0') == (why.text[0] != '\0'));
    if (known[0] != '\0')
        check_known(text, known);
    hold(ask(PROXY, parts, 2, buf, &why)[0] == '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct halves in = halves_of(data, size, true);
    int kind;

    if (policy.issuer == NULL)
        make_policy();
    for (kind = FORWARDED_NONE; kind <= FORWARDED_RFC7239; kind++) {
        policy.forwarded = (enum forwarded_field)kind;
        if (kind == FORWARDED_NONE || !is_proxy(in.first))
            check_peer(in.first, in.rest);
        if (kind != FORWARDED_NONE)
            check_field(in.rest);
    }
    halves_free(&in);
    return 0;
}
