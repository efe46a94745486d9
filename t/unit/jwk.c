/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Public keys: read, refused, written, in sets.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/b64.h"
#include "core/jwk.h"
#include "jose_text.h"
#include "tap.h"

/* Moduli that are powers of 65537 modulo all small primes, and all but one. */
#define ROCA_HEAD                                                            \
    "87N_MocCZsRBVdfvKN036yrfVZoRy8KISlAS3FgsGMkvQpzln_MHj8wbDD4cB3"         \
    "JORMW0dj_jHQNH_IFqwW4ihMEPqkADujPbc_e6jgRF1lbeOl21FU7VEhIJPSas"         \
    "USsB8Y3R7td8lsAITz3WQVrzQe5SvbbRAgoV2e0X48wOle6NED7TzGZ-lxdzMI"         \
    "zcaxOrLkfcDpWfOlGM_lzRLV23m6Knrh86x2UszfhEBAcpXkKZkBwEdUkbw1TF"         \
    "bJqcya9OyVRrQ5-dASmKRJ6-idm_AgBn26hYmJAIahe5r1tWlkPQN83_fCQNSW"         \
    "nUld2BNVxT8OZC8"
#define ROCA ROCA_HEAD "yYCn_s1q42QaZshNQ"
#define NOT_ROCA ROCA_HEAD "2dZfTP7Oa1P5NwQuQ"

