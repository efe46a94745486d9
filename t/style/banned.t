#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# What no file of the tree may hold: unsafe functions, notes of unfinished
# work, long functions, long files, long lines.

use strict;
use warnings;
use File::Find;
use Test::More;

my $srcdir = $ENV{SRCDIR} // '.';

my $function_max = 60;
my $file_max     = 400;
my $columns_max  = 79;

# Functions that may be longer: they read command lines, option by option.
my %long = map { $_ => 1 } ();

my $unsafe = qr/\b((?:v?sprintf|str(?:n?cpy|n?cat|tok)|stpcpy|gets|atoi|atol
    |atoll|alloca|mktemp|tmpnam|tempnam|rand|srand|random|setjmp|longjmp)
    \s*\()/x;
my $shells = qr/\b((?:system|popen)\s*\()/;

my (@sources, @texts);
find({ no_chdir => 1, wanted => sub {
    return unless -f;
    my $name = s{^\Q$srcdir\E/}{}r;
    push @sources, $name if $name =~ /\.[ch]$/;
    push @texts, $name
        if $name =~ m{\.(?:[cht]|p[lmy]|sh|am|ac)$|(?:^|/)(?:check|quickstart
            |run)$|^etc/\w[\w.-]*$}x && $name !~ m{^t/data/};
} }, grep { -e } map {"$srcdir/$_"}
    qw(src t etc check quickstart .ci configure.ac Makefile.am));
@sources = sort @sources;

# In a build within the tree a program of a unit test is no text.
@texts = grep { !m{^t/(?:unit|kill|fuzz)/.*\.t$} && !m{\.trs$|\.log$} } sort @texts;

sub slurp {
    my ($file) = @_;
    open my $fh, '<', "$srcdir/$file" or die "$file: $!\n";
    local $/;
    return <$fh>;
}

# Comments and quoted text blanked, line for line.
sub code {
    my ($text) = @_;
    $text =~ s{("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|/\*.*?\*/)}
              { my $gap = $1; $gap =~ tr/\n/ /c; $gap }gse;
    return $text;
}

sub none {
    my ($name, @found) = @_;
    ok !@found, $name or diag join "\n", map {"  $_"} @found;
}

# Calls $fn with the number and the text of each line.
sub each_line {
    my ($text, $fn) = @_;
    my $number = 0;
    $fn->(++$number, $_) for split /\n/, $text;
}

sub unsafe_calls {
    my @bad;
    for my $file (@sources) {
        each_line(code(slurp($file)), sub {
            my ($number, $line) = @_;
            push @bad, "$file:$number: $1" if $line =~ $unsafe
                || $file =~ m{^src/} && $line =~ $shells;
        });
    }
    return @bad;
}

sub without_licence {
    return grep { slurp($_) !~ /\A(?:.*\n){0,3}.*SPDX-License-Identifier: ISC/ }
        grep { !m{^etc/} } @texts;
}

sub unfinished {
    my $mark = join '|', 'TO' . 'DO', 'FIX' . 'ME', 'XX' . 'X\b';
    my @bad;
    for my $file (@texts) {
        each_line(slurp($file), sub {
            my ($number, $line) = @_;
            push @bad, "$file:$number" if $line =~ /\b(?:$mark)/;
        });
    }
    return @bad;
}

# A definition starts with its name in the first column.
sub long_functions {
    my @bad;
    for my $file (grep { m{^src/.*\.c$} } @sources) {
        my ($name, $start);
        each_line(code(slurp($file)), sub {
            my ($number, $line) = @_;
            $name  = $1      if $line =~ /^(\w+)\(/;
            $start = $number if $line =~ /^\{/;
            return unless $line =~ /^\}/ && defined $name && defined $start;
            my $length = $number - $start - 1;
            push @bad, "$file:$start: $name has $length lines"
                if $length > $function_max && !$long{$name};
            ($name, $start) = ();
        });
    }
    return @bad;
}

sub long_files {
    return grep { slurp($_) =~ tr/\n// > $file_max }
        grep { m{^src/} } @sources;
}

sub ill_shaped_lines {
    my @bad;
    for my $file (grep { m{^(?:src|t/lib)/} } @sources) {
        each_line(slurp($file), sub {
            my ($number, $line) = @_;
            push @bad, "$file:$number"
                if length $line > $columns_max || $line =~ /\t|\s$/;
        });
    }
    return @bad;
}

ok @sources > 40, 'the source files are found';
none 'no unsafe function is called', unsafe_calls();
none 'each file names its licence in its first lines', without_licence();
none 'no note of unfinished work', unfinished();
none "no function is longer than $function_max lines", long_functions();
none "no source file is longer than $file_max lines", long_files();
none "no line is over $columns_max columns, has a tab or a blank end",
    ill_shaped_lines();

done_testing();
