#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# A program that others wrote gets bound tokens: oauth4webapi (npm, with the
# versions and hashes of npm/) with DPoP, without nonces and with them.

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
my $npm  = Npm->new($site->dir . '/npm');
my $why  = $npm->missing;
plan skip_all => $why if $why;

my @nonces = qw(off on required);
my $key = Jwt::make_key($site->dir . '/run/key.pem', 'P-256');
my @jwks = ('--auth', 'private_key_jwt', '--jwks', $site->put('run/jwks',
    Jwt::json({ keys => [Jwt::jwk($key, kid => '1')] })));
my %secret;
for my $nonce (@nonces) {
    my @options = ('--role', 'order-batch', '--bind', 'dpop',
        '--dpop-nonce', $nonce);
    $secret{$nonce} = $site->client("secret.$nonce", @options);
    $site->client("key.$nonce", @options, @jwks);
    $site->client("fapi.$nonce", @options, @jwks, '--profile', 'fapi2');
}

# Each gets two tokens: the second with what the answer to the first said.
my @cases = (
    (map { my $alg = $_; map { { name => "$alg, a secret, nonces $_",
        client => "secret.$_", secret => $secret{$_}, proof => $alg,
        want => $_ eq 'required' ? 1 : 0 } } @nonces }
        qw(ES256 ES384 ES512 RS256 PS256 Ed25519)),
    (map { my $who = $_; map { { name => "ES256, client $who.$_",
        client => "$who.$_", file => $key, kid => '1', alg => 'ES256',
        proof => 'ES256', want => $_ eq 'required' ? 1 : 0 } } @nonces }
        qw(key fapi)),
    { name => 'another secret', client => 'secret.off', proof => 'ES256',
        secret => $secret{on}, error => '401 invalid_client' },
    { name => 'a weak algorithm', client => 'fapi.off', proof => 'RS256',
        file => $key, kid => '1', alg => 'ES256',
        error => '400 invalid_dpop_proof' },
    { name => 'a clock that is an hour slow', client => 'secret.off',
        secret => $secret{off}, proof => 'ES256', skew => -3600,
        error => '400 invalid_dpop_proof' },
);

$site->start($kind);
my $file = $site->put('run/cases.json', Jwt::json({ cases => \@cases,
    issuer => $site->{issuer}, base => "http://127.0.0.1:$site->{port}" }));
my $text = $npm->run('oauth4webapi-dpop', $file);
my %said = map { $_->{name} => $_ } grep { defined } map {
    eval { JSON::PP->new->utf8->decode($_) } } split /\n/, $text;
is scalar keys %said, scalar @cases, 'it ran' or diag $text;

sub is_bound {
    my ($token, $jkt) = @_;
    my $jwt = Jwt::decode($token->{access_token}) or return 0;
    return lc $token->{token_type} eq 'dpop'
        && $jwt->{claims}{cnf}{jkt} eq $jkt;
}

for my $case (@cases) {
    my $said = $said{ $case->{name} } // {};
    if ($case->{error}) {
        is join(' ', map { $said->{$_} // '' } qw(status error)),
            $case->{error}, $case->{name} or diag Jwt::json($said);
        next;
    }
    my $good = grep { is_bound($_, $said->{jkt}) } @{ $said->{tokens} // [] };
    is "$good tokens, $said->{nonces} demands",
        "2 tokens, $case->{want} demands", $case->{name}
        or diag Jwt::json($said);
}
done_testing();
