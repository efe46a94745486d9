#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Clients that prove themselves with signed assertions, case by case, as
# cases.t has the others: each row runs as plain CGI and through lighttpd, and
# each refusal with its control, the same request without the defect and with
# a jti of its own.
#
# The ids are those of the same catalogue; OWN are cases beside it.  PKJ-49 is
# in jwks-uri.t; JOS-36 and JOS-37 are in the unit tests.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;
use Jwt;
use Rows;
use Serve;

my $issuer   = 'https://as.example.org';
my $endpoint = "$issuer/oauth2/v1/token";
my $urn = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
our $site = Serve->new(issuer => $issuer);

#
# The keys and the clients.
#

my (%key, %client, %secret, $count);

sub key {
    my ($name, $kind) = @_;
    $key{$name} = Jwt::make_key($site->dir . "/run/$name.pem", $kind);
    return $site->own($key{$name});
}

sub jwk {
    my ($name, @more) = @_;
    return Jwt::jwk($key{$name}, kid => $name, @more);
}

# The options of a client with these keys.
sub jwks {
    my (@keys) = @_;
    my $file = $site->put('run/jwks.' . ++$count,
        Jwt::json({ keys => \@keys }));
    return ('--auth', 'private_key_jwt', '--jwks', $file);
}

# A client, and what it signs with unless a row says something else.
sub add {
    my ($id, $key, $alg, @options) = @_;
    $site->client($id, '--role', 'order-batch', @options);
    $client{$id} = { key => $key{$key}, alg => $alg, kid => $key };
    return;
}

sub add_secret {
    my ($id, $alg, @options) = @_;
    $secret{$id} = $site->client($id, '--role', 'order-batch', '--auth',
        'client_secret_jwt', @options);
    $client{$id} = { key => secret_key($id, $secret{$id}), alg => $alg };
    return;
}

# A file with the text as the key of an HMAC.
sub secret_key {
    my ($name, $text) = @_;
    return $site->put("run/$name.secret", $text, 0600);
}

key(@$_) for ['ec', 'P-256'], ['other', 'P-256'], ['ec384', 'P-384'],
    ['ec512', 'P-521'], ['rsa', 'RSA-2048'], ['rsa2', 'RSA-2048'],
    ['ed', 'ED25519'], ['ed448', 'ED448'], ['k1', 'secp256k1'],
    ['small', 'RSA-1024'];

# es is who most rows are about.
add('es', 'ec', 'ES256', jwks(jwk('ec')));
add('es384', 'ec384', 'ES384', jwks(jwk('ec384')));
add('es512', 'ec512', 'ES512', jwks(jwk('ec512')));
add('rs', 'rsa', 'RS256', jwks(jwk('rsa')));
add('ed', 'ed', 'EdDSA', jwks(jwk('ed')));
add('legacy', 'ec', 'ES256', jwks(jwk('ec')), '--assertion-aud', 'legacy');
add('two', 'ec', 'ES256', jwks(jwk('ec'), jwk('other')));
add('mixed', 'ec', 'ES256', jwks(jwk('ec', kid => '1'),
    jwk('rsa', kid => '1')));
add('bare', 'ec', 'ES256', jwks(jwk('ec', kid => undef)));
add('pinned', 'rsa', 'PS256', jwks(jwk('rsa')), '--assertion-alg', 'PS256');
add('keyalg', 'rsa', 'RS256', jwks(jwk('rsa', alg => 'RS256')));
add('uses', 'ec', 'ES256', jwks(jwk('ec', use => 'sig'),
    jwk('other', use => 'enc')));
add('ops', 'ec', 'ES256', jwks(jwk('ec', key_ops => ['verify']),
    jwk('other', key_ops => ['encrypt'])));
add('stranger', 'other', 'ES256', jwks(jwk('other')));
add('off', 'ec', 'ES256', jwks(jwk('ec')));
$site->ctl(qw(client disable off));
add('old', 'ec', 'ES256', jwks(jwk('ec')), '--expires', '2020-01-01');
add('moving', 'ec', 'ES256', jwks(jwk('ec')));
add('near', 'ec', 'ES256', jwks(jwk('ec')), '--network', '127.0.0.0/8');
add('far', 'ec', 'ES256', jwks(jwk('ec')), '--network', '192.0.2.0/24');
add_secret('hs', 'HS256');
add_secret('hs384', 'HS384', '--assertion-alg', 'HS384');
$secret{basic} = $site->client('basic', '--role', 'order-batch');
$secret{post}  = $site->client('post', '--role', 'order-batch', '--auth',
    'client_secret_post');
$client{$_} = { key => $key{ec}, alg => 'ES256', kid => 'ec' }
    for 'basic', 'post', 'nosuch';

# A client of a certificate: its key alone counts.
{
    my $file = $site->dir . '/run/cert.pem';
    system(qw(openssl req -x509 -days 1 -subj /CN=x -key), $key{rsa2}, '-out',
        $file) == 0 or die "openssl req failed\n";
    $site->own($file);
    add('cert', 'rsa2', 'RS256', '--auth', 'private_key_jwt', '--cert', $file);
    delete $client{cert}{kid};
}

my $stale = $site->ctl(qw(secret add hs --expires 1s))->{client_secret};
my $stale_at = time + 2;
my $stale_key = secret_key('stale', $stale);

#
# What is sent.
#

my ($jti, @sent) = 0;
sub fresh { return "jti-$$-" . ++$jti }

