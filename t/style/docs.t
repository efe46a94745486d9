#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The table of keys against ccgrant.conf(5) and etc/ccgrant.conf: each key is
# in both, as the table has it, and nothing else is.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use Test::More;
use Text qw(output slurp);

my $srcdir   = $ENV{SRCDIR}   // '.';
my $builddir = $ENV{BUILDDIR} // '.';
my $program  = "$builddir/t/style/keys";
my $page     = "$srcdir/etc/ccgrant.conf.5";
my $example  = "$srcdir/etc/ccgrant.conf";
my $scratch  = tempdir(CLEANUP => 1);

plan skip_all => "no $program" unless -x $program;

# What the policy reader says of a policy: nothing, when all is well.
sub said_of {
    my ($text) = @_;
    open my $fh, '>', "$scratch/policy" or die "$scratch/policy: $!\n";
    print $fh $text;
    close $fh or die "$scratch/policy: $!\n";
    return output($program, "$scratch/policy") =~ s{\Q$scratch/\E}{}gr;
}

my @keys = map {
    my %key;
    @key{qw(path type preset limits meaning)} = split /\t/, $_, -1;
    $key{later} = $key{meaning} =~ /^no effect yet: /;
    \%key;
} split /\n/, output($program);

# mdoc without its macros.
sub plain {
    my ($text) = @_;
    $text =~ s/^\.\\".*\n//mg;
    $text =~ s/^\.(?:Ql|Ic|Li|Pa|Ev|Xr|Cm|Ar|Fl) //mg;
    $text =~ s/^\.\w+.*\n//mg;
    $text =~ s/\\&//g;
    $text =~ s/ ([.,;:])(?=\s)/$1/g;
    $text =~ s/\s+/ /g;
    return $text;
}

# The entry of each key, as plain text.
sub entries {
    my ($text) = @_;
    my %entry;
    while ($text =~ /^\.It Ic (\S+)\n(.*?)(?=^\.(?:It|El|Ss|Sh)\b)/msg) {
        $entry{$1} = plain($2);
    }
    return %entry;
}

# How an entry begins, by the table.
sub heading {
    my ($key) = @_;
    my %form = (
        'string'          => 'String of %s',
        'integer'         => 'Integer, %s',
        'boolean'         => 'Boolean',
        'word'            => 'One of %s',
        'list of strings' => 'List of strings, %s',
        'list of groups'  => 'List of groups, %s',
    );
    my $head   = $form{ $key->{type} } =~ s/%s/$key->{limits}/r;
    my $preset = $key->{preset};
    return "$head, required." if $preset eq 'required';
    return "$head. Default: what $preset says." if $preset =~ /^token\./;
    return "$head. Default: $preset";
}

# The settings of the example, those behind # too.
sub uncommented {
    my ($text) = @_;
    $text =~ s/^#(?! \S)//mg;
    return $text;
}

# What the text gives a key of the top level or of a group, or undef.
sub given {
    my ($text, $path) = @_;
    my ($group, $leaf) = $path =~ /^(?:(\w+)\.)?(\w+)$/;
    $text =~ s/#.*//g;
    if (defined $group) {
        $text =~ /^\Q$group\E\s*[:=]\s*([({].*?)[)}];$/ms or return;
        $text = $1;
        return $text =~ /\b\Q$leaf\E\s*=\s*([^;]*);/ ? $1 : undef;
    }
    return $text =~ /^\Q$leaf\E\s*=\s*([^;]*);/m ? $1 : undef;
}

my $manual = slurp($page);
my %entry  = entries($manual);
my ($rest) = $manual =~ /^\.Ss What a later version brings\n(.*?)^\.Sh/ms;
my %later  = entries(($rest // '') . ".Sh\n");

ok @keys > 20, 'the table is there';
is_deeply [sort keys %entry], [sort map { $_->{path} } @keys],
    'ccgrant.conf(5) has every key, and no other';
is_deeply [sort keys %later],
    [sort map { $_->{path} } grep { $_->{later} } @keys],
    'it says which have no effect';
for my $key (@keys) {
    my $head = heading($key);
    is substr($entry{ $key->{path} } // '', 0, length $head), $head,
        "$key->{path} as the table has it";
}

# Of policy, that is, and not of commands.
my @blocks = grep { /^\s*[\w.]+\s*[:=]/ } $manual =~ /^\.Bd -literal.*?\n(.*?)^\.Ed/msg;
ok @blocks >= 2, 'ccgrant.conf(5) has examples';
is said_of($_), '', 'which can be used' for @blocks;

my $text = slurp($example);
is said_of($text), '', 'the example can be used';
is said_of(uncommented($text)), '', 'with what stands behind # too';
for my $key (@keys) {
    my $value = given(uncommented($text), $key->{path});
    if ($key->{later}) {
        is $value, undef, "$key->{path} is not in the example";
        next;
    }
    ok defined $value, "$key->{path} is in the example";
    next if !defined $value || given($text, $key->{path});
    next if $key->{preset} =~ /^token\./;
    is $value =~ s/"//gr || 'empty', $key->{preset},
        "$key->{path} at its default";
}

done_testing();
