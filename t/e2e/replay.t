#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# An assertion is good for one token (RFC 7523, 3, 7), however many processes
# are shown it at the same moment: workers of a web server, CGI processes on
# the same state, and those that come after them.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);
use Jwt;
use Rows;
use Serve;

my $rounds = 20;
my $once   = '1 x 200';
my $site   = Serve->new;
my $key    = Jwt::make_key($site->dir . '/run/key.pem', 'P-256');
$site->client('es', '--role', 'order-batch', '--auth', 'private_key_jwt',
    '--jwks', $site->put('run/jwks', Jwt::json(Jwt::jwk($key))));

# What hangs fails.
local $SIG{ALRM} = sub { die "replay.t takes too long\n" };
alarm 1800;

my $jti = 0;
my @used;

sub assertion {
    my $text = Jwt::make($key, 'ES256', { alg => 'ES256' }, { iss => 'es',
        sub => 'es', aud => $site->{issuer}, exp => time + 1800,
        jti => "$$-" . ++$jti });
    push @used, $text;
    return $text;
}

sub rq {
    my ($text) = @_;
    return Serve::token_request(form => [grant_type => 'client_credentials',
        client_assertion => $text, client_assertion_type =>
            'urn:ietf:params:oauth:client-assertion-type:jwt-bearer']);
}

# How often each answer came.
sub tally {
    my (@answers) = @_;
    my %n;
    $n{$_}++ for @answers;
    return join ', ', map {"$n{$_} x $_"} sort keys %n;
}

sub once_of {
    my ($n) = @_;
    return "$once, " . ($n - 1) . ' x 401 invalid_client';
}

# The last byte of each request goes out when all others are there.
sub by_connections {
    my (@texts) = @_;
    my @rq   = map { Http::request(rq($_)) } @texts;
    my @conn = map { $site->connect || die "no connection\n" } @texts;
    $conn[$_]->send(substr $rq[$_], 0, -1) for 0 .. $#conn;
    $conn[$_]->send(substr $rq[$_], -1) for 0 .. $#conn;
    return map { Rows::summary(Serve::decode($_->answer
        // { status => 0, body => '' })) } @conn;
}

# CGI processes that wait for each other before they start; then does what
# else is to be done at that moment.  Returns all answers.
sub by_processes {
    my ($texts, $meanwhile) = @_;
    pipe my $wait, my $go or die "pipe: $!\n";
    my @children;
    for my $text (@$texts) {
        my $pid = open(my $out, '-|') // die "fork: $!\n";
        if ($pid == 0) {
            close $go;
            sysread $wait, my $none, 1;
            $site->{calls} = "p$$";
            my $answer = Serve::decode($site->cgi(rq($text)));
            syswrite STDOUT, Rows::summary($answer);
            POSIX::_exit(0);
        }
        push @children, $out;
    }
    close $go;
    my @also = $meanwhile ? $meanwhile->() : ();
    my @answers = map { my $out = $_; local $/; scalar <$out> } @children;
    close $_ for @children;
    return (@also, @answers);
}

# Runs the rounds, and tells what went wrong in any of them.
sub rounds {
    my ($name, $want, $run) = @_;
    my @faults;
    for my $round (1 .. $rounds) {
        my $got = tally($run->());
        push @faults, "round $round: $got" if $got ne $want;
    }
    ok !@faults, "$name, $rounds rounds: $want" or diag join "\n", @faults;
    return;
}

# The processes of this site's responder.
sub workers {
    my $program = $site->dir . '/bin/ccgrant.fcgi';
    return map { m{/(\d+)/exe$} && (readlink($_) // '') eq $program ? $1 : () }
        glob '/proc/[0-9]*/exe';
}

# All that was used is refused, by whatever answers now.
sub all_refused {
    my ($name) = @_;
    my %seen;
    for my $text (@used[-60 .. -1]) {
        my $answer;
        Serve::wait_for(sub {
            $answer = $site->request(rq($text));
            return $answer->{status} !~ /^(?:0|5\d\d)$/;
        });
        $seen{ Rows::summary($answer) }++;
    }
    is join(' ', sort keys %seen), '401 invalid_client', $name;
    is Rows::summary($site->request(rq(assertion()))), '200',
        '  and a fresh one is taken';
    return;
}

$site->start('cgi');
rounds('six CGI processes at once', once_of(6), sub {
    return by_processes([(assertion()) x 6]);
});
is tally(by_processes([map { assertion() } 1 .. 6])), '6 x 200',
    'six CGI processes with six assertions';

SKIP: {
    my $missing = Serve->missing('lighttpd');
    skip $missing, 1 if $missing;
    for my $workers (2, 4) {
        $site->start('lighttpd', edit => sub {
            return $_[0] =~ s/("max-procs"\s*=>\s*)\d+/$1$workers/r;
        });
        rounds("eight connections, $workers workers", once_of(8), sub {
            return by_connections((assertion()) x 8);
        });
    }
    rounds('eight connections with eight assertions', '8 x 200', sub {
        return by_connections(map { assertion() } 1 .. 8);
    });
    rounds('four connections and three CGI processes', once_of(7), sub {
        my $text = assertion();
        return by_processes([($text) x 3], sub {
            return by_connections(($text) x 4);
        });
    });
    $site->start('lighttpd');
    all_refused('after a restart of the server');
    my @pids = workers();
    cmp_ok scalar @pids, '>=', 2, 'there are workers';
    kill 'KILL', @pids;
    all_refused('after the death of all workers');
    $site->start('cgi');
    all_refused('by CGI processes');
}
done_testing();