static const struct {
    const char *sentence;
    const char *json;
    int rc;
    const char *reason; /* a part of it */
} rows[] = {
    {"a key on P-256", "{" P256 "}", 0, NULL},
    {"a key on P-384", "{" P384 "}", 0, NULL},
    {"a key on P-521", "{" P521 "}", 0, NULL},
    {"a key on Ed25519", "{" ED "}", 0, NULL},
    {"an RSA key", "{" RSA "}", 0, NULL},
    {"an RSA key with e 3", "{'kty':'RSA','n':'" N "','e':'Aw'}", 0, NULL},
    {"an RSA key with an e of 64 bits",
     "{'kty':'RSA','n':'" N "','e':'__________8'}", 0, NULL},
    {"an RSA key with an e of 9 bytes is refused",
     "{'kty':'RSA','n':'" N "','e':'AQAAAAAAAAAB'}", -1, "e has over 8"},
    {"an RSA key that is no ROCA key",
     "{'kty':'RSA','n':'" NOT_ROCA "','e':'AQAB'}", 0, NULL},
    {"members that nobody knows",
     "{" P256 ",'x5c':[1],'x5u':{},'ext':true,'foo':null}", 0, NULL},
    {"crv in an RSA key is ignored", "{" RSA ",'crv':1}", 0, NULL},

    {"a string is refused", "'x'", -1, "not an object"},
    {"null is refused", "null", -1, "not an object"},
    {"an array is refused", "[]", -1, "not an object"},
    {"an empty object is refused", "{}", -1, "kty"},
    {"no kty is refused",
     "{'crv':'P-256','x':'" P256_X "','y':'" P256_Y "'}", -1, "kty"},
    {"a kty that is a number is refused", "{'kty':1}", -1, "kty"},
    {"a kty in another case is refused",
     "{'kty':'ec','crv':'P-256','x':'" P256_X "','y':'" P256_Y "'}", 2,
     "type"},
    {"an empty kty is refused", "{'kty':''}", 2, "type"},
    {"a kty of another key is refused",
     "{'kty':'RSA','crv':'P-256','x':'" P256_X "','y':'" P256_Y "'}", -1,
     "n is missing"},
    {"OKP on a curve of EC is refused",
     "{'kty':'OKP','crv':'P-256','x':'" P256_X "'}", 2, "type"},
    {"EC on a curve of OKP is refused",
     "{'kty':'EC','crv':'Ed25519','x':'" ED_X "','y':'" ED_X "'}", 2,
     "type"},
    {"EC without crv is refused",
     "{'kty':'EC','x':'" P256_X "','y':'" P256_Y "'}", -1, "type"},
    {"a crv that is a number is refused",
     "{'kty':'EC','crv':256,'x':'" P256_X "','y':'" P256_Y "'}", -1, "type"},
    {"a crv in another spelling is refused",
     "{'kty':'EC','crv':'P256','x':'" P256_X "','y':'" P256_Y "'}", 2,
     "type"},
    {"secp256k1 is refused",
     "{'kty':'EC','crv':'secp256k1','x':'" P256_X "','y':'" P256_Y "'}", 2,
     "type"},
    {"X25519 is refused", "{'kty':'OKP','crv':'X25519','x':'" ED_X "'}", 2,
     "type"},
    {"Ed448 is refused", "{'kty':'OKP','crv':'Ed448','x':'" ED_X "'}", 2,
     "type"},
    {"a secret is refused", "{'kty':'oct','k':'" ED_X "'}", -1, "private"},
    {"a secret without k is refused", "{'kty':'oct'}", 2, "type"},

    {"d in an EC key is refused", "{" P256 ",'d':'AQ'}", -1, "private"},
    {"d in an OKP key is refused", "{" ED ",'d':'AQ'}", -1, "private"},
    {"d in an RSA key is refused", "{" RSA ",'d':'AQ'}", -1, "private"},
    {"p is refused", "{" RSA ",'p':'AQ'}", -1, "private"},
    {"q is refused", "{" RSA ",'q':'AQ'}", -1, "private"},
    {"dp is refused", "{" RSA ",'dp':'AQ'}", -1, "private"},
    {"dq is refused", "{" RSA ",'dq':'AQ'}", -1, "private"},
    {"qi is refused", "{" RSA ",'qi':'AQ'}", -1, "private"},
    {"oth is refused", "{" RSA ",'oth':[]}", -1, "private"},
    {"k in an RSA key is refused", "{" RSA ",'k':'AQ'}", -1, "private"},
    {"a private part that is null is refused", "{" P256 ",'d':null}", -1,
     "private"},
    {"a private key for encryption is refused too",
     "{" P256 ",'use':'enc','d':'AQ'}", -1, "private"},

    {"no x is refused", "{'kty':'EC','crv':'P-256','y':'" P256_Y "'}", -1,
     "x is missing"},
    {"no y is refused", "{'kty':'EC','crv':'P-256','x':'" P256_X "'}", -1,
     "y is missing"},
    {"no x of Ed25519 is refused", "{'kty':'OKP','crv':'Ed25519'}", -1,
     "x is missing"},
    {"an x that is a number is refused",
     "{'kty':'EC','crv':'P-256','x':1,'y':'" P256_Y "'}", -1, "x is missing"},
    {"an empty x is refused",
     "{'kty':'EC','crv':'P-256','x':'','y':'" P256_Y "'}", -1,
     "x has not 32"},
    {"an x of 31 bytes is refused",
     "{'kty':'EC','crv':'P-256','x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPH"
     "vRVA','y':'" P256_Y "'}",
     -1, "x has not 32"},
    {"an x of 33 bytes is refused",
     "{'kty':'EC','crv':'P-256','x':'AH_NzidwvsRdQYPL7m_bS3tYBzM1e-nvE7rPbj"
     "x70VRF','y':'" P256_Y "'}",
     -1, "x has over 32"},
    {"a y of 31 bytes is refused",
     "{'kty':'EC','crv':'P-256','x':'" P256_X
     "','y':'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5Q'}",
     -1, "y has not 32"},
    {"a point of P-256 on P-384 is refused",
     "{'kty':'EC','crv':'P-384','x':'" P256_X "','y':'" P256_Y "'}", -1,
     "x has not 48"},
    {"a point of P-384 on P-256 is refused",
     "{'kty':'EC','crv':'P-256','x':'" P384_X "','y':'" P384_Y "'}", -1,
     "x has over 32"},
    {"a point of P-384 on P-521 is refused",
     "{'kty':'EC','crv':'P-521','x':'" P384_X "','y':'" P384_Y "'}", -1,
     "x has not 66"},
    {"an x with padding is refused",
     "{'kty':'EC','crv':'P-256','x':'" P256_X "=','y':'" P256_Y "'}", -1,
     "x "},
    {"an x in base64 is refused",
     "{'kty':'EC','crv':'P-256','x':'" P256_X "','y':'x/FEzRu9m36HLN/tue659L"
     "NpXW6pCyStikYjKIWI5a0'}",
     -1, "y is not base64url"},
    {"bits in the tail of x are refused",
     "{'kty':'EC','crv':'P-256','x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHv"
     "RVEV','y':'" P256_Y "'}",
     -1, "x is not base64url"},
    {"a space in x is refused",
     "{'kty':'EC','crv':'P-256','x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHv"
     "RVE ','y':'" P256_Y "'}",
     -1, "x is not base64url"},

    {"no n is refused", "{'kty':'RSA','e':'AQAB'}", -1, "n is missing"},
    {"no e is refused", "{'kty':'RSA','n':'" N "'}", -1, "e is missing"},
    {"an n that is a number is refused",
     "{'kty':'RSA','n':65537,'e':'AQAB'}", -1, "n is missing"},
    {"an e that is a number is refused", "{'kty':'RSA','n':'" N "','e':3}",
     -1, "e is missing"},
    {"an empty n is refused", "{'kty':'RSA','n':'','e':'AQAB'}", -1,
     "under 2048"},
    {"an n with padding is refused",
     "{'kty':'RSA','n':'" N "==','e':'AQAB'}", -1, "n is not base64url"},
    {"an empty e is refused", "{'kty':'RSA','n':'" N "','e':''}", -1,
     "under 3"},
    {"e 0 is refused", "{'kty':'RSA','n':'" N "','e':'AA'}", -1, "zero"},
    {"e 1 is refused", "{'kty':'RSA','n':'" N "','e':'AQ'}", -1, "under 3"},
    {"e 2 is refused", "{'kty':'RSA','n':'" N "','e':'Ag'}", -1, "under 3"},
    {"e 4 is refused", "{'kty':'RSA','n':'" N "','e':'BA'}", -1, "even"},
    {"e 65536 is refused", "{'kty':'RSA','n':'" N "','e':'AQAA'}", -1,
     "even"},
    {"e with a leading zero byte is refused",
     "{'kty':'RSA','n':'" N "','e':'AAEAAQ'}", -1, "zero"},
    {"a ROCA key is refused", "{'kty':'RSA','n':'" ROCA "','e':'AQAB'}", -1,
     "CVE-2017-15361"},

    {"use sig", "{" P256 ",'use':'sig'}", 0, NULL},
    {"use enc is not for signatures", "{" P256 ",'use':'enc'}", 1, "use"},
    {"use SIG is not for signatures", "{" P256 ",'use':'SIG'}", 1, "use"},
    {"an empty use is not for signatures", "{" P256 ",'use':''}", 1, "use"},
    {"a use that is a number is refused", "{" P256 ",'use':1}", -1,
     "use is not"},
    {"a use that is null is refused", "{" P256 ",'use':null}", -1,
     "use is not"},
    {"a use that is an array is refused", "{" P256 ",'use':['sig']}", -1,
     "use is not"},
    {"a key of another type for encryption",
     "{'kty':'OKP','crv':'X25519','use':'enc','x':'" ED_X "'}", 1, "use"},
    {"key_ops with verify", "{" P256 ",'key_ops':['verify']}", 0, NULL},
    {"key_ops with verify behind another",
     "{" P256 ",'key_ops':['sign','verify']}", 0, NULL},
    {"key_ops with what nobody knows",
     "{" P256 ",'key_ops':['verify','foo']}", 0, NULL},
    {"key_ops of nothing are not for signatures", "{" P256 ",'key_ops':[]}",
     1, "key_ops"},
    {"key_ops with sign alone are not for verifying",
     "{" P256 ",'key_ops':['sign']}", 1, "key_ops"},
    {"key_ops for encryption are not for signatures",
     "{" P256 ",'key_ops':['encrypt','wrapKey']}", 1, "key_ops"},
    {"key_ops in another case are not for signatures",
     "{" P256 ",'key_ops':['Verify']}", 1, "key_ops"},
    {"key_ops that are a string are refused",
     "{" P256 ",'key_ops':'verify'}", -1, "not an array"},
    {"key_ops that are null are refused", "{" P256 ",'key_ops':null}", -1,
     "not an array"},
    {"key_ops with a number are refused", "{" P256 ",'key_ops':['verify',1]}",
     -1, "strings"},
    {"key_ops with one twice are refused",
     "{" P256 ",'key_ops':['verify','verify']}", -1, "twice"},
    {"key_ops with an unknown one twice are refused",
     "{" P256 ",'key_ops':['verify','a','b','a']}", -1, "twice"},
    {"sixteen key_ops",
     "{" P256 ",'key_ops':['verify','1','2','3','4','5','6','7','8','9','a',"
     "'b','c','d','e','f']}",
     0, NULL},
    {"seventeen key_ops are refused",
     "{" P256 ",'key_ops':['verify','1','2','3','4','5','6','7','8','9','a',"
     "'b','c','d','e','f','g']}",
     -1, "over 16"},
    {"use sig and key_ops verify",
     "{" P256 ",'use':'sig','key_ops':['verify']}", 0, NULL},
    {"use sig and key_ops sign are not for verifying",
     "{" P256 ",'use':'sig','key_ops':['sign']}", 1, "key_ops"},
    {"use enc and key_ops encrypt are not for signatures",
     "{" P256 ",'use':'enc','key_ops':['encrypt']}", 1, "use"},
    {"use sig and key_ops encrypt are refused",
     "{" P256 ",'use':'sig','key_ops':['encrypt']}", -1, "contradict"},
    {"use sig and key_ops verify and deriveBits are refused",
     "{" P256 ",'use':'sig','key_ops':['verify','deriveBits']}", -1,
     "contradict"},
    {"use enc and key_ops verify are refused",
     "{" P256 ",'use':'enc','key_ops':['verify']}", -1, "contradict"},

    {"alg ES256 on P-256", "{" P256 ",'alg':'ES256'}", 0, NULL},
    {"alg PS384 with RSA", "{" RSA ",'alg':'PS384'}", 0, NULL},
    {"alg EdDSA on Ed25519", "{" ED ",'alg':'EdDSA'}", 0, NULL},
    {"alg Ed25519 on Ed25519", "{" ED ",'alg':'Ed25519'}", 0, NULL},
    {"alg ES384 on P-256 is refused", "{" P256 ",'alg':'ES384'}", -1, "alg"},
    {"alg ES521 is refused", "{" P256 ",'alg':'ES521'}", -1, "alg"},
    {"alg ES224 is refused", "{" P256 ",'alg':'ES224'}", -1, "alg"},
    {"alg ES256 with RSA is refused", "{" RSA ",'alg':'ES256'}", -1, "alg"},
    {"alg HS256 with RSA is refused", "{" RSA ",'alg':'HS256'}", -1, "alg"},
    {"alg RSA-OAEP is refused", "{" RSA ",'alg':'RSA-OAEP'}", -1, "alg"},
    {"alg none is refused", "{" P256 ",'alg':'none'}", -1, "alg"},
    {"an empty alg is refused", "{" P256 ",'alg':''}", -1, "alg"},
    {"an alg that is null is refused", "{" P256 ",'alg':null}", -1, "alg"},
    {"an alg that is a number is refused", "{" P256 ",'alg':256}", -1,
     "alg"},

    {"a kid", "{" P256 ",'kid':'2011-04-29'}", 0, NULL},
    {"a kid that is to be escaped", "{" P256 ",'kid':'\\u0001\\\\\\u00e4'}",
     0, NULL},
    {"an empty kid is refused", "{" P256 ",'kid':''}", -1, "kid"},
    {"a kid that is a number is refused", "{" P256 ",'kid':1}", -1, "kid"},
    {"a kid that is null is refused", "{" P256 ",'kid':null}", -1, "kid"},

    {"nbf and exp", "{" P256 ",'nbf':100,'exp':200}", 0, NULL},
    {"an nbf that is a string is refused", "{" P256 ",'nbf':'100'}", -1,
     "nbf"},
    {"an exp that is a string is refused", "{" P256 ",'exp':'100'}", -1,
     "exp"},
    {"an exp that is null is refused", "{" P256 ",'exp':null}", -1, "exp"},
    {"a negative exp is refused", "{" P256 ",'exp':-1}", -1, "exp"},
    {"an exp beyond the year 9999 is refused",
     "{" P256 ",'exp':253402300800}", -1, "exp"},
    {"a revoked key is refused", "{" P256 ",'revoked':{'revoked_at':1}}", -1,
     "revoked"},
    {"revoked that is null is refused", "{" P256 ",'revoked':null}", -1,
     "revoked"},
};

