#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Tokens of every algorithm, verified by others: the jose command (latchset),
# jwcrypto and openssl, with the JWK Set that comes over HTTP.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Jwt;
use Serve;

my @algs = qw(ES256 ES384 RS256 PS256 EdDSA);
my $kind = Serve->any or plan skip_all => 'no web server is installed';
my $jose = Serve::Server::find_program('jose');
# The system's own: another one in PATH has not the system's packages.
my $python = '/usr/bin/python3';
my $no_jwcrypto = system("$python -c 'import jwcrypto' 2>/dev/null");

sub audience { return "https://api.example.org/$_[0]" }

my $site = Serve->new(resources => 'resources = ('
    . join(', ', map { my $audience = audience($_);
        "{ audience = \"$audience\"; scopes = [ \"s.$_\" ]; alg = \"$_\"; }"
    } @algs) . ");\n");
my $secret = $site->client('demo', map { ('--scope', "s.$_") } @algs);
$site->start($kind);

my $jwks_url = "http://127.0.0.1:$site->{port}/oauth2/v1/keys";
my $answer   = $site->get('/oauth2/v1/keys');
my $jwks     = $site->put('run/jwks.json', $answer->{body});

# Whether the command ends well with the token as its input.
sub takes {
    my ($token, @command) = @_;
    open my $pipe, '|-', 'sh', '-c', 'exec "$@" >/dev/null 2>&1', 'sh',
        @command or die "$command[0]: $!\n";
    local $SIG{PIPE} = 'IGNORE';
    print $pipe $token;
    return close $pipe;
}

my $verify = <<'END';
import sys, urllib.request
from jwcrypto import jwk, jwt
url, alg, audience = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
keys = jwk.JWKSet.from_json(opener.open(url, timeout=60).read())
token = jwt.JWT(algs=[alg], check_claims={'aud': audience, 'exp': None})
token.deserialize(sys.stdin.read(), keys)
assert token.token.jose_header['typ'] == 'at+jwt'
END

# The same token with one bit of its payload turned.
sub tampered {
    my ($token) = @_;
    my @part = split /\./, $token;
    substr($part[1], 20, 1) =~ tr/A-Za-z0-9_-/B-ZAb-za1-90\-_/;
    return join '.', @part;
}

for my $alg (@algs) {
    my $token = $site->token(basic => ['demo', $secret],
        form => [grant_type => 'client_credentials',
            resource => audience($alg)])->{json}{access_token} // '';
    my $jwt = Jwt::decode($token);
    is $jwt->{header}{alg}, $alg, "$alg: a token of it";
    ok Jwt::verify($jwt, $answer->{json}), "$alg: openssl verifies it";
    my @jwcrypto = ($python, '-c', $verify, $jwks_url, $alg, audience($alg));
    SKIP: {
        skip 'python3-jwcrypto is not installed', 2 if $no_jwcrypto;
        ok takes($token, @jwcrypto), "$alg: jwcrypto takes it";
        ok !takes(tampered($token), @jwcrypto), '  but no other payload';
    }
    next if $alg eq 'EdDSA';    # jose has none
    my @jose = ($jose // '', qw(jws ver -i - -k), $jwks);
    SKIP: {
        skip 'jose is not installed', 2 unless $jose;
        ok takes($token, @jose), "$alg: jose takes it";
        ok !takes(tampered($token), @jose), '  but no other payload';
    }
}
done_testing();
