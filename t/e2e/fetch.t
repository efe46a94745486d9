#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# ccgrant-fetch, which gets the keys of clients over HTTPS: what it takes from
# a host, and from which hosts it takes nothing.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp;
use Test::More;
use KeyHost;

my $builddir = $ENV{BUILDDIR} // '.';
my $program  = "$builddir/ccgrant-fetch";
my $limit    = 49152;
my $set      = '{"keys":[]}';

my $missing = KeyHost->missing;
plan skip_all => $missing if $missing;

my $dir  = File::Temp->newdir('ccgrant-XXXXXX', TMPDIR => 1);
my $host = KeyHost->new("$dir");
my $ca   = $host->ca;
my $url  = $host->publish('set', $set);

my $too_long = "no\nit took over 5 seconds\n";

# The same, again where the machine stood still for so long, or so much longer
# that the program was ended by its alarm.
sub run {
    my @got;
    for (1 .. 5) {
        @got = run_once(@_);
        last if $got[1] ne $too_long && "@got" ne '0 ';
    }
    return @got;
}

# Runs the program; returns its exit status and what it said.
sub run_once {
    my ($env, @args) = @_;
    my $pid = open(my $out, '-|') // die "fork: $!\n";
    if ($pid == 0) {
        %ENV = %$env;
        open STDIN,  '<', '/dev/null';
        open STDERR, '>', '/dev/null';
        exec { $program } $program, @args or exit 127;
    }
    binmode $out;
    my $said = do { local $/; <$out> } // '';
    close $out;
    return ($? >> 8, $said);
}

my @local = ('--allow', '127.0.0.0/8', '--ca', $ca);
my @six   = ('--allow', '::1', '--ca', $ca);

sub at { return $host->url('good', @_) }

# To a path of the host that redirects, with that status, to that URL.
sub to { my ($status, $to) = @_; return at("/to/$status/$to") }

my $cure = 'to fetch from there, put its network into jwks.networks';
my $not_public = qr/(?:127\.0\.0\.1|::1), which is not public: \Q$cure\E/;
my $elsewhere = qr/redirects to another scheme, host or port/;

