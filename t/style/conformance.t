#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The conformance table of HACKING names code and tests that exist.

use strict;
use warnings;
use Test::More;

my $source = $ENV{SRCDIR} // '.';

sub read_file {
    my ($name) = @_;
    open(my $file, '<', "$source/$name") or return;
    local $/;
    return scalar <$file>;
}

my ($table) = read_file('HACKING') =~ /^CONFORMANCE\n(.*)\z/ms;
my @rows = map { [split /\s{2,}/] } grep { /\S/ } split(/\n/, $table // '');
shift @rows;    # the heading
cmp_ok(scalar @rows, '>=', 20, 'HACKING has a conformance table');

for my $row (@rows) {
    my (undef, $clause, $code, $test) = @$row;
    my ($file, $case) = split(/ /, $test);
    my $path = $code =~ m{^src/} ? $code : "src/$code";
    ok(defined read_file($path), "$clause: $code exists");
    my $text = read_file($file);
    ok(defined $text && (!$case || $text =~ /\b\Q$case\E\b/),
        "$clause: $test exists");
}
done_testing();
