#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The layers of the tree, as HACKING describes them: what each file may
# include, and, from the linker, what each library may call.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Text qw(slurp);

my $srcdir   = $ENV{SRCDIR}   // '.';
my $builddir = $ENV{BUILDDIR} // '.';
my $nm       = $ENV{NM} || 'nm';

# What libcore.a may take from the C library and from jansson.
my $core_calls = qr/^(?:
      __assert_fail | __stack_chk_fail | _GLOBAL_OFFSET_TABLE_
    | (?:__)?(?:mem|str)[a-z]+(?:_chk)? | __isoc\d+_strto[a-z]+
    | (?:__)?v?snprintf(?:_chk)? | __ctype_b_loc
    | inet_pton | inet_ntop | malloc | calloc | realloc | reallocarray | free
    | abort | (?:__)?explicit_bzero(?:_chk)? | bsearch | qsort | timegm | gmtime_r
    | json_[a-z_]+ | jansson_[a-z_]+
)$/x;

# Which files may include a header from outside.
my %outside = (
    'crypt.h'     => qr{^src/io/foreign_crypt\.c$},
    'curl/curl.h' => qr{^src/io/http\.c$},
    'db.h'        => qr{^src/io/(?:store|expiring)\w*\.c$},
    'fcgiapp.h'   => qr{^src/io/web\w*\.c$},
    'libconfig.h' => qr{^src/io/conf\w*\.c$},
    'syslog.h'    => qr{^src/io/log\.c$},
    'err.h'       => qr{^src/(?:responder|site|fetcher|ctl\w*)\.c$},
    'jansson.h'   => qr{^src/(?:core/\w+|ctl\w*)\.c$},
);
my $openssl = qr{^src/io/(?:cert|crypto|vault|keys|signer|verifier|encrypter|foreign_pbkdf2)\w*\.c$};

# What a file in io may include of io besides crypto.h, path.h and its own.
my %neighbours = (
    cert      => ['keys_alg'],
    encrypter => ['keys', 'keys_alg', 'verifier_priv'],
    expiring  => ['gate', 'store', 'store_each', 'store_env'],
    http      => ['fetch'],
    signer    => ['keys', 'keys_alg'],
    store     => ['gate'],
    verifier  => ['keys_alg'],
);

# Functions in a file that are named after something else than the file.
my %prefixes = (b64 => ['b64url'], keys => ['signer']);

# State that outlives a call: the flag that a signal handler sets.
my %state = (web => 1);

my $programs = qr{^src/(?:responder|site|fetcher|ctl\w*)\.[ch]$};

my @files = sort map { s{^\Q$srcdir\E/}{}r } map { glob "$srcdir/$_" }
    qw(src/*.[ch] src/core/*.[ch] src/io/*.[ch]);
my %text = map { $_ => slurp("$srcdir/$_") } @files;

# The code without comments and without what stands in quotes.
sub code {
    my ($text) = @_;
    $text =~ s{("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|/\*.*?\*/}
              {defined $1 ? '""' : ' '}gse;
    return $text;
}

sub includes {
    my ($file) = @_;
    return $text{$file} =~ /^\s*#\s*include\s*["<]([^">]+)[">]/mg;
}

sub module { my ($file) = @_; return $file =~ s{.*/|\.[cho]$}{}gr }

sub none {
    my ($name, @found) = @_;
    ok !@found, $name or diag join "\n", map {"  $_"} @found;
}

