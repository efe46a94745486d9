/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The certificate of a connection: from where it is taken, and whom it
 * authenticates.  The linker puts a counter before the verification, and a
 * page of the test's in the place of the network.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certs.h"
#include "core/sbuf.h"
#include "fake_store.h"
#include "io/cert.h"
#include "io/fetch.h"
#include "io/keys.h"
#include "peer.h"
#include "tap.h"
#include "world.h"

#define SUBJECT "CN=app.example.org,OU=Dev+UID=u1,O=Example\\, Inc.,C=DE"
#define URL "https://app.example.org/jwks"
#define PROXY "192.0.2.7"

enum { TEXT_MAX = 8192, N_CA = 3 };

static int verified, fetches;
static char by[CRED_ID_MAX]; /* what credential */
static char page[TEXT_MAX]; /* what is at URL; "": it is down */

int __wrap_cert_verify(const struct cert *cert, const struct cert_trust *trust,
                       int64_t now, int64_t *until, struct errtext *why);
int __real_cert_verify(const struct cert *cert, const struct cert_trust *trust,
                       int64_t now, int64_t *until, struct errtext *why);
int __wrap_fetch(const char *url, const struct fetch_rules *rules, char *buf,
                 size_t cap, size_t *len, int64_t *took, struct errtext *why);

int
__wrap_cert_verify(const struct cert *cert, const struct cert_trust *trust,
                   int64_t now, int64_t *until, struct errtext *why)
{
    verified++;
    return __real_cert_verify(cert, trust, now, until, why);
}

int
__wrap_fetch(const char *url, const struct fetch_rules *rules, char *buf,
             size_t cap, size_t *len, int64_t *took, struct errtext *why)
{
    (void) rules;
    fetches++;
    *took = 1;
    if (page[0] == '\0' || strcmp(url, URL) != 0 || strlen(page) >= cap)
        return errtext_set(why, "the page of the test is down");
    *len = strlen(page);
    memcpy(buf, page, *len + 1);
    return 0;
}

static void
set(char **text, const char *value)
{
    free(*text);
    *text = strdup(value);
    if (*text == NULL)
        abort();
}

/*
 * How a certificate comes; NAME in cert and header is the certificate of that
 * name in PEM when it begins with "@".
 */
struct way {
    const char *sentence;
    const char *verify;    /* SSL_CLIENT_VERIFY */
    const char *cert;      /* SSL_CLIENT_CERT; NULL: "" */
    const char *from;      /* NULL: 198.51.100.1 */
    const char *field;     /* mtls.header; NULL: "Client-Cert" */
    const char *variables[2]; /* names of variables with header */
    const char *header;
    const char *found;     /* the certificate's name, or NULL: none */
    bool is_trusted;
    const char *reason;    /* of a refusal, or NULL */
};

