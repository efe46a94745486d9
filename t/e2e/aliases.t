#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Scopes that stand for others: all, those of a role, a lifetime, and a scope
# behind the audience of its resource; alone, together, and with resources.
# Each row runs as plain CGI and through lighttpd, and each refusal with its
# control.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Jwt;
use Rows;
use Serve;

my $api    = 'https://api.example.org/';
my $orders = "${api}orders";
my $stock  = 'urn:example:stock=7';
my $policy = <<"END";
resources = (
  { audience = "$api"; scopes = [ "status", "$orders/literal" ]; },
  { audience = "$orders"; scopes = [ "read", "write", "literal" ]; },
  { audience = "$stock"; scopes = [ "all", "count" ]; lifetime = 900; }
);
roles = ( { name = "order-batch"; scopes = [ "read", "write" ]; },
          { name = "stock-batch"; scopes = [ "all", "count" ]; },
          { name = "both"; scopes = [ "read", "count" ]; },
          { name = "literal"; scopes = [ "literal", "$orders/literal" ]; } );
END
my ($all, $role, $expiry) = ('urn:opc:idm:__myscopes__', 'urn:opc:idm:role.',
    'urn:opc:resource:expiry=');

my %secret;

sub make {
    my ($more) = @_;
    my $site = Serve->new(resources => $policy . $more);
    my %option = (
        orders  => [qw(--role order-batch)],
        stock   => [qw(--role stock-batch --scope status)],
        both    => [qw(--role both)],
        literal => [qw(--role literal)],
        narrow  => [qw(--role order-batch --excess-scope narrow)],
        short   => [qw(--role order-batch --lifetime 120 --max-lifetime 300)],
        must    => [qw(--role order-batch --default-scope reject)],
        some    => [qw(--role order-batch --default-scope write)],
    );
    $secret{$site}{$_} = $site->client($_, @{ $option{$_} })
        for sort keys %option;
    return $site;
}

