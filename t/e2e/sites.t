#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Several issuers in one worker: the web server names the policy of a request
# with CCGRANT_CONFIG, as nginx does with fastcgi_param.  No header can.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Fcgi;
use Jwt;
use Serve;

my @sites = (Serve->new, Serve->new(issuer => 'https://second.example.org',
    limits => "limits : { body = 100000; };\n"));
my @secrets = map { $_->client('demo', '--role', 'order-batch') } @sites;
my $worker = Fcgi->start([$sites[0]->command($sites[0]->dir . '/bin/ccgrant.fcgi')],
    { CCGRANT_CONFIG => $sites[0]->policy });

# One request with more variables and body.
sub ask {
    my ($secret, $more, %variables) = @_;
    my %rq  = Serve::token_request(basic => ['demo', $secret]);
    my %env = Serve::Server::cgi_environment(%rq);
    delete $env{CCGRANT_CONFIG};
    $env{CONTENT_LENGTH} = length($rq{body} . $more);
    my $conn = $worker->connect;
    $conn->send(Fcgi::request({ body => $rq{body} . $more }, %env, %variables));
    return Serve::decode($conn->answer);
}

sub issuer {
    my ($answer) = @_;
    return "status $answer->{status}" if $answer->{status} != 200;
    return Jwt::decode($answer->{json}{access_token})->{claims}{iss};
}

my ($first, $second) = map { $_->policy } @sites;
my $first_issuer = issuer(ask($secrets[0], ''));
my $long = '&x=' . 'y' x 80_000;

my @rows = (
    ['without the variable it is the worker\'s own policy',
        $secrets[0], '', {}, $first_issuer],
    ['the variable names another policy',
        $secrets[1], '', { CCGRANT_CONFIG => $second }, 'https://second.example.org'],
    ['the variable names the first one again',
        $secrets[0], '', { CCGRANT_CONFIG => $first }, $first_issuer],
    ['an empty variable is an absent one',
        $secrets[0], '', { CCGRANT_CONFIG => '' }, $first_issuer],
    ['a client of the first is none of the second',
        $secrets[0], '', { CCGRANT_CONFIG => $second }, 'status 401'],
    ['a client of the second is none of the first',
        $secrets[1], '', {}, 'status 401'],
    ['a header of that name chooses nothing',
        $secrets[1], '', { HTTP_CCGRANT_CONFIG => $second }, 'status 401'],
    ['a policy that is not there is 503',
        $secrets[0], '', { CCGRANT_CONFIG => "$first.none" }, 'status 503'],
    ['the limit of the body is the policy\'s: the first',
        $secrets[0], $long, {}, 'status 413'],
    ['the limit of the body is the policy\'s: the second',
        $secrets[1], $long, { CCGRANT_CONFIG => $second }, 'https://second.example.org'],
);

for my $row (@rows) {
    my ($sentence, $secret, $more, $variables, $expected) = @$row;
    is issuer(ask($secret, $more, %$variables)), $expected, $sentence;
}

my @answers = map { ask($secrets[0], '', CCGRANT_CONFIG => "$first.$_") } 1 .. 40;
is scalar(grep { $_->{status} == 503 } @answers), 40, 'many policies that are not there';
like $answers[-1]{stderr}, qr/\Q$first.40\E: No such file/, '  are each refused with the reason';
is issuer(ask($secrets[1], '', CCGRANT_CONFIG => $second)),
    'https://second.example.org', '  take the place of none that is';
is issuer(ask($secrets[0], '')), $first_issuer, '  nor of the first';
is $worker->stop, 0, 'the worker ends well';

done_testing();