static const struct way ways[] = {
    {.sentence = "nothing", .verify = ""},
    {.sentence = "SUCCESS", .verify = "SUCCESS", .cert = "@leaf",
     .found = "leaf", .is_trusted = true},
    {.sentence = "GENEROUS", .verify = "GENEROUS", .cert = "@self",
     .found = "self"},
    {.sentence = "FAILED and why", .verify = "FAILED:self-signed certificate",
     .cert = "@self", .found = "self"},
    {.sentence = "NONE and a certificate", .verify = "NONE", .cert = "@leaf"},
    {.sentence = "a certificate alone", .verify = "", .cert = "@leaf"},
    {.sentence = "SUCCESS in small letters", .verify = "success",
     .cert = "@leaf"},
    {.sentence = "SUCCESS with more behind it", .verify = "SUCCESS, NONE",
     .cert = "@leaf"},
    {.sentence = "SUCCESS without a certificate", .verify = "SUCCESS"},
    {.sentence = "FAILED without a certificate", .verify = "FAILED:10"},
    {.sentence = "(null)", .verify = "SUCCESS", .cert = "(null)"},
    {.sentence = "what is no certificate", .verify = "SUCCESS", .cert = "x",
     .reason = "the client's certificate: "},
    {.sentence = "PEM of something else", .verify = "SUCCESS",
     .cert = "-----BEGIN CERTIFICATE-----\nAAAA\n"
             "-----END CERTIFICATE-----\n",
     .reason = "the client's certificate: "},
    {.sentence = "half a SEQUENCE", .verify = "SUCCESS",
     .cert = "-----BEGIN CERTIFICATE-----\nMAQFAA==\n"
             "-----END CERTIFICATE-----\n",
     .reason = "not in DER"},
    {.sentence = "a SEQUENCE and a byte", .verify = "SUCCESS",
     .cert = "-----BEGIN CERTIFICATE-----\nMAIFAAA=\n"
             "-----END CERTIFICATE-----\n",
     .reason = "not in DER"},
    {.sentence = "a SEQUENCE that ends in its length", .verify = "SUCCESS",
     .cert = "-----BEGIN CERTIFICATE-----\nMIL/\n"
             "-----END CERTIFICATE-----\n",
     .reason = "not in DER"},
    {.sentence = "a SEQUENCE without a length", .verify = "SUCCESS",
     .cert = "-----BEGIN CERTIFICATE-----\nMIAAAA==\n"
             "-----END CERTIFICATE-----\n",
     .reason = "not in DER"},
    {.sentence = "a header of anybody", .verify = "",
     .variables = {"HTTP_CLIENT_CERT"}, .header = "@leaf"},
    {.sentence = "rubbish of anybody", .verify = "",
     .variables = {"HTTP_CLIENT_CERT", "HTTP_CLIENT_CERT"}, .header = "x"},
    {.sentence = "a header of anybody beside the real one",
     .verify = "SUCCESS", .cert = "@rsa", .variables = {"HTTP_CLIENT_CERT"},
     .header = "@leaf", .found = "rsa", .is_trusted = true},
    {.sentence = "headers that look like the server's", .verify = "",
     .variables = {"HTTP_SSL_CLIENT_CERT", "HTTP_SSL_CLIENT_VERIFY"},
     .header = "@leaf"},
    {.sentence = "such headers of a proxy", .verify = "", .from = PROXY,
     .variables = {"HTTP_SSL_CLIENT_CERT", "HTTP_X_CLIENT_CERT"},
     .header = "@leaf"},
    {.sentence = "the header of a proxy", .verify = "", .from = PROXY,
     .variables = {"HTTP_CLIENT_CERT"}, .header = "@leaf", .found = "leaf",
     .is_trusted = true},
    {.sentence = "another header of a proxy", .verify = "", .from = PROXY,
     .field = "X-SSL-Cert-1", .variables = {"HTTP_X_SSL_CERT_1"},
     .header = "@leaf", .found = "leaf", .is_trusted = true},
    {.sentence = "the header of a proxy beside its own certificate",
     .verify = "SUCCESS", .cert = "@rsa", .from = PROXY,
     .variables = {"HTTP_CLIENT_CERT"}, .header = "@leaf", .found = "leaf",
     .is_trusted = true},
    {.sentence = "an empty header beside a proxy's own certificate",
     .verify = "SUCCESS", .cert = "@rsa", .from = PROXY,
     .variables = {"HTTP_CLIENT_CERT"}, .header = ""},
    {.sentence = "no header beside a proxy's own certificate",
     .verify = "SUCCESS", .cert = "@rsa", .from = PROXY},
    {.sentence = "(null) of a proxy", .verify = "", .from = PROXY,
     .variables = {"HTTP_CLIENT_CERT"}, .header = "(null)"},
    {.sentence = "the header twice", .verify = "", .from = PROXY,
     .variables = {"HTTP_CLIENT_CERT", "HTTP_CLIENT_CERT"},
     .header = "@leaf", .reason = "Client-Cert came more than once"},
    {.sentence = "the header empty and twice", .verify = "", .from = PROXY,
     .variables = {"HTTP_CLIENT_CERT", "HTTP_CLIENT_CERT"}, .header = "",
     .reason = "more than once"},
    {.sentence = "rubbish of a proxy", .verify = "", .from = PROXY,
     .variables = {"HTTP_CLIENT_CERT"}, .header = "x",
     .reason = "the client's certificate: "},
    {.sentence = "a header with more behind its name", .verify = "",
     .from = PROXY, .variables = {"HTTP_CLIENT_CERT_CHAIN"},
     .header = "@leaf"},
    {.sentence = "a header with less", .verify = "", .from = PROXY,
     .variables = {"HTTP_CLIENT"}, .header = "@leaf"},
    {.sentence = "a policy without a header", .verify = "", .from = PROXY,
     .field = "", .variables = {"HTTP_CLIENT_CERT", "HTTP_"},
     .header = "@leaf"},
    {.sentence = "and the variables then", .verify = "SUCCESS",
     .cert = "@rsa", .from = PROXY, .field = "",
     .variables = {"HTTP_CLIENT_CERT"}, .header = "@leaf", .found = "rsa",
     .is_trusted = true},
    {.sentence = "an address that cannot be read", .verify = "",
     .from = "unix:", .variables = {"HTTP_CLIENT_CERT"}, .header = "@leaf"},
};

