#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# What is done for clients and resource servers that cannot be changed: Basic
# credentials that are not form-encoded, scope and aud as arrays, typ JWT; each
# told in the log where it mattered, and nowhere else.  As plain CGI and
# through lighttpd, and each refusal with its control.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use Jwt;
use Rows;
use Serve;

my $orders = 'https://api.example.org/orders';
my $site   = Serve->new;
my @role   = ('--role', 'order-batch');

# Secrets that people chose, and a machine did.
my %text = (tol => '100%+safe=&?:enough', strict => '100%+safe=&?:enough',
    plus => 'one+two+three+four', 'i+d%41' => 'one+two+three+four',
    both => 'one%2Btwo%2Bthree');
$site->client_with($_, $text{$_}, @role, $_ eq 'strict' ? ()
    : qw(--basic tolerant)) for sort keys %text;
my %secret = map { $_->[0] => $site->client(@$_, @role) }
    ['plain'], [qw(auditor --permit introspect)],
    [qw(scope --scope-claim array)], [qw(typ --token-typ JWT)],
    [qw(aud --aud-claim array)],
    [qw(every --scope-claim array --token-typ JWT --aud-claim array)],
    [qw(opaque --format opaque --scope-claim array --token-typ JWT
        --aud-claim array)], [qw(made --basic tolerant)];

sub raw { return 'Basic ' . encode_base64(join(':', @_), '') }
sub encoded { return Serve::basic(@_) }

sub form { return [grant_type => 'client_credentials', @_] }

# A plain request of a client, or as said.
sub ask {
    my ($client, %more) = @_;
    return $site->token(basic => [$client, $secret{$client}], %more);
}