/* With n_len bytes of 0xff, but for the first and the last. */
static const struct {
    const char *sentence;
    size_t n_len;
    unsigned char first, last;
    const char *reason;
} moduli[] = {
    {"n of 2048 bits", 256, 0x80, 0x01, NULL},
    {"n of 2047 bits is refused", 256, 0x7f, 0x01, "under 2048"},
    {"n of 255 bytes is refused", 255, 0xff, 0x01, "under 2048"},
    {"n of 1024 bits is refused", 128, 0xff, 0x01, "under 2048"},
    {"n of 2049 bits", 257, 0x01, 0x01, NULL},
    {"n with a leading zero byte is refused", 257, 0x00, 0x01, "zero"},
    {"n of 3072 bits", 384, 0xff, 0x01, NULL},
    {"n of 4096 bits", 512, 0xff, 0x01, NULL},
    {"n of 4097 bits is refused", 513, 0x01, 0x01, "over 512"},
    {"n of 16384 bits is refused", 2048, 0xff, 0x01, "over 512"},
    {"an even n is refused", 256, 0x80, 0x02, "even"},
};

/* What is written; NULL: what was read, as it stands. */
static const struct {
    const char *sentence;
    const char *json;
    const char *text;
} written[] = {
    {"a key on P-256", "{" P256 ",'use':'sig'}", NULL},
    {"a key on P-384", "{" P384 ",'use':'sig'}", NULL},
    {"a key on P-521", "{" P521 ",'use':'sig'}", NULL},
    {"a key on Ed25519", "{'kty':'OKP','crv':'Ed25519','x':'" ED_X
                         "','use':'sig'}",
     NULL},
    {"an RSA key", "{" RSA ",'use':'sig'}", NULL},
    {"everything that is set",
     "{" P256 ",'use':'sig','alg':'ES256','kid':'k','nbf':100,'exp':200}",
     NULL},
    {"what nobody reads is left out",
     "{'x5c':[]," P256 ",'key_ops':['verify'],'foo':1}",
     "{" P256 ",'use':'sig'}"},
    {"Ed25519 becomes EdDSA", "{" ED ",'alg':'Ed25519'}",
     "{" ED ",'use':'sig','alg':'EdDSA'}"},
    {"fractions are rounded up", "{" ED ",'nbf':99.5,'exp':200.001}",
     "{" ED ",'use':'sig','nbf':100,'exp':201}"},
    {"an nbf of 0 says nothing", "{" ED ",'nbf':0}", "{" ED ",'use':'sig'}"},
    {"an exp of 0 is in the past", "{" ED ",'exp':0}",
     "{" ED ",'use':'sig','exp':1}"},
    {"a kid is escaped", "{" ED ",'kid':'a\\\"\\\\'}",
     "{" ED ",'use':'sig','kid':'a\\u0022\\u005c'}"},
};

