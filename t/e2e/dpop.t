#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Tokens that are bound to a key by DPoP proofs (RFC 9449), case by case, as
# cases.t has the others: each row runs as plain CGI and through lighttpd, and
# each refusal with its control, the same request without the defect and with
# a jti of its own.  Proofs beside certificates are in Mtls.pm.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(decode_base64url encode_base64url);
use POSIX ();
use Test::More;
use Dpop;
use Jwt;
use Rows;
use Serve;

my $issuer   = 'https://as.example.org';
my $endpoint = "$issuer/oauth2/v1/token";
my $site     = Serve->new(issuer => $issuer,
    policy => "proxies = [ \"192.0.2.1/32\" ];\n");

#
# The keys and the clients.
#

my (%key, %secret);

sub key {
    my ($name, $kind) = @_;
    return $key{$name} = Jwt::make_key($site->dir . "/run/$name.pem", $kind);
}

key(@$_) for ['ec', 'P-256'], ['other', 'P-256'], ['ec384', 'P-384'],
    ['ec512', 'P-521'], ['rsa', 'RSA-2048'], ['ed', 'ED25519'],
    ['sign', 'P-256'], ['k1', 'secp256k1'], ['small', 'RSA-1024'];

sub jwk { my ($name, @more) = @_; return Jwt::jwk($key{$name}, @more) }

sub add {
    my ($id, @options) = @_;
    $secret{$id} = $site->client($id, '--role', 'order-batch', @options);
    return;
}

my @jwks = ('--jwks', $site->put('run/sign.jwks', Jwt::json(jwk('sign'))));
add('demo');
add('post', '--auth', 'client_secret_post');
add('must', '--bind', 'dpop');
add('any', '--bind', 'any');
add('nonce', '--dpop-nonce', 'required');
add('offer', '--dpop-nonce', 'on');
add('never', '--dpop-nonce', 'off');
add('es', '--auth', 'private_key_jwt', @jwks);
add('esn', '--auth', 'private_key_jwt', @jwks, '--dpop-nonce', 'required');
add('hs', '--auth', 'client_secret_jwt');

#
# What is sent.
#

my @sent;
my %sign_as = (ec => 'ES256', other => 'ES256', ec384 => 'ES384',
    ec512 => 'ES512', rsa => 'PS256', ed => 'EdDSA');

# Options: key, and those of Dpop::proof().
sub proof {
    my (%o) = @_;
    my $name = $o{key} // 'ec';
    my %claims = (htu => $endpoint);
    my $claims = ref $o{claims} eq 'HASH' ? { %claims, %{ $o{claims} } }
        : $o{claims} // \%claims;
    my $text = Dpop::proof($key{$name}, alg => $sign_as{$name}, %o,
        claims => $claims);
    push @sent, $text;
    return $text;
}

sub assertion {
    my ($id) = @_;
    my $hmac = $id eq 'hs';
    my $file = $hmac ? $site->put('run/hs.secret', $secret{hs}, 0600)
        : $key{sign};
    my $alg = $hmac ? 'HS256' : 'ES256';
    return Jwt::make($file, $alg, { alg => $alg }, { iss => $id, sub => $id,
        aud => $issuer, exp => time + 120, jti => Dpop::fresh() });
}

