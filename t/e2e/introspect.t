#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Introspection (RFC 7662, RFC 9701), case by case: each row runs as plain CGI
# and through lighttpd, and each refusal with its control, the same request
# without the defect.
#
# The ids are those of the catalogue that cases.t has; OWN are cases beside it.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Callers;
use Dpop;
use Jwt;
use Rows;
use Serve;

my $path   = '/oauth2/v1/introspect';
my $orders = 'https://api.example.org/orders';
my $signed = 'application/token-introspection+jwt';
my $bad    = '400 invalid_request';
my $no     = '401 invalid_client';
my $inactive = '{"active":false}';

my $site    = Serve->new(policy => Callers::policy());
my $callers = Callers->new($site);
my $issuer  = $site->{issuer};

#
# Clients, and the tokens that are asked about.
#

my @order  = ('--role', 'order-batch');
my @permit = ('--permit', 'introspect');
my $basic  = 'client_secret_basic';
$callers->add('app', $basic, @order);
$callers->add('vague', $basic, @order, '--format', 'opaque');
$callers->add("rs-$_", $_, @permit) for Callers::methods();
$callers->add('rs', $basic, @permit);
$callers->add('plain', $basic, @order);
$callers->add($orders, $basic);
$callers->add('https://api.example.org/bills', $basic);
$callers->add('off', $basic, @permit);
$site->ctl(qw(client disable off));

my $dpop_key = Jwt::make_key($site->dir . '/run/dpop.key', 'P-256');
my (%token, @rows, @sent);

# A token of the client; more are options of Serve::token().
sub token_of {
    my ($id, %more) = @_;
    my $answer = $site->token($callers->rq($id,
        form => [grant_type => 'client_credentials', scope => 'orders.read'],
        %more));
    push @sent, $answer->{json}{access_token};
    return $answer->{json}{access_token} // die "$id: $answer->{body}\n";
}

sub proof {
    return Dpop::proof($dpop_key,
        claims => { htu => "$issuer/oauth2/v1/token" });
}

my $foreign = Serve->new(issuer => 'https://other.example');
my $foreign_secret = $foreign->client('app', @order);
$foreign->start('cgi');

sub make_tokens {
    my $tls = { (cert => $callers->{ca}->cert('caller'),
        key => $callers->{ca}->key('caller')) };
    %token = (jwt => token_of('app'), opaque => token_of('vague'));
    for my $id ('app', 'vague') {
        $token{"dpop-$id"} = token_of($id, header => [DPoP => proof()]);
        $token{"tls-$id"} = token_of($id, tls => $tls);
        $token{"both-$id"} = token_of($id, tls => $tls,
            header => [DPoP => proof()]);
    }
    my $kid = Jwt::decode($token{jwt})->{header}{kid};
    my %claims = %{ Jwt::decode($token{jwt})->{claims} };
    $token{foreign} = $foreign->token(basic => ['app', $foreign_secret],
        )->{json}{access_token};
    $token{forged} = Jwt::make($dpop_key, 'ES256',
        { typ => 'at+jwt', alg => 'ES256', kid => $kid }, \%claims);
    $token{none} = encode_base64url('{"alg":"none","typ":"at+jwt"}') . '.'
        . encode_base64url(Jwt::json(\%claims)) . '.';
    return;
}

#
# What is sent.
#

# What a row sends: by, the caller; token, the name of one, or its text; form,
# instead of that; and options of Serve::token().
sub send_row {
    my ($rq) = @_;
    my %rq = %$rq;
    my $by = exists $rq{by} ? delete $rq{by} : 'rs';
    my $token = delete $rq{token} // 'jwt';
    $rq{form} //= [token => $token{$token} // $token];
    $rq{path} //= $path;
    return $site->token(defined $by ? $callers->rq($by, %rq) : %rq);
}

sub row {
    my ($id, $says, $send, $want, %more) = @_;
    push @rows, { id => $id, says => $says, send => $send, want => $want,
        %more };
    return;
}

sub is_active { return $_[0]{json}{active} && keys %{ $_[0]{json} } > 8 }
sub is_inactive { return $_[0]{body} eq $inactive }

