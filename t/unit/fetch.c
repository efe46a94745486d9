/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Which URLs are fetched from; and how a process that fetches is run, heard
 * and ended, with shell scripts in the place of ccgrant-fetch beside this
 * program.  t/e2e/jwks-uri.t has the real one.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "io/fetch.h"
#include "tap.h"

#define URL "https://client.example.org/jwks?a=b"
#define HOST_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

enum { CAP = 65, LEAKED_FD = 77 };

static const char *const good_urls[] = {
    "https://h",
    "https://h/",
    "https://client.example.org/jwks.json",
    "https://client.example.org:8443/a/b?c=d@e:f/g",
    "https://192.0.2.1/jwks",
    "https://[2001:db8::1]/jwks",
    "https://[::1]:1",
    "https://h:65535?x",
    "https://XN--MNCHEN-3YA.example/%7Ejwks",
};

static const struct {
    const char *sentence;
    const char *url;
    const char *why; /* a part of the reason */
} bad_urls[] = {
    {"an empty one", "", "https://"},
    {"plain http", "http://h/jwks", "https://"},
    {"a file", "file:///etc/passwd", "https://"},
    {"another scheme", "gopher://h/", "https://"},
    {"no scheme", "h/jwks", "https://"},
    {"an option", "--ca", "https://"},
    {"half a scheme", "https:/h/jwks", "https://"},
    {"no host", "https://", "no host"},
    {"no host, but a path", "https:///jwks", "no host"},
    {"no host, but a port", "https://:443/jwks", "no host"},
    {"a host that begins with a dot", "https://.h/", "no host"},
    {"a host that looks like an option", "https://-h/", "no host"},
    {"a host with an escape", "https://h%2e/", "no host"},
    {"a host with an underline", "https://a_b/", "no host"},
    {"a host with a backslash", "https://h\\x/", "no host"},
    {"a host of 256 characters",
     "https://" HOST_63 "." HOST_63 "." HOST_63 "." HOST_63 "/", "no host"},
    {"IPv6 without an end", "https://[::1/", "no host"},
    {"IPv6 that is none", "https://[::g]/", "no host"},
    {"IPv6 with a zone", "https://[fe80::1%25eth0]/", "no host"},
    {"IPv6 of too many characters",
     "https://[1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1]/",
     "no host"},
    {"text behind IPv6", "https://[::1]x/", "no host"},
    {"an empty port", "https://h:/", "no host"},
    {"port 0", "https://h:0/", "no host"},
    {"port 65536", "https://h:65536/", "no host"},
    {"a port of six digits", "https://h:100000/", "no host"},
    {"a port with letters", "https://h:44a/", "no host"},
    {"a port with a sign", "https://h:+443/", "no host"},
    {"a user", "https://me@h/jwks", "user"},
    {"a user and a password", "https://me:pass@h/jwks", "user"},
    {"an empty user", "https://@h/jwks", "user"},
    {"a host behind a user like a host", "https://h:443@other/", "user"},
    {"a fragment", "https://h/jwks#keys", "fragment"},
    {"an empty fragment", "https://h#", "fragment"},
    {"a blank", "https://h/a b", "visible ASCII"},
    {"a new line", "https://h/\nX: y", "visible ASCII"},
    {"a tab", "https://h/\t", "visible ASCII"},
    {"UTF-8", "https://h/\xc3\xa4", "visible ASCII"},
    {"a delete", "https://h/\x7f", "visible ASCII"},
};

