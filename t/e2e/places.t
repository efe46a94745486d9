#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# ccgrant backup and restore where something is in the way: a full disk, the
# wrong directory, another backup or restore at the same time.  Each ends with
# one line that says what it is, and nothing is lost.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);
use Dumps;
use Rows;
use Serve;

# File systems are mounted in a name space of this test.
if ($> == 0 && !$ENV{PLACES_TEST}
    && system('unshare -m true 2>/dev/null') == 0) {
    local $ENV{PLACES_TEST} = 1;
    exec 'unshare', '-m', '--propagation', 'private', $^X, $0
        or plan skip_all => 'unshare cannot be run';
}

# What hangs fails.
local $SIG{ALRM} = sub { die "places.t takes too long\n" };
alarm 1800;

my $server = Serve->any;
my $site   = Serve->new;
my $dir    = $site->dir;
my $secret = $site->client('app', '--role', 'order-batch');
my $backup = "$dir/run/backup";
my $many   = "$dir/run/many";
$site->ctl('backup', $_) for $backup, $many;
Dumps::forge($many, 'clients', sub {
    my $records = Dumps::parse($_);
    my $one     = $records->{app};
    my $filler  = 'x' x 1000;
    $records->{"app$_"} = $one =~ s/"id":"app"/"id":"app$_"/r
        =~ s/"name":"/"name":"$filler/r for 1 .. 1500;
    return Dumps::text($records);
});
my $big = Serve->new(init => 0);
$big->ctl('restore', $many);

my @mounted;

sub mount {
    my ($at, $size) = @_;
    my $own = defined $site->{uid} ? ",uid=$site->{uid},gid=$site->{gid}" : '';
    return 0 unless $ENV{PLACES_TEST};
    push @mounted, $at;
    return system("mount -t tmpfs -o size=$size,mode=700$own none '$at'"
        . ' 2>/dev/null') == 0;
}

sub unmount { system("umount -l '$_' 2>/dev/null") for splice @mounted }

# One line, of that kind.
sub fails {
    my ($name, $text, $site, @words) = @_;
    my ($status, $out, $err) = $site->try_ctl(@words);
    return ok $status == 1 && $out eq '' && $err =~ /\Accgrant: [^\n]+\n\z/
        && $err =~ $text, $name || diag "$status $out$err";
}

sub is_sound {
    my ($name, $site, @where) = @_;
    my ($status, $out, $err) = $site->try_ctl('verify', @where);
    return is $status, 0, $name || diag "$out$err";
}

sub ids { return map { $_->{id} } @{ $_[0]->ctl('client', 'list') } }

#
# Where a backup goes to.
#

mkdir "$dir/run/$_" or die for qw(full roots others target left);
$site->own(map {"$dir/run/$_"} qw(full target left));
for my $row (
    ['a dangling symbolic link', qr/symbolic link/, sub {
        symlink "$dir/run/nothing", "$dir/run/dangling"; 'dangling' }],
    ['a symbolic link to an empty directory', qr/symbolic link/, sub {
        symlink "$dir/run/target", "$dir/run/link"; 'link' }],
    ['what an interrupted backup left', qr/left is not empty: name a/, sub {
        $site->put('run/left/clients.dump', "VERSION=3\n"); 'left' }],
    $> == 0 ? ['a directory that it may not write to',
        qr/roots: cannot write clients\.dump: Permission denied/,
        sub { 'roots' }] : (),
    $> == 0 ? ['a place where it may not make one',
        qr/cannot make \S+: Permission denied/, sub { 'roots/new' }] : ()) {
    my ($name, $text, $make) = @$row;
    my $where = "$dir/run/" . $make->();
    fails("backup refuses $name", $text, $site, 'backup', $where);
}
is Serve::slurp("$dir/run/left/clients.dump"), "VERSION=3\n",
    'what was there before stays';
is_deeply [glob "$dir/run/target/* $dir/run/roots/*"], [],
    'and nothing else is written';

SKIP: {
    skip 'this is not root', 2 if $> != 0;
    chown 1, 1, "$dir/run/others" or die;
    my $said = qx($Serve::builddir/ccgrant -c @{[$site->policy]} \\
        backup $dir/run/others 2>&1);
    like $said, qr/others belongs to another user/,
        'root takes a directory from nobody else';
    is +(stat "$dir/run/others")[4], 1, '  whose it stays';
}

