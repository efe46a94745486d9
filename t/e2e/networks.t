#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Where a request comes from: networks of the policy and of clients, and what
# proxies tell of the address, from the addresses of the policy and from no
# other; behind each web server, as plain CGI, and with nginx as a real proxy.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Rows;
use Serve;

my $no = '401 invalid_client';
my ($site, $field, %secret);

# Requests come from 127.0.0.0/8: 127.0.0.1 is a proxy, the others are clients.
sub make_site {
    my ($forwarded) = @_;
    $field = $forwarded eq 'forwarded' ? 'Forwarded' : 'X-Forwarded-For';
    $site = Serve->new(policy => <<"END");
log : { issued = true; };
proxies = [ "127.0.0.1", "10.0.0.0/24", "2001:db8:1::/48" ];
forwarded = "$forwarded";
networks = [ "192.0.2.0/24", "2001:db8:2::/48", "127.0.0.2", "127.0.0.1" ];
END
    my @role = ('--role', 'order-batch');
    $secret{any} = $site->client('any', @role);
    $secret{near} = $site->client('near', @role, '--network',
        '192.0.2.0/28', '--network', '198.51.100.0/24');
    return;
}

# What a row sends: client (else any); told, addresses for the field, or field,
# headers as they are; from; env, for plain CGI.
sub send_row {
    my ($rq) = @_;
    my $client = $rq->{client} // 'any';
    my $told = sub {
        my ($address) = @_;
        return $address if $field ne 'Forwarded';
        return $address =~ /:/ ? "for=\"[$address]\";proto=https"
            : "for=$address";
    };
    my @field = $rq->{field} ? @{ $rq->{field} }
        : $rq->{told} ? ($field => join ', ', map { $told->($_) }
            @{ $rq->{told} }) : ();
    my $answer = $site->token(header => \@field,
        basic => [$client, $rq->{secret} // $secret{$client}],
        map { $rq->{$_} ? ($_ => $rq->{$_}) : () } qw(from env));
    my $header = $answer->{header};
    $header->{'content-length'} = [length $answer->{body}]
        if delete $header->{'transfer-encoding'};
    return $answer;
}

my $unknown = { client => 'any', secret => 'wrong', told => ['192.0.2.1'] };

sub rows {
    my %right = (control => { told => ['192.0.2.1'] }, same => $unknown);
    my @rows = map { my ($says, @told) = @$_;
        { says => $says, send => { told => \@told }, want => '200' } }
        ['an address of the policy', '192.0.2.200'],
        ['one of IPv6', '2001:db8:2::1'],
        ['one that a proxy was told', '192.0.2.1', '10.0.0.5'],
        ['one that two proxies were told', '192.0.2.1', '10.0.0.5',
            '2001:db8:1::1'],
        ['one behind what a client made up', '203.0.113.9', '192.0.2.1'];
    push @rows, map { my ($says, @told) = @$_;
        { says => $says, send => { told => \@told }, want => $no, %right } }
        ['an address that the policy does not have', '203.0.113.9'],
        ['one of IPv6', '2001:db8:3::1'],
        ['one that a proxy was told', '203.0.113.9', '10.0.0.5'],
        ['what a client made up does not count', '192.0.2.1',
            '203.0.113.9'],
        ['nor the address of a proxy', '192.0.2.1', '10.0.0.5',
            '203.0.113.9'],
        ['only proxies', '10.0.0.7', '10.0.0.5'],
        ['unknown', 'unknown'], ['a hidden one', '_hidden'],
        ['a hidden one, which a proxy was told', '192.0.2.1', '_hidden',
            '10.0.0.5'],
        ['no address', '192.0.2.1.'];
    push @rows, map { my ($says, $want, $client, $address) = @$_;
        { says => "the record: $says", want => $want, $want eq $no ? %right
            : (), send => { client => $client, told => [$address] } } }
        ['an address of both', '200', 'near', '192.0.2.1'],
        ['one of the policy alone', $no, 'near', '192.0.2.100'],
        ['one of the record alone', $no, 'near', '198.51.100.1'];
    my $other = $field eq 'Forwarded' ? 'X-Forwarded-For' : 'Forwarded';
    my $good = $field eq 'Forwarded' ? 'for=192.0.2.1' : '192.0.2.1';
    push @rows, map { my ($says, @headers) = @$_;
        { says => $says, want => $no, %right,
            send => { field => \@headers } } }
        ['a proxy that tells nothing'], ['an empty field', $field => ''],
        ['the other field', $other => $other eq 'Forwarded'
            ? 'for=192.0.2.1' : '192.0.2.1'],
        ['a field of another name', 'X-Real-IP' => '192.0.2.1',
            'Client-IP' => '192.0.2.1', "X-$field" => $good],
        ['the form of the other one', $field => $field eq 'Forwarded'
            ? '192.0.2.1' : 'for=192.0.2.1'],
        ['a good one before an open quote', $field => "$good, \"x"];
    push @rows,
        { says => 'who is no proxy, and of the policy', want => '200',
            send => { from => '127.0.0.2' } },
        { says => 'whatever he says', want => '200',
            send => { from => '127.0.0.2', told => ['203.0.113.9'] } },
        { says => 'who is neither', want => $no, %right,
            send => { from => '127.0.0.3' } },
        { says => 'whatever he says', want => $no, %right,
            send => { from => '127.0.0.3', told => ['192.0.2.1'] } };
    $_->{id} = 'OWN' for @rows;
    return @rows;
}

# lighttpd makes one variable of both names; the others drop the second.
sub underscore {
    my ($where) = @_;
    my $second = $field =~ tr/-/_/r;
    return if $second eq $field;
    is Rows::summary(send_row({ field => [$field => '203.0.113.9',
        $second => '192.0.2.1'] })), $no,
        "$where: $second beside $field is not believed";
    return;
}

# The last line of the log for that answer has the address.
sub logged {
    my ($where, $address, %rq) = @_;
    send_row({ %rq, secret => 'wrong' });
    my $line = Serve::wait_for(sub {
        my @lines = grep {/invalid_client/} split /\n/, $site->log_text;
        (grep {/from="\Q$address\E"/} @lines)[-1];
    });
    ok $line, "$where: the log has $address";
    return;
}

sub variables {
    for my $row (
        ['::ffff:127.0.0.1', ['192.0.2.1'], '200', 'a proxy of IPv4 in IPv6'],
        ['::ffff:127.0.0.1', ['::ffff:192.0.2.1'], '200',
            'and a client of both'],
        ['::ffff:127.0.0.1', ['::ffff:203.0.113.9'], $no,
            'and another one'],
        ['2001:db8:1::9', ['2001:db8:2::9'], '200', 'a proxy of IPv6'],
        ['2001:db8:1::9', [], $no, 'which tells nothing'],
        ['2001:db8:2::9', ['203.0.113.9'], '200', 'a client of IPv6'],
        ['::ffff:192.0.2.9', [], '200', 'a client of IPv4 in IPv6'],
        ['unix:', ['192.0.2.1'], $no, 'what is no address'],
        ['', ['192.0.2.1'], $no, 'no address at all'],
    ) {
        my ($from, $told, $want, $says) = @$row;
        is Rows::summary(send_row({ told => @$told ? $told : undef,
            env => { REMOTE_ADDR => $from } })), $want, "cgi: $says";
    }
    return;
}

# nginx before itself, with what is usual there.
sub nginx_proxy {
    my $missing = Serve->missing('nginx');
    plan skip_all => $missing if $missing;
    my ($http, $front);
    $site->start('nginx', edit => sub {
        ($front) = Serve::Server::free_ports(1);
        $http = "server { listen 127.0.0.1:$front; location / {"
            . " proxy_pass http://127.0.0.1:$site->{port};"
            . ' proxy_set_header X-Forwarded-For'
            . ' $proxy_add_x_forwarded_for; } }';
        return $_[0];
    }, http => \$http);
    my $direct = $site->{port};
    local $site->{port} = $front;
    for my $row (
        ['127.0.0.2', undef, '200', 'a client of the policy'],
        ['127.0.0.3', undef, $no, 'another one'],
        ['127.0.0.3', ['192.0.2.1'], $no, 'which makes up an address'],
        ['127.0.0.3', ['192.0.2.1', '10.0.0.5'], $no, 'and a proxy'],
        ['127.0.0.2', ['203.0.113.9'], '200', 'nor does it harm'],
        [undef, ['192.0.2.1'], '200', 'another proxy before it'],
        [undef, undef, '200', 'the proxy itself'],
    ) {
        my ($from, $told, $want, $says) = @$row;
        is Rows::summary(send_row({ from => $from, told => $told })), $want,
            "through nginx: $says";
    }
    is Rows::summary(send_row({ from => '127.0.0.3', field => [
        'X-Forwarded-For' => '192.0.2.1', 'X-Forwarded-For' => '192.0.2.2',
        'X_Forwarded_For' => '192.0.2.3' ] })), $no,
        'through nginx: which makes up three';
    logged('through nginx', '127.0.0.3', from => '127.0.0.3',
        told => ['192.0.2.77']);
    local $site->{port} = $direct;
    is Rows::summary(send_row({ from => '127.0.0.3',
        told => ['192.0.2.1'] })), $no, 'past nginx: a made-up address';
    return done_testing();
}

for my $forwarded ('x-forwarded-for', 'forwarded') {
    make_site($forwarded);
    my @kinds = ('cgi', $forwarded eq 'forwarded' ? Serve->any // ()
        : qw(lighttpd nginx apache-fcgid apache-proxy-fcgi));
    for my $kind (@kinds) {
        SKIP: {
            my $missing = Serve->missing($kind);
            skip $missing, 1 if $missing;
            $site->start($kind);
            my $where = "$field, $kind";
            Rows::run($_, $where, \&send_row) for rows();
            next if $kind eq 'cgi' ? variables() : underscore($where);
            logged($where, '192.0.2.55', told => ['192.0.2.55']);
            logged($where, 'unknown', told => ['unknown']);
        }
    }
    subtest 'nginx as a proxy' => \&nginx_proxy
        if $forwarded eq 'x-forwarded-for';
}

# Without the key a proxy's field is not read.
make_site('none');
$site->start(Serve->any // 'cgi');
is Rows::summary(send_row({ told => ['203.0.113.9'] })), '200',
    'none: a request comes from who sends it';
is Rows::summary(send_row({ from => '127.0.0.3', told => ['192.0.2.1'] })),
    $no, 'none: and from nobody else';
my ($status, $out) = $site->try_ctl('policy', 'check');
like $out, qr/^warning: proxies is of no use without mtls\.header or /m,
    'none: "ccgrant policy check" says so';
done_testing();
