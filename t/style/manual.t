#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The table of commands, as --help prints it, against ccgrant(8): each command
# and each option is in both, with the same arguments, and nothing else is.
# What all texts for users call is in the table, too.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Text qw(output slurp);

my $srcdir   = $ENV{SRCDIR}   // '.';
my $builddir = $ENV{BUILDDIR} // '.';
my $program  = "$builddir/ccgrant";

plan skip_all => "no $program" unless -x $program;

# The options of a help text, by the heading that they stand under.
sub options_of {
    my ($text, $heading) = @_;
    my ($part) = $text =~ /^\Q$heading\E:\n(.*?)(?:^$|\z)/ms or return ();
    return map { /^  (?:-\w, )?--([\w-]+)/ ? $1 : () } split /\n/, $part;
}

# "client add" => "ID", by the help of all.
my $help = output($program, '--help');
my ($list) = $help =~ /^Commands:\n(.*?)^$/ms;
my %arguments;
for my $line (split /\n/, $list) {
    my ($name, $rest) = $line =~ /^  ([a-z]+(?: [a-z]+)?)((?: \[?[A-Z-]+\]?)*)(?:  |$)/
        or next;
    $arguments{$name} = lc join ' ', split ' ', $rest =~ tr/[]//dr;
}

my %options;
for my $command (keys %arguments) {
    my $text = output($program, split(/ /, $command), '--help');
    $options{$command} = [options_of($text, 'Options')];
}
my @globals = options_of($help, 'Global options');

# The entries of the manual: "client add" => [arguments, text].
open my $fh, '<', "$srcdir/src/ccgrant.8" or die "ccgrant.8: $!\n";
my $page = do { local $/; <$fh> };
close $fh;
my ($before, $commands) = $page =~ /^(.*?)(^\.Ss The server.*?)^\.Sh/ms;
my %entry;
while ($commands =~ /^\.It Cm ([^\n]*)\n(.*?)(?=^\.It Cm|^\.Ss|\z)/msg) {
    my ($line, $text) = ($1, $2);
    my ($name) = $line =~ /^([a-z]+(?: [a-z]+)?)\b/;
    my @arguments = $line =~ /Ar (dir|id|kid|secret-id|token)\b/g;
    $entry{$name} = { arguments => "@arguments", text => "$line\n$text" };
}

sub named { my %seen; return [sort grep { !$seen{$_}++ } @_] }

is_deeply [sort keys %entry], [sort keys %arguments],
    'the commands of the manual are those of the table';
is_deeply named($before =~ /Fl -([a-z][\w-]*)/g),
    named(@globals, 'name'),
    'the options for all commands too ("name" is the example)';
for my $command (sort keys %arguments) {
    my $entry = $entry{$command} // { arguments => 'none', text => '' };
    is $entry->{arguments}, $arguments{$command},
        "$command: the arguments are those of the table";
    is_deeply named(grep { $_ ne 'json' }
            $entry->{text} =~ /Fl -([a-z][\w-]*)/g),
        named(@{ $options{$command} }),
        "$command: the options are those of the table";
}

# The first call in each line of a text for users, as [command, its options]:
# where the first word is a command's, and whatever begins a line of an example.
sub calls {
    my ($text) = @_;
    my %noun = map { (split / /)[0] => 1 } keys %arguments;
    my $alone = $text =~ /^\.Sh/m ? qr/^[#\$] $/ : qr/^ {4}(?:.*\()?$/;
    my @calls;
    $text =~ s/(?:\\e|\\)\n\s*/ /g;
    $text =~ s/^\.\w+ //mg;
    $text =~ s/ (?:Fl |Ar )/ /g;
    $text =~ s/ -(?=[a-z]{2})/ --/g;
    my $call = qr/\bccgrant(?: -c \S+| --json)* ([a-z]+)(?: ([a-z]+))?\b/;
    while ($text =~ /^(.*?)$call(.*)/mg) {
        my ($before, $noun, $verb, $rest) = ($1, $2, $3 // '', $4);
        next unless $noun{$noun} || $before =~ $alone;
        next if $verb eq '' && !exists $arguments{$noun};    # a noun, named
        my $name = exists $arguments{$noun} ? $noun : "$noun $verb";
        $rest =~ s/[|)"'`;].*//;
        push @calls, [$name, $rest =~ /--([a-z][\w-]*)/g];
    }
    return @calls;
}

for my $file ('README', 'NEWS', 'src/ccgrant.8', 'src/ccgrant.fcgi.8', map {
        s{^\Q$srcdir\E/}{}r } grep {-f} sort glob "$srcdir/etc/*") {
    my @calls = calls(slurp("$srcdir/$file"));
    my @wrong = map {
        my ($name, @given) = @$_;
        my %known = map { $_ => 1 } @globals, @{ $options{$name} // [] };
        !$options{$name} ? $name
            : map {"$name --$_"} grep { !$known{$_} } @given;
    } @calls;
    is_deeply \@wrong, [], "$file calls what there is: " . @calls;
}

SKIP: {
    my @directories = split /:/, $ENV{PATH} // '';
    skip 'no mandoc', 1 unless grep { -x "$_/mandoc" } @directories;
    is output('mandoc', '-Tlint', '-Wwarning', "$srcdir/src/ccgrant.8"), '',
        'mandoc finds nothing to say';
}

done_testing();