static void
expand(const char *text, char out[CERTS_MAX])
{
    if (text != NULL && text[0] == '@')
        certs_pem(text + 1, out);
    else
        snprintf(out, CERTS_MAX, "%s", text != NULL ? text : "");
}

static void
check_found(const struct way *way, const struct peer *peer)
{
    unsigned char der[CERTS_MAX], digest[CRYPTO_SHA256_LEN];
    size_t len = certs_der(way->found, der);

    crypto_sha256(der, len, digest);
    tap_is_mem(der, len, peer->der, peer->len, "%s: which", way->sentence);
    tap_is_mem(digest, sizeof(digest), peer->digest, sizeof(peer->digest),
               "%s: its digest", way->sentence);
}

static void
test_ways(struct world *world)
{
    struct policy *policy = &world->policy;
    char cert[CERTS_MAX], header[CERTS_MAX], *env[4];
    char variables[2][CERTS_MAX + 64];
    struct request rq;
    struct errtext why;
    static struct peer peer;
    enum oauth_error rc;
    size_t i, j;

    for (i = 0; i < LEN(ways); i++) {
        const struct way *way = &ways[i];

        expand(way->cert, cert);
        expand(way->header, header);
        set(&policy->mtls.header, way->field ? way->field : "Client-Cert");
        env[0] = strdup("PATH=/");
        for (j = 0; j < 2 && way->variables[j] != NULL; j++) {
            snprintf(variables[j], sizeof(variables[j]), "%s=%s",
                     way->variables[j], header);
            env[j + 1] = variables[j];
        }
        env[j + 1] = NULL;
        memset(&rq, 0, sizeof(rq));
        rq.client_verify = way->verify;
        rq.client_cert = cert;
        rq.remote_addr = way->from != NULL ? way->from : "198.51.100.1";
        rq.env = env;
        memset(&peer, 0xff, sizeof(peer));
        why.text[0] = '\0';
        rc = peer_find(&peer, policy, &rq, &why);
        tap_is_int(way->reason != NULL ? OAUTH_INVALID_REQUEST : OAUTH_OK, rc,
                   "%s", way->sentence);
        tap_is_int(way->found != NULL, peer.has_cert, "%s: has_cert",
                   way->sentence);
        tap_is_int(way->is_trusted, peer.is_trusted, "%s: is_trusted",
                   way->sentence);
        tap_is_int(way->found != NULL ? BINDING_TEXT_MAX - 1 : 0,
                   (long long) strlen(peer.x5t), "%s: x5t", way->sentence);
        if (way->found != NULL)
            check_found(way, &peer);
        tap_ok(strstr(why.text, way->reason != NULL ? way->reason : "")
                   != NULL,
               "%s: the reason is \"%s\"", way->sentence, why.text);
        free(env[0]);
    }
}