# Whether io module $a may see the header of io module $b.
sub may_see {
    my ($a, $b) = @_;
    return 1 if $b eq 'path' || $b eq 'crypto';
    my ($own) = $a =~ /^([a-z0-9]+)/;
    return 1 if $b =~ /^\Q$own\E(?:_|$)/;
    return scalar grep { $_ eq $b } @{ $neighbours{$own} // [] };
}

sub includes_outside {
    my @bad;
    for my $file (@files) {
        for my $header (includes($file)) {
            my $where = $header =~ m{^openssl/} ? $openssl : $outside{$header};
            push @bad, "$file includes <$header>"
                if defined $where && $file !~ $where;
        }
    }
    return @bad;
}

sub includes_inside {
    my @bad;
    for my $file (@files) {
        my ($layer) = $file =~ m{^src/(core|io)/};
        next unless defined $layer;
        my @own = $text{$file} =~ /^\s*#\s*include\s*"([^"]+)"/mg;
        for my $header (grep { $_ ne 'config.h' } @own) {
            next if $header =~ m{^core/};
            next if $layer eq 'io' && $header =~ m{^io/(\w+)\.h$}
                && may_see(module($file), $1);
            push @bad, "$file includes \"$header\"";
        }
    }
    return @bad;
}

sub includes_of_endpoints {
    my @bad;
    for my $file (grep { m{^src/\w+\.[ch]$} && !/$programs/ } @files) {
        next if $file =~ m{^src/ctl};
        push @bad, map {"$file includes \"$_\""}
            grep { m{^io/(?:web|conf|log)\w*\.h$} } includes($file);
    }
    return @bad;
}

sub circles {
    my (%done, @bad);
    my $visit;
    $visit = sub {
        my ($file, @path) = @_;
        return if $done{$file} || !defined $text{$file};
        if (grep { $_ eq $file } @path) {
            push @bad, join ' -> ', @path, $file;
            return;
        }
        $visit->("src/$_", @path, $file) for includes($file);
        $done{$file} = 1;
    };
    $visit->($_) for grep { m{^src/core/.*\.h$} } @files;
    return @bad;
}

sub talkers {
    my @bad;
    for my $file (grep { !/$programs/ && $_ ne 'src/io/log.c' } @files) {
        my $code = code($text{$file});
        my @calls = $code =~ /\b((?:printf|vprintf|puts|putchar|perror|exit
            |quick_exit|syslog)\s*\()/gx;
        push @calls, 'stdout' if $code =~ /\bstdout\b/;
        push @calls, 'stderr'
            if $code =~ /\bstderr\b/ && $file !~ m{^src/io/web\w*\.c$};
        push @bad, map {"$file: $_"} @calls;
    }
    return @bad;
}

sub symbols {
    my ($library, @flags) = @_;
    open my $fh, '-|', $nm, '-A', '-P', @flags, "$builddir/$library"
        or die "$nm: $!\n";
    my @rows;
    while (<$fh>) {
        push @rows, [$1, $2, $3] if /\[?([\w-]+)\.o\]?:\s*(\S+)\s+(\S)/;
    }
    close $fh or die "$nm $library failed\n";
    return @rows;
}

sub calls_of_core {
    my @rows = symbols('src/core/libcore.a');
    my %own  = map { $_->[1] => 1 } grep { $_->[2] =~ /[A-TV-Z]/ } @rows;
    return map {"$_->[0].o needs $_->[1]"}
        grep { $_->[2] eq 'U' && !$own{ $_->[1] } && $_->[1] !~ $core_calls }
        @rows;
}

sub names {
    my ($library) = @_;
    my @bad;
    for my $row (symbols($library, '-g', '--defined-only')) {
        my ($own) = $row->[0] =~ /([a-z0-9]+)/;
        my @allowed = ($own, @{ $prefixes{$own} // [] });
        push @bad, "$row->[0].o defines $row->[1]"
            unless grep { $row->[1] =~ /^\Q$_\E(?:_|$)/ } @allowed;
    }
    return @bad;
}

# nm calls constant tables of pointers "data" too; the section tells.
sub globals {
    my ($library) = @_;
    my ($object, @bad) = ('');
    open my $fh, '-|', $nm, '-f', 'sysv', "$builddir/$library"
        or die "$nm: $!\n";
    while (<$fh>) {
        $object = $1 if /from .*\[([\w-]+)\.o\]/;
        my ($symbol, $section) = (split /\s*\|\s*/)[0, 6];
        next if !defined $section || $section !~ /^\.(?:data|bss|tbss|tdata)/;
        next if $section =~ /^\.data\.rel\.ro/ || $state{$object};
        push @bad, "$object.o: $symbol";
    }
    close $fh or die "$nm $library failed\n";
    return @bad;
}

ok @files > 20, 'the source files are found';
none 'outside headers are included by their own files alone',
    includes_outside();
none 'core includes core alone, io its own headers, path.h and crypto.h',
    includes_inside();
none 'no endpoint includes the web adapter, the policy reader or the log',
    includes_of_endpoints();
none 'no circle among the headers of core', circles();
none 'only the two programs print, log or exit', talkers();

SKIP: {
    my $sanitizers = $ENV{SANITIZERS} // 'no';
    skip 'the libraries are built with sanitizers', 5
        if $sanitizers ne 'no' && $sanitizers ne '';
    skip "no libcore.a in $builddir", 5
        unless -e "$builddir/src/core/libcore.a";
    none 'libcore.a calls nothing but what the allow-list names',
        calls_of_core();
    for my $library ('src/core/libcore.a', 'src/io/libio.a') {
        none "each function of $library is named after its file",
            names($library);
        none "$library holds no state that can change", globals($library);
    }
}

done_testing();