# What row() sends: a proof, with its options; or dpop, a list of headers as
# they are; client, who asks, by what it has; assertion, one that is made
# already; secret, a wrong one; name, of the header; form, more pairs; before,
# what is sent before and must get a token; nonce, whether to fetch one first.
sub send_row {
    my ($rq) = @_;
    my $id = $rq->{client} // 'demo';
    if (my $before = $rq->{before}) {
        my $answer = send_row($before);
        return $answer if $answer->{status} != 200;
    }
    my %o = %$rq;
    if ($rq->{nonce}) {
        my $nonce = send_row({ client => $id })->{header}{'dpop-nonce'};
        $o{claims} = { nonce => $nonce->[0], %{ $rq->{claims} // {} } };
    }
    my $name = $rq->{name} // 'DPoP';
    my @dpop = $rq->{dpop} ? @{ $rq->{dpop} } : proof(%o);
    my @form = (grant_type => 'client_credentials', @{ $rq->{form} // [] });
    my $secret = $rq->{secret} // $secret{$id};
    my @basic;
    if ($id =~ /^(?:es|esn|hs)$/) {
        push @form, client_assertion => $rq->{assertion} // assertion($id),
            client_assertion_type =>
            'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    } elsif ($id eq 'post') {
        push @form, client_id => $id, client_secret => $secret;
    } else {
        @basic = (basic => [$id, $secret]);
    }
    return $site->token(form => \@form, @basic,
        header => [map { $name => $_ } @dpop],
        $rq->{host} ? (host => $rq->{host}) : ());
}

my @rows;

sub row {
    my ($id, $says, $send, $want, %more) = @_;
    push @rows, { id => $id, says => $says, send => $send, want => $want,
        %more };
    return;
}

my $bad   = '400 invalid_dpop_proof';
my $no    = '401 invalid_client';
my $again = '400 use_dpop_nonce';

sub claims_row {
    my ($id, $says, $claims, @more) = @_;
    return row $id, $says, { claims => $claims, @more }, $bad;
}

sub header_row {
    my ($id, $says, $header, @more) = @_;
    return row $id, $says, { header => $header, @more }, $bad;
}

sub edit_row {
    my ($id, $says, $edit) = @_;
    return row $id, $says, { edit => $edit }, $bad;
}

# A function of one part of a proof: 0, 1 or 2.
sub part {
    my ($n, $fn) = @_;
    return sub {
        my @part = split /\./, $_[0], -1;
        $part[$n] = $fn->($part[$n]);
        return join '.', @part;
    };
}

# Whether the token is bound to that key, and says so.
sub bound_to {
    my ($name) = @_;
    my $jkt = Dpop::thumbprint(jwk($name));
    return sub {
        my ($answer) = @_;
        my $jwt = Jwt::decode($answer->{json}{access_token}) or return 0;
        return $answer->{json}{token_type} eq 'DPoP'
            && Jwt::json($jwt->{claims}{cnf}) eq Jwt::json({ jkt => $jkt });
    };
}

sub is_bearer {
    my ($answer) = @_;
    my $jwt = Jwt::decode($answer->{json}{access_token}) or return 0;
    return $answer->{json}{token_type} eq 'Bearer'
        && !exists $jwt->{claims}{cnf}
        && !$answer->{header}{'dpop-nonce'};
}

#
# The rows.
#

row 'DPP-01', 'a proof', {}, '200', check => bound_to('ec');
row 'DPP-02', "$_->[1] by $_->[0]", { key => $_->[0], alg => $_->[1] },
    '200', check => bound_to($_->[0])
    for ['ec', 'ES256'], ['ec384', 'ES384'], ['ec512', 'ES512'],
    ['rsa', 'RS256'], ['rsa', 'PS256'], ['ed', 'EdDSA'];
row 'DPP-05', "proof '$_'", { dpop => [$_] }, $bad
    for 'malformed', 'a.b', 'a.b.c', '...', '{}', 'DPoP x';
edit_row 'DPP-05', "a $_->[0]", $_->[1]
    for ['part too few', sub { $_[0] =~ s/\.[^.]*\z//r }],
    ['part too many', sub {"$_[0].x"}], ['padding', sub {"$_[0]="}],
    ['blank inside', sub { $_[0] =~ s/\./. /r }];
header_row 'DPP-07', 'typ ' . Jwt::json($_), { typ => $_ }
    for undef, 'JWT', 'jwt+dpop', 'dpop+jwt+x', 42, '', ['dpop+jwt'];
header_row 'DPP-09', 'jwk ' . Jwt::json($_), { jwk => $_ }
    for undef, '', 1, \'true', \'null', 'foo', [], {};
header_row 'DPP-09', 'kid in place of jwk', { jwk => undef, kid => 'x' };
row 'DPP-11', "a symmetric key, $_", { sign => 'HS256', alg => $_,
    by => $site->put('run/oct', 'x' x 32),
    jwk => { kty => 'oct', k => encode_base64url('x' x 32) } }, $bad
    for 'HS256', 'ES256';
claims_row 'DPP-12', 'jti ' . Jwt::json($_), { jti => $_ }
    for undef, 42, '', \'null', ['x'];
claims_row 'DPP-13', 'htm ' . Jwt::json($_), { htm => $_ }
    for undef, 'GET', 'post', 'Post', 42, 'POST ', '', ['POST'];
claims_row 'DPP-14', 'htu ' . Jwt::json($_), { htu => $_ }
    for undef, 'not a url', [$endpoint], 42, '', $issuer,
    "$issuer/oauth2/v1/keys", "$endpoint/", $endpoint =~ s/https/http/r,
    $endpoint =~ s/as\./other./r, "https://x\@as.example.org/oauth2/v1/token",
    "https://as.example.org:444/oauth2/v1/token", "$endpoint%zz",
    'https://as.example.org/OAUTH2/v1/token',
    '//as.example.org/oauth2/v1/token';
row 'OWN', "htu $_", { claims => { htu => $_ } }, '200'
    for "$endpoint?x=y", "$endpoint#x",
    'HTTPS://AS.example.ORG/oauth2/v1/token',
    'https://as.example.org:443/oauth2/v1/token',
    'https://as.example.org/oauth2/v1/%74oken',
    'https://as.example.org/x/../oauth2/./v1/token';
row 'OWN', 'the Host of the request does not matter', {
    claims => { htu => 'https://evil.example/oauth2/v1/token' },
    host => 'evil.example' }, $bad, control => { host => 'evil.example' };
row 'DPP-19', "iat $_->[0]", { iat => $_->[1] }, $bad
    for ['one hour ago', -3600], ['one hour ahead', 3600],
    ['three minutes ago', -180], ['two minutes ahead', 120];
row 'DPP-19', "iat $_->[0]", { iat => $_->[1] }, '200'
    for ['half a minute ago', -30], ['five seconds ahead', 5];
claims_row 'DPP-19', 'iat ' . Jwt::json($_), { iat => $_ }
    for undef, '0', \'null', \'1e400', \'-1', ['x'];
row 'DPP-22', 'nbf and exp', { times => { nbf => 0, exp => 300 } }, '200';
row 'DPP-22', 'exp in the past', { times => { exp => -300 } }, $bad;
row 'DPP-22', 'nbf in the future', { times => { nbf => 300 } }, $bad;
row 'DPP-23', 'more in the header', { header => { x => [1, { y => 2 }],
    kid => 'x', x5c => ['MIIB'] } }, '200', check => bound_to('ec');
row 'DPP-23', 'more claims', { claims => { x => [[1]], ath => 'x',
    iss => 'y', aud => ['z'] } }, '200', check => bound_to('ec');
header_row 'OWN', 'crit', { crit => ['x'], x => 1 };
row 'DPP-25', 'made by another key', { by => $key{other} }, $bad;
row 'DPP-25', 'another jwk', { jwk => jwk('other') }, $bad;
edit_row 'DPP-25', "signature: $_->[0]", part(2, $_->[1])
    for ['a turned bit', sub { my $sig = decode_base64url($_[0]);
        encode_base64url($sig ^ ("\0" x 7 . "\1")) }],
    ['none', sub {''}], ['zeroes', sub { encode_base64url("\0" x 64) }];
edit_row 'DPP-25', 'another payload', part(1, sub {
    encode_base64url(Jwt::json({ jti => Dpop::fresh(), htm => 'POST',
        htu => $endpoint, iat => time })) });
row 'DPP-26', "$_->[0] with $_->[1]", { key => $_->[1], alg => $_->[0],
    sign => $_->[2] }, $bad
    for ['ES256', 'ec384', 'ES384'], ['PS256', 'ec', 'ES256'],
    ['ES256', 'rsa', 'RS256'], ['EdDSA', 'ec', 'ES256'],
    ['ES384', 'ec', 'ES384'], ['ES256K', 'k1', 'ES256K'],
    ['RS256', 'small', 'RS256'], ['none', 'ec', 'ES256'],
    ['RS256', 'rsa', 'PS256'], ['ES256', 'ec', 'ES256/der'];
header_row 'DPP-26', 'jwk.alg is another',
    { jwk => jwk('ec', alg => 'ES384') };
header_row 'OWN', 'a key for encryption', { jwk => jwk('ec', use => 'enc') };
header_row 'OWN', 'a private key in jwk',
    { jwk => jwk('ec', d => encode_base64url('x' x 32)) };
header_row 'OWN', 'a point that is not on the curve',
    { jwk => jwk('ec', x => encode_base64url('x' x 32)) };
header_row 'OWN', 'a coordinate that is too short',
    { jwk => jwk('ec', x => encode_base64url('x' x 31)) };
row 'DPP-28', "$_ and no proof", { client => $_, dpop => [] },
    qr/^400 invalid_(?:dpop_proof|request) /, control => { client => $_ }
    for 'must', 'any';
row 'DPP-32', "header $_", { name => $_ }, '200', check => bound_to('ec')
    for qw(DPOP dpop DPoP);
row 'DPP-35', "a proof of $_ kB", { claims => { x => 'y' x ($_ * 700) } },
    qr/^(?:200|4\d\d) / for 3, 16;
row 'DPP-35', 'a proof of 5 kB', { claims => { x => 'y' x 3000 } }, '200';
row 'DPP-37', 'no proof', { dpop => [] }, '200', check => \&is_bearer;
row 'DPP-39', "a proof and client $_", { client => $_ }, '200',
    check => bound_to('ec') for qw(demo post es hs must any);
row 'DPP-40', 'a wrong secret and a wrong proof', { secret => 'x' x 43,
    dpop => ['x'] }, $no;
row 'DPP-40', 'a wrong secret and a proof', { secret => 'x' x 43 }, $no;
row 'OWN', 'two proofs', { dpop => [proof(), proof()] }, qr/^400 /;
row 'OWN', 'two proofs in one header', {
    dpop => [join ', ', proof(), proof()] }, $bad;

# Nonces.
row 'DPP-30', 'no nonce where it is required', { client => 'nonce' }, $again,
    control => { client => 'nonce', nonce => 1 };
row 'DPP-30', 'the nonce', { client => 'nonce', nonce => 1 }, '200',
    check => bound_to('ec');
row 'DPP-30', "nonce $_", { client => 'nonce',
    claims => { nonce => $_ } }, $again,
    control => { client => 'nonce', nonce => 1 }
    for 'x', '', 'A' x 22, 'A' x 5000;
row 'DPP-30', 'nonce ' . Jwt::json($_), { client => 'nonce',
    claims => { nonce => $_ } }, $bad,
    control => { client => 'nonce', nonce => 1 } for 42, ['x'], \'null';
row 'DPP-30', 'a nonce that may come', { client => 'offer', nonce => 1 },
    '200', check => \&has_nonce;
row 'DPP-30', 'none where it may', { client => 'offer' }, '200',
    check => \&has_nonce;
row 'DPP-30', 'a wrong one where it may', { client => 'offer',
    claims => { nonce => 'x' } }, $again, control => { client => 'offer' };
row 'DPP-30', 'one that is not looked at', { client => 'never',
    claims => { nonce => 'x' } }, '200',
    check => sub { !$_[0]{header}{'dpop-nonce'} };
row 'DPP-30', "no proof, client $_", { client => $_, dpop => [] }, '200'
    for 'offer', 'never';

sub has_nonce { return @{ $_[0]{header}{'dpop-nonce'} // [] } == 1 }

# Claims that count from now.
sub in_time {
    my ($send) = @_;
    my %times = (%{ $send->{times} // {} },
        defined $send->{iat} ? (iat => $send->{iat}) : ());
    return $send unless %times;
    return { %$send, claims => {
        map { $_ => time + $times{$_} } keys %times } };
}

#
# What is no row.
#

sub summary { return Rows::summary(send_row(@_)) }

sub run_replay {
    my ($where) = @_;
    my $text = proof();
    is summary({ dpop => [$text] }), '200', "$where: a proof";
    is summary({ dpop => [$text] }), $bad, '  is good once';
    is summary({ client => 'post', dpop => [$text] }), '200',
        '  for a client, whose jti are its own';
    my $same = { jti => Dpop::fresh() };
    is summary({ claims => $same }), '200', '  a jti';
    is summary({ claims => $same, key => 'other' }), $bad,
        '  is good once for a client, whatever the key';
    my $jti = Dpop::fresh();
    my $assertion = Jwt::make($key{sign}, 'ES256', { alg => 'ES256' },
        { iss => 'es', sub => 'es', aud => $issuer, exp => time + 120,
            jti => $jti });
    is summary({ client => 'es', assertion => $assertion,
        claims => { jti => $jti } }), '200',
        '  and has nothing to do with that of an assertion';
    return;
}

# What refuses a request of a good proof does not use it up.
sub run_kept {
    my ($where) = @_;
    my @kept = (['a wrong secret', { secret => 'x' x 43 }, $no],
        ['an unknown scope', { form => [scope => 'nosuch'] },
            '400 invalid_scope'],
        ['an unknown resource', { form => [resource => 'https://x.example'] },
            '400 invalid_target']);
    for (@kept) {
        my ($says, $defect, $want) = @$_;
        my $text = proof();
        my @got = (summary({ %$defect, dpop => [$text] }),
            summary({ dpop => [$text] }), summary({ dpop => [$text] }));
        is "@got", "$want 200 $bad",
            "$where: refused for $says, and good afterwards";
    }
    return;
}

# A demand for a nonce, or a wrong proof, leaves the assertion as it is; and a
# replayed proof does.
sub run_nonce {
    my ($where) = @_;
    my $text   = assertion('esn');
    my %by     = (client => 'esn', assertion => $text);
    my $answer = send_row({%by});
    is Rows::summary($answer), $again, "$where: a nonce is demanded";
    my @nonce = @{ $answer->{header}{'dpop-nonce'} // [] };
    is scalar @nonce, 1, '  and given, once';
    like $nonce[0] // '', qr/^[A-Za-z0-9_-]{16,}$/, '  as a header has it';
    is Rows::summary(send_row({ %by, dpop => ['x'] })), $bad,
        '  a wrong proof';
    my $good = send_row({ %by, claims => { nonce => $nonce[0] } });
    is Rows::summary($good), '200', '  and the same assertion is still good';
    ok bound_to('ec')->($good), '  for a bound token';
    is summary({ %by, claims => { nonce => $nonce[0] } }), $no, '  once';
    my $next = ($good->{header}{'dpop-nonce'} // $answer->{header}{
        'dpop-nonce'})->[0];
    is summary({ client => 'esn', claims => { nonce => $next } }), '200',
        '  the nonce is good again';
    is summary({ client => 'nonce', claims => { nonce => $next } }), '200',
        '  also for another client and key';
    return;
}

# A body is the same whatever was wrong, and says nothing of the proof.
sub run_log {
    my ($where, @tokens) = @_;
    my $log  = $site->log_text;
    my @told = grep { defined && index($log, $_) >= 0 } @tokens,
        values %secret, "proof-$$-",
        grep { length > 40 } map { split /\./ } @sent;
    is scalar @told, 0, "$where: no secret, token or proof is logged";
    for my $reason (qr/htm/, qr/htu/, qr/used before/, qr/no nonce/,
        qr/signature/, qr/typ/) {
        like $log, $reason, "$where: the log says why: $reason";
    }
    @sent = ();
    return;
}

sub run_all {
    my ($where) = @_;
    my @tokens = map { Rows::run({ %$_, send => in_time($_->{send}) }, $where,
        \&send_row) } @rows;
    run_replay($where);
    run_kept($where);
    run_nonce($where);
    run_log($where, @tokens);
    return;
}

# Eight requests with one proof at the same moment; the last byte of each goes
# out when all others are there.
sub race {
    my ($workers) = @_;
    my @faults;
    for my $round (1 .. 10) {
        my $text = proof();
        my $rq = Http::request(Serve::token_request(
            basic => ['demo', $secret{demo}], header => [DPoP => $text]));
        my @conn = map { $site->connect } 1 .. 8;
        $_->send(substr $rq, 0, -1) for @conn;
        $_->send(substr $rq, -1) for @conn;
        my %n;
        $n{ Rows::summary(Serve::decode($_->answer
            // { status => 0, body => '' })) }++ for @conn;
        my $got = join ', ', map {"$n{$_} x $_"} sort keys %n;
        push @faults, "round $round: $got" if $got ne "1 x 200, 7 x $bad";
    }
    ok !@faults, "DPP-41 one proof in eight requests, $workers workers"
        or diag join "\n", @faults;
    return;
}

sub metadata {
    my $json = $site->get('/.well-known/oauth-authorization-server')->{json};
    my $algs = join ' ', sort
        @{ $json->{dpop_signing_alg_values_supported} // [] };
    like $algs, qr/\b$_\b/, "metadata: proofs may be signed with $_"
        for qw(ES256 ES384 ES512 RS256 PS256 EdDSA);
    unlike $algs, qr/\bHS|none/, '  and with nothing symmetric';
    return;
}

$site->start('cgi');
run_all('cgi');
# Of the web servers, lighttpd drops a header field without a value.
is summary({ dpop => [''] }), $bad, 'DPP-05 an empty proof';
SKIP: {
    my $missing = Serve->missing('lighttpd');
    skip $missing, 1 if $missing;
    $site->start('lighttpd');
    run_all('lighttpd');
    metadata();
    for my $workers (2, 4) {
        $site->start('lighttpd', edit => sub {
            return $_[0] =~ s/("max-procs"\s*=>\s*)\d+/$1$workers/r;
        });
        race($workers);
    }
}
done_testing();