/* RFC 8705, 3.1 by another program: Ca.pm prints the same. */
static void
test_thumbprint(struct world *world)
{
    char cert[CERTS_MAX];
    struct request rq = {.client_verify = "SUCCESS", .client_cert = cert,
                         .remote_addr = "198.51.100.1"};
    static struct peer peer;

    certs_pem("leaf", cert);
    tap_is_int(OAUTH_OK, peer_find(&peer, &world->policy, &rq, NULL),
               "a request without variables");
    tap_is_str("hyF7OCCPgwAQgmFiFzSpel8CGXNTYLstb8Vd2X0IMhc", peer.x5t,
               "the thumbprint");
}

/* What peer_find() makes of a certificate of that name. */
static const struct peer *
shown(const char *name, bool is_trusted)
{
    static struct peer peer;

    memset(&peer, 0, sizeof(peer));
    peer.has_cert = true;
    peer.is_trusted = is_trusted;
    peer.len = certs_der(name, peer.der);
    crypto_sha256(peer.der, peer.len, peer.digest);
    return &peer;
}

static struct client *
make_client(enum client_auth auth, enum client_subject kind,
            const char *value)
{
    struct client *cl = world_client("app", "admin");

    cl->auth = auth;
    cl->subject = kind;
    set(&cl->subject_value, value);
    return cl;
}

static const struct {
    const char *sentence;
    const char *name;
    bool is_untrusted;
    enum client_subject kind;
    const char *value;
    const char *ca;     /* NULL: "" */
    const char *reason; /* of a refusal, or NULL */
} chains[] = {
    {"its certificate", "leaf", false, SUBJECT_DN, SUBJECT, NULL, NULL},
    {"of the authorities of its file", "leaf", false, SUBJECT_DN, SUBJECT,
     "root.pem", NULL},
    {"through an intermediate", "inter-leaf", false, SUBJECT_DN, SUBJECT,
     NULL, NULL},
    {"by a SAN", "dns", false, SUBJECT_DNS, "app.example.org", NULL, NULL},
    {"of another file of the policy", "foreign-leaf", false, SUBJECT_DN,
     SUBJECT, NULL, NULL},
    {"whose web server did not verify", "leaf", true, SUBJECT_DN, SUBJECT,
     NULL, "the web server did not verify"},
    {"self-signed, and the web server says SUCCESS", "self", false,
     SUBJECT_DN, SUBJECT, NULL, "self-signed"},
    {"expired, and the web server says SUCCESS", "expired", false,
     SUBJECT_DN, SUBJECT, NULL, "expired"},
    {"for servers", "server", false, SUBJECT_DN, SUBJECT, NULL, "purpose"},
    {"another subject", "comma", false, SUBJECT_DN, SUBJECT, NULL,
     "another"},
    {"its own, of the authorities of another file", "leaf", false,
     SUBJECT_DN, SUBJECT, "foreign.pem", "not trusted"},
    {"a foreign authority's with its subject", "foreign-leaf", false,
     SUBJECT_DN, SUBJECT, "root.pem", "not trusted"},
    {"the intermediate is in another file", "inter-leaf", false, SUBJECT_DN,
     SUBJECT, "root.pem", "root and intermediates"},
    {"a file that the policy does not name", "leaf", false, SUBJECT_DN,
     SUBJECT, "other.pem", "mtls.ca does not name"},
    {"the end of a name", "leaf", false, SUBJECT_DN, SUBJECT, "oot.pem",
     "mtls.ca does not name"},
    {"no subject in the record", "leaf", false, SUBJECT_NONE, "", NULL,
     "no subject"},
};

static void
write_ca(struct world *world, size_t i, const char *names)
{
    certs_write(world->policy.mtls.ca[i], names);
}

static void
make_files(struct world *world)
{
    static const char *const files[N_CA] = {"root.pem", "foreign.pem",
                                            "inter.pem"};
    static const char *const names[N_CA] = {"root", "foreign", "inter"};
    char path[128];
    size_t i;

    world->policy.mtls.ca = calloc(N_CA, sizeof(char *));
    world->policy.mtls.n_ca = N_CA;
    for (i = 0; i < N_CA; i++) {
        snprintf(path, sizeof(path), "%s/%s", world->dir, files[i]);
        world->policy.mtls.ca[i] = strdup(path);
        write_ca(world, i, names[i]);
    }
}

