#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Opaque tokens that wait for the disk together: one flush for several, none
# given before it, and none that was given lost.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use Fcgi;
use Rows;
use Serve;

my $cc = Serve::Server::find_program($ENV{CC} // 'cc');
plan skip_all => 'no compiler for what is preloaded' unless $cc;

# What hangs fails.
local $SIG{ALRM} = sub { die "group.t takes too long\n" };
alarm 1800;

my $site   = Serve->new(policy => "log : { issued = true; };\n");
my $secret = $site->client('vague', '--role', 'order-batch', '--format',
    'opaque');
my $server = $site->client('rs', '--permit', 'introspect');
$site->make_dir('disk');
my $disk = $site->dir . '/disk';
system($cc, '-shared', '-fPIC', '-o', "$disk/disk.so",
    "$Serve::srcdir/t/e2e/disk.c") == 0
    or plan skip_all => 'what is preloaded cannot be compiled';
my %env = (CCGRANT_CONFIG => $site->policy, CCGRANT_DISK => $disk,
    LD_PRELOAD => "$disk/disk.so");

sub flushes { return (-s "$disk/count") // 0 }
sub disk    { return $site->put("disk/$_[0]", '') }
sub mend    { return unlink "$disk/$_[0]" }

# By CGI processes, which share nothing with a worker but the state.
sub is_active {
    my ($token) = @_;
    my %rq = Serve::token_request(basic => ['rs', $server],
        path => '/oauth2/v1/introspect', form => [token => $token]);
    local $site->{kind} = 'cgi';
    my $json = $site->request(%rq)->{json} // {};
    return $json->{active};
}

sub token_of { return $_[0]{json}{access_token} // () }

# How many of each outcome the log has.
sub logged {
    my ($text, $outcome) = @_;
    return scalar(() = $text =~ /outcome="$outcome"/g);
}

#
# One worker, which finds several requests when it wakes.
#

sub start_worker {
    return Fcgi->start([$site->command($site->dir . '/bin/ccgrant.fcgi')],
        \%env);
}

my %rq = Serve::token_request(basic => ['vague', $secret]);

sub records {
    my (%option) = @_;
    return Fcgi::request({ body => $rq{body}, %option },
        Serve::Server::cgi_environment(%rq));
}

sub sent {
    my ($worker, %option) = @_;
    my $conn = $worker->connect;
    $conn->send(records(%option));
    return $conn;
}

sub answer {
    return Serve::decode($_[0]->answer // { status => 0, stderr => '' });
}

sub asleep {
    my ($worker, $code) = @_;
    $worker->signal('STOP');
    Serve::wait_for(sub {
        return (Serve::slurp('/proc/' . $worker->pid . '/stat') // '')
            =~ /\) T /;
    });
    my @got = $code->();
    $worker->signal('CONT');
    return @got;
}

my $worker = start_worker();
my $alone  = answer(sent($worker));
is $alone->{status}, 200, 'one request alone is answered';
cmp_ok flushes(), '>=', 1, '  after a flush';

# On a slow machine few requests are made in the time that answers are held.
my ($n, @answers);
for (1 .. 10) {
    my $before = flushes();
    @answers = map { answer($_) } asleep($worker, sub {
        return map { sent($worker) } 1 .. 24;
    });
    $n = flushes() - $before;
    last if $n <= 12;
}
is scalar(grep { $_->{status} == 200 } @answers), 24, '24 requests at once';
cmp_ok $n, '>=', 1, '  wait for the disk';
cmp_ok $n, '<=', 12, "  together: $n flushes";
my %tokens = map { $_ => 1 } map { token_of($_) } @answers;
is scalar(keys %tokens), 24, '  with a token each';
is scalar(grep { is_active($_) } keys %tokens), 24, '  that is active';
is scalar(grep { logged($_->{stderr}, 'issued') == 1 } @answers), 24,
    '  and a line of log each, on its own connection';

my @kept = asleep($worker, sub {
    return map {
        my $conn = $worker->connect;
        $conn->send(records(keep => 1) . records(keep => 1));
        $conn;
    } 1 .. 4;
});
is scalar(grep { answer($_)->{status} == 200 } @kept, @kept), 8,
    'two requests on each of four connections that are kept';
$_->close for @kept;

my (undef, @others) = asleep($worker, sub {
    my @conns = map { sent($worker) } 1 .. 4;
    $conns[0]->close;
    return @conns;
});
is scalar(grep { answer($_)->{status} == 200 } @others), 3,
    'a connection that is gone meanwhile harms no other';

# Two flushes may be wanted for five, on a slow machine; one fails.
disk('fail');
@answers = map { answer($_) } asleep($worker, sub {
    return map { sent($worker) } 1 .. 5;
});
my @refused = grep { $_->{status} == 503 } @answers;
cmp_ok scalar(@refused), '>=', 1, 'a flush that fails: they are refused';
is scalar(grep { $_->{json}{error} eq 'temporarily_unavailable'
    && !defined token_of($_) && $_->{body} !~ /ccga_/ } @refused),
    scalar(@refused), '  without a token';
is scalar(grep { $_->{header}{'retry-after'} } @refused), scalar(@refused),
    '  for a while';
is scalar(grep { logged($_->{stderr}, 'temporarily_unavailable') == 1
    && !logged($_->{stderr}, 'issued')
    && $_->{stderr} =~ /could not be flushed/ } @refused), scalar(@refused),
    '  and the log says why';
is scalar(grep { !is_active($_) } map { token_of($_) } @answers), 0,
    '  those that have one have a good one';
is answer(sent($worker))->{status}, 200, '  the next is answered';

my @late = asleep($worker, sub {
    my @conns = map { sent($worker) } 1 .. 5;
    $worker->signal('TERM');
    return @conns;
});
@answers = grep { $_->{status} } map { answer($_) } @late;
is $worker->wait, 0, 'told to end in the midst, the worker ends well';
is scalar(grep { $_->{status} != 200 || !is_active(token_of($_)) } @answers),
    0, '  and what it answered is good: ' . @answers;

# Killed in the midst of a flush, while others go on and recover.
my @workers = map { start_worker() } 1 .. 2;
disk('slow');
my @given;

# Who is inside for long is ended when another died: see io/gate.h.
sub has_ended { return waitpid($_[0]->pid, POSIX::WNOHANG()) != 0 }

for my $round (1 .. 60) {
    last if $round > 6 && @given >= 20;
    $workers[1] = start_worker() if has_ended($workers[1]);
    my @conns = map { eval { sent($workers[$_ % 2]) } // () } 0 .. 9;
    sleep 0.005 * (1 + $round % 6);
    $workers[0]->signal('KILL');
    push @given, map { token_of($_) } map { answer($_) } @conns;
    $workers[0]->wait;
    $workers[0] = start_worker();
}
mend('slow');

# Until the last death has been recovered from: then all of them answer, and do
# so once more.
sub all_answer {
    for my $worker (@workers) {
        if (has_ended($worker)) {
            $worker = start_worker();
            return 0;
        }
        my $conn = eval { sent($worker) } or return 0;
        return 0 if answer($conn)->{status} != 200;
    }
    return 1;
}
ok Serve::wait_for(sub { all_answer() && all_answer() }),
    'in the end all of them answer';
cmp_ok scalar(@given), '>=', 20, 'a worker is killed: the other answers';
is scalar(grep { !is_active($_) } @given), 0,
    '  and each token that was received is active';
is $_->stop, 0, '  they end well' for @workers;

#
# Through a real web server.
#

# So many clients at once, each of which asks so often, and then until that
# is so.  Returns the tokens that they got and the other answers.
sub clients {
    my ($clients, $times, $meanwhile, $until) = @_;
    my @out;
    for (1 .. $clients) {
        my $pid = open(my $out, '-|') // die "fork: $!\n";
        if ($pid == 0) {
            for my $n (1 .. 1000) {
                last if $n > $times && (!$until || $until->());
                my $got = $site->token(basic => ['vague', $secret]);
                syswrite STDOUT, (token_of($got) // "none$got->{status}")
                    . "\n";
            }
            POSIX::_exit(0);
        }
        push @out, $out;
    }
    $meanwhile->() if $meanwhile;
    my @lines = map { my $out = $_; my @got = <$out>; @got } @out;
    close $_ for @out;
    chomp @lines;
    return ([grep {/^ccga_/} @lines], [grep { !/^ccga_/ } @lines]);
}

# The processes of this site's responder.
sub workers {
    my $program = $site->dir . '/bin/ccgrant.fcgi';
    return map { m{/(\d+)/exe$} && (readlink($_) // '') eq $program ? $1 : () }
        glob '/proc/[0-9]*/exe';
}

SKIP: {
    my $missing = Serve->missing('lighttpd');
    skip $missing, 1 if $missing;
    $site->start('lighttpd', edit => sub {
        return $_[0] =~ s/("CCGRANT_CONFIG"\s*=>\s*"[^"]*")/$1,
            "CCGRANT_DISK" => "$disk", "LD_PRELOAD" => "$disk\/disk.so"/r;
    });
    disk('slow');
    my ($got, $not, $flushed);
    for (1 .. 10) {
        my $start = flushes();
        ($got, $not) = clients(32, 4);
        $flushed = flushes() - $start;
        last if @$got != 128 || $flushed < 96;
    }
    is scalar(@$got), 128, '32 clients through lighttpd get 128 tokens'
        or diag "others: @$not";
    cmp_ok $flushed, '>', 0, '  after flushes';
    cmp_ok $flushed, '<', 96, "  that are fewer: $flushed";
    is scalar(grep { !is_active($_) } @$got), 0, '  all are active';

    ($got, $not) = clients(16, 4, sub {
        sleep 0.03;
        disk('fail');
        disk('armed');
    }, sub { -e "$disk/armed" && !-e "$disk/fail" });
    ok !-e "$disk/fail", 'a flush fails among those';
    is scalar(grep { $_ ne 'none503' } @$not), 0, '  some are refused: '
        . @$not;
    is scalar(grep { !is_active($_) } @$got), 0,
        '  the others have good tokens';

    ($got, $not) = clients(16, 6, sub {
        for (1 .. 3) {
            sleep 0.05;
            my ($pid) = workers();
            kill 'KILL', $pid if $pid;
        }
    });
    cmp_ok scalar(@$got), '>', 0, 'workers are killed among those';
    is scalar(grep { !is_active($_) } @$got), 0,
        '  each token that was received is active: ' . @$got;
    mend('slow');
}
done_testing();