/* RFC 7638, 3.1 and 3.2; RFC 8037, A.3. */
static const struct {
    const char *sentence;
    const char *json;
    const char *text;
} canonical[] = {
    {"RFC 7638, 3.1", "{" RSA ",'alg':'RS256','kid':'2011-04-29'}",
     "{'e':'AQAB','kty':'RSA','n':'" N "'}"},
    {"RFC 8037, A.3", "{" ED ",'kid':'x','exp':1}",
     "{'crv':'Ed25519','kty':'OKP','x':'" ED_X "'}"},
    {"a key on P-256", "{" P256 ",'use':'sig'}",
     "{'crv':'P-256','kty':'EC','x':'" P256_X "','y':'" P256_Y "'}"},
    {"a key on P-384", "{" P384 "}",
     "{'crv':'P-384','kty':'EC','x':'" P384_X "','y':'" P384_Y "'}"},
    {"a key on P-521", "{" P521 "}",
     "{'crv':'P-521','kty':'EC','x':'" P521_X "','y':'" P521_Y "'}"},
};

static const struct {
    const char *json; /* of a key with nbf or exp */
    int64_t now;
    bool is_live;
} lives[] = {
    {"{" ED "}", 0, true},
    {"{" ED "}", INT64_C(253402300800), true},
    {"{" ED ",'nbf':100}", 99, false},
    {"{" ED ",'nbf':100}", 100, true},
    {"{" ED ",'nbf':99.5}", 99, false},
    {"{" ED ",'nbf':99.5}", 100, true},
    {"{" ED ",'exp':200}", 199, true},
    {"{" ED ",'exp':200}", 200, false},
    {"{" ED ",'exp':199.5}", 199, true},
    {"{" ED ",'exp':199.5}", 200, false},
    {"{" ED ",'exp':0}", 1, false},
    {"{" ED ",'nbf':100,'exp':200}", 99, false},
    {"{" ED ",'nbf':100,'exp':200}", 150, true},
    {"{" ED ",'nbf':100,'exp':200}", 200, false},
    {"{" ED ",'nbf':200,'exp':100}", 150, false},
};