# sentence, URL, arguments before it, the document or a pattern of the reason.
my @rows = (
    ['a set', $url, \@local, $set],
    ['by the address', at('/set', '127.0.0.1'), \@local, $set],
    ['a single address that is allowed', at('/set', '127.0.0.1'),
        ['--allow', '10.0.0.0/8', '--allow', '127.0.0.1', '--ca', $ca], $set],
    ['in other letters', $url =~ s/localhost/LocalHost/r, \@local, $set],
    ['with a query', "$url?a=b", \@local, qr/status 404/],
    ['as many bytes as there may be', at("/bytes/$limit"), \@local,
        ' ' x $limit],
    ['the same in chunks', at("/chunks/$limit"), \@local, ' ' x $limit],
    ['nothing at all', at('/bytes/0'), \@local, ''],
    ['a byte more', at('/bytes/' . ($limit + 1)), \@local,
        qr/more than $limit bytes/],
    ['more in chunks', at('/chunks/9999999'), \@local,
        qr/more than $limit bytes/],

    ['loopback', $url, ['--ca', $ca], $not_public],
    ['loopback by the address', at('/set', '127.0.0.1'), ['--ca', $ca],
        $not_public],
    ['loopback in another form', at('/set', '127.1'), ['--ca', $ca],
        $not_public],
    ['loopback as one number', at('/set', '2130706433'), ['--ca', $ca],
        $not_public],
    ['loopback in hexadecimal', at('/set', '0x7f000001'), ['--ca', $ca],
        $not_public],
    ['loopback in octal', at('/set', '0177.0.0.1'), ['--ca', $ca],
        $not_public],
    ['any address, which is this host', at('/set', '0.0.0.0'), ['--ca', $ca],
        qr/address 0\.0\.0\.0, which is not public/],
    ['loopback within IPv6', at('/set', '[::ffff:127.0.0.1]'), ['--ca', $ca],
        qr/which is not public/],
    ['loopback within IPv6, in hexadecimal', at('/set', '[::ffff:7f00:1]'),
        ['--ca', $ca], qr/which is not public/],
    ['another network allowed', $url, ['--allow', '127.1.0.0/16', '--ca',
        $ca], $not_public],
    ['a private network', 'https://10.1.2.3/set', \@local,
        qr/address 10\.1\.2\.3, which is not public/],
    ['the addresses of a cloud', 'https://169.254.169.254/set', \@local,
        qr/address 169\.254\.169\.254, which is not public/],

    ['a host of no known authority', $url, ['--allow', '127.0.0.0/8'],
        qr/certificate of the host is refused: .* authority/],
    ['a certificate of another authority', $host->url('stranger', '/set'),
        \@local, qr/certificate of the host is refused: .* authority/],
    ['a certificate for another host', $host->url('other', '/set'), \@local,
        qr/certificate of the host is refused: it is for another host/],
    ['an expired certificate', $host->url('expired', '/set'), \@local,
        qr/certificate of the host is refused: it has expired/],
    ['a certificate of tomorrow', $host->url('early', '/set'), \@local,
        qr/certificate of the host is refused: it is not valid yet/],
    ['TLS 1.1', $host->url('old', '/set'), \@local, qr/1\.2 or newer/],
    ['https where there is http', $host->url('plain', '/set'), \@local,
        qr/TLS with the host/],
    ['no file of authorities', $url, ['--allow', '127.0.0.0/8', '--ca',
        "$dir/nothing"], qr/jwks\.ca cannot be read/],
    ['a file without authorities', $url, ['--allow', '127.0.0.0/8', '--ca',
        "$dir/host.py"], qr/jwks\.ca cannot be read/],

    ['plain http', 'http://localhost:' . $host->port('plain') . '/set',
        \@local, qr/has to begin with https/],
    ['a file', 'file:///etc/passwd', \@local, qr/has to begin with https/],
    ['a user', $url =~ s/localhost/me:pass\@localhost/r, \@local,
        qr/names a user/],
    ['a fragment', "$url#x", \@local, qr/fragment/],

    ['a redirect', to(302, '/set'), \@local, $set],
    (map { ["a redirect with the status $_", to($_, '/set'), \@local, $set] }
        301, 303, 307, 308),
    ['a redirect by the whole URL', to(302, 'https://HERE/set'), \@local,
        $set],
    ['three redirects', to(302, '/to/302//to/302//set'), \@local, $set],
    ['four redirects', to(302, '/to/302//to/302//to/302//set'), \@local,
        qr/redirects more than 3 times/],
    ['redirects in a circle', to(302, '/to/302//to/302//to/302//to/302//x'),
        \@local, qr/redirects more than 3 times/],
    ['a redirect to another port', to(302, $host->url('second', '/set')),
        \@local, $elsewhere],
    ['a redirect to another host', to(302, at('/set', '127.0.0.1')), \@local,
        $elsewhere],
    ['a redirect to http', to(302, 'http://HERE/set'), \@local, $elsewhere],
    ['a redirect to a file', to(302, 'file:///etc/passwd'), \@local,
        $elsewhere],
    ['a redirect without a scheme',
        to(302, '//127.0.0.1:' . $host->port('good') . '/set'), \@local,
        $elsewhere],
    ['a redirect with a user', to(302, 'https://me@HERE/set'), \@local,
        $elsewhere],
    ['a redirect to nowhere', at('/nowhere'), \@local,
        qr/redirects to nowhere/],
    ['a status like a redirect', to(304, '/set'), \@local, qr/status 304/],
    ['a set that is not there', at('/missing'), \@local, qr/status 404, not/],
    ['a set with the status of another', at('/status/203'), \@local,
        qr/status 203, not 200/],
    ['a host in trouble', at('/status/500'), \@local, qr/status 500, not/],
    ['a body that is cut', at('/cut'), \@local, qr/libcurl says: /],
    ['garbage', at('/garbage'), \@local, qr/libcurl says: /],
    ['nobody there', 'https://127.0.0.1:1/set', \@local, qr/no connection/],
    ['a name that nobody has', 'https://nobody.invalid/set', \@local,
        qr/name of the host cannot be resolved|it took over 5 seconds/],
);
push @rows, (
    ['IPv6', $host->url('six', '/set', '[::1]'), \@six, $set],
    ['IPv6 by the name', $host->url('six', '/set'), \@six, $set],
    ['IPv6 loopback', $host->url('six', '/set', '[::1]'), \@local,
        qr/address ::1, which is not public/],
    ['IPv6 loopback in another form',
        $host->url('six', '/set', '[0:0::0:1]'), \@local,
        qr/address ::1, which is not public/],
) if $host->port('six');