static void
begin(struct world *world)
{
    peer_memory_close(world->service.peers);
    world->service.peers = NULL;
    verified = fetches = 0;
}

static void
test_chains(struct world *world)
{
    struct errtext why;
    struct client *cl;
    size_t i;
    int n, rc;

    for (i = 0; i < LEN(chains); i++) {
        begin(world);
        cl = make_client(AUTH_TLS, chains[i].kind, chains[i].value);
        set(&cl->tls_ca, chains[i].ca != NULL ? chains[i].ca : "");
        for (n = 0; n < 2; n++) {
            why.text[0] = '\0';
            rc = peer_is_client(&world->service,
                                shown(chains[i].name,
                                      !chains[i].is_untrusted),
                                cl, WORLD_NOW, by, &why);
            tap_is_int(chains[i].reason == NULL, rc, "chain: %s: time %d",
                       chains[i].sentence, n + 1);
            if (chains[i].reason != NULL)
                tap_ok(strstr(why.text, chains[i].reason) != NULL,
                       "chain: %s: the reason is \"%s\"", chains[i].sentence,
                       why.text);
        }
        client_free(cl);
    }
    cl = make_client(AUTH_TLS, SUBJECT_DN, SUBJECT);
    set(&cl->tls_ca, world->policy.mtls.ca[0]);
    tap_is_int(1, peer_is_client(&world->service, shown("leaf", true), cl,
                                 WORLD_NOW, by, &why),
               "chain: a file by its whole path");
    tap_is_str(PEER_SUBJECT, by, "chain: what it is known by");
    world->policy.mtls.n_ca = 0;
    set(&cl->tls_ca, "");
    tap_is_int(0, peer_is_client(&world->service, shown("leaf", true), cl,
                                 WORLD_NOW, by, &why),
               "chain: a policy without authorities: \"%s\"", why.text);
    world->policy.mtls.n_ca = N_CA;
    client_free(cl);
}

static void
test_others(struct world *world)
{
    static const struct peer none = {.is_trusted = true};
    struct peer broken = *shown("leaf", true);
    struct client *cl = make_client(AUTH_TLS, SUBJECT_DN, SUBJECT);
    struct errtext why;
    int auth;

    begin(world);
    tap_is_int(0, peer_is_client(&world->service, &none, cl, WORLD_NOW,
                                 by, &why),
               "no certificate: \"%s\"", why.text);
    broken.len--;
    tap_is_int(0, peer_is_client(&world->service, &broken, cl, WORLD_NOW, by,
                                 &why),
               "a broken certificate: \"%s\"", why.text);
    for (auth = 0; auth < AUTH__MAX; auth++) {
        if (auth == AUTH_TLS || auth == AUTH_SELF_SIGNED_TLS)
            continue;
        cl->auth = (enum client_auth) auth;
        tap_is_int(0, peer_is_client(&world->service, shown("leaf", true), cl,
                                     WORLD_NOW, by, &why),
                   "a client of another method: \"%s\"", why.text);
    }
    tap_is_int(0, verified, "nothing of that was verified");
    client_free(cl);
}

/* Ask for one client, at a time behind WORLD_NOW; returns the result. */
static int
ask(struct world *world, const char *name, int64_t later, const char *ca,
    struct errtext *why)
{
    struct client *cl = make_client(AUTH_TLS, SUBJECT_DN, SUBJECT);
    int rc;

    set(&cl->tls_ca, ca);
    why->text[0] = '\0';
    rc = peer_is_client(&world->service, shown(name, true), cl,
                        WORLD_NOW + later, by, why);
    client_free(cl);
    return rc;
}

