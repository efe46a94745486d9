#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The table of rules against ccgrant.fcgi(8): each is in both, as the table has
# it, and nothing else is; and each is used, its key is one of the policy and
# its option one of the command.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use Test::More;
use Text qw(output slurp);

my $srcdir   = $ENV{SRCDIR}   // '.';
my $builddir = $ENV{BUILDDIR} // '.';
my $program  = "$builddir/ccgrant";

plan skip_all => "no $program" unless -x $program;

my $rules = JSON::PP->new->utf8->decode(
    output($program, '--json', 'explain', '--rules'));
my ($section) = slurp("$srcdir/src/ccgrant.fcgi.8")
    =~ /^\.Ss Rules\n(.*?)^\.S[sh] /ms;
my (@names, %text);
while ($section =~ /^\.It Li (\S+)\n(.*?)(?=^\.)/msg) {
    push @names, $1;
    $text{$1} = join ' ', split ' ', $2;
}
is_deeply \@names, [map { $_->{rule} } @$rules],
    'the manual has the rules of the table, in their order';
for my $rule (@$rules) {
    my @from = ($rule->{clause} || (),
        $rule->{key} ? "policy: $rule->{key}" : (),
        $rule->{option} ? "record: $rule->{option}" : ());
    is $text{ $rule->{rule} } // '', $rule->{sentence}
        . (@from ? ' (' . join('; ', @from) . ')' : '') . '.',
        "$rule->{rule}: in the manual as in the table";
}

# Each is the reason of something, in a file that is not the table.
my $source = join '', map { slurp($_) }
    grep { !m{/rule\.[ch]$} } glob("$srcdir/src/*.c $srcdir/src/core/*.c");
my ($table) = slurp("$srcdir/src/core/rule.c");
while ($table =~ /\[(RULE_\w+)\] = \{"([^"]+)"/g) {
    my ($constant, $name) = ($1, $2);
    like $source, qr/\b$constant\b/, "$name: something is refused by it";
}

my %key = map { (split /\t/)[0] => 1 }
    -x "$builddir/t/style/keys"
    ? split /\n/, output("$builddir/t/style/keys") : ();
my $help = output($program, 'client', 'set', '--help');
for my $rule (@$rules) {
    my ($key, $option) = @$rule{qw(key option)};
    ok $key{$key} || $key =~ /^(?:resources|details)$/,
        "$rule->{rule}: $key is a key of the policy" if $key ne '' && %key;
    ok $help =~ /^  --\Q$option\E /m || $option =~ /^(?:disable|secret)$/,
        "$rule->{rule}: $option is an option of client set"
        if $option ne '';
}

done_testing;
