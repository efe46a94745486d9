/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * HTTP on libcurl, for ccgrant-fetch alone.
 */

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "config.h"
#include "io/http.h"

enum {
    REDIRECTS_MAX = 3,
    MS_MAX = FETCH_SECONDS_MAX * 1000 - 500, /* so that a reason is heard */
    CONNECT_MS_MAX = 3000,
    URL_SIZE = FETCH_URL_MAX + 1,
};

/* One get, over all of its redirects. */
struct http {
    CURL *curl;
    const struct fetch_rules *rules;
    char *buf; /* the caller's */
    size_t cap;
    size_t len;
    long ms_left;
    bool too_large;
    char refused[INET6_ADDRSTRLEN]; /* an address that is not allowed */
};

static int set_up(struct http *http, struct errtext *why);
static int get(struct http *http, const char *url, long *status,
               struct errtext *why);
static int follow(struct http *http, char url[URL_SIZE], struct errtext *why);
static int explain(const struct http *http, CURLcode code,
                   struct errtext *why);

/* Whether the status sends the client elsewhere (RFC 9110, 15.4). */
static bool
is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307
           || status == 308;
}

int
http_get(const char *url, const struct fetch_rules *rules, char *buf,
         size_t cap, size_t *len, struct errtext *why)
{
    struct http http = { .rules = rules, .buf = buf, .cap = cap,
                         .ms_left = MS_MAX };
    char at[URL_SIZE];
    long status = 0;
    int hops, rc;

    if (fetch_check_url(url, why) != 0)
        return -1;
    memcpy(at, url, strlen(url) + 1);
    rc = set_up(&http, why);
    for (hops = 0; rc == 0; hops++) {
        rc = get(&http, at, &status, why);
        if (rc != 0 || !is_redirect(status))
            break;
        rc = hops < REDIRECTS_MAX
                 ? follow(&http, at, why)
                 : errtext_set(why, "the server redirects more than %d times",
                               REDIRECTS_MAX);
    }
    curl_easy_cleanup(http.curl);
    if (rc == 0 && status != 200)
        rc = errtext_set(why, "the server answers with the status %ld, not "
                              "200", status);
    if (rc != 0)
        return -1;
    buf[http.len] = '\0';
    *len = http.len;
    return 0;
}

/* Whether this host may talk to that address; notes it when not. */
static bool
is_allowed(struct http *http, const struct sockaddr *addr)
{
    const struct fetch_rules *rules = http->rules;
    const void *bytes;
    char text[INET6_ADDRSTRLEN];

    if (addr->sa_family == AF_INET)
        bytes = &((const struct sockaddr_in *)(const void *)addr)->sin_addr;
    else if (addr->sa_family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)(const void *)addr)->sin6_addr;
    else
        return false;
    if (inet_ntop(addr->sa_family, bytes, text, sizeof(text)) == NULL)
        return false;
    if (cidr_is_public(text)
        || cidr_match(rules->networks, rules->n_networks, text))
        return true;
    memcpy(http->refused, text, sizeof(text));
    return false;
}

/*
 * The address is looked at here, behind the last look-up of the name: what a
 * name stood for a moment ago says nothing.
 */
static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http *http = arg;

    if (purpose != CURLSOCKTYPE_IPCXN || !is_allowed(http, &address->addr))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}

/* The body of a 200, as far as it fits; of another answer nothing is kept. */
static size_t
keep(char *bytes, size_t size, size_t n, void *arg)
{
    struct http *http = arg;
    long status = 0;

    n *= size;
    (void)curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return n;
    if (n >= http->cap - http->len) {
        http->too_large = true;
        return 0;
    }
    memcpy(http->buf + http->len, bytes, n);
    http->len += n;
    return n;
}

/* The names of protocols came with 7.85, which deprecated the numbers. */
static bool
set_https_alone(CURL *curl)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK;
#else
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTPS)
           == CURLE_OK;
#endif
}

static bool
set_trust(CURL *curl, const char *ca)
{
    if (curl_easy_setopt(curl, CURLOPT_SSLVERSION,
                         (long)CURL_SSLVERSION_TLSv1_2) != CURLE_OK
        || curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) != CURLE_OK
        || curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) != CURLE_OK)
        return false;
    return ca[0] == '\0'
           || (curl_easy_setopt(curl, CURLOPT_CAINFO, ca) == CURLE_OK
               && curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK);
}

static bool
set_bounds(CURL *curl)
{
    return set_https_alone(curl)
           && curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK
           && curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK
           && curl_easy_setopt(curl, CURLOPT_NOPROXY, "*") == CURLE_OK
           && curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK
           && curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L)
                  == CURLE_OK
           && curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
                               (long)CURL_HTTP_VERSION_1_1) == CURLE_OK
           && curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                               (long)CONNECT_MS_MAX) == CURLE_OK;
}

static bool
set_callbacks(CURL *curl, struct http *http)
{
    return curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket)
               == CURLE_OK
           && curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, http) == CURLE_OK
           && curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep) == CURLE_OK
           && curl_easy_setopt(curl, CURLOPT_WRITEDATA, http) == CURLE_OK;
}