/* What the program does, and what comes of it. */
static const struct {
    const char *sentence;
    const char *script;
    const char *document; /* or NULL: refused */
    const char *why;
} rows[] = {
    {"a document", "printf 'ok\\n{\"keys\":[]}\\n'", "{\"keys\":[]}\n", ""},
    {"an empty document", "echo ok", "", ""},
    {"a document in pieces",
     "printf o; printf 'k\\n'; for i in 1 2 3; do printf $i; done", "123", ""},
    {"a document of as many bytes as there may be",
     "printf 'ok\\n%064d' 7",
     "0000000000000000000000000000000000000000000000000000000000000007", ""},
    {"standard input and error are /dev/null",
     "echo ok; readlink /proc/$$/fd/0 /proc/$$/fd/2",
     "/dev/null\n/dev/null\n", ""},
    {"no variable", "echo ok; tr '\\0' x </proc/$$/environ", "", ""},
    /* But for two that glibc keeps to itself, 32 and 33. */
    {"no signal is blocked or ignored",
     "echo ok; sed -n -e 's/^SigBlk:[ \t]*0*$/none blocked/p' "
     "-e 's/^SigIgn:[ \t]*0*\\(18\\)\\{0,1\\}0*$/none ignored/p' "
     "/proc/self/status",
     "none blocked\nnone ignored\n", ""},
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
    {"no descriptor but the standard ones",
     "echo ok; test -e /proc/$$/fd/77 || echo closed", "closed\n", ""},
#endif
    {"a byte more than there may be", "printf 'ok\\n%065d' 7", NULL,
     "the document has more than 64 bytes"},
    {"a document without an end", "echo ok; exec yes", NULL,
     "the document has more than 64 bytes"},
    {"garbage without an end", "exec yes garbage", NULL,
     "the document has more than 64 bytes"},
    {"a reason", "echo no; echo there is no such host; exit 1", NULL,
     "there is no such host"},
    {"a reason without the end of a line", "printf 'no\\nnot today'", NULL,
     "not today"},
    {"a reason of two lines", "printf 'no\\none\\ntwo\\n'", NULL, "one"},
    {"a reason with a colour in it", "printf 'no\\nred \\033[31m'", NULL,
     "red "},
    {"a reason in UTF-8", "printf 'no\\nk\\303\\266n'", NULL, "k"},
    {"an empty reason", "printf 'no\\n\\nmore'", NULL,
     "ccgrant-fetch said nothing of use; run it by hand with the URL"},
    {"nothing", "exit 0", NULL,
     "ccgrant-fetch said nothing of use; run it by hand with the URL"},
    {"two bytes", "printf ok", NULL,
     "ccgrant-fetch said nothing of use; run it by hand with the URL"},
    {"garbage", "echo 'HTTP/1.1 200 OK'", NULL,
     "ccgrant-fetch said nothing of use; run it by hand with the URL"},
    {"a document and a failure", "echo ok; echo x; exit 1", NULL,
     "ccgrant-fetch was cut off in its answer"},
    {"a document and a death", "echo ok; echo x; kill -9 $$", NULL,
     "ccgrant-fetch was cut off in its answer"},
};

static const struct fetch_rules no_rules = {.ca = ""};

/* The place of the scripts. */
static char program[4096];

static void
test_urls(void)
{
    char url[FETCH_URL_MAX + 2] = "https://h/";
    struct errtext why;
    size_t i;

    for (i = 0; i < sizeof(good_urls) / sizeof(good_urls[0]); i++) {
        why.text[0] = '\0';
        tap_is_int(0, fetch_check_url(good_urls[i], &why), "%s", good_urls[i]);
        tap_is_str("", why.text, "%s: no reason", good_urls[i]);
    }
    for (i = 0; i < sizeof(bad_urls) / sizeof(bad_urls[0]); i++) {
        why.text[0] = '\0';
        tap_is_int(-1, fetch_check_url(bad_urls[i].url, &why), "%s",
                   bad_urls[i].sentence);
        tap_ok(strstr(why.text, bad_urls[i].why) != NULL, "%s: %s",
               bad_urls[i].sentence, why.text);
    }
    memset(url + 10, 'a', FETCH_URL_MAX - 9);
    tap_is_int(-1, fetch_check_url(url, &why), "a URL that is too long");
    url[FETCH_URL_MAX] = '\0';
    tap_is_int(0, fetch_check_url(url, &why), "the longest URL");
}

static void
put_script(const char *text, mode_t mode)
{
    FILE *out;

    unlink(program);
    out = fopen(program, "w");
    if (out == NULL || fprintf(out, "#!/bin/sh\n%s\n", text) < 0
        || fchmod(fileno(out), mode) != 0 || fclose(out) != 0)
        tap_diag("cannot write %s", program);
}

static void
test_rows(void)
{
    char buf[CAP];
    struct errtext why;
    int64_t took;
    size_t i, len;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        why.text[0] = '\0';
        len = 0;
        put_script(rows[i].script, 0755);
        tap_is_int(rows[i].document != NULL ? 0 : -1,
                   fetch(URL, &no_rules, buf, sizeof(buf), &len, &took, &why),
                   "%s", rows[i].sentence);
        tap_is_str(rows[i].why, why.text, "%s: the reason", rows[i].sentence);
        if (rows[i].document == NULL)
            continue;
        tap_is_str(rows[i].document, buf, "%s: it", rows[i].sentence);
        tap_is_int((long long) strlen(rows[i].document), (long long) len,
                   "%s: its length", rows[i].sentence);
    }
    tap_ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD,
           "no child is left");
}

static void
test_arguments(void)
{
    static const char expected[] = "7\n--allow\n127.0.0.0/8\n--allow\n"
                                   "2001:db8::/32\n--ca\n/a b/ca.pem\n" URL
                                   "\n";
    struct cidr networks[2];
    struct fetch_rules rules = {networks, 2, "/a b/ca.pem"};
    char buf[1024];
    struct errtext why;
    int64_t took;
    size_t len;

    put_script("echo ok; echo $#; for arg; do echo \"$arg\"; done", 0755);
    cidr_parse(&networks[0], "127.0.0.0/8", &why);
    cidr_parse(&networks[1], "2001:db8::/32", &why);
    tap_is_int(0, fetch(URL, &rules, buf, sizeof(buf), &len, &took, &why),
               "with rules");
    tap_is_str(expected, buf, "they are its arguments");
    tap_is_int(-1, fetch("http://h/", &rules, buf, sizeof(buf), &len, &took,
                         &why),
               "a bad URL");
    tap_is_str("the URL has to begin with https://", why.text,
               "is not even tried");
    tap_is_int(0, took, "and takes no time");
}