sub jwt { return Jwt::decode($_[0]{json}{access_token} // '') }

my $no = '401 invalid_client';
my @rows;

# What is sent, what must come back, and what the log says of compat.
sub row {
    my ($id, $says, $send, $want, $compat, $check) = @_;
    push @rows, { id => $id, says => $says, send => $send, want => $want,
        check => $check, compat => $compat,
        control => { auth => encoded('tol', $text{tol}) } };
    return;
}

row 'BAS-02', 'tolerant, form-encoded', { auth => encoded('tol', $text{tol}) },
    '200', '';
row 'BAS-30', 'tolerant, as it is', { auth => raw('tol', $text{tol}) }, '200',
    'basic';
row 'BAS-30', 'tolerant, as it is, and a form all the same',
    { auth => raw('plus', $text{plus}) }, '200', 'basic';
row 'BAS-30', 'form-encoded', { auth => encoded('plus', $text{plus}) }, '200',
    '';
row 'BAS-30', 'an id as it is', { auth => raw('i+d%41', $text{'i+d%41'}) },
    '200', 'basic';
row 'BAS-30', 'the id form-encoded',
    { auth => encoded('i+d%41', $text{'i+d%41'}) }, '200', '';
row 'BAS-30', 'the id as it is, and in the body',
    { auth => raw('i+d%41', $text{'i+d%41'}),
        form => form(client_id => 'i+d%41') }, '200', 'basic';
row 'BAS-30', 'another id in the body', { auth => raw('i+d%41',
    $text{'i+d%41'}), form => form(client_id => 'i dA') }, $no, '';
row 'BAS-30', 'neither id in the body', { auth => raw('i+d%41',
    $text{'i+d%41'}), form => form(client_id => 'x') },
    '400 invalid_request', '';
row 'BAS-30', 'a secret that looks form-encoded, as it is',
    { auth => raw('both', $text{both}) }, '200', 'basic';
row 'BAS-30', 'the secret decoded twice',
    { auth => raw('both', 'one+two+three') }, $no, '';
row 'BAS-30', 'a wrong secret with a percent sign',
    { auth => raw('tol', '100%') }, $no, '';
row 'BAS-30', 'a generated secret is the same in both ways',
    { auth => raw('made', $secret{made}) }, '200', '';
row 'BAS-30', 'strict, form-encoded',
    { auth => encoded('strict', $text{strict}) }, '200', '';
row 'BAS-30', 'strict, as it is', { auth => raw('strict', $text{strict}) },
    $no, '';
row 'BAS-30', 'an unknown client', { auth => raw('nobody', $text{tol}) }, $no,
    '';
row 'BAS-10', 'no base64, for a tolerant client',
    { auth => raw('tol', $text{tol}) . '!' }, $no, '';
row 'BAS-12', 'an empty secret', { auth => raw('tol', '') }, $no, '';

sub claims_row {
    my ($id, $says, $client, $compat, %want) = @_;
    row $id, $says, { client => $client, form => form($want{none} ? ()
        : (scope => 'orders.read orders.write')) }, '200', $compat, sub {
        my $jwt = jwt($_[0]);
        return $jwt->{header}{typ} eq ($want{typ} // 'at+jwt')
            && eq_array([$jwt->{claims}{scope}], [$want{scope}
                // 'orders.read orders.write'])
            && eq_array([$jwt->{claims}{aud}], [$want{aud} // $orders])
            && $_[0]{json}{scope} eq 'orders.read orders.write';
    };
    return;
}

my @both = (scope => [qw(orders.read orders.write)]);
claims_row 'ATJ-01', 'a token by the rules', 'plain', '';
claims_row 'ATJ-17', 'scope as an array', 'scope', 'scope-claim', @both;
claims_row 'ATJ-17', 'typ JWT', 'typ', 'token-typ', typ => 'JWT';
claims_row 'ATJ-17', 'one aud as an array', 'aud', 'aud-claim',
    aud => [$orders];
claims_row 'ATJ-17', 'all of it', 'every', 'scope-claim token-typ aud-claim',
    @both, typ => 'JWT', aud => [$orders];

sub send_row {
    my ($row) = @_;
    my %rq = %$row;
    my $client = delete $rq{client};
    return defined $client ? ask($client, %rq) : $site->token(%rq);
}

# What a request adds to the log, which it has to if a line is wanted.
sub new_lines {
    my ($do, $is_wanted) = @_;
    my $before = $site->log_text;
    my $answer = $do->();
    my $after;
    Serve::wait_for(sub {
        $after = $site->log_text;
        return length $after > length $before;
    }, $is_wanted || $answer->{status} != 200 ? 60 : 0.2);
    my %seen;
    $seen{$_}++ for split /\n/, $before;
    return join "\n", grep { !$seen{$_}-- } split /\n/, $after;
}

sub run_log {
    my ($where) = @_;
    for my $row (@rows) {
        my $said = new_lines(sub { send_row($row->{send}) },
            $row->{compat} ne '');
        my ($compat) = $said =~ /compat="([^"]*)"/;
        is $compat // '', $row->{compat},
            "$where: what the log says of $row->{says}";
    }
    my $said = new_lines(sub {
        $site->token(auth => raw('strict', $text{strict}));
    });
    like $said, qr/not form-encoded.*--basic tolerant/,
        "$where: the log says what ails a strict client's secret";
    return;
}

# The signature is right under another typ, too, and introspection knows it.
sub run_tokens {
    my ($where) = @_;
    my $keys = $site->get('/oauth2/v1/keys')->{json};
    for my $client (qw(plain typ every opaque)) {
        my $token = ask($client)->{json}{access_token};
        if ($client ne 'opaque') {
            ok Jwt::verify(Jwt::decode($token), $keys),
                "$where: the signature, for $client";
        }
        my $told = $site->token(path => '/oauth2/v1/introspect',
            basic => ['auditor', $secret{auditor}], form => [token => $token]);
        ok $told->{json}{active}, "$where: active at introspection: $client";
        next if $client ne 'opaque';
        is $told->{json}{scope}, 'orders.read orders.write',
            "$where: an opaque token has a scope as RFC 7662 has it";
        is $told->{json}{aud}, $orders, "$where: and one aud";
    }
    return;
}

for my $server ('cgi', Serve->missing('lighttpd') ? () : 'lighttpd') {
    $site->start($server);
    Rows::run($_, $server, \&send_row) for @rows;
    run_tokens($server);
    run_log($server);
    my $log = $site->log_text;
    is scalar(grep { index($log, $_) >= 0 } values %text, values %secret), 0,
        "$server: no secret is in the log";
}

like +($site->try_ctl(qw(client show every)))[1],
    qr/compatibility\s+scope-claim array, token-typ JWT, aud-claim array/,
    'client show tells of it';
is_deeply $site->ctl(qw(client show tol))->{compat}, ['basic'],
    'in JSON, too';
$site->ctl('client', 'set', 'every', '--scope-claim', 'string',
    '--token-typ', '', '--aud-claim', 'string');
is_deeply $site->ctl(qw(client show every))->{compat}, [],
    'and goes back to the default';
for my $row ([qw(--basic lax)], [qw(--scope-claim list)],
    [qw(--token-typ jwt)], [qw(--aud-claim both)]) {
    my ($status, undef, $why) = $site->try_ctl('client', 'set', 'every',
        @$row);
    is $status, 1, "@$row is refused";
    like $why, qr/$row->[0]: there is no "$row->[1]"/, 'and said why';
}
done_testing();
