#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Clients of the FAPI 2.0 Security Profile, by their own record and by the
# policy: no shared secrets, bound tokens, strong algorithms, strict
# assertions.  The ids are those of the catalogue that cases.t has; FAP-07 is
# in Mtls.pm.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Ca;
use Dpop;
use Jwt;
use Rows;
use Serve;

my $missing = Serve->missing('lighttpd');
plan skip_all => $missing if $missing;

my $resources = <<'END';
resources = ( { audience = "https://api.example.org/orders";
                scopes = [ "orders.read", "orders.write" ]; } );
roles = ( { name = "order-batch"; scopes = [ "orders.read" ]; } );
mtls : { ca = [ "client-cas.pem" ]; };
END
my ($site, $ca, %key, %secret);
my %kinds = (ES256 => 'P-256', PS256 => 'RSA-2048', EdDSA => 'ED25519',
    ES384 => 'P-384');

#
# The sites.
#

sub make_site {
    my ($policy) = @_;
    $site = Serve->new(resources => $resources . $policy);
    $ca   = Ca->new($site->dir . '/run/ca');
    $site->put('client-cas.pem', $ca->pem('root'));
    $site->put('web-cas.pem', $ca->pem('root') . $ca->pem('self'));
    $key{$_} = Jwt::make_key($site->dir . "/run/$_.pem", $kinds{$_})
        for sort keys %kinds;
    $key{RS256} = $key{PS256};
    return;
}

# The options of a client that signs with these algorithms.
sub signs {
    my (@algs) = @_;
    my $file = $site->put("run/jwks.@algs", Jwt::json({ keys => [
        map { Jwt::jwk($key{$_}, kid => $_) } @algs] }));
    return ('--auth', 'private_key_jwt', '--jwks', $file);
}

sub add {
    my ($id, @options) = @_;
    $secret{$id} = $site->client($id, '--role', 'order-batch', @options);
    return;
}

sub add_clients {
    my (@profile) = @_;
    add('signs', signs(qw(ES256 PS256 EdDSA ES384)), @profile);
    add('cert', '--auth', 'tls_client_auth', '--tls-subject-dn',
        $ca->subject('leaf'), @profile);
    add('self', '--auth', 'self_signed_tls_client_auth', '--cert',
        $ca->cert('self'), @profile);
    return;
}

#
# What is sent.
#

my $endpoint = 'https://as.example.org/oauth2/v1/token';

