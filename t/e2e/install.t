#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# What "make install" puts where, under places that are not the usual ones:
# each installed file names them, and "make uninstall" leaves nothing but what
# the administrator changed.

use strict;
use warnings;
use File::Find;
use File::Temp;
use Test::More;

my $builddir = $ENV{BUILDDIR} // '.';
my $root = File::Temp->newdir('ccgrant-XXXXXX', TMPDIR => 1);

# This make has a job server of its own.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};

sub run_make {
    my ($target) = @_;
    my $log = "$root/log";
    my @places = ('prefix=/opt/cc', 'sysconfdir=/opt/cc/config',
        'localstatedir=/opt/cc/varying', "DESTDIR=$root/at");
    my $command = join ' ', map {"'$_'"} 'make', '-C', $builddir, $target,
        @places;
    my $rc = system "$command >$log 2>&1 </dev/null";
    diag slurp($log) if $rc != 0;
    return $rc;
}

sub slurp {
    my ($file) = @_;
    open my $in, '<', $file or return "$file: $!";
    local $/ = undef;
    return scalar <$in>;
}

sub files {
    my @seen;
    find(sub { push @seen, $File::Find::name if -f }, "$root/at");
    return sort map {s{^\Q$root\E/at}{}r} @seen;
}

my $at     = "$root/at/opt/cc";
my $policy = "$at/config/ccgrant/ccgrant.conf";

is run_make('install-data'), 0, 'make install-data';

# To install programs could compile them, with these places.
is mkdir("$at/sbin"), 1, 'a place for the programs, which stay away';
like slurp($policy), qr{^state = "/opt/cc/varying/lib/ccgrant";$}m,
    'the policy has the state directory under localstatedir';
for my $row (
    ['lighttpd.conf', '/opt/cc/libexec/ccgrant/ccgrant.fcgi'],
    ['lighttpd.conf', '/opt/cc/config/ccgrant/ccgrant.conf'],
    ['lighttpd.conf', '/opt/cc/share/ccgrant/www/'],
    ['apache.conf', '/opt/cc/libexec/ccgrant/ccgrant.fcgi'],
    ['apache.conf', '/opt/cc/config/ccgrant/ccgrant.conf'],
    ['apache-proxy-fcgi.conf', '/opt/cc/libexec/ccgrant/ccgrant.fcgi'],
    ['nginx.conf', '/opt/cc/share/ccgrant;'],
) {
    my ($name, $place) = @$row;
    like slurp("$at/config/ccgrant/examples/$name"), qr{\Q$place\E},
        "$name names $place";
}
for my $name (grep {m{/examples/|ccgrant\.conf$}} files()) {
    unlike slurp("$root/at$name"), qr{/usr/local/(?!bin)|"/var/lib},
        "$name names no usual place";
}
is sprintf('%o', (stat $policy)[2] & 07777), '644', 'the policy is readable';

# The administrator's policy survives both.
open my $out, '>>', $policy or die "$policy: $!\n";
print {$out} "# mine\n";
close $out or die "$policy: $!\n";
is run_make('install-data'), 0, 'make install-data again';
like slurp($policy), qr{^# mine$}m, 'a changed policy is kept';
is run_make('uninstall'), 0, 'make uninstall';
is_deeply [files()], ['/opt/cc/config/ccgrant/ccgrant.conf'],
    'a changed policy alone is left';

is unlink($policy), 1, 'that goes';
is run_make('install-data'), 0, 'make install-data a third time';
is run_make('uninstall'), 0, 'make uninstall again';
is_deeply [files()], [], 'an unchanged policy goes too';

done_testing;
