#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Makefile.am names each file of the tree, and no file that is not there: a
# test that is not listed would never run, a page never be installed.

use strict;
use warnings;
use File::Find;
use Test::More;

my $srcdir = $ENV{SRCDIR} // '.';

open my $fh, '<', "$srcdir/Makefile.am" or die "Makefile.am: $!\n";
my $makefile = do { local $/; <$fh> };
close $fh;
my %listed = map { $_ => 1 }
    $makefile =~ m{(?<![\w./-])((?:src|t|etc|www)/[\w./-]+)}g;

# Made in a build within the tree.
my $made = qr{\.(?:[oa]|log|trs)$|^t/(?:unit|kill|fuzz)/.*\.t$|/\.(?:deps|dirstamp)}x;

my %there;
find({ no_chdir => 1, wanted => sub {
    my $name = s{^\Q$srcdir\E/}{}r;
    $there{$name} = 1 if -f && $name !~ $made;
} }, grep { -e } map {"$srcdir/$_"} qw(src t etc www));

sub none {
    my ($name, @found) = @_;
    ok !@found, $name or diag join "\n", map {"  $_"} @found;
}

# A program of the tests is listed by its name, made of the .c file of it.
sub is_listed {
    my ($name) = @_;
    return $listed{$name} || $name =~ m{^t/unit/(\w+)\.c$}
        && $listed{"t/unit/$1.t"} || $name =~ m{^(t/.*)\.c$} && $listed{$1};
}

sub is_there {
    my ($name) = @_;
    return $there{$name} || $name =~ $made && $name !~ m{^t/(?:unit|kill|fuzz)/}
        || $name =~ m{^(t/\w+/\w+)\.t$} && $there{"$1.c"}
        || $there{"$name.c"};
}

none 'each file is named in Makefile.am',
    grep { !is_listed($_) } sort keys %there;
none 'Makefile.am names no file that is missing',
    grep { !is_there($_) && !-d "$srcdir/$_" } sort keys %listed;

done_testing();
