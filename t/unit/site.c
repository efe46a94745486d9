/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What a responder has open for its policies: a policy that changes, many
 * times, with a clock of the test's.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/crypto.h"
#include "site.h"
#include "../lib/tap.h"

#define HEAD "issuer = \"https://as.example.org\";\n" \
             "resources = ( { audience = \"https://a\"; " \
             "scopes = [ \"a.read\" ]; } );\n"
#define STATE "state = \"state\";\n"

static struct sites sites;
static struct site *site;
static int64_t now; /* the clock */

static void
must(bool good, const char *what)
{
    if (good)
        return;
    tap_diag("the test cannot go on: %s: %s", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* A policy of the usual head and these lines, long ago. */
static void
write_file(const char *name, const char *head, const char *lines)
{
    FILE *out = fopen(name, "w");

    must(out != NULL && fputs(head, out) >= 0 && fputs(lines, out) >= 0
             && fclose(out) == 0,
         name);
    now += 10;
}

static void
make_state(const char *dir)
{
    struct errtext why = {.text = ""};

    must(mkdir(dir, 0700) == 0 && vault_create(dir, &why) == 0
             && store_create(dir, &why) == 0,
         why.text);
}

/* Look at the policy: what became of it, or "". */
static const char *
look(void)
{
    struct errtext why = {.text = ""};

    site->event = NULL;
    if (site_open(site, now, &why) != 0)
        return why.text[0] != '\0' ? "failed" : "failed, for no reason";
    return site->event != NULL ? site->event : "";
}

static void
is_kept(const char *sentence, const char *reason)
{
    tap_is_str("policy_kept", look(), "%s is not taken", sentence);
    tap_is_str(reason, site->news.text, "  for that reason");
    now++;
    tap_is_str("", look(), "  which is said once");
    tap_is_str("kept", site->policy->realm, "  the old one serves");
    tap_ok(site->service.policy == site->policy, "  and is that of all");
}

static void
test_broken(void)
{
    write_file("policy", HEAD STATE, "realm = \"kept\";\nlog : {};\n");
    tap_is_str("policy_taken", look(), "a good policy is taken");
    write_file("policy", HEAD STATE, "\nrelm = \"x\";\n");
    is_kept("an unknown key", "policy:5: relm: unknown key; did you mean "
                              "\"realm\"?");
    write_file("policy", HEAD, "state = \"nowhere\";\n");
    tap_is_str("policy_kept", look(), "a state that is not there");
    tap_ok(strncmp(site->news.text, "policy:3: state: ", 17) == 0,
           "  with its line: %s", site->news.text);
    write_file("policy", HEAD STATE, "log : { to = \"/nowhere/log\"; };\n");
    tap_is_str("policy_kept", look(), "a log that cannot be opened");
    tap_ok(strncmp(site->news.text, "policy:4: log.to: ", 18) == 0,
           "  with its line: %s", site->news.text);
    write_file("policy", HEAD STATE, "@include \"more\"\nrealm = \"new\";\n");
    tap_is_str("policy_kept", look(), "an included file that is not there");
    write_file("more", "", "log : { issued = 1; };\n");
    is_kept("one that is there, and broken",
            "more:1: log.issued: found the integer 1; expected true or "
            "false");
    write_file("more", "", "log : { issued = true; };\n");
    tap_is_str("policy_taken", look(), "and mended");
    tap_is_str("new", site->policy->realm, "  with all that came before");
    must(unlink("more") == 0, "more");
    now++;
    tap_is_str("policy_kept", look(), "and taken away");
    write_file("policy", HEAD STATE, "realm = \"kept\";\n");
    tap_is_str("policy_taken", look(), "when nothing wants it");
    must(rename("policy", "policy~") == 0, "policy");
    now++;
    tap_is_str("policy_kept", look(), "without a file");
    must(rename("policy~", "policy") == 0, "policy~");
    now++;
    tap_is_str("policy_taken", look(), "the same file again");
}

/* By the real times of the file. */
static void
test_quiet(void)
{
    struct stat st;

    write_file("policy", HEAD STATE, "realm = \"quiet\";\n");
    must(stat("policy", &st) == 0, "policy");
    now = (int64_t) st.st_ctime;
    tap_is_str("", look(), "a file is left alone in the second of a change");
    now++;
    tap_is_str("policy_taken", look(), "and read in the next one");
    write_file("policy", HEAD STATE, "realm = \"later\";\n");
    must(stat("policy", &st) == 0, "policy");
    now = (int64_t) st.st_ctime - 1;
    tap_is_str("", look(), "so is one that seems to come from then");
    now -= 10;
    tap_is_str("policy_taken", look(), "but for one of a wrong clock");
    now = (int64_t) st.st_ctime + 100;
    tap_is_str("", look(), "it is not read again");
    write_file("policy", HEAD STATE, "realm = \"again\";\n");
    now -= 10;
    tap_is_str("", look(), "nor looked at twice in a second");
    now++;
    tap_is_str("policy_taken", look(), "but in the next one");
}

/* What was derived from a policy is of the present one. */
static void
test_derived(void)
{
    struct service *service = &site->service;
    struct store *store = service->store;

    write_file("policy", HEAD STATE, "realm = \"one\";\n");
    (void) look();
    service->metadata = strdup("of the first one");
    write_file("policy", HEAD STATE, "realm = \"two\";\n");
    tap_is_str("policy_taken", look(), "another realm");
    tap_is_str("Basic realm=\"two\", charset=\"UTF-8\"", service->challenge,
               "  is in the challenge");
    tap_ok(service->metadata == NULL, "  metadata is made anew");
    tap_ok(service->store == store, "  the store stays open");
    write_file("policy", HEAD, "state = \"./state\";\n");
    (void) look();
    tap_ok(service->store == store, "  under another name of it, too");
    write_file("policy", HEAD, "state = \"state2\";\n");
    tap_is_str("policy_taken", look(), "another state directory");
    tap_ok(service->policy == site->policy, "  with its policy");
    tap_is_str("", look(), "  serves on");
    write_file("policy", HEAD STATE, "");
    tap_is_str("policy_taken", look(), "and the first one again");
}

static void
test_log(void)
{
    write_file("policy", HEAD STATE, "log : { to = \"/dev/null\"; };\n");
    tap_ok(site->log == NULL, "the web server's log");
    tap_is_str("policy_taken", look(), "another log");
    tap_ok(site->log != NULL, "  is open");
    write_file("policy", HEAD, "state = \"nowhere\";\n");
    tap_is_str("policy_kept", look(), "a policy that is refused");
    tap_ok(site->log != NULL, "  does not close it");
    write_file("policy", HEAD STATE, "log : { to = \"stderr\"; };\n");
    tap_is_str("policy_taken", look(), "the web server's again");
    tap_ok(site->log == NULL, "  takes its place");
}

/* For valgrind and the sanitizers. */
static void
test_many(void)
{
    static const char *const lines[] = {
        STATE "realm = \"a\";\n",
        STATE "realm = \"bb\"; mtls : { ca = [ \"x\", \"y\" ]; };\n",
        STATE "relm = \"c\";\n",
        STATE "networks = [ \"10.0.0.0/8\" ]; proxies = [ \"::1\" ];\n",
        "state = \"nowhere\"; log : { to = \"/dev/null\"; };\n",
        STATE "log : { to = \"/dev/null\"; format = \"json\"; };\n",
        STATE "@include \"none\"\n",
        "state = \"state2\";\n",
        STATE "realm = \"",
    };
    size_t n = sizeof(lines) / sizeof(lines[0]), i, taken = 0, kept = 0;
    const char *event;

    for (i = 0; i < 20 * n; i++) {
        write_file("policy", HEAD, lines[i % n]);
        event = look();
        taken += strcmp(event, "policy_taken") == 0;
        kept += strcmp(event, "policy_kept") == 0;
    }
    tap_is_int(20 * 5, (long long) taken, "good ones are taken each time");
    tap_is_int(20 * 4, (long long) kept, "bad ones are not");
}

/* Before anything could be opened there is nothing to keep. */
static void
test_begin(void)
{
    struct errtext why;

    site = sites_find(&sites, "policy");
    tap_is_str("failed", look(), "without a policy there is no service");
    tap_ok(site->policy == NULL, "  and none is kept");
    write_file("policy", HEAD STATE, "");
    now -= 10;
    tap_is_int(-1, site_open(site, now, &why), "that is remembered a second");
    tap_ok(strstr(why.text, "No such file") != NULL, "  with its reason");
    now++;
    tap_is_str("failed", look(), "then what comes next is told");
    make_state("state");
    make_state("state2");
    now++;
    tap_is_str("", look(), "until all is there");
    tap_ok(site->has_service, "  and open");
    tap_ok(site == sites_find(&sites, "policy"), "a site is found again");
    now++;
    tap_is_str("", look(), "  and what is as it was is no news");
}

int
main(void)
{
    char dir[] = "/tmp/ccgrant-site-XXXXXX", command[64];
    struct errtext why = {.text = ""};

    if (mkdtemp(dir) == NULL || chdir(dir) != 0)
        tap_skip_all("no scratch directory");
    must(crypto_init(&why) == 0, why.text);
    now = 1000000000;
    test_begin();
    test_broken();
    test_quiet();
    test_derived();
    test_log();
    test_many();
    sites_close(&sites);
    tap_is_int(0, (long long) sites.n, "all is closed");
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    if (system(command) != 0)
        tap_diag("cannot remove %s", dir);
    return tap_done();
}