/* The number of keys when strict and when not, -1 when refused. */
static const struct {
    const char *sentence;
    const char *json;
    int strict, loose;
    const char *reason; /* when strict */
} sets[] = {
    {"a set of one", "{'keys':[{" P256 "}]}", 1, 1, NULL},
    {"a lone key", "{" P256 "}", 1, 1, NULL},
    {"a set of each type",
     "{'keys':[{" P256 "},{" P384 "},{" P521 "},{" ED "},{" RSA "}]}", 5, 5,
     NULL},
    {"one kid for keys of two types",
     "{'keys':[{" P256 ",'kid':'a'},{" RSA ",'kid':'a'}]}", 2, 2, NULL},
    {"one kid for keys on two curves",
     "{'keys':[{" P256 ",'kid':'a'},{" P384 ",'kid':'a'}]}", 2, 2, NULL},
    {"another kid for another key of a type",
     "{'keys':[{" RSA ",'kid':'a'},{'kty':'RSA','n':'" N
     "','e':'Aw','kid':'b'}]}",
     2, 2, NULL},
    {"keys of one type without a kid",
     "{'keys':[{" RSA "},{'kty':'RSA','n':'" N "','e':'Aw'}]}", 2, 2, NULL},
    {"members beside keys", "{'kty':1,'keys':[{" P256 "}],'x':{}}", 1, 1,
     NULL},
    {"keys for encryption are left out",
     "{'keys':[{" RSA ",'use':'enc'},{" P256 ",'key_ops':['deriveKey']},{"
     "'kty':'OKP','crv':'X25519','use':'enc','x':'" ED_X "'},{" P384 "}]}",
     1, 1, NULL},
    {"one key twice, once for encryption",
     "{'keys':[{" RSA ",'use':'enc'},{" RSA ",'use':'sig'}]}", 1, 1, NULL},
    {"keys of unknown types are left out",
     "{'keys':[{'kty':'AKP'},{" P256 "},{'kty':'EC','crv':'secp256k1'}]}", 1,
     1, NULL},

    {"a key on a curve that has no name",
     "{'keys':[{" P256 "},{'kty':'EC'}]}", -1, 1,
     "key 2: it is not a key of a type"},
    {"a key of an unknown type alone", "{'kty':'AKP'}", -1, -1,
     "key 1: it is not a key of a type"},
    {"a secret beside a public key",
     "{'keys':[{'kty':'oct','k':'AQ','alg':'HS256'},{" P256 "}]}", -1, 1,
     "key 1: it is a private"},
    {"a private key beside a public one",
     "{'keys':[{" P256 "},{" P384 ",'d':'AQ'}]}", -1, 1,
     "key 2: it is a private"},
    {"a small key beside a good one",
     "{'keys':[{'kty':'RSA','n':'AQAB','e':'AQAB'},{" P256 "}]}", -1, 1,
     "key 1: n has under 2048"},
    {"a revoked key beside a good one",
     "{'keys':[{" P256 "},{" ED "},{" P384 ",'revoked':{}}]}", -1, 2,
     "key 3: it was revoked"},
    {"what is no object beside a good key",
     "{'keys':[{" P256 "},1,null,[],'x']}", -1, 1,
     "key 2: it is not an object"},
    {"a key twice", "{'keys':[{" P256 ",'kid':'a'},{" P256 ",'kid':'b'}]}",
     -1, 1, "key 2: it is there twice"},
    {"a kid of two keys of a type",
     "{'keys':[{" RSA ",'kid':'a'},{'kty':'RSA','n':'" N
     "','e':'Aw','kid':'a'}]}",
     -1, 1, "key 2: its kid"},

    {"a private key alone", "{'keys':[{" P384 ",'d':'AQ'}]}", -1, -1,
     "key 1: it is a private"},
    {"a lone private key", "{" P384 ",'d':'AQ'}", -1, -1,
     "key 1: it is a private"},
    {"an encryption key alone", "{'keys':[{" RSA ",'use':'enc'}]}", -1, -1,
     "no key for signatures: key 1: its use"},
    {"a set of nothing", "{'keys':[]}", -1, -1, "no keys"},
    {"keys that are an object", "{'keys':{" P256 "}}", -1, -1, "no array"},
    {"keys that are null", "{'keys':null,'kty':'EC'}", -1, -1, "no array"},
    {"Keys in another case", "{'Keys':[{" P256 "}]}", -1, -1, "no array"},
    {"an array of keys", "[{" P256 "}]", -1, -1, "not a JSON object"},
    {"an empty object", "{}", -1, -1, "no array"},
    {"nothing", "", -1, -1, "broken"},
    {"broken JSON", "{'keys':[{" P256 "}]", -1, -1, "early"},
    {"a certificate", "-----BEGIN CERTIFICATE-----", -1, -1, "not a JSON"},
    {"a web page", "<!doctype html>", -1, -1, "not a JSON"},
    {"a set behind a set", "{'keys':[{" P256 "}]}{'keys':[]}", -1, -1,
     "behind"},
    {"keys twice", "{'keys':[{" P256 "}],'keys':[]}", -1, -1, "twice"},
    {"x twice", "{'keys':[{" P256 ",'x':'" P256_X "'}]}", -1, -1, "twice"},
};

