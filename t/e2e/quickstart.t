#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The quickstart, with the programs that are built already: what it prints, what
# it serves, what it keeps, and that it ends.

use strict;
use warnings;
use File::Temp;
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64url);
use Test::More;

my $builddir   = $ENV{BUILDDIR} // '.';
my $srcdir     = $ENV{SRCDIR}   // '.';
my $quickstart = "$srcdir/quickstart";
my $web        = HTTP::Tiny->new(timeout => 20, proxy => undef);

$ENV{PATH} .= ':/usr/sbin:/sbin';
my %have = map { $_ => 1 }
    grep { my $name = $_; grep { -x "$_/$name" } split /:/, $ENV{PATH} }
    qw(curl lighttpd apache2);
plan skip_all => 'curl and lighttpd are not both here'
    unless $have{curl} && $have{lighttpd};

# www-data, as whom root has it served, has to reach it.
my $temp = File::Temp->newdir('ccgrant-XXXXXX', DIR => '/tmp');
chmod 0755, "$temp";

# Its exit status and all that it said.
sub run {
    my (@options) = @_;
    my $pid = open my $out, '-|';
    defined $pid or die "fork: $!\n";
    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        open STDIN,  '<',  '/dev/null';
        exec $quickstart, '--build', $builddir, @options or exit 127;
    }
    my $said = do { local $/; <$out> };
    close $out;
    return ($? >> 8, $said);
}

# Started, and read up to the line that says that it serves.
sub serve {
    my (@options) = @_;
    my $pid = open my $out, '-|';
    defined $pid or die "fork: $!\n";
    if ($pid == 0) {
        setpgrp;
        $SIG{INT} = 'DEFAULT';
        open STDERR, '>&', \*STDOUT;
        open STDIN,  '<',  '/dev/null';
        exec $quickstart, '--build', $builddir, @options or exit 127;
    }
    my $said = '';
    while (<$out>) {
        $said .= $_;
        last if /Ctrl-C stops it/;
    }
    return { pid => $pid, out => $out, said => $said,
        url => $said =~ m{serves on (http://127\.0\.0\.1:\d+)} ? $1 : '' };
}

sub token_of { return $_[0] =~ /"access_token":"([\w.-]+)"/ ? $1 : '' }

sub kid_of {
    my ($head) = split /\./, token_of($_[0]);
    return decode_json(decode_base64url($head // ''))->{kid};
}

sub is_free {
    my ($url) = @_;
    my ($port) = $url =~ /(\d+)$/;
    return !IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 5);
}

sub serves {
    my ($server, $dir, @options) = @_;
    my $running = serve('--dir', $dir, @options);
    my $url     = $running->{url};
    my $said    = $running->{said};

    like $said, qr/^  HTTP\/1\.1 200/m, "$server: a token comes";
    like token_of($said), qr/^[\w-]+\.[\w-]+\.[\w-]+$/, '  a signed one';
    my $answer = $web->get("$url/oauth2/v1/keys");
    ok $answer->{success}
        && grep({ $_->{kid} eq kid_of($said) }
            @{ decode_json($answer->{content})->{keys} }),
        '  by the key that is published';
    $answer = $web->get("$url/.well-known/oauth-authorization-server");
    is decode_json($answer->{content})->{issuer}, $url, '  by this issuer';
    like $web->get("$url/oauth2/v1/")->{content}, qr/<html/, '  the page is there';
    my ($next) = $said =~ /^  command +(.*)$/m;
    like qx($next), qr/^demo\b/m, '  the command that it names works';

    my ($status, $second) = run('--once', '--dir', $dir);
    ok $status == 1 && $second =~ /already serves.*\n.*--dir/,
        '  a second one does not disturb it';
    my ($port) = $url =~ /(\d+)$/;
    ($status, $second) = run('--once', '--dir', "$dir-2", '--port', $port);
    ok $status == 1 && $second =~ /not free.*\n.*--port/,
        '  nor one on the same port';

    # Ctrl-C reaches the server too, SIGTERM the script alone.
    kill @options ? ('TERM', $running->{pid}) : ('INT', -$running->{pid});
    my @rest = readline $running->{out};
    close $running->{out};
    is $?, 0, '  it ends when told to' or diag @rest;
    ok is_free($url), '  and its server with it';
    return $said;
}

my $said = serves('lighttpd', "$temp/a");
my ($mode) = (stat "$temp/a")[2];
is $mode & 07777, 0700, 'the directory is private';
my $secret = do {
    open my $fh, '<', "$temp/a/demo.curl" or die "demo.curl: $!\n";
    join('', <$fh>) =~ /(ccgs_[\w-]+)/ ? $1 : '';
};
ok $secret ne '' && index($said, $secret) < 0, 'the secret is not shown';

my ($status, $again) = run('--once', '--dir', "$temp/a");
is $status, 0, 'it can be run again';
is kid_of($again), kid_of($said), '  with the same key';

unlink "$temp/a/demo.curl";
($status, $again) = run('--once', '--dir', "$temp/a");
is $status, 0, 'a lost secret is replaced';

SKIP: {
    skip 'apache2 with mod_fcgid is not here', 10
        unless $have{apache2} && -e '/usr/lib/apache2/modules/mod_fcgid.so';
    serves('Apache', "$temp/b", '--apache');
}

mkdir "$temp/full" and mkdir "$temp/full/of";
for my $row (
    ["no port",              2, qr/^usage/, '--port'],
    ["an unknown option",    2, qr/^usage/, '--twice'],
    ["a port of letters",    1, qr/1 to 65535/, '--port', 'http'],
    ["a port out of limits", 1, qr/1 to 65535/, '--port', '65536'],
    ["a directory with other things", 1, qr/something else.*\n.*--dir/,
        '--dir', "$temp/full"],
    ["programs that are missing", 1, qr/could not copy the programs/,
        '--dir', "$temp/c", '--build', "$temp"],
) {
    my ($name, $expected, $says, @options) = @$row;
    ($status, $said) = run('--once', @options);
    ok $status == $expected && $said =~ $says, "refused: $name"
        or diag "$status: $said";
}

done_testing();
