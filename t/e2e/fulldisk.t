#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# A full disk: on a file system of its own, in a mount name space of this test.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Fcgi;
use Serve;

if (!$ENV{FULLDISK_TEST}) {
    plan skip_all => 'only root can mount a file system' if $> != 0;
    system('unshare -m true 2>/dev/null') == 0
        or plan skip_all => 'no mount name space can be made here';
    local $ENV{FULLDISK_TEST} = 1;
    exec 'unshare', '-m', '--propagation', 'private', $^X, $0
        or plan skip_all => 'unshare cannot be run';
}

my $site = Serve->new(init => 0);
my ($dir, $state) = ($site->dir, $site->dir . '/state');
$site->make_dir('state');
system("mount -t tmpfs -o size=8m,mode=770,uid=$site->{uid},gid=$site->{gid}"
    . " none $state 2>/dev/null") == 0
    or plan skip_all => 'no file system can be mounted here';

# What is made is as large on many processors.
my $so = "$dir/run/processors.so";
my $cc = Serve::Server::find_program($ENV{CC} // 'cc');
system($cc, '-shared', '-fPIC', '-o', $so,
    "$Serve::srcdir/t/e2e/processors.c") == 0
    or plan skip_all => 'what is preloaded cannot be compiled';
{
    local $site->{env} = { LD_PRELOAD => $so };
    my ($status, undef, $err) = $site->try_ctl('init');
    is $status, 0, 'a new state fits there on 256 processors' or diag $err;
}
my $secret = $site->client('demo', '--role', 'order-batch');

sub fill {
    open my $fh, '>', "$state/filler" or die "filler: $!\n";
    my $n = 0;
    for my $size (65536, 4096) {
        $n += $size while syswrite $fh, "\0" x $size;
    }
    close $fh;
    return $n;
}

sub empty { return unlink "$state/filler" }

sub start_worker {
    return Fcgi->start([$site->command("$dir/bin/ccgrant.fcgi")],
        { CCGRANT_CONFIG => $site->policy });
}

sub ask {
    my ($worker) = @_;
    my %rq  = Serve::token_request(basic => ['demo', $secret]);
    my $conn = $worker->connect;
    $conn->send(Fcgi::request({ body => $rq{body} },
        Serve::Server::cgi_environment(%rq)));
    return Serve::decode($conn->answer // { status => 0, stderr => '' });
}

my $running = start_worker();
is ask($running)->{status}, 200, 'a worker serves';

sub ids { return sort map { $_->{id} } @{ $site->ctl(qw(client list)) } }
my @before = ids();

cmp_ok fill(), '>', 65536, 'the disk is full';
is ask($running)->{status}, 200, 'the worker goes on serving';
my $late   = start_worker();
my $answer = ask($late);
if ($answer->{status} == 200) {
    pass 'a new worker can serve';
} else {
    is "$answer->{status} " . ($answer->{json}{error} // ''),
        '503 temporarily_unavailable', 'a new worker answers 503 with JSON';
    like $answer->{stderr}, qr/no space left in \Q$state\E/,
        '  and says why';
}

# A change may fit in what is left of a page or a log file: until one does not.
my ($status, $out, $err);
my @added;
for my $n (1 .. 2000) {
    ($status, $out, $err) = $site->try_ctl('--json', 'client', 'add', "c$n",
        '--description', 'x' x 250);
    last if $status != 0;
    push @added, "c$n";
}
is $status, 1, 'a change is refused';
like $err, qr/no space left in \Q$state\E/, '  and the command says why';
is scalar(split /\n/, $err), 1, '  in one line';
is ask($running)->{status}, 200, 'the worker goes on serving';

empty();
is +($site->try_ctl('client', 'add', 'late'))[0], 0,
    'with room again, a change is made';
is_deeply [ids()], [sort @before, @added, 'late'],
    '  and what was acknowledged is there';
for my $worker ($running, $late) {
    is ask($worker)->{status}, 200, 'the same worker serves';
    is $worker->stop, 0, '  and ends well';
}
done_testing();

END {
    local $?;
    system("umount -l $state 2>/dev/null") if defined $state;
}