static int
read_json(struct jwk *jwk, const char *json, struct errtext *why)
{
    char *text = jose_text(json);
    json_t *object = json_loads(text, JSON_DECODE_ANY, NULL);
    int rc;

    if (object == NULL)
        tap_ok(false, "the test has JSON: %s", text);
    memset(jwk, 0xee, sizeof(*jwk));
    rc = jwk_read(jwk, object, why);
    json_decref(object);
    free(text);
    return rc;
}

static void
check(const char *sentence, int expected, const char *reason, int rc,
      const struct errtext *why)
{
    bool ok = rc == expected
              && (reason == NULL || strstr(why->text, reason) != NULL);

    tap_ok(ok, "%s", sentence);
    if (!ok)
        tap_diag("rc %d, reason: %s", rc, why->text);
}

/* What is written is read again, the same. */
static void
test_again(const char *sentence, const struct jwk *jwk)
{
    char text[JWK_TEXT_MAX];
    struct jwk again;
    struct sbuf sb;

    sbuf_init(&sb, text, sizeof(text));
    jwk_write(&sb, jwk);
    tap_ok(!sb.overflow && read_json(&again, text, NULL) == 0
               && memcmp(&again, jwk, sizeof(again)) == 0,
           "%s: written and read again", sentence);
}

static void
test_row(size_t row)
{
    struct errtext why = {.text = ""};
    struct jwk jwk;
    int rc = read_json(&jwk, rows[row].json, &why);

    check(rows[row].sentence, rows[row].rc, rows[row].reason, rc, &why);
    if (rc == 0)
        test_again(rows[row].sentence, &jwk);
}

