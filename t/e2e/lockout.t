#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Who fails, and has to wait: what counts as a failure of authentication, and
# that the log and the command have the same names for who it was.  In plain
# CGI, where nothing but the store knows.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 'encode_base64';
use Test::More;
use Jwt;
use Serve;

my $site = Serve->new(limits => "limits : { failures = 3; };\n",
    policy => "networks = [ \"127.0.0.0/8\" ];\n");
my @role = ('--role', 'order-batch');
my %secret = map { my ($id, @options) = @$_;
        ($id => $site->client($id, @role, @options)) }
    ['app'], ['near', '--network', '127.0.0.99'], ['off'],
    ['over', '--expires', '2020-01-01'],
    ['post', '--auth', 'client_secret_post'],
    ['hmac', '--auth', 'client_secret_jwt', '--network', '127.0.0.99'];
$site->ctl('client', 'disable', 'off');
my $key = Jwt::make_key($site->dir . '/run/key.pem', 'P-256');
$site->ctl('client', 'add', 'keys', @role, '--auth', 'private_key_jwt',
    '--network', '127.0.0.99', '--jwks', $site->put('run/keys.jwks',
        Jwt::json({ keys => [Jwt::jwk($key, kid => 'k')] })));
my ($made, $last) = (0, 0);

# From there; a new address when there is none.
sub token {
    my ($from, %rq) = @_;
    return $site->token(env => { REMOTE_ADDR => $from }, %rq);
}

sub address { return '127.0.0.' . (100 + $last++) }

