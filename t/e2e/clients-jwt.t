#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Programs that others wrote get tokens with signed assertions: oauth4webapi
# and openid-client (npm, with the versions and hashes of npm/), and Authlib.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use Test::More;
use Jwt;
use Npm;
use Serve;

my $kind = Serve->missing('lighttpd') ? Serve->any : 'lighttpd';
$kind or plan skip_all => 'no web server is installed';
my $site = Serve->new;
my %alg  = (ES256 => 'P-256', ES384 => 'P-384', ES512 => 'P-521',
    RS256 => 'RSA-2048', PS256 => 'RSA-2048', EdDSA => 'ED25519');
my (%key, %cases);

sub add {
    my ($id, $key, @options) = @_;
    my $jwks = $site->put("run/$id.jwks",
        Jwt::json({ keys => [Jwt::jwk($key, kid => $id)] }));
    $site->client($id, '--role', 'order-batch', '--auth', 'private_key_jwt',
        '--jwks', $jwks, @options);
    return;
}

for my $alg (sort keys %alg) {
    $key{$alg} = Jwt::make_key($site->dir . "/run/$alg.pem", $alg{$alg});
    add("strict.$alg", $key{$alg});
    add("legacy.$alg", $key{$alg}, '--assertion-aud', 'legacy');
}
my $other = Jwt::make_key($site->dir . '/run/other.pem', 'P-256');
my %secret = map {
    my @aud = /^(legacy)/ ? ('--assertion-aud', $1) : ();
    $_ => $site->client($_, '--role', 'order-batch', '--auth',
        'client_secret_jwt', @aud)
} 'strict.secret', 'legacy.secret';
$site->start($kind);
my $base = "http://127.0.0.1:$site->{port}";

# What the command prints, errors too.
sub out {
    my (@command) = @_;
    local @ENV{qw(AUTHLIB_INSECURE_TRANSPORT NO_PROXY PYTHONWARNINGS)}
        = (1, '*', 'ignore');
    delete local @ENV{qw(http_proxy https_proxy HTTP_PROXY HTTPS_PROXY)};
    open my $pipe, '-|', 'sh', '-c', 'exec timeout 100 "$@" 2>&1', 'sh',
        @command or die "$command[0]: $!\n";
    local $/;
    return <$pipe> // '';
}

# Whether a line of the program's output has a token for the client.
sub is_token {
    my ($name, $client, $said) = @_;
    my $jwt = Jwt::decode($said->{token});
    ok $jwt && $jwt->{claims}{client_id} eq $client
        && $jwt->{claims}{scope} eq 'orders.read'
        && lc $said->{type} eq 'bearer', $name or diag Jwt::json($said);
    return;
}

#
# npm: what each library is to do, all at once, and what came of it.
#

my @node = ((map { my $alg = $_ eq 'EdDSA' ? 'Ed25519' : $_;
        { name => $alg, client => "strict.$_", kid => "strict.$_",
            file => $key{$_}, alg => $alg, want => 'token' } }
        qw(ES256 ES384 ES512 RS256 PS256 EdDSA)),
    { name => 'without a kid', client => 'strict.ES256',
        file => $key{ES256}, alg => 'ES256', want => 'token' },
    { name => 'legacy', client => 'legacy.ES256', kid => 'legacy.ES256',
        file => $key{ES256}, alg => 'ES256', want => 'token' },
    { name => 'HS256', client => 'strict.secret', want => 'token',
        secret => $secret{'strict.secret'} },
    { name => 'another key', client => 'strict.ES256', alg => 'ES256',
        kid => 'strict.ES256', file => $other, want => 'invalid_client' },
    { name => 'another algorithm', client => 'strict.ES256', alg => 'RS256',
        kid => 'strict.ES256', file => $key{RS256},
        want => 'invalid_client' },
    { name => 'another secret', client => 'strict.secret',
        secret => $secret{'legacy.secret'}, want => 'invalid_client' },
    { name => 'an unknown client', client => 'nosuch', alg => 'ES256',
        file => $key{ES256}, want => 'invalid_client' });

sub check_npm {
    my ($library, $npm) = @_;
    my @cases = map { my %case = %$_; delete $case{want}; \%case } @node;
    my $file = $site->put('run/cases.json', Jwt::json({ cases => \@cases,
        issuer => $site->{issuer}, base => $base }));
    my $text = $npm->run($library, $file);
    my %said = map { $_->{name} => $_ } grep { defined } map {
        eval { JSON::PP->new->utf8->decode($_) } } split /\n/, $text;
    is scalar keys %said, scalar @node, "$library: it ran" or diag $text;
    for my $case (@node) {
        my ($name, $want) = @$case{qw(name want)};
        my $said = $said{$name} // {};
        if ($want eq 'token') {
            is_token("$library: $name", $case->{client}, $said);
        } else {
            is join(' ', map { $said->{$_} // '' } qw(status error)),
                "401 $want", "$library: $name" or diag Jwt::json($said);
        }
    }
    return;
}

my $npm = Npm->new($site->dir . '/npm');
my $why = $npm->missing;
for my $library ('oauth4webapi', 'openid-client') {
    SKIP: {
        skip $why, 1 + @node if $why;
        check_npm($library, $npm);
    }
}

#
# Authlib, whose assertions are for the token endpoint.
#

my $authlib = <<'END';
import json, sys
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
real, url, method, client, alg, secret = sys.argv[1:]
if method == 'private_key_jwt':
    auth = PrivateKeyJWT(token_endpoint=real, alg=alg)
    secret = open(secret).read()
else:
    auth = ClientSecretJWT(token_endpoint=real, alg=alg)
session = OAuth2Session(client, secret, scope='orders.read',
    token_endpoint_auth_method=auth)
try:
    token = session.fetch_token(url, grant_type='client_credentials')
    print(json.dumps({'token': token['access_token'],
                      'type': token['token_type']}))
except Exception as e:
    print(json.dumps({'error': getattr(e, 'error', repr(e))}))
END

SKIP: {
    my $python = '/usr/bin/python3';
    my $module = 'authlib.integrations.requests_client';
    skip "$python has no $module", 1
        if system("$python -c 'import $module' 2>/dev/null");
    my $run = sub {
        my (@args) = @_;
        my $text = out($python, '-c', $authlib,
            "$site->{issuer}/oauth2/v1/token", "$base/oauth2/v1/token",
            @args);
        return eval { JSON::PP->new->utf8->decode($text) }
            // { error => $text };
    };
    my $key = sub {
        my ($alg, $client, $file) = @_;
        return $run->('private_key_jwt', $client, $alg, $file // $key{$alg});
    };
    for my $alg (sort keys %alg) {
        is_token("authlib: $alg", "legacy.$alg",
            $key->($alg, "legacy.$alg"));
    }
    for (qw(HS256 HS384 HS512)) {
        is_token("authlib: $_", 'legacy.secret', $run->('client_secret_jwt',
            'legacy.secret', $_, $secret{'legacy.secret'}));
    }
    is $key->('ES256', 'strict.ES256')->{error}, 'invalid_client',
        'authlib: its aud is not for a strict client';
    is $key->('ES256', 'legacy.ES256', $other)->{error}, 'invalid_client',
        'authlib: another key';
    is $run->('client_secret_jwt', 'legacy.secret', 'HS256',
        $secret{'strict.secret'})->{error}, 'invalid_client',
        'authlib: another secret';
}
done_testing();