static void
test_modulus(size_t row)
{
    unsigned char bytes[2048];
    char n[B64URL_LEN(sizeof(bytes)) + 1], json[sizeof(n) + 64];
    struct errtext why = {.text = ""};
    struct jwk jwk;
    int rc;

    memset(bytes, 0xff, sizeof(bytes));
    bytes[0] = moduli[row].first;
    bytes[moduli[row].n_len - 1] = moduli[row].last;
    b64url_encode(bytes, moduli[row].n_len, n);
    snprintf(json, sizeof(json), "{'kty':'RSA','e':'AQAB','n':'%s'}", n);
    rc = read_json(&jwk, json, &why);
    check(moduli[row].sentence, moduli[row].reason == NULL ? 0 : -1,
          moduli[row].reason, rc, &why);
    if (rc == 0)
        tap_is_mem(bytes, moduli[row].n_len, jwk.n, jwk.n_len,
                   "%s: its bytes", moduli[row].sentence);
}

typedef void write_fn(struct sbuf *sb, const struct jwk *jwk);

static void
test_text(const char *sentence, const char *json, const char *expected,
          write_fn *write)
{
    char *wanted = jose_text(expected), text[JWK_TEXT_MAX];
    struct jwk jwk;
    struct sbuf sb;

    sbuf_init(&sb, text, sizeof(text));
    if (read_json(&jwk, json, NULL) != 0)
        tap_ok(false, "%s: it is read", sentence);
    write(&sb, &jwk);
    tap_is_str(wanted, text, "%s", sentence);
    free(wanted);
}

static void
test_written(void)
{
    char little[16];
    struct jwk jwk;
    struct sbuf sb;
    size_t i;

    for (i = 0; i < LEN(written); i++)
        test_text(written[i].sentence, written[i].json,
                  written[i].text != NULL ? written[i].text
                                          : written[i].json,
                  jwk_write);
    for (i = 0; i < LEN(canonical); i++)
        test_text(canonical[i].sentence, canonical[i].json,
                  canonical[i].text, jwk_write_canonical);
    memset(&jwk, 0, sizeof(jwk));
    jwk.type = JWK_RSA;
    memset(jwk.n, 0xff, sizeof(jwk.n));
    jwk.n_len = sizeof(jwk.n);
    memset(jwk.e, 0xff, sizeof(jwk.e));
    jwk.e_len = sizeof(jwk.e);
    jwk.alg = JOSE_PS512;
    jwk.not_before = INT64_C(253402300799);
    jwk.not_after = INT64_C(253402300799);
    memset(jwk.kid, 0x01, JWS_KID_MAX);
    test_again("the longest of all keys", &jwk);
    sbuf_init(&sb, little, sizeof(little));
    jwk_write(&sb, &jwk);
    tap_ok(sb.overflow, "what does not fit is noticed");
}

static void
test_fields(void)
{
    struct jwk jwk;

    if (read_json(&jwk,
                  "{" P256 ",'alg':'ES256','kid':'k','nbf':1,'exp':2}", NULL)
        != 0)
        tap_ok(false, "a key with everything");
    tap_is_int(JWK_P256, jwk.type, "its type");
    tap_is_int(0x7f, jwk.x[0], "its x");
    tap_is_int(0xc7, jwk.y[0], "its y");
    tap_is_int(JOSE_ES256, jwk.alg, "its alg");
    tap_is_str("k", jwk.kid, "its kid");
    tap_ok(jwk.not_before == 1 && jwk.not_after == 2, "its times");
    tap_ok(jwk.n_len == 0 && jwk.e_len == 0, "nothing of RSA");
}

static void
test_kid(void)
{
    char kid[JWS_KID_MAX + 2], json[sizeof(kid) + 256];
    struct errtext why = {.text = ""};
    struct jwk jwk;

    memset(kid, 'k', sizeof(kid));
    kid[JWS_KID_MAX] = '\0';
    snprintf(json, sizeof(json), "{" P256 ",'kid':'%s'}", kid);
    check("a kid of 255 bytes", 0, NULL, read_json(&jwk, json, &why), &why);
    tap_is_str(kid, jwk.kid, "a kid of 255 bytes: its text");
    snprintf(json, sizeof(json), "{" P256 ",'kid':'%sk'}", kid);
    check("a kid of 256 bytes is refused", -1, "kid",
          read_json(&jwk, json, &why), &why);
}