# JSON of the members with others in their place; those that are undef are
# left out.
sub differing {
    my ($members, $others) = @_;
    my %all = %$members;
    $others = $others->(Jwt::json($members)) if ref $others eq 'CODE';
    return $others if defined $others && !ref $others;
    %all = (%all, %{ $others // {} });
    delete @all{ grep { !defined $all{$_} } keys %all };
    return Jwt::json(\%all);
}

# An assertion.  Options: client; key and alg, what to sign with; sign, the
# algorithm to sign with when the header says another; header and claims,
# members that differ, or all of it as text, or a function that returns either;
# input and edit, functions of the text before and after it is signed.
sub assertion {
    my (%rq) = @_;
    my $id  = $rq{client} // 'es';
    my %of  = %{ $client{$id} };
    my $alg = $rq{alg} // $of{alg};
    my $header = { alg => $alg, kid => $of{kid} };
    my $claims = { iss => $id, sub => $id, aud => $issuer, jti => fresh(),
        exp => time + 120, iat => time };
    my $text = join '.', map { encode_base64url($_) }
        differing($header, $rq{header}), differing($claims, $rq{claims});
    $text = $rq{input}->($text) if $rq{input};
    $text = Jwt::sign($rq{key} // $of{key}, $rq{sign} // $alg, $text);
    push @sent, $text;
    return $rq{edit} ? $rq{edit}->($text) : $text;
}

# What row() sends: an assertion, with its options; or assertion, one that is
# made already, or undef for none; type, the client_assertion_type; grant, the
# grant_type; form, more pairs; before, what is sent before, and must get a
# token; and what Serve's token() takes, with path as a function.
sub send_row {
    my ($rq) = @_;
    if (my $before = $rq->{before}) {
        my $answer = send_row($before);
        return $answer if $answer->{status} != 200;
    }
    my %more = map { exists $rq->{$_} ? ($_ => $rq->{$_}) : () }
        qw(basic auth body method);
    $more{path} = $rq->{path}->() if $rq->{path};
    my $type = exists $rq->{type} ? $rq->{type} : $urn;
    my $text = exists $rq->{assertion} ? $rq->{assertion} : assertion(%$rq);
    my $grant = exists $rq->{grant} ? $rq->{grant} : 'client_credentials';
    my %first = (grant_type => $grant, client_assertion_type => $type,
        client_assertion => $text);
    return $site->token(form => [
        (map { defined $first{$_} ? ($_ => $first{$_}) : () }
            sort keys %first), @{ $rq->{form} // [] }], %more);
}

my @rows;

sub row {
    my ($id, $says, $send, $want, %more) = @_;
    push @rows, { id => $id, says => $says, send => $send, want => $want,
        %more };
    return;
}

my $bad = '400 invalid_request';
my $no  = '401 invalid_client';

# Claims and headers that are refused.
sub claims_row {
    my ($id, $says, $claims, @more) = @_;
    row $id, $says, { claims => $claims, @more }, $no;
    return;
}

sub header_row {
    my ($id, $says, $header, @more) = @_;
    row $id, $says, { header => $header, @more }, $no;
    return;
}

#
# private_key_jwt.
#

my @signs = (['es', 'ES256'], ['es384', 'ES384'], ['es512', 'ES512'],
    (map { ['rs', $_] } qw(RS256 RS384 RS512 PS256 PS384 PS512)),
    ['ed', 'EdDSA'], ['cert', 'RS256'], ['cert', 'PS256']);
row 'PKJ-01', "$_->[1] by $_->[0]", { client => $_->[0], alg => $_->[1] },
    '200', check => sub {
        return $_[0]{json}{scope} eq 'orders.read orders.write';
    } for @signs;
row 'PKJ-02', 'the same client_id', { form => [client_id => 'es'] }, '200';
row 'PKJ-02', 'another client_id', { form => [client_id => 'two'] },
    $no, control => { form => [client_id => 'es'] };
row 'PKJ-02', 'a client_id of nobody', { form => [client_id => 'nosuch'] },
    $no;
row 'PKJ-04', 'no client_assertion_type', { type => undef }, $bad;
row 'PKJ-04', 'an empty client_assertion_type', { type => '' }, $bad;
row 'PKJ-05', "type '$_'", { type => $_ }, $bad
    for $urn =~ s/jwt/saml2/r, 'jwt-bearer', "$urn ", uc $urn,
    substr($urn, 0, -1),
    'urn:ietf:params:oauth:grant-type:jwt-bearer';
row 'PKJ-06', 'no assertion', { assertion => undef }, $bad;
row 'PKJ-06', 'an empty assertion', { assertion => '' }, $bad;
row 'OWN', 'an assertion twice', { form => [client_assertion => 'x'] }, $bad;
row 'OWN', 'the type twice', { form => [client_assertion_type => $urn] },
    $bad;

my %claim = (iss => 'PKJ-08', sub => 'PKJ-09', aud => 'PKJ-10',
    exp => 'PKJ-11', jti => 'PKJ-12');
for my $name (sort keys %claim) {
    claims_row $claim{$name}, "no $name", { $name => undef };
    claims_row $claim{$name}, "$name is " . Jwt::json($_), { $name => $_ }
        for \'null', {}, [[]], \'true', ['x', 'y'];
}
claims_row 'PKJ-08', "iss $_->[0]", { iss => $_->[1] }
    for ['of another client', 'two'], ['empty', ''], ['in capitals', 'ES'],
    ['with a blank', 'es '], ['with a NUL', "es\0"], ['an array', ['es']];
claims_row 'PKJ-15', 'an id of two lines of log', {
    iss => "x\nforged=\"1\"", sub => "x\nforged=\"1\"" };
claims_row 'PKJ-09', "sub $_->[0]", { sub => $_->[1] }
    for ['of another client', 'two'], ['empty', ''], ['a number', 1];
row 'PKJ-15', 'an unknown client', { client => 'nosuch' }, $no,
    same => { key => $key{other} };
row 'PKJ-15', 'a very long id',
    { claims => { iss => 'x' x 5000, sub => 'x' x 5000 } }, $no;

# Seconds from when it is sent.
sub time_row {
    my ($id, $says, $times, $want) = @_;
    row $id, $says, { claims => sub {
        return { map { $_ => time + $times->{$_} } keys %$times } } },
        $want // $no;
    return;
}

time_row 'PKJ-16', 'expired five minutes ago', { exp => -300, iat => -400 };
time_row 'PKJ-16', 'expired 45 seconds ago', { exp => -45, iat => -60 };
time_row 'PKJ-16', 'expired within the skew', { exp => -2, iat => -60 },
    '200';
time_row 'PKJ-16', 'valid for nearly an hour', { exp => 3590 }, '200';
time_row 'PKJ-16', 'valid for two hours', { exp => 7200 };
claims_row 'PKJ-16', "exp is $_", { exp => \$_ }
    for '0', '-1', '1e400', '1e19', '-1e300', '9223372036854775808',
    '18446744073709551616', '253402300800', '99999999999999999999', '"1"',
    '0x7fffffff', '+1', 'NaN', 'Infinity';
claims_row 'PKJ-16', 'exp is a string', { exp => '' . (time + 120) };
row 'PKJ-16', 'exp is a fraction', { claims => sub {
    return { exp => \sprintf '%d.25', time + 100 } } }, '200';
row 'PKJ-16', 'exp has an exponent', { claims => sub {
    return { exp => \sprintf '%.9e', time + 100 } } }, '200';
time_row 'PKJ-22', 'nbf and iat ten minutes ahead',
    { nbf => 600, iat => 600, exp => 900 };
time_row 'PKJ-22', 'nbf ten minutes ahead', { nbf => 600, exp => 900 };
time_row 'PKJ-22', 'iat ten minutes ahead', { iat => 600, exp => 900 };
time_row 'PKJ-22', "$_ 90 seconds ahead", { $_ => 90 } for 'iat', 'nbf';
time_row 'PKJ-22', "$_ eight seconds ahead", { $_ => 8 }, '200'
    for 'iat', 'nbf';
for my $name ('iat', 'nbf') {
    claims_row 'PKJ-22', "$name is $_", { $name => \$_ }
        for '"1"', 'null', '1e400', '-1', '[]', '253402300800';
}
time_row 'PKJ-22', 'iat long ago', { iat => -86400 }, '200';
row 'PKJ-23', 'no iat, no nbf', { claims => { iat => undef } }, '200';
row 'PKJ-24', 'aud is the issuer', {}, '200';
row 'PKJ-24', 'aud is an array of the issuer',
    { claims => { aud => [$issuer] } }, '200';
row 'PKJ-25', 'aud is the token endpoint',
    { claims => { aud => $endpoint } }, $no;
row 'PKJ-25', 'aud is the token endpoint, by a legacy client',
    { client => 'legacy', claims => { aud => $_ } }, '200'
    for $endpoint, [$endpoint];
row 'PKJ-25', 'a legacy client can say the issuer too',
    { client => 'legacy' }, '200';
row 'PKJ-26', 'aud has a stranger',
    { claims => { aud => $_ } }, $no
    for [$issuer, 'https://other.example'], ['https://other.example', $issuer],
    [$issuer, $endpoint], [$issuer, $issuer], [$issuer, ''], [$issuer, 1],
    [[$issuer]];
row 'PKJ-26', 'aud has a stranger, by a legacy client',
    { client => 'legacy', claims => { aud => $_ } }, '200'
    for [$issuer, 'https://other.example'],
    ['https://other.example', $endpoint];
row 'PKJ-26', 'aud of a legacy client: ' . Jwt::json($_),
    { client => 'legacy', claims => { aud => $_ } }, $no,
    control => { client => 'legacy', claims => { aud => $endpoint } }
    for 'https://other.example', ['https://other.example'], [], [''],
    [$issuer, 1], [$endpoint, undef], "$endpoint/", "$issuer/oauth2/v1",
    'http://as.example.org/oauth2/v1/token', "$endpoint?x", {};
claims_row 'PKJ-29', "aud is $_", { aud => $_ }
    for 'https://as.other.example', "$issuer/", uc $issuer, "$issuer#",
    "$issuer:443", 'http://as.example.org', 'as.example.org', " $issuer",
    'https://AS.example.org', 'es';
claims_row 'PKJ-30', 'aud is empty: ' . Jwt::json($_), { aud => $_ }
    for '', [], [''];

# A second assertion, made from one that got a token, or from its jti and exp.
sub again_row {
    my ($says, $make, $want, %by) = @_;
    my $id = %by ? 'CSJ-09' : 'PKJ-31';
    push @rows, { id => $id, says => $says, want => $want, again => sub {
        my %same = (jti => fresh(), exp => time + 120);
        my $text = assertion(%by, claims => \%same);
        return { before => { assertion => $text }, %by,
            $make->($text, %same) };
    } };
    return;
}

again_row 'replay', sub { return (assertion => $_[0]) }, $no;
again_row 'replay with another signature', sub {
    my (undef, %same) = @_;
    return (claims => \%same);
}, $no;
again_row 'replay with other claims', sub {
    my (undef, %same) = @_;
    return (claims => { %same, iat => undef, x => 1, aud => [$issuer] });
}, $no;
again_row 'replay with the jti spelt otherwise', sub {
    my (undef, %same) = @_;
    my $jti = join '', map { sprintf '\\u%04x', ord } split //, $same{jti};
    return (claims => { %same, jti => \"\"$jti\"" });
}, $no;
again_row 'the same jti of another client', sub {
    my (undef, %same) = @_;
    return (client => 'two', claims => \%same);
}, '200';
again_row 'the jti in capitals', sub {
    my (undef, %same) = @_;
    return (claims => { %same, jti => uc $same{jti} });
}, '200';
claims_row 'PKJ-36', 'jti is ' . Jwt::json($_), { jti => $_ }
    for 42, '', [], ['x'], \'null', \'false';
row 'PKJ-36', 'jti of 4 kB', { claims => sub {
    return { jti => fresh() . 'x' x 4000 } } }, '200';
row 'PKJ-36', 'jti of odd characters', { claims => sub {
    return { jti => fresh() . " \t\"\\/\x{e9}\x{20ac}\x{1f600}<>&" } } },
    '200';
row 'PKJ-37', 'unknown claims and headers', {
    header => { foo => { a => [1, {}] }, iat => 1, exp => [], x => \'null' },
    claims => { foo => { bar => [1, [2, {}], \'true'] }, scope => 'x',
        client_id => 'two', grant_type => 5, alg => 'none' } }, '200';
row 'PKJ-41', "an assertion of the client $_", { client => $_ }, $no
    for 'basic', 'post';
row 'PKJ-43', "typ $_", { header => { typ => $_ } }, '200'
    for 'JWT', 'jwt', 'client-authentication+jwt',
    'application/client-authentication+jwt';
header_row 'PKJ-43', 'typ ' . Jwt::json($_), { typ => $_ }
    for 'at+jwt', 'dpop+jwt', 'JOSE', 'logout+jwt', '', 1, \'null', ['JWT'];
row 'PKJ-43', 'the typ makes a legacy client strict', { client => 'legacy',
    header => { typ => 'client-authentication+jwt' },
    claims => { aud => $_ } }, $no,
    control => { client => 'legacy', header => { typ => 'JWT' },
        claims => { aud => $endpoint } }
    for $endpoint, [$issuer, $endpoint];
row 'PKJ-44', 'all in the query', { body => 'grant_type=client_credentials',
    path => sub { return '/oauth2/v1/token?' . Serve::form(
        client_assertion_type => $urn, client_assertion => assertion()) } },
    $no;
row 'PKJ-44', 'the assertion in the query', { assertion => undef,
    path => sub { return '/oauth2/v1/token?' . Serve::form(
        client_assertion => assertion()) } }, $bad;
row 'PKJ-45', "the key $_ of two", { client => 'two', key => $key{$_},
    header => { kid => $_ } }, '200' for 'ec', 'other';
row 'PKJ-45', "the key $_ of two, without a kid", { client => 'two',
    key => $key{$_}, header => { kid => undef } }, '200' for 'ec', 'other';
row 'PKJ-45', 'the kid of the other of two', { client => 'two',
    key => $key{ec}, header => { kid => 'other' } }, $no,
    control => { client => 'two' };
row 'PKJ-48', "two keys of one kid: $_->[1]", { client => 'mixed',
    key => $key{ $_->[0] }, alg => $_->[1], header => { kid => '1' } }, '200'
    for ['ec', 'ES256'], ['rsa', 'RS256'], ['rsa', 'PS384'];

#
# client_secret_jwt.
#

row 'CSJ-01', 'HS256', { client => 'hs' }, '200';
row 'CSJ-02', $_, { client => 'hs', alg => $_ }, '200' for 'HS384', 'HS512';
row 'CSJ-03', "$_, registered for HS384", { client => 'hs384', alg => $_ },
    $no, control => { client => 'hs384' } for 'HS256', 'HS512';
row 'CSJ-04', "signed with $_->[0]", { client => 'hs',
    key => secret_key("near$_->[0]" =~ tr/ //dr, $_->[1]) }, $no,
    control => { client => 'hs' }
    for ['another secret', $secret{hs384}], ['capitals', uc $secret{hs}],
    ['a line end', "$secret{hs}\n"], ['one less', substr $secret{hs}, 0, -1],
    ['a basic secret', $secret{basic}], ['nothing', ''],
    ['a NUL', "$secret{hs}\0x"];
row 'CSJ-08', "no $_", { client => 'hs', claims => { $_ => undef } }, $no,
    control => { client => 'hs' } for qw(iss sub aud exp jti);
again_row 'replay', sub { return (assertion => $_[0]) }, $no, client => 'hs';
again_row 'replay by another algorithm', sub {
    my (undef, %same) = @_;
    return (alg => 'HS512', claims => \%same);
}, $no, client => 'hs';
row 'CSJ-10', "$_->[0] for client_secret_jwt", { client => 'hs',
    key => $key{ $_->[1] }, alg => $_->[0],
    header => { jwk => jwk($_->[1]), kid => $_->[1] } }, $no,
    control => { client => 'hs' }
    for ['ES256', 'ec'], ['RS256', 'rsa'], ['EdDSA', 'ed'];
row 'CSJ-11', 'an expired secret', { client => 'hs', key => $stale_key },
    $no, control => { client => 'hs' };
row 'CSJ-12', 'alg none', { client => 'hs', header => { alg => 'none' },
    edit => sub { return $_[0] =~ s/[^.]*$//r } }, $no,
    control => { client => 'hs' };
row 'CSJ-10', 'an HMAC for private_key_jwt', { key => $client{hs}{key},
    alg => 'HS256' }, $no;
row 'OWN', "the secret of client_secret_jwt $_->[0]", { assertion => undef,
    type => undef, @$_[1, 2] }, $no, control => { client => 'hs' }
    for ['by Basic', basic => ['hs', $secret{hs}]],
    ['in the body', form => [client_id => 'hs', client_secret => $secret{hs}]];
row 'OWN', 'the secret of client_secret_basic signs nothing', {
    client => 'basic', key => secret_key('basic', $secret{basic}),
    alg => 'HS256', header => { kid => undef } }, $no,
    control => { assertion => undef, type => undef,
        basic => ['basic', $secret{basic}] };

#
# More than one mechanism, and who else is refused.
#

row 'OWN', 'an assertion beside Basic',
    { basic => ['basic', $secret{basic}] }, $bad;
row 'OWN', 'an assertion beside client_secret',
    { form => [client_id => 'post', client_secret => $secret{post}] }, $bad;
row 'OWN', 'a type alone beside Basic', { assertion => undef,
    basic => ['basic', $secret{basic}] }, $bad;
row 'OWN', "a client that is $_->[0]", { client => $_->[1] }, $no,
    same => { key => $key{other} }
    for ['disabled', 'off'], ['expired', 'old'];
row 'OWN', 'a client from another network', { client => 'far' }, $no,
    same => { key => $key{other} }, control => { client => 'near' };

#
# JOSE.
#

sub part {
    my ($n, $edit) = @_;
    return sub {
        my @part = split /\./, $_[0], -1;
        $part[$n] = $edit->($part[$n]);
        return join '.', @part;
    };
}

sub edit_row {
    my ($id, $says, $edit, %more) = @_;
    row $id, $says, { edit => $edit, %more }, $no;
    return;
}

# One of its bits turned.
sub turned {
    my ($at) = @_;
    return sub {
        my ($text) = @_;
        substr($text, $at, 1) =~ tr/A-Za-z0-9_-/B-ZAb-za1-90\-_/;
        return $text;
    };
}

edit_row 'JOS-02', 'no signature', sub { return $_[0] =~ s/[^.]*$//r };
edit_row 'JOS-02', 'no third part', sub { return $_[0] =~ s/\.[^.]*$//r };
header_row 'JOS-02', "alg $_, and no signature", { alg => $_ },
    edit => sub { return $_[0] =~ s/[^.]*$//r }
    for 'none', 'None', 'NONE', 'nOnE', '';
header_row 'JOS-02', "alg $_, and a signature", { alg => $_ }
    for 'none', 'None', '', 'es256', 'ES256 ', 'HS256', 'RS256', 'nosuch';
header_row 'JOS-02', 'alg is ' . Jwt::json($_), { alg => $_ }
    for \'null', 1, ['ES256'], {};
header_row 'JOS-02', 'no alg', { alg => undef };
header_row 'JOS-08', 'unencoded, with crit',
    { b64 => \'false', crit => ['b64'] };
header_row 'JOS-08', 'unencoded, without crit', { b64 => \'false' };
row 'JOS-08', 'unencoded, the payload as it is', { header => { b64 => \'false',
    crit => ['b64'] }, claims => { aud => 'x' }, input => sub {
        my ($head, $payload) = split /\./, $_[0];
        return "$head." . decode_base64url($payload) } }, $no;
header_row 'JOS-08', 'crit: ' . Jwt::json($_), { crit => $_, x => 1 }
    for [], ['x'], ['exp'], ['alg'], ['b64'], 'x', \'null', [1], {};
edit_row 'JOS-09', 'a byte of the header', part(0, turned(12));
edit_row 'JOS-09', 'a byte of the payload', part(1, turned(20));
edit_row 'JOS-09', "byte $_ of the signature", part(2, turned($_))
    for 0, 42, 43, 84;
edit_row 'JOS-09', 'the signature of another message', sub {
    my ($other) = assertion() =~ /([^.]*)$/;
    return $_[0] =~ s/[^.]*$/$other/r;
};
edit_row 'JOS-12', "segments: $_->[0]", $_->[1]
    for ['none', sub { 'x' }], ['one', sub { (split /\./, $_[0])[0] }],
    ['four', sub {"$_[0].x"}], ['four, the last empty', sub {"$_[0]."}],
    ['a leading dot', sub {".$_[0]"}], ['five', sub {"$_[0].x.y"}],
    ['dots alone', sub { '..' }], ['five dots', sub { '.....' }],
    ['one dot', sub { '.' }], ['an empty header', part(0, sub { '' })],
    ['an empty payload', part(1, sub { '' })],
    ['of a JWE', sub { encode_base64url('{"alg":"dir","enc":"A128GCM"}')
        . '..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA' }],
    ['the JSON form', sub {
        my ($head, $payload, $sig) = split /\./, $_[0];
        return Jwt::json({ protected => $head, payload => $payload,
            signature => $sig });
    }],
    ['detached', sub { return $_[0] =~ s/\.[^.]*\./../r }];
row 'JOS-15', "payload: $_->[0]", { claims => $_->[1] }, $no
    for ['null', 'null'], ['an array', '[]'], ['a string', '"x"'],
    ['a number', '1'], ['no JSON', '{'], ['text', 'hello'], ['a blank', ' '],
    ['a NUL', "\0"], ['no UTF-8', "{\"iss\":\"\xff\"}"];
row 'JOS-15', "payload with $_->[0]", { claims => $_->[1] }, $no
    for ['trailing bytes', sub {"$_[0]x"}], ['a second', sub {"$_[0]$_[0]"}],
    ['a trailing comma', sub { $_[0] =~ s/\}$/,}/r }],
    ['a byte order mark', sub {"\xef\xbb\xbf$_[0]"}],
    ['a trailing NUL', sub {"$_[0]\0"}],
    ['a comment', sub {"/* x */$_[0]"}],
    ['a NUL in a string', sub { $_[0] =~ s/"jti":"/"jti":"\\u0000/r }],
    ['half a surrogate', sub { $_[0] =~ s/"jti":"/"jti":"\\ud800/r }],
    ['iss twice', sub { $_[0] =~ s/^\{/{"iss":"es",/r }],
    ['aud twice', sub { $_[0] =~ s/^\{/{"aud":"$issuer",/r }],
    ['exp twice, spelt otherwise', sub { $_[0] =~ s/^\{/{"\\u0065xp":1,/r }],
    ['a member of a member twice',
        sub { $_[0] =~ s/^\{/{"x":{"y":1,"y":1},/r }],
    (map { my $deep = '[' x $_; ["$_ arrays", sub {
        return $_[0] =~ s/^\{/{"x":$deep,/r }] } 10_000, 20_000),
    ['17 arrays', sub { my $deep = '[' x 17 . ']' x 17;
        $_[0] =~ s/^\{/{"x":$deep,/r }],
    ['UTF-16', sub { join '', map {"\0$_"} split //, $_[0] }];
row 'JOS-15', 'ten arrays within each other', { claims => sub {
    my $deep = '[' x 10 . ']' x 10;
    return $_[0] =~ s/^\{/{"x":$deep,/r } }, '200';
row 'JOS-15', "header: $_->[0]", { header => $_->[1] }, $no
    for ['null', 'null'], ['an array', '["ES256"]'], ['no JSON', 'x'],
    ['trailing bytes', '{"alg":"ES256","kid":"ec"}x'],
    ['alg twice', '{"alg":"ES256","kid":"ec","alg":"ES256"}'],
    ['alg twice, one none', '{"alg":"none","kid":"ec","alg":"ES256"}'],
    ['kid twice', '{"alg":"ES256","kid":"x","kid":"ec"}'],
    ['many arrays', '{"alg":"ES256","x":' . '[' x 5000],
    ['no UTF-8', "{\"alg\":\"ES256\",\"x\":\"\xc0\xaf\"}"],
    ['empty', '{}'];
row 'JOS-15', 'a header as it is', { header => '{"alg":"ES256","kid":"ec"}' },
    '200';
header_row 'JOS-17', 'kid is ' . substr(Jwt::json($_), 0, 20), { kid => $_ }
    for 1, \'null', {}, ['a'], '', 'x' x 10_000, \'true';
header_row 'JOS-18', 'kid ' . Jwt::json($_), { kid => $_ }
    for 'nosuch', 'EC', 'ec ', "ec\0", '../ec', "' or '1'='1", '*';
row 'JOS-18', "another client's key, kid " . ($_ // 'none'),
    { key => $key{other}, header => { kid => $_ } }, $no,
    control => { client => 'stranger' }
    for 'other', 'ec', undef;
row 'JOS-18', 'no kid', { header => { kid => undef } }, '200';
row 'JOS-18', 'a kid, where the key has none', { client => 'bare' }, '200';
row 'JOS-18', "the key that $_ has not for signatures", { client => $_,
    key => $key{other}, header => { kid => 'other' } }, $no,
    control => { client => $_ } for 'uses', 'ops';
header_row 'JOS-22', 'ES384 by P-256', {}, alg => 'ES384';
header_row 'JOS-22', 'ES512 by P-256', {}, alg => 'ES512';
row 'JOS-22', 'ES256 by P-384', { client => 'es384', alg => 'ES256' }, $no,
    control => { client => 'es384' };
row 'JOS-22', 'ES256 by P-521', { client => 'es512', alg => 'ES256' }, $no,
    control => { client => 'es512' };
row 'JOS-22', "alg $_->[1], signed as $_->[0]", { client => 'rs',
    sign => $_->[0], alg => $_->[1] }, $no, control => { client => 'rs' }
    for ['RS256', 'PS256'], ['PS256', 'RS256'], ['RS256', 'RS512'],
    ['RS384', 'RS256'], ['PS256/0', 'PS256'], ['PS256/20', 'PS256'],
    ['PS512/32', 'PS512'];
row 'JOS-22', "$_, registered for PS256", { client => 'pinned', alg => $_ },
    $no, control => { client => 'pinned' } for 'RS256', 'PS384';
row 'JOS-22', "$_, where the key's alg is RS256", { client => 'keyalg',
    alg => $_ }, $no, control => { client => 'keyalg' }
    for 'PS256', 'RS512';
header_row 'JOS-22', 'an ECDSA signature in DER', {}, sign => 'ES256/der';
edit_row 'JOS-22', "a signature of $_->[0]", part(2, $_->[1])
    for ['zero bytes', sub { encode_base64url("\0" x 64) }],
    ['nothing', sub { encode_base64url('') }],
    ['one byte', sub { encode_base64url("\1") }],
    ['65 bytes', sub { encode_base64url(decode_base64url($_[0])
        . "\0") }],
    ['63 bytes', sub { encode_base64url(substr
        decode_base64url($_[0]), 0, 63) }],
    ['4096 bytes', sub { encode_base64url('x' x 4096) }];
row 'JOS-28', 'Ed25519 by its own name', { client => 'ed',
    alg => 'Ed25519' }, '200';
row 'JOS-28', "Ed448 as $_", { client => 'ed', key => $key{ed448},
    sign => 'EdDSA', alg => $_ }, $no, control => { client => 'ed' }
    for 'EdDSA', 'Ed25519', 'Ed448';
row 'JOS-32', 'an assertion of 512 kB', { assertion => 'x' x 524_288 },
    qr/^413 /;
row 'JOS-32', 'an assertion of 20 kB', { claims => { x => 'y' x 20_000 } },
    $no;
row 'JOS-32', 'an assertion of 8 kB', { claims => { x => 'y' x 6000 } },
    '200';
row 'JOS-33', 'white space and odd order', {
    header => qq(\r\n{\t"x" : 1 ,\r\n"kid":"ec",\n"alg"\t:\t"ES256"\n}\r\n),
    claims => sub {
        my $jti = fresh();
        my $exp = time + 120;
        return qq( {\r\n\t"jti" : "$jti" , "exp"\t:\r\n$exp ,\n)
            . qq("aud" :\t[ "$issuer" ] , "sub":"es" ,"iss": "es"\t}\r\n);
    } }, '200';
row 'JOS-33', 'escapes', { claims => sub {
    return $_[0] =~ s{/}{\\/}gr =~ s/"iss":"es"/"i\\u0073s":"\\u0065s"/r
} }, '200';

# base64url as it must be, and no other: signed as it is written.
row 'OWN', "base64url: $_->[0]", { claims => { x => '???????' },
    input => $_->[1] }, $no
    for ['padding of the header', part(0, sub {"$_[0]="})],
    ['padding of the payload', part(1, sub {"$_[0]=="})],
    ['the other alphabet', part(1, sub { $_[0] =~ tr{_-}{/+}r })],
    ['a blank inside', part(1, sub { substr($_[0], 0, 40) . ' '
        . substr $_[0], 40 })],
    ['a blank before', sub {" $_[0]"}],
    ['another character', part(1, sub {"$_[0]!"})];
edit_row 'OWN', "base64url: $_->[0]", $_->[1]
    for ['padding of the signature', sub {"$_[0]=="}],
    ['a line end behind', sub {"$_[0]\n"}], ['a blank behind', sub {"$_[0] "}],
    ['a line end inside', part(2, sub { substr($_[0], 0, 40) . "\n"
        . substr $_[0], 40 })],
    ['a character too many', part(2, sub {"$_[0]A"})],
    ['bits left over', part(2, sub {
        substr($_[0], 0, -1) . substr($_[0], -1) =~ tr/AQgw/BRhx/r })];
row 'OWN', 'a NUL in an assertion', { edit => sub {"$_[0]\0"} }, $bad;

# A key that comes with the assertion is nobody's.
my @of_header = (['jku', 'https://127.0.0.1:1/jwks'],
    ['x5u', 'https://127.0.0.1:1/x'], ['x5c', ['MIIB']]);
for my $kid ('other', undef) {
    header_row 'OWN', "another key, in $_->[0]",
        { kid => $kid, $_->[0] => $_->[1] }, key => $key{other}
        for ['jwk', jwk('other')], @of_header;
}
row 'OWN', "$_->[0] is ignored", { header => { $_->[0] => $_->[1] } }, '200'
    for ['jwk', jwk('other')], @of_header, ['x5t', 'x'];

# The bytes of a public key are no secret.
{
    my $pem = `openssl pkey -pubout -in $key{rsa}`;
    my %bytes = ('in PEM' => $pem, 'in PEM, without a line end' =>
            $pem =~ s/\n\z//r, 'in DER' => Jwt::public_key(jwk('rsa')),
        'as JWK' => Jwt::json(jwk('rsa')), 'as modulus' =>
            decode_base64url(jwk('rsa')->{n}));
    my $n = 0;
    for my $what (sort keys %bytes) {
        row 'OWN', "an HMAC with the public key $what", { client => 'rs',
            key => secret_key('public' . ++$n, $bytes{$what}),
            alg => $_ }, $no, control => { client => 'rs' }
            for 'HS256', 'HS512';
    }
}

# What refuses a request of a good assertion does not use it up: the same
# assertion gets a token afterwards.
my @kept = (
    ['an unknown scope', { form => [scope => 'nosuch'] },
        '400 invalid_scope'],
    ['a scope of others', { form => [scope => 'bills.read'] },
        '400 invalid_scope'],
    ['an unknown resource', { form => [resource => 'https://x.example'] },
        '400 invalid_target'],
    ['authorization details', { form => [authorization_details => '[]'] },
        '400 invalid_authorization_details'],
    ['another client_id', { form => [client_id => 'two'] }, $no],
    ['no type', { type => undef }, $bad],
    ['Basic beside it', { basic => ['basic', $secret{basic}] }, $bad],
    ['another grant', { grant => 'password' },
        '400 unsupported_grant_type'],
    ['no grant', { grant => undef }, $bad],
    ['another method', { method => 'PUT' }, '405 invalid_request'],
    ['a body too large', { form => [x => 'y' x 70_000] },
        '413 invalid_request'],
    ['a turned bit', { edit => part(2, turned(3)) }, $no],
    ['the key of another', { key => $key{other} }, $no],
    ['another audience', { claims => { aud => 'x' } }, $no],
    ['a future nbf', { claims => { nbf => time + 3600 } }, $no],
    ['another algorithm', { alg => 'ES384' }, $no],
);

sub run_kept {
    my ($where, $says, $defect, $want) = @_;
    my %same = (jti => fresh(), exp => time + 600);
    my $good = assertion(claims => { %same });
    my $first = Rows::summary(send_row({ assertion => $good, %$defect,
        $defect->{key} || $defect->{claims} || $defect->{alg}
            ? (assertion => assertion(%$defect,
                claims => { %same, %{ $defect->{claims} // {} } }))
            : $defect->{edit} ? (assertion => $defect->{edit}->($good)) : (),
    }));
    my @got = map { Rows::summary(send_row({ assertion => $good })) } 1 .. 2;
    my $ok = (ref $want ? $first =~ $want : $first eq $want)
        && "@got" eq "200 $no";
    ok $ok, "$where: refused for $says, and good afterwards"
        or diag join ', ', $first, @got;
    return;
}

# A change in the record holds for the next request, and what was refused
# before it is not used up.
sub run_change {
    my ($where) = @_;
    my %by = (client => 'moving');
    my $says = sub {
        my ($want, $name, %rq) = @_;
        is Rows::summary(send_row({ %by, %rq })), $want, "$where: $name";
    };
    my $set = sub { $site->ctl(qw(client set moving), @_) };
    my $text = assertion(%by);
    $site->ctl(qw(client disable moving));
    $says->($no, 'disabled at once', assertion => $text);
    $site->ctl(qw(client enable moving));
    $says->('200', 'enabled, the same assertion', assertion => $text);
    $text = assertion(%by);
    $set->(qw(--network 192.0.2.0/24));
    $says->($no, 'another network', assertion => $text);
    $set->(qw(--network 127.0.0.0/8));
    $says->('200', 'the right network, the same assertion',
        assertion => $text);
    my @new = (key => $key{other}, header => { kid => 'other' });
    $says->($no, 'a key to come', @new);
    $set->((jwks(jwk('ec'), jwk('other')))[2, 3]);
    $says->('200', 'the old key of two');
    $says->('200', 'the new key of two', @new);
    $set->((jwks(jwk('other')))[2, 3]);
    $says->($no, 'the old key, withdrawn');
    $says->('200', 'the new key alone', @new);
    $set->((jwks(jwk('ec')))[2, 3]);
    return;
}

# Secrets, assertions, their jti and tokens are nowhere in the log.
sub check_log {
    my ($where, @tokens) = @_;
    my $log  = $site->log_text;
    my @told = grep { index($log, $_) >= 0 } @tokens, values %secret, $stale,
        "jti-$$-", grep { length > 30 } map { split /\./ } @sent;
    is scalar(@told), 0, "$where: no secret, token, assertion, jti is logged";
    for my $reason (qr/the assertion expired 3\d\d seconds ago/,
        qr/the client's clock is 4\d\d seconds behind/,
        qr/the nbf of the assertion is (?:5\d\d|600) seconds ahead/,
        qr/the client's clock is (?:5\d\d|600) seconds ahead/,
        qr/the assertion was used before/, qr/its jti is missing/,
        qr/the aud of the assertion is the token endpoint/) {
        like $log, $reason, "$where: the log says why: $reason";
    }
    unlike $log, qr/^\W*forged/m, "$where: no line of the log is a client's";
    @sent = ();
    return;
}

sub run_all {
    my ($where) = @_;
    my @tokens;
    for my $row (grep { ($_->{only} // $where) eq $where } @rows) {
        my $send = $row->{again} ? $row->{again}->() : $row->{send};
        push @tokens, Rows::run({ %$row, send => $send }, $where, \&send_row);
    }
    run_kept($where, @$_) for @kept;
    run_change($where);
    check_log($where, @tokens);
    is Rows::summary(send_row({})), '200',
        "$where: JOS-35 still working afterwards";
    return;
}

#
# What can be registered, and what is advertised.
#

sub refuses {
    my ($name, $want, @args) = @_;
    my @input = ref $args[0] ? shift @args : ();
    my ($status, $out, $err) = $site->try_ctl(@input, qw(client add never),
        @args);
    ok $status == 1 && $err =~ $want, $name or diag "$status $out$err";
    $site->try_ctl(qw(--json client delete never --yes)) if $status == 0;
    return;
}

sub check_registration {
    my $short = secret_key('short', 'sixteen bytes...');
    refuses('JOS-30 RSA of 1024 bits', qr/2048/, jwks(jwk('small')));
    refuses('JOS-30 an exponent of 1', qr/\be is under 3/,
        jwks(jwk('rsa', e => 'AQ')));
    refuses('JOS-28 Ed448', qr/Ed25519/, jwks(jwk('ed448')));
    refuses('a curve of others', qr/P-521/, jwks(jwk('k1')));
    refuses('a private key', qr/private/, jwks(jwk('ec', d => 'AQAB')));
    refuses('a symmetric key', qr/secret/,
        jwks({ kty => 'oct', k => encode_base64url('x' x 32) }));
    refuses('a point beside the curve', qr/curve|point|key/, jwks(jwk('ec',
        y => jwk('other')->{y})));
    refuses('one kid twice', qr/kid/, jwks(jwk('ec', kid => '1'),
        jwk('other', kid => '1')));
    refuses('no key for signatures', qr/key/, jwks(jwk('ec', use => 'enc')));
    refuses('no key', qr/--jwks/, '--auth', 'private_key_jwt');
    refuses('an algorithm of another kind of key', qr/ES384|alg/,
        jwks(jwk('ec')), '--assertion-alg', 'HS256');
    refuses('CSJ-13 a secret of 16 bytes', qr/\b(?:32|64)\b/,
        \'sixteen bytes...', qw(--auth client_secret_jwt --secret-file -));
    refuses('alg none', qr/none/, jwks(jwk('ec')), qw(--assertion-alg none));
    return;
}

# Every method and algorithm that metadata names gets a token, and no other.
sub check_metadata {
    my $json = $site->get('/.well-known/oauth-authorization-server')->{json};
    my %by = ((map { $_->[1] => $_->[0] } @signs), Ed25519 => 'ed',
        map { $_ => 'hs' } qw(HS256 HS384 HS512));
    my @named = @{ $json->{token_endpoint_auth_signing_alg_values_supported} };
    is_deeply [sort @{ $json->{token_endpoint_auth_methods_supported} }],
        [qw(client_secret_basic client_secret_jwt client_secret_post
            private_key_jwt)], 'metadata: the methods';
    is_deeply [sort @named], [sort grep { $_ ne 'Ed25519'
        || grep { $_ eq 'Ed25519' } @named } keys %by],
        'metadata: the algorithms';
    for my $alg (@named) {
        is Rows::summary(send_row({ client => $by{$alg}, alg => $alg,
            header => { kid => undef } })), '200', "metadata: $alg is taken";
    }
    for (['none', 'ES256', 'ec'], ['ES256K', 'ES256K', 'k1'],
        ['HS1', 'HS1', 'hs'], ['RS1', 'RS1', 'rsa'],
        ['Ed448', 'EdDSA', 'ed448'], ['A128KW', 'HS256', 'hs'],
        ['SHA256', 'HS256', 'hs']) {
        my ($alg, $sign, $key) = @$_;
        my $id = { hs => 'hs', rsa => 'rs', ed448 => 'ed' }->{$key} // 'es';
        is Rows::summary(send_row({ client => $id, alg => $alg,
            sign => $sign, $key eq 'hs' ? () : (key => $key{$key}) })),
            $no, "metadata: $alg is not";
        ok !grep({ $_ eq $alg } @named), "metadata: nor named";
    }
    return;
}

#
# The request of the model's documentation, as it is printed, by curl.
#

sub check_curl {
    my $curl = Serve::Server::find_program('curl')
        or return ok 1, 'curl is not installed # skip';
    my ($status, $out) = $site->try_ctl(qw(assertion make es --key),
        $key{ec});
    chomp $out;
    is $status, 0, 'ccgrant assertion make';
    my $send = sub {
        my ($assertion) = @_;
        open my $pipe, '-|', $curl, qw(-q -s -m 60 --noproxy * -i -H),
            'Content-Type: application/x-www-form-urlencoded;charset=UTF-8',
            '--request', 'POST',
            "http://127.0.0.1:$site->{port}/oauth2/v1/token", '-d',
            'grant_type=client_credentials&client_id=es'
            . '&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A'
            . "client-assertion-type%3Ajwt-bearer&client_assertion=$assertion"
            . '&scope=urn%3Aopc%3Aidm%3A__myscopes__'
            or die "curl: $!\n";
        local $/;
        return <$pipe>;
    };
    my $answer = $send->($out);
    like $answer, qr{^HTTP/1\.1 200 .*"access_token":"[^"]+"}s,
        'the request as it is printed';
    like $answer, qr/"scope":"orders\.read orders\.write"/, '  its scope';
    like $send->($out), qr{^HTTP/1\.1 401 .*"invalid_client"}s,
        '  and only once';
    like $send->(assertion(client => 'es', key => $key{other})),
        qr{^HTTP/1\.1 401 .*"invalid_client"}s, '  and only signed by the key';
    return;
}

# assertions.skew and max_lifetime of the policy: seconds, and what they get.
sub check_policy {
    my ($lines, @cases) = @_;
    local $site = Serve->new(issuer => $issuer, policy => "$lines\n");
    $site->client('es', '--role', 'order-batch', '--auth', 'private_key_jwt',
        '--jwks', $site->put('run/jwks', Jwt::json({ keys => [jwk('ec')] })));
    $site->start('cgi');
    for (@cases) {
        my ($times, $want) = @$_;
        my %claims = map { $_ => time + $times->{$_} } keys %$times;
        is Rows::summary(send_row({ claims => \%claims })), $want,
            "$lines: " . Jwt::json($times);
    }
    return;
}

check_registration();
$site->start('cgi');
Serve::wait_for(sub { time >= $stale_at });
run_all('cgi');
check_metadata();
check_policy('assertions : { skew = 0; };', [{ exp => 60 }, '200'],
    [{ exp => -2 }, $no], [{ iat => 8 }, '200'], [{ iat => 60 }, $no],
    [{ nbf => 8 }, '200'], [{ nbf => 60 }, $no]);
check_policy('assertions : { skew = 120; max_lifetime = 600; };',
    [{ exp => -60 }, '200'], [{ exp => -125 }, $no], [{ nbf => 50 }, '200'],
    [{ iat => 50 }, '200'], [{ iat => 120 }, $no], [{ nbf => 120 }, $no],
    [{ exp => 590 }, '200'], [{ exp => 780 }, $no]);
SKIP: {
    my $missing = Serve->missing('lighttpd');
    skip $missing, 1 if $missing;
    $site->start('lighttpd');
    run_all('lighttpd');
    check_curl();
}
done_testing();
