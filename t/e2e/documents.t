#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# What anybody may read, case by case: metadata, keys, health, and the tokens
# that resource servers read.  As plain CGI; Serve::Checks has what depends on
# the web server.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;
use Jwt;
use Serve;

my $issuer = 'https://as.example.org';
my $well   = '/.well-known/oauth-authorization-server';
my $openid = '/.well-known/openid-configuration';
my $site   = Serve->new->start('cgi');
my $secret = $site->client('demo', '--role', 'order-batch');
my $header = sub { return ($_[0]{header}{ $_[1] } // ['(none)'])->[0] };

# The status, and the error or the member of that name.
sub brief {
    my ($answer, $name) = @_;
    return join ' ', $answer->{status},
        $answer->{json}{error} // $answer->{json}{ $name // '' } // ();
}

my $answer = $site->get($well);
my $meta   = $answer->{json};
is brief($answer, 'issuer'), "200 $issuer", 'MET-01, MET-02 the place';
is $header->($answer, 'content-type'), 'application/json', '  it is JSON';
like $header->($answer, 'cache-control'), qr/^public, max-age=\d+$/,
    '  and may be kept';
is $site->get($openid)->{body}, $answer->{body}, '  the other name: the same';
is brief($site->get($_)), '404 invalid_request', "  not at $_"
    for "$well/tenant", "$openid/", "$well.json", '/.well-known/x',
    "/tenant$openid";
is_deeply $meta->{grant_types_supported}, ['client_credentials'],
    'MET-04 the grant';
is $meta->{token_endpoint}, "$issuer/oauth2/v1/token", 'MET-07 the endpoint';
is $meta->{jwks_uri}, "$issuer/oauth2/v1/keys", 'MET-07 the keys';
is_deeply [sort @{ $meta->{token_endpoint_auth_methods_supported} }],
    [qw(client_secret_basic client_secret_jwt client_secret_post
        private_key_jwt)], 'MET-08 the methods';
is "$meta->{introspection_endpoint} $meta->{revocation_endpoint}",
    "$issuer/oauth2/v1/introspect $issuer/oauth2/v1/revoke",
    'MET-07 where tokens are asked about and given up';
is_deeply $meta->{"${_}_endpoint_auth_methods_supported"},
    $meta->{token_endpoint_auth_methods_supported}, "  by the same, $_"
    for 'introspection', 'revocation';
is_deeply [grep { /mtls|tls_|registration|authorization_endpoint/ }
    sort keys %$meta], [],
    'MET-09, MET-13 nothing that would be refused';
is_deeply [sort @{ $meta->{scopes_supported} }],
    [qw(bills.read orders.read orders.write search)], 'MET-15 the scopes';
my $head = $site->request(method => 'HEAD', path => $well);
is "$head->{status} '$head->{body}'", "200 ''", 'MET-10 HEAD';
is $header->($head, 'content-length'), length $answer->{body},
    '  tells the length';
for my $path ($well, $openid, '/oauth2/v1/keys', '/oauth2/v1/health') {
    my $post = $site->token(path => $path);
    is brief($post), '405 invalid_request', "MET-10, JWK-07 POST to $path";
    is $header->($post, 'allow'), 'GET, HEAD', '  says what is allowed';
}

{
    my $tenant = Serve->new(issuer => "$issuer/tenant",
        policy => 'metadata : { response_types = false; };'
            . " path = \"/tenant/oauth\";\n")->start('cgi');
    is brief($tenant->get("$well/tenant"), 'issuer'), "200 $issuer/tenant",
        'MET-01 an issuer with a path';
    is brief($tenant->get("/tenant$openid"), 'token_endpoint'),
        "200 $issuer/tenant/oauth/token", '  the other name behind the path';
    is brief($tenant->get($_)), '404 invalid_request', "  not at $_"
        for $well, $openid, "$well/tenant/", "$well/other";
    ok !exists $tenant->get("$well/tenant")->{json}{response_types_supported},
        '  response_types_supported can be left out';
    is brief($tenant->get('/tenant/oauth/health'), 'status'), '200 ok',
        '  and the path of the endpoints is the policy\'s';
}

sub keys_of { return $site->get('/oauth2/v1/keys')->{json}{keys} }

$answer = $site->get('/oauth2/v1/keys');
my $keys = keys_of();
like $header->($answer, 'content-type'),
    qr{^application/(?:json|jwk-set\+json)$}, 'JWK-06 the type';
is $header->($answer, 'cache-control'), 'public, max-age=300',
    '  kept for as long as keys.lead of ccgrant.conf(5) tells';
is_deeply [sort map { $_->{alg} } @$keys], [qw(ES256 RS256)],
    'JWK-01 a key for each algorithm of the policy';
is_deeply [grep { /^(?:d|p|q|dp|dq|qi|oth|k|priv)$/ } map { keys %$_ } @$keys],
    [], '  public members only';
my %kid = map { $_->{kid} => 1 } @$keys;
is scalar(keys %kid), scalar(@$keys), 'JWK-02 each with its own kid';
is_deeply [grep { $_->{use} ne 'sig' || !$_->{alg} || !$_->{kty} } @$keys],
    [], 'JWK-03 use, alg, kty';
my %bytes = map { $_->{alg} => length decode_base64url($_->{n} // $_->{x}) }
    @$keys;
ok $bytes{RS256} >= 256 && $bytes{ES256} == 32, 'JWK-04 sizes';

my $old   = $site->token(basic => ['demo', $secret])->{json}{access_token};
my $added = $site->ctl(qw(key add))->{kid};
ok((grep { $_->{kid} eq $added } @{ keys_of() }),
    'JWK-08 a new key is published');
my $jwt = Jwt::decode($site->token(basic => ['demo', $secret])
    ->{json}{access_token});
isnt $jwt->{header}{kid}, $added, '  before it signs';
$added = $site->ctl(qw(key add --now))->{kid};
$jwt   = Jwt::decode($site->token(basic => ['demo', $secret])
    ->{json}{access_token});
is $jwt->{header}{kid}, $added, '  one that is needed now signs at once';
ok Jwt::verify(Jwt::decode($old), { keys => keys_of() }),
    '  and an old token verifies still';
is_deeply $site->ctl(qw(key export))->{keys}, keys_of(),
    '  the command exports the same set';

my ($claims, $head_of) = @$jwt{qw(claims header)};
is $head_of->{typ}, 'at+jwt', 'ATJ-01 typ';
is $head_of->{alg}, 'ES256',  'ATJ-02 alg';
is_deeply [sort keys %$head_of], [qw(alg kid typ)], 'ATJ-12 nothing else';
is_deeply [sort keys %$claims],
    [qw(aud client_id exp iat iss jti scope sub)], 'ATJ-03, ATJ-10 claims';
is $claims->{iss}, $issuer, '  iss';
is $claims->{aud}, 'https://api.example.org/orders', '  aud';
is "$claims->{sub} $claims->{client_id}", 'demo demo', 'ATJ-05 sub';
ok length(decode_base64url($claims->{jti})) >= 16, '  jti of 128 bits';
like Jwt::text($jwt), qr/"iat":\d+,"exp":\d+/, '  times are numbers';
ok Jwt::verify($jwt, { keys => keys_of() }), 'ATJ-06 the signature';
my $other = JSON::PP->new->canonical->encode({ %$claims, scope => 'all' });
ok !Jwt::verify({ %$jwt, signed =>
        (split /\./, $jwt->{signed})[0] . '.' . encode_base64url($other) },
    { keys => keys_of() }), 'ATJ-15 another payload does not verify';
$jwt = Jwt::decode($site->token(basic => ['demo', $secret],
    host => 'evil.example')->{json}{access_token});
is $jwt->{claims}{iss}, $issuer, 'ATJ-16 Host does not become the issuer';

my $health = $site->get('/oauth2/v1/health');
is brief($health, 'status'), '200 ok', 'health';
is $header->($health, 'cache-control'), 'no-store', '  is not kept';

done_testing();