# Everything that is told of a token.
sub told {
    my ($id, $type, %cnf) = @_;
    return sub {
        my %got = %{ $_[0]{json} };
        my $jti = delete $got{jti} // '';
        my ($iat, $exp) = map { delete $got{$_} // 0 } qw(iat exp);
        my %want = (active => JSON::PP::true, token_type => $type,
            iss => $issuer, sub => $id, client_id => $id, aud => $orders,
            scope => 'orders.read', %cnf ? (cnf => \%cnf) : ());
        return Jwt::json(\%got) eq Jwt::json(\%want) && length $jti >= 22
            && abs($iat - time) < 900 && $exp == $iat + 3600;
    };
}

my $jkt = Dpop::thumbprint(Jwt::jwk($dpop_key));
my $x5t = $callers->{ca}->thumbprint('caller');
for my $kind (['a JWT', 'app', 'jwt'], ['an opaque token', 'vague',
    'opaque']) {
    my ($name, $id, $token) = @$kind;
    row 'INT-01', $name, { token => $token }, '200',
        check => told($id, 'Bearer');
    row 'OPQ-03', $name, { token => $token }, '200', check => \&is_active
        if $token eq 'opaque';
    row 'INT-16', "$name of a key", { token => "dpop-$id" }, '200',
        check => told($id, 'DPoP', jkt => $jkt);
    row 'INT-16', "$name of a certificate", { token => "tls-$id" }, '200',
        check => told($id, 'Bearer', 'x5t#S256' => $x5t);
    row 'INT-16', "$name of both", { token => "both-$id" }, '200',
        check => told($id, 'DPoP', 'x5t#S256' => $x5t, jkt => $jkt);
    row 'INT-17', "$name, by its own client", { by => $id,
        token => $token }, '200', check => told($id, 'Bearer');
    row 'OWN', "$name, by who is its audience", { by => $orders,
        token => $token }, '200', check => told($id, 'Bearer');
    row 'OWN', "$name, by another audience", { token => $token,
        by => 'https://api.example.org/bills' }, '200',
        check => \&is_inactive;
    row 'OWN', "$name, by another client", { by => 'plain',
        token => $token }, '200', check => \&is_inactive;
    row 'OWN', "$name, by a client of $_", { by => "rs-$_",
        token => $token }, '200', check => told($id, 'Bearer')
        for Callers::methods();
}
row 'INT-01', "the hint $_", { form => sub {
    [token => $token{jwt}, token_type_hint => $_[0]] }, hint => $_ }, '200',
    check => \&is_active for 'access_token', 'refresh_token', 'nosuch';
row 'INT-02', 'no authentication', { by => undef }, $no;
row 'INT-02', 'client_id alone', { by => undef, more => [client_id =>
    'rs'] }, $no;
row 'INT-03', 'a wrong secret', { by => undef, basic => ['rs', 'x'] }, $no;
row 'INT-03', 'an unknown client', { by => undef, basic => ['nosuch', 'x'] },
    $no, same => { by => undef, basic => ['rs', 'x'] };
row 'INT-03', 'a disabled client', { by => 'off' }, $no,
    same => { by => undef, basic => ['nosuch', 'x'] };
row 'INT-03', 'a method that is not the record\'s', { by => undef,
    more => [client_id => 'rs-tls_client_auth', client_secret => 'x'] }, $no;
row 'INT-04', "garbage: $_", { token => $_ }, '200', check => \&is_inactive
    for 'x', 'a.b.c', '..', "\xc3\xa9", ' ', 'null', '{"active":true}',
    'eyJhbGciOiJFUzI1NiJ9.e30.AAAA', 'ccga_', 'ccga_' . 'A' x 49;
row 'INT-04', "a token $_", { token => $_ }, '200', check => \&is_inactive
    for 'foreign', 'forged', 'none';
row 'INT-05', 'no token', { form => [x => 'y'] }, $bad;
row 'INT-05', 'an empty token', { form => [token => ''] }, $bad;
row 'INT-05', 'an empty body', { form => [] }, $bad;
row 'INT-05', 'two tokens', { form => [token => 'a', token => 'b'] }, $bad;
row 'INT-10', 'GET', { method => 'GET', query => 1 }, '405 invalid_request',
    allow => 'POST';
row 'INT-10', 'POST with all in the query', { query => 1, form => [] }, $bad;
row 'INT-13', 'JSON', { type => 'application/json',
    body => '{"token":"x"}' }, $bad;
row 'INT-13', 'no media type', { type => undef }, $bad;
row 'INT-15', 'a token of another issuer', { token => 'foreign' }, '200',
    check => \&is_inactive;
row 'INT-18', 'a token as the caller\'s own proof', { by => undef,
    bearer => 1 }, $no;
row 'INT-20', 'a token of 16 kilobytes', { token => 'x' x 16384 }, '200',
    check => \&is_inactive;
row 'INT-20', 'and one that looks like a JWT', { token => join '.',
    encode_base64url('{"typ":"at+jwt","alg":"ES256","kid":"x"}'),
    'A' x 16000, 'A' x 86 }, '200', check => \&is_inactive;
row 'INT-20', 'a token over the limit of bodies', { token => 'x' x 70000 },
    qr/^413 /;

# Near a token, and none.
sub near {
    my ($token) = @_;
    my $middle = length($token) / 2;
    my $other = substr($token, $middle, 1) eq 'A' ? 'B' : 'A';
    my %near = (
        'one character is another' =>
            substr($token, 0, $middle) . $other . substr($token, $middle + 1),
        'the last character is missing' => substr($token, 0, -1),
        'the first character is missing' => substr($token, 1),
        'a character more' => $token . 'A',
        'a space behind it' => "$token ",
        'in capitals' => uc $token,
        'in small letters' => lc $token,
        'the case of one letter' => $token =~ s/([a-z])(?=[^a-z]*\z)/uc $1/er,
        'twice' => $token . $token,
    );
    return %near;
}

sub run_near {
    my ($where) = @_;
    for my $name ('jwt', 'opaque') {
        my %near = near($token{$name});
        for my $says (sort keys %near) {
            is send_row({ token => $near{$says} })->{body}, $inactive,
                "$where: OPQ-04 $name, $says";
        }
        ok is_active(send_row({ token => $name })), '  itself is active';
    }
    return;
}

# What a row leaves to the moment it is sent.
sub send_late {
    my ($rq) = @_;
    my %rq = %$rq;
    my $token = $token{ $rq{token} // 'jwt' };
    $rq{form} = $rq{form}->($rq{hint}) if ref $rq{form} eq 'CODE';
    delete $rq{hint};
    $rq{form} = [token => $token, @{ delete $rq{more} }] if $rq{more};
    $rq{path} = "$path?token=$token" if delete $rq{query};
    $rq{body} = '' if ($rq{method} // '') eq 'GET';
    $rq{auth} = "Bearer $token{jwt}" if delete $rq{bearer};
    return send_row(\%rq);
}

#
# What needs more than a row.
#

sub run_signed {
    my ($where, $keys) = @_;
    my $ask = sub {
        my ($accept, %rq) = @_;
        return send_row({ header => [Accept => $accept], %rq });
    };
    for my $token ('jwt', 'opaque', 'x') {
        my $answer = $ask->($signed, token => $token);
        my $jwt = Jwt::decode($answer->{body});
        is $answer->{header}{'content-type'}[0], $signed,
            "$where: INT-21 the signed form, $token";
        is $answer->{header}{'cache-control'}[0], 'no-store', '  not kept';
        ok $jwt && Jwt::verify($jwt, $keys), '  verifies' or next;
        is $jwt->{header}{typ}, 'token-introspection+jwt', '  its typ';
        my $plain = send_row({ token => $token })->{json};
        my $claims = $jwt->{claims};
        ok abs(delete($claims->{iat}) - time) < 60, '  its time';
        is Jwt::json($claims), Jwt::json({ iss => $issuer, aud => 'rs',
            token_introspection => $plain }), '  says what JSON says';
        is send_row({ token => $answer->{body} })->{body}, $inactive,
            '  and is no token';
    }
    for my $accept ('application/json', '*/*', 'application/*', "$signed;q=0",
        "$signed;q=0.1, application/json") {
        is send_row({ header => [Accept => $accept] })->{header}
            {'content-type'}[0], 'application/json', "  not for $accept";
    }
    my $answer = $ask->($signed, form => []);
    is Rows::summary($answer), $bad, '  an error stays JSON';
    is Rows::summary($ask->($signed, by => undef)), $no, '  so does a 401';
    return;
}

sub run_replay {
    my ($where) = @_;
    for my $id ('rs-private_key_jwt', 'rs-client_secret_jwt') {
        my $text = $callers->assertion($id);
        my @rq = $callers->rq($id, path => $path, assertion => $text,
            form => [token => $token{jwt}]);
        ok is_active($site->token(@rq)), "$where: $id, an assertion";
        is Rows::summary($site->token(@rq)), $no, '  is good once';
        $text = $callers->assertion($id);
        @rq = $callers->rq($id, path => $path, assertion => $text);
        is Rows::summary($site->token(@rq)), $bad,
            '  and not used up by a request without a token';
        @rq = $callers->rq($id, path => $path, assertion => $text,
            form => [token => 'x']);
        is $site->token(@rq)->{body}, $inactive, '  so that it is good then';
        is Rows::summary($site->token(@rq)), $no, '  once';
    }
    return;
}

# A client's life is that of its tokens.
sub run_life {
    my ($where) = @_;
    for my $format ('jwt', 'opaque') {
        my $id = "mortal-$where-$format";
        my @add = ($id, $basic, @order, '--format', $format);
        my $is = sub {
            my ($token, $want, $says) = @_;
            my $answer = send_row({ token => $token });
            ok $want ? is_active($answer) : is_inactive($answer),
                "$where: INT-22 $format, $says" or diag $answer->{body};
        };
        $callers->add(@add);
        my $token = token_of($id);
        $is->($token, 1, 'a token');
        $site->ctl('client', 'disable', $id);
        $is->($token, 0, 'its client is disabled');
        $site->ctl('client', 'enable', $id);
        $site->ctl('client', 'delete', $id, '--yes');
        $is->($token, 0, 'its client is gone');
        Serve::wait_for(sub { time > (Jwt::decode($token)
            // { claims => { iat => time } })->{claims}{iat} });
        sleep 1 if $format eq 'opaque';
        $callers->add(@add);
        $is->($token, 0, 'another client has its id');
        $is->(token_of($id), 1, 'which gets tokens of its own');
    }
    return;
}

sub run_all {
    my ($where) = @_;
    make_tokens();
    Rows::run($_, $where, \&send_late) for @rows;
    run_near($where);
    run_signed($where, $site->get('/oauth2/v1/keys')->{json});
    run_replay($where);
    run_life($where);
    my $log = $site->log_text;
    my @told = grep { index($log, $_) >= 0 } @sent, values %token,
        $callers->secrets;
    is scalar(@told), 0, "$where: no secret and no token is in the log";
    unlike $log, qr/endpoint="introspect" outcome="(?:issued|answered)/,
        "$where: an answer is no line";
    like $log, qr/endpoint="introspect" outcome="invalid_client"/,
        "$where: a refusal is one";
    return;
}

my $meta = $site->start('cgi')
    ->get('/.well-known/oauth-authorization-server')->{json};
is $meta->{introspection_endpoint}, "$issuer$path", 'metadata: the endpoint';
is_deeply [sort @{ $meta->{introspection_endpoint_auth_methods_supported} }],
    [sort(Callers::methods())], '  its methods';
is_deeply $meta->{introspection_signing_alg_values_supported}, ['ES256'],
    '  what answers are signed with';
run_all('cgi');
SKIP: {
    my $missing = Serve->missing('lighttpd');
    skip $missing, 1 if $missing;
    $site->start('lighttpd', Callers::tls('lighttpd'));
    run_all('lighttpd');
}
done_testing();
