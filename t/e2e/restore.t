#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# ccgrant restore, killed before each call that changes something on the disk,
# enters the database or leaves it: what is there then is as it was, or whole,
# or refused by everybody with the one thing that is to be done.  The short
# form leaves most calls out; CCGRANT_KILLS=1000 takes every one.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Test::More;
use Dumps;
use Rows;
use Serve;

my $cc = Serve::Server::find_program($ENV{CC} // 'cc');
plan skip_all => 'no compiler for what is preloaded' unless $cc;

# What hangs fails.
local $SIG{ALRM} = sub { die "restore.t takes too long\n" };
alarm 3000;

my $every = ($ENV{CCGRANT_KILLS} // 0) >= 1000;
my $again = qr/\Accgrant: a restore of \S+ was not finished: /;
$again = qr/${again}run ccgrant restore again\n\z/;

my $site = Serve->new;
my $dir  = $site->dir;
my $so   = "$dir/run/death.so";
system($cc, '-shared', '-fPIC', '-o', $so,
    "$Serve::srcdir/t/e2e/death.c") == 0
    or plan skip_all => 'what is preloaded cannot be compiled';
system("LD_PRELOAD='$so' '$dir/bin/ccgrant' --version >'$dir/run/out' 2>&1")
    == 0 or plan skip_all => 'nothing can be preloaded into this build';

# Two backups of one server; the second has a client and a token more.
$site->start('cgi');
my %secret = (app => $site->client('app', '--role', 'order-batch',
    '--format', 'opaque'));
is Rows::summary($site->token(basic => ['app', $secret{app}])), '200',
    'a token is issued';
my ($old, $new) = map {"$dir/run/$_"} qw(old new);
$site->ctl('backup', $old);
$site->ctl('client', 'delete', 'app', '--yes');
$secret{more} = $site->client('more', '--role', 'order-batch', '--format',
    'opaque');
$secret{late} = $site->client('late');
$site->token(basic => ['more', $secret{more}]);
$site->ctl('backup', $new);

# Restores the second one; returns whether it came to its end, and the number
# of calls.
sub restore {
    my ($place, $death) = @_;
    my $count = $place->dir . '/run/count';
    unlink $count;
    my $pid = do {
        local $place->{env} = { LD_PRELOAD => $so, CCGRANT_DEATH => $death,
            CCGRANT_DEATH_COUNT => $count };
        $place->spawn('restore', undef, $place->dir . '/bin/ccgrant', '-c',
            $place->policy, 'restore', $new, '--yes');
    };
    waitpid $pid, 0;
    my $status = $?;
    @{ $place->{pids} } = grep { $_ != $pid } @{ $place->{pids} };
    return ($status, (Serve::slurp($count) // 0) + 0);
}

sub ids {
    my ($place) = @_;
    my ($status, $out) = $place->try_ctl('--json', 'client', 'list');
    return "exit status $status" if $status != 0;
    return join ' ', map { $_->{id} } @{ JSON::PP->new->decode($out) };
}

sub files_of {
    my ($place) = @_;
    return map { s{.*/}{}r } glob $place->dir . '/state/*';
}

sub answer_of {
    my ($place, $id) = @_;
    return Rows::summary($place->token(basic => [$id, $secret{$id}]));
}

# What is there: one of the words below, or what is wrong.
sub look {
    my ($place, $before) = @_;
    my ($status, $out, $err) = $place->try_ctl('client', 'list');
    if ($status == 0) {
        my $ids = ids($place);
        return "half of the clients: $ids"
            if $ids ne 'late more' && $ids ne $before->{ids};
        my $is = $ids eq 'late more' ? 'after' : 'before';
        my $id = $is eq 'after' ? 'more' : $before->{id};
        return $is if !defined $id;
        my $answer = answer_of($place, $id);
        return $answer eq '200' ? $is : "it answers $answer";
    }
    if (!defined $before->{ids} && $err !~ $again) {
        my @files = grep { !/\Arestoring\.\d+\.part\z/ } files_of($place);
        return "left behind: @files" if @files;
        return $err =~ /make it with ccgrant init\n\z/ ? 'before' : $err;
    }
    return $err if $err !~ $again;
    my $answer = answer_of($place, 'more');
    return "it answers $answer" if $answer !~ /^503 /;
    ($status, $out, $err) = $place->try_ctl('init');
    return "init: $status $err" if $status != 1 || $err !~ $again;
    return 'refused';
}

# The same again, and nothing is left of the one that was killed.
sub finish {
    my ($place) = @_;
    my ($status, $out, $err) = $place->try_ctl('restore', $new, '--yes');
    return "again: $err" if $status != 0;
    my $ids = ids($place);
    return "again: half of the clients: $ids" if $ids ne 'late more';
    my $answer = answer_of($place, 'more');
    return "again: it answers $answer" if $answer ne '200';
    my @left = grep {/part|restoring/} files_of($place);
    return "again: left behind: @left" if @left;
    ($status, $out, $err) = $place->try_ctl('verify');
    return $status == 0 ? '' : "again: $out$err";
}

# name, how to make it, the clients before, one that gets tokens then
my @rows = (
    ['in a new place', sub { Serve->new(init => 0) }, {}],
    ['in a state as init leaves it', sub { Serve->new }, { ids => '' }],
    ['in a state in use', sub {
        my $place = Serve->new(init => 0);
        $place->ctl('restore', $old);
        return $place;
    }, { ids => 'app', id => 'app' }],
);

for my $row (@rows) {
    my ($name, $make, $before) = @$row;
    my $place = $make->();
    $place->start('cgi');
    my $state = $place->dir . '/state';
    my $kept  = $place->dir . '/kept';
    -d $state && system('cp', '-a', $state, $kept) == 0
        || !-d $state or die "cp failed\n";
    my ($status, $calls) = restore($place, 0);
    is $status, 0, "$name: $calls calls";
    cmp_ok $calls, '>=', 20, '  which are met';
    my $step = $every ? 1 : POSIX::ceil($calls / 24);
    my (%n, @faults);
    for (my $at = 1; $at <= $calls; $at += $step) {
        system('rm', '-rf', $state) == 0 or die "rm failed\n";
        system('cp', '-a', $kept, $state) == 0 or die "cp failed\n"
            if -d $kept;
        restore($place, $at); # the last ones may live: the number varies
        my $what = look($place, $before);
        $n{$what}++;
        push @faults, "$at: $what" if $what !~ /\A(?:before|refused|after)\z/;
        my $end = finish($place);
        push @faults, "$at: $end" if $end ne '';
    }
    is_deeply \@faults, [], "$name, killed: as it was, whole, or refused by "
        . 'all until it is run again';
    cmp_ok $n{refused} // 0, '>=', 3, '  which it is: ' . join ', ',
        map {"$_ $n{$_}"} sort keys %n;
}

done_testing();
