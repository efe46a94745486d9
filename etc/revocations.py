#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# A resource server that verifies JWTs by itself, and asks the list of revoked
# tokens (ccgrant.conf(5), revocations.file) of the web server once a minute.
# Needs python3-jwcrypto.  A server calls check().  Tried by hand, it reads one
# token a line:
#
#     python3 revocations.py ISSUER ISSUER/oauth2/v1 AUDIENCE

import json
import sys
import time
import urllib.request

from jwcrypto import jwk, jwt

ISSUER, BASE, AUDIENCE = sys.argv[1:4]
KEPT = float(sys.argv[4]) if len(sys.argv) > 4 else 60
ALGS = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA']
kept = {}


def read(path):
    text, until = kept.get(path, ('', 0))
    if time.monotonic() >= until:
        with urllib.request.urlopen(BASE + path, timeout=5) as answer:
            text = answer.read().decode()
        kept[path] = text, time.monotonic() + KEPT
    return text


def verify(text, typ, **more):
    key = jwk.JWKSet.from_json(read('/keys'))
    token = jwt.JWT(jwt=text, key=key, algs=ALGS,
                    check_claims={'iss': ISSUER, 'exp': None, **more})
    if json.loads(token.token.objects['protected'])['typ'] != typ:
        raise ValueError('it is not of the type ' + typ)
    return json.loads(token.claims)


def check(text):
    """The claims of a good token; an exception for every other."""
    claims = verify(text, 'at+jwt', aud=AUDIENCE)
    revoked = verify(read('/revocations'), 'revocations+jwt')
    until = revoked['clients'].get(claims['client_id'], 0)
    if (claims['jti'] in revoked['tokens']
            or claims['iat'] <= max(until, revoked['all'])):
        raise ValueError('it was revoked')
    return claims


if __name__ == '__main__':
    for line in sys.stdin:
        try:
            print('good', json.dumps(check(line.strip())), flush=True)
        except Exception as reason:
            print('bad', repr(reason), flush=True)