SKIP: {
    mount("$dir/run/full", '256k') or skip 'nothing can be mounted here', 6;
    fails('backup refuses a full disk',
        qr/full: cannot write \w+\.dump: No space left on device/, $big,
        'backup', "$dir/run/full");
    is_deeply [glob "$dir/run/full/*"], [], '  and leaves nothing there';
    is_sound('  and the state as it was', $big);
    system("mount -o remount,size=64m $dir/run/full") == 0 or die;
    $big->ctl('backup', "$dir/run/full");
    is_sound('with room there is a backup, on another file system', $big,
        "$dir/run/full");
    my $place = Serve->new(init => 0);
    $place->ctl('restore', "$dir/run/full");
    is_sound('  which is restored', $place);
    is scalar(ids($place)), 1501, '  whole';
    unmount();
}

#
# What is restored.
#

my $copies = 0;

sub copy {
    my ($from) = @_;
    my $to = "$dir/run/copy" . ++$copies;
    system('cp', '-a', $from, $to) == 0 or die "cp failed\n";
    return $to;
}

for my $file (sort map { s{.*/}{}r } glob "$backup/*") {
    my $cut   = copy($backup);
    my $place = Serve->new(init => 0);
    truncate "$cut/$file", (-s "$cut/$file") - 1;
    # The line feed at the end of the manifest says nothing.
    next if $file eq 'MANIFEST';
    fails("restore refuses $file without its last byte",
        qr/$file is damaged/, $place, 'restore', $cut);
    ok !-e $place->dir . '/state', '  and makes nothing';
}
for my $schema (1, 2) {
    my $old      = copy($backup);
    my $manifest = Dumps::manifest($old);
    my @missing  = $schema == 1 ? qw(jwks replay tokens counters)
        : qw(tokens counters);
    delete $manifest->{files}{"$_.dump"} for @missing;
    unlink map {"$old/$_.dump"} @missing;
    $manifest->{schema} = $schema;
    Dumps::put_manifest($old, $manifest);
    my $place = Serve->new(init => 0);
    $place->ctl('restore', $old);
    is_deeply [ids($place)], ['app'], "a backup of schema $schema is restored";
    is_sound('  and sound', $place);
}

#
# Where it is restored to.
#

for my $row (
    ['a state that is a file', qr/state: Not a directory|not a directory/,
        sub { $_->put('state', '') }],
    ['a dangling symbolic link', qr/state: No such file/,
        sub { symlink "$dir/nowhere", $_->dir . '/state' }],
    $> == 0 ? ['a state that it may not write to',
        qr/state: Permission denied|chmod u\+rwx/, sub {
            $_->make_dir('state'); chmod 0500, $_->dir . '/state' }] : ()) {
    my ($name, $text, $make) = @$row;
    my $place = Serve->new(init => 0);
    $make->() for $place;
    fails("restore refuses $name", $text, $place, 'restore', $backup);
}

SKIP: {
    my $place = Serve->new(init => 0);
    my $state = $place->dir . '/state';
    $place->make_dir('state');
    mount($state, '2m') or skip 'nothing can be mounted here', 14;
    fails('restore refuses a disk that is too small',
        qr/[Nn]o space left/, $place, 'restore', $backup);
    fails('  and all refuse what it left', qr/run ccgrant restore again/,
        $place, 'client', 'list');
    system("mount -o remount,size=9m $state") == 0 or die;
    $place->ctl('restore', $backup);
    is_deeply [ids($place)], ['app'], '  with room it is restored';
    note qx(du -k --max-depth 0 $state);
    $place->start('cgi');
    fails('restore over it refuses a disk that is too small',
        qr/no space left in \S+.*nothing is lost/, $place, 'restore', $many,
        '--yes');
    like Rows::summary($place->token(basic => ['app', $secret])),
        qr/^503 /, '  and the state is not served';
    fails('  and all refuse what it left', qr/run ccgrant restore again/,
        $place, 'client', 'list');
    fails('  backup too', qr/run ccgrant restore again/, $place, 'backup',
        "$dir/run/halfway");
    is_deeply [glob "$dir/run/halfway/*"], [], '  which leaves no file';
    fails('again without room', qr/no space left/, $place, 'restore', $many,
        '--yes');
    system("mount -o remount,size=64m $state") == 0 or die;
    $place->ctl('restore', $many, '--yes');
    is scalar(ids($place)), 1501, '  with room it is whole';
    is_sound('  and sound', $place);
    is Rows::summary($place->token(basic => ['app', $secret])), '200',
        '  and served';
    note qx(du -k --max-depth 0 $state);
    unmount();
}