static void
test_memory(struct world *world)
{
    static const struct {
        const char *sentence;
        const char *name;
        int64_t later;
        const char *ca;
        int verified; /* in sum */
        int rc;
    } steps[] = {
        {"the first time", "leaf", 0, "", 1, 1},
        {"the second", "leaf", 0, "", 1, 1},
        {"after 299 seconds", "leaf", 299, "", 1, 1},
        {"after 300", "leaf", 300, "", 2, 1},
        {"from then on", "leaf", 599, "", 2, 1},
        {"a clock that was set back", "leaf", -1, "", 3, 1},
        {"with the authorities of one file", "leaf", 11, "root.pem", 4, 1},
        {"again", "leaf", 11, "root.pem", 4, 1},
        {"with those of another file", "leaf", 11, "foreign.pem", 5, 0},
        {"what is not good is not remembered", "leaf", 11, "foreign.pem", 6,
         0},
        {"another certificate", "rsa", 11, "", 7, 1},
    };
    const int64_t end = INT64_C(4070908799) - WORLD_NOW;
    struct errtext why;
    size_t i;

    begin(world);
    for (i = 0; i < LEN(steps); i++) {
        tap_is_int(steps[i].rc, ask(world, steps[i].name, steps[i].later,
                                    steps[i].ca, &why),
                   "memory: %s", steps[i].sentence);
        tap_is_int(steps[i].verified, verified, "memory: %s: verifications",
                   steps[i].sentence);
    }
    begin(world);
    tap_is_int(1, ask(world, "inter-leaf", end - 10, "", &why),
               "memory: ten seconds before the end of the chain");
    tap_is_int(1, ask(world, "inter-leaf", end - 1, "", &why),
               "memory: one before it");
    tap_is_int(1, verified, "memory: was remembered");
    tap_is_int(0, ask(world, "inter-leaf", end, "", &why),
               "memory: at its end: \"%s\"", why.text);
}

/* More certificates than there are places: digests are made up. */
static void
test_eviction(struct world *world)
{
    struct client *cl = make_client(AUTH_TLS, SUBJECT_DN, SUBJECT);
    struct peer peer = *shown("leaf", true);
    struct errtext why;
    int i;

    begin(world);
    for (i = 0; i < 64; i++) {
        peer.digest[0] = (unsigned char) i;
        (void) peer_is_client(&world->service, &peer, cl, WORLD_NOW, by, &why);
    }
    peer.digest[0] = 0;
    (void) peer_is_client(&world->service, &peer, cl, WORLD_NOW, by, &why);
    tap_is_int(64, verified, "64 certificates are remembered");
    peer.digest[0] = 64;
    tap_is_int(1, peer_is_client(&world->service, &peer, cl, WORLD_NOW,
                                 by, &why),
               "the next is good");
    tap_is_int(65, verified, "and verified");
    peer.digest[0] = 0;
    (void) peer_is_client(&world->service, &peer, cl, WORLD_NOW, by, &why);
    tap_is_int(65, verified, "what was used of late is still remembered");
    peer.digest[0] = 1;
    (void) peer_is_client(&world->service, &peer, cl, WORLD_NOW, by, &why);
    tap_is_int(66, verified, "what was not used for longest is not");
    client_free(cl);
}

