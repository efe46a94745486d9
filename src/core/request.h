/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * One HTTP request, as CGI (RFC 3875) and FastCGI describe it alike.
 *
 * Everything is borrowed: valid until the adapter is asked for the next one.
 */

#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include <stddef.h>

/* What the adapter found wrong before anybody looked at the meaning. */
enum request_fault {
    REQUEST_OK = 0,
    REQUEST_TOO_LARGE,  /* declared or real length over the limit */
    REQUEST_INCOMPLETE, /* the body is not CONTENT_LENGTH bytes long */
    REQUEST_TIMEOUT,    /* the body did not arrive in time */
    REQUEST_DUPLICATE,  /* a security-relevant variable came more than once */
};

/* An absent variable is "", not NULL: servers do not agree on the two. */
struct request {
    const char *method;        /* REQUEST_METHOD */
    const char *script_name;   /* SCRIPT_NAME */
    const char *path_info;     /* PATH_INFO */
    const char *content_type;  /* CONTENT_TYPE */
    const char *authorization; /* HTTP_AUTHORIZATION or its REDIRECT_ forms */
    const char *accept;        /* HTTP_ACCEPT */
    const char *remote_addr;   /* REMOTE_ADDR, numeric: who sent it here */
    const char *origin;        /* where it comes from: the same, until the
                                  program asks core/forwarded.h; "" when
                                  nobody knows */
    const char *origin_why;    /* why nobody knows */
    const char *dpop;          /* HTTP_DPOP; NULL when absent, for an empty
                                  one is a bad proof (RFC 9449, 4.3) */
    const char *client_verify; /* SSL_CLIENT_VERIFY */
    const char *client_cert;   /* SSL_CLIENT_CERT */
    char *const *env;          /* all variables, "NAME=value", NULL last */
    const char *config;        /* CCGRANT_CONFIG of the web server */
    char *body;                /* terminated; written to by the decoder */
    size_t body_len;           /* bytes */
    enum request_fault fault;  /* body is empty unless REQUEST_OK */
    const char *repeated;      /* with REQUEST_DUPLICATE: the variable */
};

#endif /* CORE_REQUEST_H */