sub jwt { return Jwt::decode($_[0]{json}{access_token} // '')->{claims} }

sub sorted { return join ' ', sort map { ref ? @$_ : $_ } $_[0] // () }

my (@rows, @several);

# What is asked for, and the scope that is granted, with the audience behind
# "@" and the lifetime behind "/"; or the error.
sub row {
    my ($id, $says, $client, $pairs, $want, $list) = @_;
    my %row = (id => $id, says => $says, send => [$client, @$pairs]);
    my %control = (orders => [scope => 'read'], stock => [scope => 'count'],
        both => [scope => 'read'], literal => [scope => 'literal'],
        narrow => [], short => [], must => [scope => 'read'], some => []);
    if ($want =~ /^400/) {
        @row{qw(want control)} = ($want, [$client, @{ $control{$client} }]);
    } else {
        my ($scope, $aud, $life) = $want =~ m{^(.*?)@(.*?)(?:/(\d+))?$};
        $row{want}  = '200';
        $row{check} = sub {
            my ($answer) = @_;
            my $claims = jwt($answer);
            return $answer->{json}{scope} eq $scope
                && $claims->{scope} eq $scope
                && sorted($claims->{aud}) eq join(' ', sort map {
                    { orders => $orders, stock => $stock, api => $api }->{$_}
                } split /,/, $aud)
                && (!defined $life || $answer->{json}{expires_in} == $life);
        };
    }
    push @{ $list // \@rows }, \%row;
    return;
}

my $no     = '400 invalid_scope';
my $target = '400 invalid_target';

row 'SCP-15', 'an omitted scope is all', 'orders', [], 'read write@orders';
row 'SCP-15', 'all by the alias', 'orders', [scope => $all],
    'read write@orders';
row 'SCP-15', 'all, where an omitted scope is refused', 'must',
    [scope => $all], 'read write@orders';
row 'SCP-15', 'all, where an omitted scope is a part', 'some',
    [scope => $all], 'read write@orders';
row 'SCP-15', 'all and one of them', 'orders', [scope => "write $all"],
    'write read@orders';
row 'SCP-15', 'all and a lifetime', 'orders', [scope => "$all ${expiry}60"],
    'read write@orders/60';
row 'SCP-15', 'all of two resources', 'stock', [scope => $all], $no;
row 'SCP-15', 'all of the named one', 'stock',
    [scope => $all, resource => $stock], 'all count@stock/900';
row 'SCP-15', 'all, and what is not among it', 'orders',
    [scope => "$all count"], $no;
row 'SCP-15', 'a printing error', 'orders',
    [scope => 'urn:opc:idm:_myscopes_'], $no;
row 'SCP-15', 'those of a role', 'stock', [scope => "${role}stock-batch"],
    'all count@stock';
row 'SCP-15', 'a role and a scope of another resource', 'stock',
    [scope => "${role}stock-batch status"], $no;
row 'SCP-15', 'a role of two resources', 'both', [scope => "${role}both"],
    $no;
row 'SCP-15', 'a role cut to the named resource', 'both',
    [scope => "${role}both", resource => $orders], 'read@orders';
row 'SCP-15', 'a role that is not granted', 'orders',
    [scope => "${role}stock-batch"], $no;
row 'SCP-15', 'a role that there is not', 'orders', [scope => "${role}x"],
    $no;
row 'SCP-15', 'a role not granted is left out', 'narrow',
    [scope => "${role}stock-batch read"], 'read@orders';
row 'SCP-15', 'a shorter lifetime', 'orders', [scope => "read ${expiry}60"],
    'read@orders/60';
row 'SCP-15', 'a lifetime alone', 'orders', [scope => "${expiry}60"],
    'read write@orders/60';
row 'SCP-15', 'a longer lifetime', 'short', [scope => "${expiry}200"],
    'read write@orders/200';
row 'SCP-15', 'one over the limit is cut', 'short',
    [scope => "${expiry}99999999999999999999"], 'read write@orders/300';
row 'SCP-15', "a lifetime of '$_'", 'orders', [scope => "read $expiry$_"], $no
    for '', '0', '-1', '1.5', '60s', ' 60', '060', '+60', '00';
row 'SCP-15', 'two lifetimes', 'orders',
    [scope => "read ${expiry}60 ${expiry}60"], $no;

row 'SCP-16', 'a qualified scope, with a slash', 'orders',
    [scope => "$orders/read"], 'read@orders';
row 'SCP-16', 'without one', 'orders', [scope => "${orders}write"],
    'write@orders';
row 'SCP-16', 'behind an audience that ends in one', 'stock',
    [scope => "${api}status"], 'status@api';
row 'SCP-16', 'behind a URN', 'stock', [scope => "${stock}all"], 'all@stock';
row 'SCP-16', 'two names of one scope', 'orders',
    [scope => "$orders/read read"], 'read@orders';
row 'SCP-16', 'beside the resource', 'orders',
    [scope => "$orders/read", resource => $orders], 'read@orders';
row 'SCP-16', 'of another resource than the named', 'stock',
    [scope => "${api}status", resource => $stock], $no;
row 'SCP-16', 'of two resources', 'stock',
    [scope => "${api}status ${stock}all"], $no;
row 'SCP-16', 'that the client may not have', 'orders',
    [scope => "${stock}all"], $no;
row 'SCP-16', 'which is left out', 'narrow', [scope => "${stock}all read"],
    'read@orders';
row 'SCP-16', 'a scope of that very name goes before', 'literal',
    [scope => "$orders/literal"], "$orders/literal\@api";
row 'SCP-16', "no scope: $_", 'orders', [scope => $_], $no
    for $orders, "$orders/", "$orders//read", "$orders/count",
    "$orders/read/", "${orders}reads", "$orders?read",
    'https://API.example.org/orders/read', 'https://x.example/read';

row 'RSI-09', 'several scopes of several resources', 'both',
    [scope => 'read count'], $no;
row 'RSI-09', 'several resources', 'both',
    [resource => $orders, resource => $stock], $target;
row 'RSI-02', 'an unknown resource and all', 'orders',
    [scope => $all, resource => 'https://x.example/'], $target;
row 'RSI-06', 'all of a resource that is not for the client', 'orders',
    [scope => $all, resource => $stock], $target;
row 'RSI-06', 'a resource without any scope for the client', 'orders',
    [resource => $api], $target;

row 'RSI-13', 'all of two resources', 'both', [scope => $all],
    'count read@stock,orders/900', \@several;
row 'RSI-13', 'two named ones', 'both',
    [resource => $orders, resource => $stock], 'count read@orders,stock/900',
    \@several;
row 'RSI-13', 'qualified scopes of two', 'stock',
    [scope => "${api}status ${stock}all"], 'status all@api,stock/900',
    \@several;
row 'RSI-13', 'a scope of a third beside two named', 'both',
    [resource => $orders, resource => $stock, scope => 'status'], $no,
    \@several;

sub sender {
    my ($site) = @_;
    return sub {
        my ($client, @pairs) = @{ $_[0] };
        return $site->token(basic => [$client, $secret{$site}{$client}],
            form => [grant_type => 'client_credentials', @pairs]);
    };
}

my @servers = ('cgi', Serve->missing('lighttpd') ? () : 'lighttpd');
my $site = make('');
my $off  = make("scope_aliases = false;\n");
my $many = make("token : { multiple_audiences = true; };\n");
for my $server (@servers) {
    $site->start($server);
    Rows::run($_, $server, sender($site)) for @rows;
    $many->start($server);
    Rows::run($_, "$server, several", sender($many)) for @several;
    $off->start($server);
    for my $scope ($all, "${role}order-batch", "read ${expiry}60",
        "$orders/read", "${orders}read") {
        Rows::run({ id => 'SCP-17', says => "switched off: $scope",
            send => ['orders', scope => $scope], want => $no,
            control => ['orders', scope => 'read'] }, $server, sender($off));
    }
}
my ($status, $out) = $site->try_ctl('token', 'issue', 'orders', '--scope',
    "$orders/read");
is Jwt::decode($out =~ s/\n//r)->{claims}{scope}, 'read',
    'the command understands it, too';
($status, undef, my $why) = $site->try_ctl('client', 'set', 'orders',
    '--scope', "$orders/read");
is $status, 1, 'in a record scopes stand by their own names';
done_testing();