static int
set_up(struct http *http, struct errtext *why)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK
        || (http->curl = curl_easy_init()) == NULL)
        return errtext_set(why, "libcurl cannot be started");
    if (!set_bounds(http->curl) || !set_trust(http->curl, http->rules->ca)
        || !set_callbacks(http->curl, http)
        || curl_easy_setopt(http->curl, CURLOPT_USERAGENT,
                            "ccgrant/" PACKAGE_VERSION) != CURLE_OK)
        return errtext_set(why, "libcurl lacks something that is needed here: "
                                "it must know https, and be 7.74 or newer");
    return 0;
}

static int
get(struct http *http, const char *url, long *status, struct errtext *why)
{
    struct curl_slist *fields = curl_slist_append(
        NULL, "Accept: application/jwk-set+json, application/json");
    CURLcode code = CURLE_OUT_OF_MEMORY;
    double seconds = 0;

    http->len = 0;
    http->refused[0] = '\0';
    if (fields != NULL
        && curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, fields)
               == CURLE_OK
        && curl_easy_setopt(http->curl, CURLOPT_TIMEOUT_MS, http->ms_left)
               == CURLE_OK
        && curl_easy_setopt(http->curl, CURLOPT_URL, url) == CURLE_OK)
        code = curl_easy_perform(http->curl);
    curl_slist_free_all(fields);
    if (code != CURLE_OK)
        return explain(http, code, why);
    (void)curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, status);
    (void)curl_easy_getinfo(http->curl, CURLINFO_TOTAL_TIME, &seconds);
    http->ms_left -= (long)(seconds * 1000);
    if (http->ms_left < 1)
        http->ms_left = 1; /* 0 would be no limit */
    return 0;
}

/* Whether one part of the two URLs is the same, in any case. */
static bool
is_same(CURLU *a, CURLU *b, CURLUPart part)
{
    char *of_a = NULL, *of_b = NULL;
    bool same = curl_url_get(a, part, &of_a, CURLU_DEFAULT_PORT) == CURLUE_OK
                && curl_url_get(b, part, &of_b, CURLU_DEFAULT_PORT)
                       == CURLUE_OK
                && strcasecmp(of_a, of_b) == 0;

    curl_free(of_a);
    curl_free(of_b);
    return same;
}

static bool
is_same_origin(const char *url, const char *other)
{
    CURLU *a = curl_url(), *b = curl_url();
    bool same = a != NULL && b != NULL
                && curl_url_set(a, CURLUPART_URL, url, 0) == CURLUE_OK
                && curl_url_set(b, CURLUPART_URL, other, 0) == CURLUE_OK
                && is_same(a, b, CURLUPART_SCHEME)
                && is_same(a, b, CURLUPART_HOST)
                && is_same(a, b, CURLUPART_PORT);

    curl_url_cleanup(a);
    curl_url_cleanup(b);
    return same;
}

/* Put the URL that the last answer redirects to in the place of its own. */
static int
follow(struct http *http, char url[URL_SIZE], struct errtext *why)
{
    char *to = NULL;

    if (curl_easy_getinfo(http->curl, CURLINFO_REDIRECT_URL, &to) != CURLE_OK
        || to == NULL)
        return errtext_set(why, "the server redirects to nowhere");
    if (fetch_check_url(to, NULL) != 0 || !is_same_origin(url, to))
        return errtext_set(why, "the server redirects to another scheme, host "
                                "or port, or to no https URL: give the URL "
                                "that it redirects to, if you trust that");
    memcpy(url, to, strlen(to) + 1);
    return 0;
}

/* What a certificate is refused for, by the numbers of OpenSSL. */
static const char *
certificate_fault(CURL *curl)
{
    long fault = 0;

    (void)curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &fault);
    switch (fault) {
    case 0:
    case 1:  /* libcurl's own word until the chain is found good */
    case 62: /* X509_V_ERR_HOSTNAME_MISMATCH */
        return "it is for another host";
    case 9: /* X509_V_ERR_CERT_NOT_YET_VALID */
        return "it is not valid yet";
    case 10: /* X509_V_ERR_CERT_HAS_EXPIRED */
        return "it has expired";
    default:
        return "it is of no authority that is known here; jwks.ca names a "
               "file of others";
    }
}

static int
explain(const struct http *http, CURLcode code, struct errtext *why)
{
    if (http->too_large)
        return errtext_set(why, "the document has more than %zu bytes",
                           http->cap - 1);
    if (code == CURLE_COULDNT_CONNECT && http->refused[0] != '\0')
        return errtext_set(why, "the host has the address %s, which is not "
                                "public: to fetch from there, put its network "
                                "into jwks.networks", http->refused);
    if (code == CURLE_COULDNT_RESOLVE_HOST)
        return errtext_set(why, "the name of the host cannot be resolved");
    if (code == CURLE_COULDNT_CONNECT)
        return errtext_set(why, "there is no connection to the host");
    if (code == CURLE_OPERATION_TIMEDOUT)
        return errtext_set(why, "it took over %d seconds",
                           FETCH_SECONDS_MAX);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return errtext_set(why, "the certificate of the host is refused: %s",
                           certificate_fault(http->curl));
    if (code == CURLE_SSL_CACERT_BADFILE)
        return errtext_set(why, "jwks.ca cannot be read, or holds no "
                                "certificate");
    if (code == CURLE_SSL_CONNECT_ERROR)
        return errtext_set(why, "TLS with the host fails: it must know 1.2 or "
                                "newer");
    return errtext_set(why, "libcurl says: %s", curl_easy_strerror(code));
}
