# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Records of databases and backups, as db_dump -p has them: references to
# hashes of keys and values.
#
#     my $clients = Dumps::of_state($site, 'clients');
#     my $before  = Dumps::of_backup($dir, 'clients');
#     Dumps::spoil($dir, 'clients', sub { s/"enabled":true/"enabled":1/r });

package Dumps;

use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use JSON::PP ();
use Ctl qw(slurp spew);

our @names = qw(clients keys meta jwks replay tokens counters);

# Why they cannot be had here, or undef.
sub missing {
    my ($found) = grep { -x "$_/db5.3_dump" } split /:/, $ENV{PATH};
    return $found ? undef : 'db5.3_dump is not installed';
}

sub parse {
    my ($text) = @_;
    my ($data) = $text =~ /^HEADER=END\n(.*)^DATA=END\n\z/ms
        or die "no dump: $text\n";
    my @lines = map { substr $_, 1 } split /\n/, $data;
    return { @lines };
}

sub unescape {
    my ($text) = @_;
    return $text =~ s/\\(\\|[0-9a-f]{2})/$1 eq '\\' ? '\\' : chr hex $1/ger;
}

sub escape {
    my ($bytes) = @_;
    return $bytes =~ s/([^\x20-\x7e]|\\)/
        $1 eq '\\' ? '\\\\' : sprintf '\\%02x', ord $1/gexr;
}

# What is in the files, after all that is in the logs was written there.
sub of_state {
    my ($site, @names) = @_;
    $site->ctl('purge');
    my @dumps = map {
        parse(scalar qx(db5.3_dump -p '$site->{dir}/state/$_.db')) } @names;
    return wantarray ? @dumps : $dumps[0];
}

sub of_backup {
    my ($dir, @names) = @_;
    my @dumps = map { parse(slurp("$dir/$_.dump")) } @names;
    return wantarray ? @dumps : $dumps[0];
}

sub manifest { return JSON::PP->new->decode(slurp("$_[0]/MANIFEST")) }

# Signs it again, as a newer ccgrant, or a forger, would.
sub put_manifest {
    my ($dir, $manifest) = @_;
    my $json = JSON::PP->new->canonical;
    delete $manifest->{sha256};
    $manifest->{sha256} = sha256_hex($json->encode($manifest));
    return spew("$dir/MANIFEST", $json->encode($manifest));
}

# Changes the text of a file of a backup, and digest and number with it.
sub forge {
    my ($dir, $name, $change) = @_;
    my $manifest = manifest($dir);
    my $file     = $manifest->{files}{"$name.dump"};
    my $text     = do { local $_ = slurp("$dir/$name.dump"); $change->() };
    spew("$dir/$name.dump", $text);
    my $records = eval { parse($text) } // {};
    $file->{sha256}  = sha256_hex($text);
    $file->{records} = scalar keys %$records;
    return put_manifest($dir, $manifest);
}

# The text of a whole dump.
sub text {
    my ($records) = @_;
    return join '', "VERSION=3\nformat=print\ntype=btree\ndb_pagesize=4096\n",
        "HEADER=END\n", (map {" $_\n $records->{$_}\n"}
            sort { unescape($a) cmp unescape($b) } keys %$records),
        "DATA=END\n";
}

# Loads records into a database of a state that nobody uses, as they are.
sub plant {
    my ($site, $name, $records) = @_;
    my @load = $site->command('db5.3_load', '-h', "$site->{dir}/state",
        "$name.db");
    open my $fh, '|-', @load or die "db5.3_load: $!\n";
    print $fh text($records);
    return close $fh || die "db5.3_load $name.db failed\n";
}

1;
