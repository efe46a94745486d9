/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * JWT access tokens: header and claims.
 */

#include <string.h>

#include "core/b64.h"
#include "core/claims.h"

static void
add_string(struct sbuf *sb, const char *text)
{
    sbuf_add_json(sb, text, strlen(text));
}

void
claims_header(struct sbuf *sb, enum jose_alg alg, const char *kid)
{
    claims_typ_header(sb, CLAIMS_TYP, alg, kid);
}

void
claims_typ_header(struct sbuf *sb, const char *typ, enum jose_alg alg,
                  const char *kid)
{
    sbuf_add(sb, "{\"typ\":\"");
    sbuf_add(sb, typ);
    sbuf_add(sb, "\",\"alg\":\"");
    sbuf_add(sb, jose_name(alg));
    sbuf_add(sb, "\",\"kid\":");
    add_string(sb, kid);
    sbuf_add(sb, "}");
}

static void
add_audience(struct sbuf *sb, const struct grant *grant)
{
    size_t i;

    if (grant->n_audiences == 1 && (grant->compat & COMPAT_AUD) == 0) {
        add_string(sb, grant->audience[0]);
        return;
    }
    for (i = 0; i < grant->n_audiences; i++) {
        sbuf_add(sb, i == 0 ? "[" : ",");
        add_string(sb, grant->audience[i]);
    }
    sbuf_add(sb, "]");
}

/* A scope token is nothing that JSON escapes (RFC 6749, 3.3). */
static void
add_scope(struct sbuf *sb, const struct grant *grant)
{
    bool array = (grant->compat & COMPAT_SCOPE) != 0;
    const char *p = grant->scope;

    if (*p == '\0')
        return;
    sbuf_add(sb, array ? ",\"scope\":[\"" : ",\"scope\":\"");
    while (array && strchr(p, ' ') != NULL) {
        sbuf_add_bytes(sb, p, strcspn(p, " "));
        sbuf_add(sb, "\",\"");
        p += strcspn(p, " ") + 1;
    }
    sbuf_add(sb, p);
    sbuf_add(sb, array ? "\"]" : "\"");
}

static void
add_confirmation(struct sbuf *sb, const struct binding *binding)
{
    bool both = binding->x5t[0] != '\0' && binding->jkt[0] != '\0';

    if (binding->x5t[0] == '\0' && binding->jkt[0] == '\0')
        return;
    sbuf_add(sb, ",\"cnf\":{");
    if (binding->x5t[0] != '\0') {
        sbuf_add(sb, "\"x5t#S256\":");
        add_string(sb, binding->x5t);
    }
    sbuf_add(sb, both ? "," : "");
    if (binding->jkt[0] != '\0') {
        sbuf_add(sb, "\"jkt\":");
        add_string(sb, binding->jkt);
    }
    sbuf_add(sb, "}");
}

void
claims_add(struct sbuf *sb, const char *issuer, const char *client_id,
           const struct grant *grant, const struct binding *binding,
           int64_t now, const unsigned char jti[CLAIMS_JTI_LEN])
{
    char jti_text[B64URL_LEN(CLAIMS_JTI_LEN) + 1];

    b64url_encode(jti, CLAIMS_JTI_LEN, jti_text);
    sbuf_add(sb, "{\"iss\":");
    add_string(sb, issuer);
    sbuf_add(sb, ",\"sub\":");
    add_string(sb, client_id);
    sbuf_add(sb, ",\"aud\":");
    add_audience(sb, grant);
    sbuf_add(sb, ",\"client_id\":");
    add_string(sb, client_id);
    sbuf_add(sb, ",\"iat\":");
    sbuf_add_int(sb, now);
    sbuf_add(sb, ",\"exp\":");
    sbuf_add_int(sb, now + grant->lifetime);
    sbuf_add(sb, ",\"jti\":\"");
    sbuf_add(sb, jti_text);
    sbuf_add(sb, "\"");
    add_scope(sb, grant);
    add_confirmation(sb, binding);
    if (grant->details[0] != '\0') {
        sbuf_add(sb, ",\"authorization_details\":");
        sbuf_add(sb, grant->details);
    }
    sbuf_add(sb, grant->claims);
    sbuf_add(sb, "}");
}