static void
test_program(void)
{
    char buf[CAP];
    struct errtext why;
    int64_t took;
    size_t len;

    put_script("echo ok", 0644);
    tap_is_int(-1, fetch(URL, &no_rules, buf, sizeof(buf), &len, &took, &why),
               "a program that nobody may execute");
    if (access(LIBEXECDIR "/ccgrant/ccgrant-fetch", X_OK) != 0)
        tap_ok(strstr(why.text, "install it") != NULL, "and no other: %s",
               why.text);
    unlink(program);
    if (symlink("/bin", program) != 0)
        tap_diag("no symbolic link");
    tap_is_int(-1, fetch(URL, &no_rules, buf, sizeof(buf), &len, &took, &why),
               "a directory in its place");
    /* In valgrind it is the child that finds out. */
    tap_ok(strstr(why.text, "cannot be run") != NULL
               || strstr(why.text, "said nothing") != NULL,
           "%s", why.text);
}

static void
on_alarm(int number)
{
    (void) number;
}

/* Signals on the way, and children that the kernel takes itself. */
static void
test_signals(void)
{
    static const struct itimerval often = {{0, 2000}, {0, 2000}};
    static const struct itimerval never = {{0, 0}, {0, 0}};
    struct sigaction on = {.sa_handler = on_alarm};
    char buf[CAP];
    struct errtext why;
    int64_t took;
    size_t len;

    put_script("echo ok; sleep 0.05; echo x", 0755);
    sigaction(SIGALRM, &on, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    tap_is_int(0, fetch(URL, &no_rules, buf, sizeof(buf), &len, &took, &why),
               "interrupted calls are made again");
    setitimer(ITIMER_REAL, &never, NULL);
    tap_ok(took >= 50, "the time is measured");
    signal(SIGCHLD, SIG_IGN);
    tap_is_int(0, fetch(URL, &no_rules, buf, sizeof(buf), &len, &took, &why),
               "children that nobody has to wait for");
    tap_is_str("x\n", buf, "the document is there");
    put_script("echo ok; exec yes", 0755);
    tap_is_int(-1, fetch(URL, &no_rules, buf, sizeof(buf), &len, &took, &why),
               "one of them is ended");
    signal(SIGCHLD, SIG_DFL);
}

/* Whether the fetch of a URL ends in time, for that reason. */
static bool
ends_in_time(const char *url, const char *reason)
{
    char buf[CAP];
    struct errtext why;
    int64_t took;
    size_t len;
    int rc = fetch(url, &no_rules, buf, sizeof(buf), &len, &took, &why);

    if (rc == -1 && strcmp(why.text, reason) == 0
        && took >= FETCH_SECONDS_MAX * 1000 && took < 60000)
        return true;
    tap_diag("%d, %lld ms: %s", rc, (long long) took, why.text);
    return false;
}

/* The two that take all of the time, side by side. */
static void
test_time(void)
{
    int status = -1;
    pid_t pid;

    put_script("case $1 in\n"
               "*silent) echo ok; trap '' TERM; sleep 300 ;;\n"
               "*closed) echo ok; exec sleep 300 >/dev/null ;;\n"
               "esac",
               0755);
    pid = fork();
    if (pid == 0)
        _exit(ends_in_time("https://h/closed",
                           "ccgrant-fetch was cut off in its answer")
                      && waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD
                  ? 0
                  : 1);
    tap_ok(ends_in_time("https://h/silent", "it took over 5 seconds"),
           "one that says no more is ended");
    waitpid(pid, &status, 0);
    tap_is_int(0, status, "and so is one that has said all");
    tap_ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD,
           "both are gone");
}

int
main(void)
{
    ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 32);
    sigset_t some;

    if (n <= 0)
        tap_skip_all("this program cannot be found in /proc");
    program[n] = '\0';
    memcpy(strrchr(program, '/') + 1, "ccgrant-fetch",
           sizeof("ccgrant-fetch"));
    /* What the other is not to have of this process. */
    sigemptyset(&some);
    sigaddset(&some, SIGTERM);
    sigprocmask(SIG_BLOCK, &some, NULL);
    signal(SIGHUP, SIG_IGN);
    if (dup2(1, LEAKED_FD) < 0)
        tap_diag("no more descriptors");

    test_urls();
    test_rows();
    test_arguments();
    test_program();
    test_signals();
    test_time();
    unlink(program);
    return tap_done();
}