static void
test_files(struct world *world)
{
    const char *root = world->policy.mtls.ca[0];
    struct errtext why;

    begin(world);
    tap_is_int(1, ask(world, "leaf", 0, "root.pem", &why), "files: at first");
    write_ca(world, 0, "foreign");
    tap_is_int(1, ask(world, "leaf", 0, "root.pem", &why),
               "files: a change is not seen in the same second");
    tap_is_int(0, ask(world, "leaf", 1, "root.pem", &why),
               "files: in the next it is, whatever was remembered");
    tap_is_int(0, ask(world, "leaf", 1, "", &why),
               "files: and among all of them: \"%s\"", why.text);
    write_ca(world, 0, "root");
    tap_is_int(1, ask(world, "leaf", 2, "root.pem", &why), "files: and back");
    unlink(root);
    tap_is_int(1, ask(world, "leaf", 3, "root.pem", &why),
               "files: one that is gone serves on");
    tap_is_int(0, ask(world, "self", 3, "root.pem", &why),
               "files: and refuses what it refused");
    tap_ok(strstr(why.text, "self-signed") != NULL
               && strstr(why.text, "of the authorities cannot read") != NULL,
           "files: the reason is \"%s\"", why.text);
    write_ca(world, 0, "");
    tap_is_int(1, ask(world, "leaf", 4, "root.pem", &why),
               "files: one that is being written as well");
    write_ca(world, 0, "root foreign");
    tap_is_int(1, ask(world, "foreign-leaf", 5, "root.pem", &why),
               "files: it is read when it is there again");
    tap_is_int(0, ask(world, "self", 5, "root.pem", &why),
               "files: nothing more");
    tap_ok(strstr(why.text, "cannot read") == NULL,
           "files: is said of it: \"%s\"", why.text);
    unlink(root);
    begin(world);
    tap_is_int(-1, ask(world, "leaf", 0, "root.pem", &why),
               "files: one that was never there: \"%s\"", why.text);
    tap_is_int(1, ask(world, "foreign-leaf", 0, "", &why),
               "files: the others serve without it");
    tap_is_int(0, ask(world, "leaf", 0, "", &why),
               "files: and tell of it: \"%s\"", why.text);
    write_ca(world, 0, "root");
    tap_is_int(1, ask(world, "leaf", 1, "", &why), "files: until it is there");
    tap_is_int(1, ask(world, "leaf", 1, "root.pem", &why),
               "files: alone as well");
}

static struct jwk
key_of(const char *name)
{
    char pem[CERTS_MAX];
    struct jwk jwk;

    certs_pem(name, pem);
    if (keys_read_cert(&jwk, pem, strlen(pem), NULL) != 0)
        abort();
    return jwk;
}

/* A client of the keys of those names, with spaces between. */
static struct client *
keyed(const char *names)
{
    struct client *cl = make_client(AUTH_SELF_SIGNED_TLS, SUBJECT_NONE, "");
    char name[64];
    size_t n;

    cl->keys = calloc(8, sizeof(*cl->keys));
    for (; *names != '\0'; names += n, names += strspn(names, " ")) {
        n = strcspn(names, " ");
        snprintf(name, sizeof(name), "%.*s", (int) n, names);
        cl->keys[cl->n_keys].label = strdup("");
        cl->keys[cl->n_keys].jwk = key_of(name);
        keys_id(&cl->keys[cl->n_keys].jwk, cl->keys[cl->n_keys].id);
        cl->n_keys++;
    }
    return cl;
}

/* Of a good one, which key it was. */
static void
check_id(int rc, const char *name, const char *sentence)
{
    struct jwk jwk = key_of(name);
    char id[CRED_ID_MAX];

    keys_id(&jwk, id);
    if (rc == 1)
        tap_is_str(id, by, "%s: which key", sentence);
}

static void
test_keys(struct world *world)
{
    static const struct {
        const char *sentence;
        const char *keys;
        const char *name;
        const char *reason;
    } rows[] = {
        {"its certificate", "self", "self", NULL},
        {"one of three", "self-rsa self self-ed25519", "self-ed25519", NULL},
        {"RSA", "self-p384 self-rsa", "self-rsa", NULL},
        {"P-384", "self-p384 self-rsa", "self-p384", NULL},
        {"its key in a certificate of an authority", "leaf", "leaf", NULL},
        {"another key with the same name", "self", "leaf", "none of"},
        {"another self-signed one", "self self-rsa", "self-p384", "none of"},
        {"no key in the record", "", "self", "none of"},
        {"its certificate has expired", "self-expired", "self-expired",
         "expired"},
        {"its certificate is not yet valid", "self-early", "self-early",
         "not yet valid"},
    };
    struct errtext why;
    struct client *cl;
    size_t i;
    int trusted;

    begin(world);
    for (i = 0; i < LEN(rows); i++) {
        cl = keyed(rows[i].keys);
        for (trusted = 0; trusted < 2; trusted++)
            tap_is_int(rows[i].reason == NULL,
                       peer_is_client(&world->service,
                                      shown(rows[i].name, trusted), cl,
                                      WORLD_NOW, by, &why),
                       "self-signed: %s, trusted %d", rows[i].sentence,
                       trusted);
        check_id(rows[i].reason == NULL, rows[i].name, rows[i].sentence);
        if (rows[i].reason != NULL)
            tap_ok(strstr(why.text, rows[i].reason) != NULL,
                   "self-signed: %s: the reason is \"%s\"", rows[i].sentence,
                   why.text);
        client_free(cl);
    }
    tap_is_int(0, verified + fetches, "self-signed: no chain is looked at");
    cl = keyed("self");
    cl->keys[0].jwk.not_after = WORLD_NOW;
    tap_is_int(0, peer_is_client(&world->service, shown("self", true), cl,
                                 WORLD_NOW, by, &why),
               "self-signed: a key that has ended: \"%s\"", why.text);
    client_free(cl);
}