static void
test_takes(void)
{
    static const struct {
        enum jwk_type type;
        size_t width;
        const char *algs;
    } types[] = {
        {JWK_P256, 32, " ES256 "},
        {JWK_P384, 48, " ES384 "},
        {JWK_P521, 66, " ES512 "},
        {JWK_ED25519, 32, " EdDSA "},
        {JWK_RSA, 0, " RS256 RS384 RS512 PS256 PS384 PS512 "},
    };
    size_t i;
    int alg;

    for (i = 0; i < LEN(types); i++) {
        struct jwk jwk = {.type = types[i].type};

        tap_is_int((long long)types[i].width,
                   (long long)jwk_width(jwk.type), "type %d: its width",
                   (int)jwk.type);
        tap_ok(!jwk_takes(&jwk, JOSE_NONE), "type %d takes no alg none",
               (int)jwk.type);
        for (alg = JOSE_NONE + 1; alg < JOSE__MAX; alg++) {
            char name[16];

            snprintf(name, sizeof(name), " %s ",
                     jose_name((enum jose_alg)alg));
            tap_ok(jwk_takes(&jwk, (enum jose_alg)alg)
                       == (strstr(types[i].algs, name) != NULL),
                   "type %d: does it take%s", (int)jwk.type, name);
        }
    }
}

static void
test_life(size_t row)
{
    struct jwk jwk;

    if (read_json(&jwk, lives[row].json, NULL) != 0)
        tap_ok(false, "%s is read", lives[row].json);
    tap_ok(jwk_is_live(&jwk, lives[row].now) == lives[row].is_live,
           "at %lld it is %slive: %s", (long long)lives[row].now,
           lives[row].is_live ? "" : "not ", lives[row].json);
}

static void
test_set(size_t row, bool strict)
{
    char *text = jose_text(sets[row].json);
    int expected = strict ? sets[row].strict : sets[row].loose;
    struct errtext why = {.text = ""};
    struct jwk *keys = NULL;
    char sentence[160];
    int n = jwk_set_read(&keys, text, strlen(text), strict, &why);

    snprintf(sentence, sizeof(sentence), "%s, %s: %s%s",
             strict ? "strict" : "loose", expected > 0 ? "taken" : "refused",
             sets[row].sentence,
             sets[row].strict != sets[row].loose ? ", in part if not strict"
                                                 : "");
    check(sentence, expected, strict ? sets[row].reason : NULL, n, &why);
    tap_ok(n < 0 ? why.text[0] != '\0' : keys != NULL,
           "%s: a reason, or keys", sentence);
    if (n > 0)
        test_again(sets[row].sentence, &keys[n - 1]);
    if (n > 0)
        free(keys);
    free(text);
}

/* A set of n keys that differ, and white space up to len bytes. */
static char *
many(size_t n, size_t len)
{
    char *text = malloc(n * 160 + len + 64), *p = text;
    size_t i;

    if (text == NULL)
        abort();
    p += snprintf(p, 16, "{\"keys\":[");
    for (i = 0; i < n; i++)
        p += snprintf(p, 160,
                      "%s{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":"
                      "\"%c%cqYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
                      i > 0 ? "," : "", (char)('A' + i / 26),
                      (char)('A' + i % 26));
    p += snprintf(p, 3, "]}");
    while ((size_t)(p - text) < len)
        *p++ = ' ';
    *p = '\0';
    return text;
}

static void
test_bounds(void)
{
    static const struct {
        const char *sentence;
        size_t n, len;
        int count;
    } sizes[] = {
        {"32 keys", JWK_SET_MAX, 0, JWK_SET_MAX},
        {"33 keys are refused", JWK_SET_MAX + 1, 0, -1},
        {"300 keys are refused", 300, 0, -1},
        {"49152 bytes", 2, JWK_SET_TEXT_MAX, 2},
        {"49153 bytes are refused", 2, JWK_SET_TEXT_MAX + 1, -1},
    };
    size_t i;
    int strict;

    for (i = 0; i < LEN(sizes); i++) {
        char *text = many(sizes[i].n, sizes[i].len);

        for (strict = 0; strict < 2; strict++) {
            struct errtext why = {.text = ""};
            struct jwk *keys = NULL;
            int n = jwk_set_read(&keys, text, strlen(text), strict != 0,
                                 &why);

            check(sizes[i].sentence, sizes[i].count,
                  sizes[i].count < 0 ? "over" : NULL, n, &why);
            free(keys);
        }
        free(text);
    }
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(rows); i++)
        test_row(i);
    for (i = 0; i < LEN(moduli); i++)
        test_modulus(i);
    test_written();
    test_fields();
    test_kid();
    test_takes();
    for (i = 0; i < LEN(lives); i++)
        test_life(i);
    for (i = 0; i < LEN(sets); i++) {
        test_set(i, true);
        test_set(i, false);
    }
    test_bounds();
    return tap_done();
}
