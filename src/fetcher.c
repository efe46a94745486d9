/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant-fetch: gets the JWK Set of a client, for the other programs.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "core/jwk.h"
#include "io/http.h"
#include "process.h"

static const char usage[] =
    "usage: ccgrant-fetch [--allow NETWORK]... [--ca FILE] URL\n"
    "       ccgrant-fetch --help | --version\n"
    "Prints \"ok\" and the document, or \"no\" and why not: see "
    "ccgrant.fcgi(8).\n";

enum { ALLOWED_MAX = 64 };

struct arguments {
    struct cidr networks[ALLOWED_MAX];
    struct fetch_rules rules;
    const char *url;
};

/* Returns 0, or -1 when they are none of the usage. */
static int
read_arguments(struct arguments *args, char **argv)
{
    struct fetch_rules *rules = &args->rules;

    rules->networks = args->networks;
    rules->ca = "";
    for (; argv[0] != NULL && argv[0][0] == '-' && argv[1] != NULL;
         argv += 2) {
        if (strcmp(argv[0], "--ca") == 0)
            rules->ca = argv[1];
        else if (strcmp(argv[0], "--allow") != 0
                 || rules->n_networks == ALLOWED_MAX
                 || cidr_parse(&args->networks[rules->n_networks++], argv[1],
                               NULL) != 0)
            return -1;
    }
    args->url = argv[0];
    return argv[0] != NULL && argv[0][0] != '-' && argv[1] == NULL ? 0 : -1;
}

static int
print(const char *head, const char *text, size_t len)
{
    if (fputs(head, stdout) == EOF || fwrite(text, 1, len, stdout) != len
        || fflush(stdout) == EOF)
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}

static int
run(const struct arguments *args)
{
    static char document[JWK_SET_TEXT_MAX + 1];
    struct errtext why;
    size_t len;

    process_protect();
    umask(077);
    /* For one whose parent is gone. */
    alarm(FETCH_SECONDS_MAX + 1);
    if (http_get(args->url, &args->rules, document, sizeof(document), &len,
                 &why) == 0)
        return print("ok\n", document, len);
    (void)print("no\n", why.text, strlen(why.text));
    (void)print("", "\n", 1);
    return EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
    static struct arguments args;

    /* In a directory of CGI programs, a query could be its arguments
     * (RFC 3875, 4.4). */
    if (getenv("REQUEST_METHOD") != NULL) {
        fputs("ccgrant-fetch: not for web servers\n", stderr);
        return 2;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return print("ccgrant-fetch " PACKAGE_VERSION "\n", "", 0);
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return print(usage, "", 0);
    if (argc < 2 || read_arguments(&args, argv + 1) != 0) {
        fputs(usage, stderr);
        return 2;
    }
    return run(&args);
}