# Options: alg, header and claims of the assertion, the latter also in
# seconds from now, as times; client; proof, with its alg, or undef for none;
# by, a certificate; secret, in its place; form, more pairs.
sub send_row {
    my ($rq) = @_;
    my $id  = $rq->{client} // 'signs';
    my $alg = $rq->{alg} // 'ES256';
    my %times = (exp => 120, iat => 0, %{ $rq->{times} // {} });
    my %claims = (iss => $id, sub => $id, aud => $site->{issuer},
        jti => Dpop::fresh(), (map { $_ => time + $times{$_} } keys %times),
        %{ $rq->{claims} // {} });
    my @form = (grant_type => 'client_credentials', @{ $rq->{form} // [] });
    push @form, client_assertion => Jwt::make($key{$alg}, $alg,
            { alg => $alg, kid => $alg eq 'RS256' ? 'PS256' : $alg },
            \%claims), client_assertion_type =>
            'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
        if $id =~ /^(?:signs|legacy)$/ && !$rq->{bare} && !$rq->{basic};
    push @form, client_id => $id
        if ($id !~ /^(?:signs|legacy)$/ || $rq->{bare}) && !$rq->{basic};
    my $proof = exists $rq->{proof} ? $rq->{proof} : 'ES256';
    my @header = $proof ? (DPoP => Dpop::proof($key{$proof}, alg => $proof,
        claims => { htu => $endpoint })) : ();
    my $by = $rq->{by};
    my @tls = $by ? (tls => { cert => $ca->cert($by),
        key => $ca->key($by) }) : ();
    return $site->token(form => \@form, header => \@header, @tls,
        $rq->{basic} ? (basic => $rq->{basic}) : ());
}

my $no  = '401 invalid_client';
my $bad = '400 invalid_request';

# Whether the token is bound to those things, by their names in cnf.
sub bound_to {
    my (@names) = @_;
    return sub {
        my $jwt = Jwt::decode($_[0]{json}{access_token}) or return 0;
        my $cnf = $jwt->{claims}{cnf} // {};
        my $type = grep({ $_ eq 'jkt' } @names) ? 'DPoP' : 'Bearer';
        return $_[0]{json}{token_type} eq $type
            && join(' ', sort keys %$cnf) eq join ' ', sort @names;
    };
}

# FAPI 2.0 Security Profile, 5.4.1: 128 bits.
sub is_long {
    my $jwt = Jwt::decode($_[0]{json}{access_token}) or return 0;
    return length decode_base64url($jwt->{claims}{jti}) >= 16
        && $jwt->{header}{alg} =~ /^(?:ES256|PS256|EdDSA)$/;
}

sub rows {
    my @rows;
    my $row = sub {
        my ($id, $says, $send, $want, %more) = @_;
        push @rows, { id => $id, says => $says, send => $send,
            want => $want, %more };
    };
    $row->('OWN', "an assertion with $_ and a proof", { alg => $_ }, '200',
        check => bound_to('jkt')) for qw(ES256 PS256 EdDSA);
    $row->('OWN', 'an assertion and a certificate', { proof => undef,
        by => 'leaf' }, '200', check => bound_to('x5t#S256'));
    $row->('OWN', "client $_->[0] and its certificate", {
        client => $_->[0], by => $_->[1], proof => undef }, '200',
        check => bound_to('x5t#S256')) for ['cert', 'leaf'],
        ['self', 'self'];
    $row->('OWN', 'an assertion alone', { proof => undef }, $bad);
    $row->('FAP-01', 'a secret in the body', { bare => 1,
        form => [client_secret => 'x' x 43] }, $no);
    $row->('FAP-01', 'a secret by Basic', { basic => ['signs', 'x' x 43] },
        $no);
    $row->('FAP-02', "an assertion with $_", { alg => $_ }, $no)
        for qw(RS256 ES384);
    $row->('OWN', "a proof with $_", { proof => $_ },
        '400 invalid_dpop_proof') for qw(RS256 ES384);
    $row->('OWN', "a proof with $_", { proof => $_ }, '200',
        check => bound_to('jkt')) for qw(PS256 EdDSA);
    $row->('FAP-05', "iat and nbf $_ seconds ahead", { times => {
        iat => $_, nbf => $_ } }, '200') for 8, 10;
    $row->('FAP-05', "$_ 62 seconds ahead", { times => { $_ => 62 } }, $no)
        for qw(iat nbf);
    $row->('FAP-08', 'client_id alone', { bare => 1 }, $no);
    $row->('FAP-08', "client_id alone, of $_->[0]", { client => $_->[0] },
        $no, control => { client => $_->[0], by => $_->[1] })
        for ['cert', 'leaf'], ['self', 'self'];
    $row->('OWN', 'aud ' . Jwt::json($_), { claims => { aud => $_ } }, $no)
        for $endpoint, ['https://as.example.org', $endpoint];
    $row->('OWN', 'an assertion for an hour', { times => { exp => 3000 } },
        $no);
    $row->('FAP-10', 'the token', {}, '200', check => \&is_long);
    return @rows;
}

#
# What can be registered.
#

sub refuses {
    my ($name, $want, @args) = @_;
    my ($status, $out, $err) = $site->try_ctl(@args);
    ok $status == 1 && $err =~ $want, $name or diag "$status: $out$err";
    return;
}

sub registration {
    my ($where, @profile) = @_;
    refuses("$where: FAP-01 no client of $_", qr/shared secret/, qw(client
        add x --auth), $_, @profile) for qw(client_secret_basic
        client_secret_post client_secret_jwt);
    refuses("$where: no legacy audience", qr/strict/, qw(client add x
        --assertion-aud legacy), signs('ES256'), @profile);
    refuses("$where: no RS256", qr/PS256/, qw(client add x --assertion-alg
        RS256), signs('PS256'), @profile);
    return;
}

sub metadata {
    my $json = $site->get('/.well-known/oauth-authorization-server')->{json};
    my $list = sub { join ' ', sort @{ $json->{ $_[0] } // [] } };
    is $list->('token_endpoint_auth_methods_supported'),
        'private_key_jwt self_signed_tls_client_auth tls_client_auth',
        'FAP-09 metadata: no method with a secret';
    unlike $list->("${_}_alg_values_supported"), qr/RS|HS|none|ES[35]/,
        "  nothing weak in ${_}_alg_values_supported"
        for 'token_endpoint_auth_signing', 'dpop_signing';
    like $list->("${_}_alg_values_supported"), qr/ES256.*PS256/,
        '  but what the profile names'
        for 'token_endpoint_auth_signing', 'dpop_signing';
    ok $json->{tls_client_certificate_bound_access_tokens},
        '  tokens are bound to certificates';
    is $list->('grant_types_supported'), 'client_credentials', '  the grant';
    return;
}

sub run {
    my ($where) = @_;
    $site->start('lighttpd', tls => 1);
    Rows::run($_, $where, \&send_row) for rows();
    return;
}

make_site('');
add_clients('--profile', 'fapi2');
add('other');
registration('record', '--profile', 'fapi2');
run('record');
is Rows::summary($site->token(basic => ['other', $secret{other}])), '200',
    'record: another client needs nothing of this';

# Clients that were there before the policy wanted the profile.
add('legacy', signs('ES256'), '--assertion-aud', 'legacy');
my $old = { client => 'legacy', claims => { aud => $endpoint } };
is Rows::summary(send_row($old)), '200', 'record: a legacy audience';
$site->put('ccgrant.conf', Serve::slurp($site->policy)
    . "profile = \"fapi2\";\n");
$site->start('lighttpd');
is Rows::summary(send_row({ basic => ['other', $secret{other}] })), $no,
    'FAP-01 a client of before, with a secret and a proof';
is Rows::summary(send_row($old)), $no, 'FAP-01 and one of a legacy audience';
is Rows::summary(send_row({})), '200', '  and one that keeps the profile';

make_site("profile = \"fapi2\";\n");
add_clients();
registration('policy');
run('policy');
metadata();
done_testing();