for my $row (@rows) {
    my ($sentence, $at, $args, $want) = @$row;
    my ($status, $said) = run({}, @$args, $at);
    if (ref $want) {
        like $said, qr/\Ano\n.*$want.*\n\z/, $sentence;
        is $status, 1, "$sentence: it failed";
        unlike $said, qr/\n./s, "$sentence: in one line"
            if $said !~ s/\Ano\n//;
    } else {
        ok $said eq "ok\n$want", $sentence or diag substr $said, 0, 200;
        is $status, 0, "$sentence: it succeeded";
    }
}

# What it sends.
my (undef, $request) = run({}, @local, at('/request'));
my %field = map { lc $_->[0] => $_->[1] } map { [/^([^:]+): (.*?)\s*$/] }
    grep { /: / } split /\n/, $request;
like $request, qr{^ok\nGET /request HTTP/1\.1\r\n}, 'one GET';
like $field{'user-agent'}, qr{^ccgrant/\d}, 'it says who it is';
is $field{accept}, 'application/jwk-set+json, application/json',
    'and what it wants';
is_deeply [sort keys %field], [qw(accept host user-agent)],
    'and sends nothing else';

# No proxy, and nothing else of an environment, steers it.
my %env = (map({ $_ => 'http://127.0.0.1:9' } qw(https_proxy HTTPS_PROXY
    ALL_PROXY all_proxy)), HOME => "$dir", CURL_CA_BUNDLE => '/nothing',
    SSL_CERT_FILE => '/nothing');
KeyHost::_put("$dir/.netrc", "machine localhost login me password secret\n");
is +(run(\%env, @local, $url))[1], "ok\n$set", 'proxies are not asked';
unlike +(run(\%env, @local, at('/request')))[1], qr/authorization/i,
    'nor is .netrc';

# A body that does not end.
my ($begun, $status, $said);
for (1 .. 5) {
    $begun = time;
    ($status, $said) = run_once({}, @local, at('/endless'));
    last if $said ne '';
}
is $said, $too_long, 'a body that does not end';
cmp_ok time - $begun, '<', 60, 'it ends in time';

# Its arguments.
for my $args ([], ['--allow'], ['--ca', $ca], ['--allow', 'x', $url],
    ['--allow', '10.0.0.1/8', $url], ['--proxy', 'x', $url], [$url, $url],
    [$url, '--ca', $ca], ['-', $url], ['--help', $url]) {
    my ($rc, $out) = run({}, @$args);
    is_deeply [$rc, $out], [2, ''], "usage: @$args";
}
($status, $said) = run({}, '--help');
like $said, qr/^usage: ccgrant-fetch /, '--help';
($status, $said) = run({}, '--version');
like $said, qr/^ccgrant-fetch \d+\.\d+/, '--version';
$host->count;
is_deeply [run({ REQUEST_METHOD => 'GET', QUERY_STRING => $url }, @local,
    $url)], [2, ''], 'it is no CGI program';
is $host->count, 0, 'and asks nobody as one';

done_testing();