#
# At the same time.
#

# Starts ccgrant; returns what waits for its exit status.
sub start {
    my ($site, $name, @words) = @_;
    my $pid = $site->spawn($name, undef, $site->dir . '/bin/ccgrant', '-c',
        $site->policy, @words);
    return sub {
        waitpid $pid, 0;
        my $status = $?;
        @{ $site->{pids} } = grep { $_ != $pid } @{ $site->{pids} };
        return $status;
    };
}

my (@faults, %n);
for my $round (1 .. 12) {
    my $where = "$dir/run/twice$round";
    my @ends  = map { $_->() } map { start($big, "twice$_", 'backup', $where) }
        1 .. 3;
    my $done = grep { $_ == 0 } @ends;
    push @faults, "round $round: $done" if $done != 1;
    my ($status, $out, $err) = $big->try_ctl('verify', $where);
    push @faults, "round $round: $out$err" if $status != 0;
}
is_deeply \@faults, [],
    'of three backups to one directory one is made, and sound'
    or diag $big->log_text;

@faults = ();
for my $round (1 .. 8) {
    my $where = "$dir/run/while$round";
    my $end   = start($big, 'restore', 'restore', $round % 2 ? $backup : $many,
        '--yes');
    sleep 0.03 * $round;
    my ($status, $out, $err) = $big->try_ctl('backup', $where);
    push @faults, "round $round: restore" if $end->() != 0;
    $n{$status}++;
    if ($status == 0) {
        ($status, $out, $err) = $big->try_ctl('verify', $where);
        push @faults, "round $round: $out$err" if $status != 0;
        my $n = keys %{ Dumps::of_backup($where, 'clients') };
        push @faults, "round $round: $n clients" if $n != 1 && $n != 1501;
    } else {
        push @faults, "round $round: $err"
            if $err !~ /\Accgrant: [^\n]*a restore of \S+ was not finished/;
        push @faults, "round $round: files" if glob "$where/*";
    }
}
is_deeply \@faults, [], 'a backup during a restore is none, or sound: '
    . join ', ', map {"$_ $n{$_}"} sort keys %n;

SKIP: {
    skip 'no web server is installed', 3 unless $server;
    $big->start($server);
    my $stop = "$dir/run/stop";
    my @load = map {
        my $file = "$dir/run/load$_";
        my $pid  = fork // die "fork: $!\n";
        if (!$pid) {
            my %seen;
            while (!-e $stop) {
                my $answer = eval {
                    Rows::summary($big->token(basic => ['app', $secret]));
                } // 'no answer';
                $seen{$answer}++;
            }
            open my $out, '>', $file or POSIX::_exit(1);
            print $out map {"$_\n"} keys %seen;
            close $out;
            POSIX::_exit(0);
        }
        [$pid, $file];
    } 1 .. 3;
    my @ends = map { start($big, 'restore', 'restore',
        $_ % 2 ? $backup : $many, '--yes')->() } 1 .. 6;
    $site->put('run/stop', '');
    waitpid $_->[0], 0 for @load;
    my %seen = map { $_ => 1 } map { split /\n/, Serve::slurp($_->[1]) // '' }
        @load;
    is "@ends", '0 0 0 0 0 0', 'restores while a responder is under load';
    is_deeply [grep { $_ ne '200' && $_ ne '503 temporarily_unavailable' }
        keys %seen], [], '  which answers, or says that it cannot now';
    is Rows::summary($big->token(basic => ['app', $secret])), '200',
        '  and answers then';
    $big->stop;
}
is_sound('the state is sound at the end', $big);

done_testing();

END {
    local $?;
    unmount();
}