sub basic {
    my ($id, $secret) = @_;
    return (basic => [$id, $secret // $secret{$id}]);
}

# As it is, without form-encoding.
sub raw {
    my ($pair) = @_;
    return (header => [Authorization => 'Basic ' . encode_base64($pair, '')]);
}

sub body {
    my ($id, $secret) = @_;
    return (form => [grant_type => 'client_credentials', client_id => $id,
        client_secret => $secret // $secret{$id}]);
}

sub assertion {
    my ($id, %claims) = @_;
    my $file = $id eq 'keys' ? $key
        : $site->put('run/secret' . ++$made, $secret{$id});
    my $alg = $id eq 'keys' ? 'ES256' : 'HS256';
    return (form => [grant_type => 'client_credentials',
        client_assertion => Jwt::make($file, $alg, { alg => $alg }, {
            iss => $id, sub => $id, aud => $site->{issuer}, exp => time + 60,
            jti => 'jti' . ++$made, %claims }),
        client_assertion_type =>
            'urn:ietf:params:oauth:client-assertion-type:jwt-bearer']);
}

sub list { return @{ $site->ctl('lockout', 'list') } }

sub from_there {
    my ($from) = @_;
    return grep { $_->{network} eq $from } list();
}

# The fields of the last line of the log.
sub logged {
    my ($line) = $site->log_text =~ /^([^\n]*outcome=[^\n]*)\n\z/m
        ? $1 : die "nothing is logged\n";
    my %field;
    $field{$1} = $2 while $line =~ /(\w+)="((?:[^"\\]|\\.)*)"/g;
    return \%field;
}

# Asks until it has to wait: each time of waiting is twice as long, so that it
# comes to that on any machine.  Returns how often it was refused.
sub fail_until_waiting {
    my ($from, $make) = @_;
    for my $n (0 .. 30) {
        my $answer = token($from, $make->());
        return $n if $answer->{status} == 429;
        return "status $answer->{status}" if $answer->{status} != 401;
    }
    return 'never';
}

$site->start('cgi');
# Counting begins anew at the full quarters.
my $left = 900 - time % 900;
sleep $left + 1 if $left < 120;

for my $row (
    ['a wrong secret', 'app', sub { basic('app', 'wrong') }],
    ['a client that is not there', 'nobody', sub { basic('nobody', 'x') }],
    ['a right secret from where the client may not come', 'near',
        sub { basic('near') }],
    ['a right secret of a disabled client', 'off', sub { basic('off') }],
    ['a right secret of an expired client', 'over', sub { basic('over') }],
    ['a right secret by another method', 'post', sub { basic('post') }],
    ['a right assertion from where the client may not come', 'hmac',
        sub { assertion('hmac') }],
    ['an assertion that is over', 'hmac',
        sub { assertion('hmac', exp => time - 600) }],
    ['ids that only one reading of Basic can have', 'a+b',
        sub { raw('a+b:wrong') }],
    ['ids that no client can have', '', sub { body('a b', 'wrong') }],
    ['whatever they are', '', sub { body("a\tb", 'wrong') }],
    ['or too long', '', sub { body('a' x 300, 'wrong') }],
) {
    my ($says, $id, $make) = @$row;
    my $from = address();
    my $refused = fail_until_waiting($from, $make);
    like $refused, qr/\A\d{1,2}\z/, "$says: waits";
    cmp_ok $refused, '>=', 3, '  after three at least';
    my ($pair) = grep { defined $_->{client} } from_there($from);
    is $pair->{client}, $id, '  and is listed as who it is';
    my $log = logged();
    is $log->{rule}, 'limits.lockout', '  as the log has it';
    is $log->{client}, $id, '  by the same id' if $id ne '';
    my $whose = $id eq '' ? 'impossible ids' : 'this client';
    like $log->{reason}, qr/\A\Q$pair->{failures}\E\ failures\ of\ \Q$whose\E
        \ from\ \Q$from\E:\ until\ /x, '  and by the same words';
}

is token('127.0.0.99', basic('near'))->{status}, 200,
    'from its own network a client has a token meanwhile';
is token('127.0.0.99', assertion('hmac'))->{status}, 200,
    'and with an assertion';
is token('127.0.0.98', basic('app'))->{status}, 200,
    'from another network than where somebody guesses, too';

# What is no failure of a shared secret.
{
    my $from = address();
    is_deeply [map { token($from, assertion('keys'))->{status} } 1 .. 12],
        [(401) x 12], 'who signs with a private key never waits, though he '
        . 'may not come from there';
    is_deeply [map { token($from, basic('app'), form => [grant_type =>
        'client_credentials', scope => 'no.such'])->{status} } 1 .. 12],
        [(400) x 12], 'nor who is refused for what he wants';
    is_deeply [from_there($from)], [], 'and nothing is counted';
}

# What is printed.
{
    my $from = address();
    token($from, basic($_, 'wrong')) for qw(app app near off);
    my @rows = list();
    is_deeply \@rows, [sort { $b->{until} <=> $a->{until}
            || $b->{failures} <=> $a->{failures} } @rows],
        'who waits longest is listed first, then who failed most';
    is_deeply [map { $_->{failures} } from_there($from)], [4, 2, 1, 1],
        '  of one address, too';
}
my ($status, $out) = $site->try_ctl('lockout', 'list');
like $out, qr/^impossible\ ids\ +127\.0\.0\.\d+\ +\d+\ +(?:20|-)/mx,
    'for people impossible ids have that name';
is $site->ctl('lockout', 'clear', '--client', 'a b', '--yes')->{cleared}, 3,
    'whoever of them is named, all are cleared';
is scalar(grep { ($_->{client} // '-') eq '' } list()), 0, 'and gone';
is $site->ctl('lockout', 'clear', '--client', 'a+b', '--yes')->{cleared}, 1,
    'an id as the log has it is cleared';

# What is counted is sound, and kept: the number of all new failures too.
{
    token(address(), basic('app', 'wrong'));
    ($status, $out) = $site->try_ctl('verify');
    is $status, 0, 'verify finds nothing damaged in it' or diag $out;
    is $site->ctl('backup', $site->dir . '/run/copy')->{left_out} // 0, 0,
        'backup leaves none of it out';
    is $site->ctl('purge')->{removed}{damaged}, 0,
        'and purge takes none of it';
    ($status, $out, my $err) = $site->try_ctl('restore',
        $site->dir . '/run/copy', '--yes');
    is $status, 0, 'nor does restore refuse it' or diag $err;
}

done_testing;
