#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Resource servers of Node.js take tokens: Express with
# express-oauth2-jwt-bearer in strict mode, bound tokens too, with passport-jwt,
# and with jsonwebtoken, of the versions in npm/servers.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use Test::More;
use Time::HiRes ();
use Dpop;
use Jwt;
use Npm;
use Serve;

my $kind = Serve->missing('lighttpd') ? Serve->any : 'lighttpd';
$kind or plan skip_all => 'no web server is installed';
my $audience = 'https://api.example.org/orders';
my $site = Serve->new(policy => <<'END');
revocations : { file = "run/list.jwt"; };
END
my $secret = $site->client('app', '--role', 'order-batch', '--role',
    'bill-batch');
$site->start($kind);
my $npm = Npm->new($site->dir . '/npm', 'servers');
my $why = $npm->missing;
plan skip_all => $why if $why;

sub issue {
    my ($scope, @more) = @_;
    return $site->ctl(qw(token issue app --scope), $scope,
        @more)->{access_token};
}

my $short = issue('orders.read', '--lifetime', 1);
my $good  = issue('orders.read');
my $both  = issue('orders.read orders.write');
my $other = Jwt::make_key($site->dir . '/run/other.pem', 'P-256');
my $made  = Jwt::decode($good);
my $forged = Jwt::make($other, 'ES256', @$made{qw(header claims)});
my $opaque = do {
    $site->client('opaque', '--role', 'order-batch', '--format', 'opaque');
    $site->ctl(qw(token issue opaque --scope orders.read))->{access_token};
};
$site->ctl(qw(key add --alg RS256 --now));
my $else = issue('bills.read');
Time::HiRes::sleep(0.05)
    until time > Jwt::decode($short)->{claims}{iat} + 1;

# The list has no aud, and is for nobody as a token.
my $list = Serve::slurp($site->dir . '/run/list.jwt');

# name, token, scope that is wanted, status of each.
my @rows = (
    ['a token', $good, 'orders.read', 200],
    ['a token of two scopes', $both, 'orders.write', 200],
    ['a scope that it has not', $good, 'orders.write', 403],
    ['no token', undef, 'orders.read', 401],
    ['garbage', 'garbage', 'orders.read', 401],
    ["another's signature", $forged, 'orders.read', 401],
    ['no signature', $good =~ s/[^.]*$//r, 'orders.read', 401],
    ['an expired token', $short, 'orders.read', 401],
    ['a token for another resource', $else, 'bills.read', 401],
    ['an opaque token', $opaque, 'orders.read', 401],
    ['the list of revoked tokens', $list, 'orders.read', 401],
);
my @servers = qw(express passport jsonwebtoken);
my @cases = map { my $row = $_; map { { server => $_, name => $row->[0],
    token => $row->[1], scope => $row->[2] } } @servers } @rows;

# Bound to a key: name, status, scheme, key of the proof, and its other claims.
my $key  = Jwt::make_key($site->dir . '/run/key.pem', 'P-256');
my $own  = $site->dir . '/run/key.pem';
my $bound = $site->token(basic => ['app', $secret], form => [
        grant_type => 'client_credentials', scope => 'orders.read'],
    header => [DPoP => Dpop::proof($key, claims => {
        htu => "$site->{issuer}/oauth2/v1/token" })])->{json}{access_token};
my @bound = (
    ['a bound token', 200, 'DPoP', $own],
    ['a bound token without its proof', 400, 'DPoP', undef],
    ['a bound token as one for the bearer', 401, 'Bearer', undef],
    ['a bound token with a proof, as one for the bearer', 401, 'Bearer', $own],
    ["a bound token with another's proof", 401, 'DPoP',
        $site->dir . '/run/other.pem'],
    ['a bound token with a proof for another method', 400, 'DPoP', $own,
        { htm => 'POST' }],
    ['a bound token with a proof for another URL', 400, 'DPoP', $own,
        { htu => 'https://api.example.org/' }],
    ['a bound token with a proof for another token', 400, 'DPoP', $own,
        { ath => 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' }],
);
push @cases, map { my ($name, undef, $scheme, $file, $claims) = @$_;
    { server => 'express', name => $name, token => $bound, scheme => $scheme,
        scope => 'orders.read', key => $file, claims => $claims } } @bound;
my $file = $site->put('run/cases.json', Jwt::json({ cases => \@cases,
    issuer => $site->{issuer}, audience => $audience,
    jwksUri => "http://127.0.0.1:$site->{port}/oauth2/v1/keys" }));
my $text = $npm->run('resource-servers', $file);
my %said = map { ("$_->{server} $_->{name}" => $_) } grep { defined } map {
    eval { JSON::PP->new->utf8->decode($_) } } split /\n/, $text;
is scalar keys %said, scalar @cases, 'they ran' or diag $text;

for my $server (@servers) {
    for my $row (@rows) {
        my ($name, undef, undef, $status) = @$row;
        my $said = $said{"$server $name"} // {};
        is $said->{status}, $status, "$server: $name" or diag Jwt::json($said);
        is $said->{body}, 'app', "$server: $name: whose it is"
            if $status == 200;
    }
}
for my $row (@bound) {
    my ($name, $status) = @$row;
    my $said = $said{"express $name"} // {};
    is $said->{status}, $status, "express: $name" or diag Jwt::json($said);
}
like $said{'express a scope that it has not'}{challenge},
    qr/error="insufficient_scope"/, 'express: it says which scope is wanted';

# What strict mode asks for beyond that (RFC 9068, 4).
is $made->{header}{typ}, 'at+jwt', 'typ';
is join(' ', grep { !defined $made->{claims}{$_} }
    qw(iss exp aud sub client_id iat jti)), '', 'claims';

done_testing();