static void
publish(const char *name)
{
    struct jwk jwk = key_of(name);
    struct sbuf sb;

    sbuf_init(&sb, page, sizeof(page));
    sbuf_add(&sb, "{\"keys\":[");
    jwk_write(&sb, &jwk);
    sbuf_add(&sb, "]}");
}

static void
test_published(struct world *world)
{
    static const struct {
        const char *sentence;
        const char *page;
        const char *name;
        int64_t later;
        int rc;
        int fetches; /* in sum */
    } steps[] = {
        {"a set that cannot be had", "", "self", 0, -1, 1},
        {"a registered key is enough then", "", "self-rsa", 0, 1, 1},
        {"the set is there", "self", "self", 60, 1, 2},
        {"it is kept", "self", "self", 61, 1, 2},
        {"a key that is not in it", "self-p384", "self-p384", 62, 0, 2},
        {"after the cool-down", "self-p384", "self-p384", 121, 1, 3},
        {"the one before", "self-p384", "self", 121, 0, 3},
        {"a registered key, not published", "self-p384", "self-rsa", 122, 1,
         3},
        {"it is down, and serves on", "", "self-p384", 5000, 1, 4},
    };
    struct client *cl = keyed("self-rsa");
    struct errtext why;
    size_t i;

    set(&cl->jwks_uri, URL);
    begin(world);
    for (i = 0; i < LEN(steps); i++) {
        why.text[0] = page[0] = '\0';
        if (steps[i].page[0] != '\0')
            publish(steps[i].page);
        tap_is_int(steps[i].rc,
                   peer_is_client(&world->service, shown(steps[i].name, false),
                                  cl, WORLD_NOW + steps[i].later, by, &why),
                   "published: %s: \"%s\"", steps[i].sentence, why.text);
        if (steps[i].rc == 1 && strcmp(steps[i].name, "self-rsa") != 0)
            tap_is_str("jwks_uri", by, "published: %s: one credential for all",
                       steps[i].sentence);
        else
            check_id(steps[i].rc, steps[i].name, steps[i].sentence);
        tap_is_int(steps[i].fetches, fetches, "published: %s: fetches",
                   steps[i].sentence);
    }
    fake_store_break(true);
    tap_is_int(-1, peer_is_client(&world->service, shown("self-p384", false),
                                  cl, WORLD_NOW + 5001, by, &why),
               "published: the store is broken: \"%s\"", why.text);
    fake_store_break(false);
    client_free(cl);
}

int
main(void)
{
    struct world world;
    size_t i;

    world_open(&world);
    world.policy.proxies = calloc(1, sizeof(char *));
    free(world.policy.proxy_nets);
    world.policy.proxy_nets = calloc(1, sizeof(struct cidr));
    world.policy.n_proxies = 1;
    world.policy.proxies[0] = strdup(PROXY);
    if (cidr_parse(world.policy.proxy_nets, PROXY, NULL) != 0)
        return 1;
    test_ways(&world);
    test_thumbprint(&world);
    make_files(&world);
    test_chains(&world);
    test_others(&world);
    test_memory(&world);
    test_eviction(&world);
    test_files(&world);
    test_keys(&world);
    test_published(&world);
    begin(&world);
    for (i = 0; i < N_CA; i++)
        unlink(world.policy.mtls.ca[i]);
    world_close(&world);
    return tap_done();
}
