#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Certificates that a proxy hands over in a header: Client-Cert of RFC 9440 or
# another, from the addresses of the policy and from no other, behind each web
# server and as plain CGI; and with nginx and Apache as real proxies, with what
# their snippets say to write.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use Ca;
use Jwt;
use Rows;
use Serve;

my $bad = '400 invalid_request';
my $no  = '401 invalid_client';
my ($site, $ca, $name, $secret);

sub make_site {
    ($name) = @_;
    $site = Serve->new(policy => <<"END");
mtls : { ca = [ "client-cas.pem" ]; header = "$name"; };
proxies = [ "127.0.0.1/32", "192.0.2.0/24" ];
END
    $ca = Ca->new($site->dir . '/run/ca');
    $site->put('client-cas.pem', $ca->pem('root') . $ca->pem('inter'));
    my @role = ('--role', 'order-batch');
    $site->client('dn', @role, '--auth', 'tls_client_auth',
        '--tls-subject-dn', $ca->subject('leaf'));
    $site->client('self', @role, '--auth', 'self_signed_tls_client_auth',
        '--cert', $ca->cert('self'));
    $secret = $site->client('bound', @role, '--bind', 'mtls');
    return;
}

#
# The forms in which a certificate may come.
#

sub pem { return $ca->pem($_[0]) =~ s/\A.*?(?=-----BEGIN)//sr }
sub base64 { return pem($_[0]) =~ s/-----[^-]+-----|\n//gr }
my %form = (
    'RFC 9440'   => sub { ':' . base64($_[0]) . ':' },
    'escaped'    => sub { pem($_[0]) =~ s/([^A-Za-z0-9-])/sprintf '%%%02X',
        ord $1/ger },
    'one line'   => sub { pem($_[0]) =~ s/\n\z//r =~ s/\n/ /gr },
);

# What a row sends: client, or secret; cert, and its form; field, headers as
# they are; name of the header; from, where it comes from; env, for plain CGI.
sub send_row {
    my ($rq) = @_;
    my $form = $form{ $rq->{form} // 'RFC 9440' };
    my @field = $rq->{field} ? @{ $rq->{field} }
        : $rq->{cert} ? (($rq->{name} // $name) => $form->($rq->{cert})) : ();
    my $answer = $site->token(header => \@field,
        form => [grant_type => 'client_credentials',
            $rq->{client} ? (client_id => $rq->{client}) : ()],
        $rq->{client} ? () : (basic => ['bound', $secret]),
        map { $rq->{$_} ? ($_ => $rq->{$_}) : () } qw(from env tls));
    my $header = $answer->{header};
    $header->{'content-length'} = [length $answer->{body}]
        if delete $header->{'transfer-encoding'};
    return $answer;
}

sub bound_to {
    my ($cert) = @_;
    return sub {
        my $jwt = Jwt::decode($_[0]{json}{access_token}) or return 0;
        return Jwt::json($jwt->{claims}{cnf} // {})
            eq Jwt::json({ 'x5t#S256' => $ca->thumbprint($cert) });
    };
}

sub rows {
    my ($where) = @_;
    my $leaf = $form{'RFC 9440'}->('leaf');
    my %dn   = (client => 'dn', cert => 'leaf');
    my %right = (control => {%dn});
    my @rows = map { { says => "in the form of $_", send => { %dn,
        form => $_ }, want => '200', check => bound_to('leaf') } }
        sort keys %form;
    push @rows, { says => 'a self-signed one', send => { client => 'self',
        cert => 'self' }, want => '200', check => bound_to('self') },
        { says => 'under an intermediate of the file', send => {
            client => 'dn', cert => 'inter-leaf' }, want => '200',
            check => bound_to('inter-leaf') },
        { says => 'beside a secret', send => { cert => 'rsa' },
            want => '200', check => bound_to('rsa') },
        { says => 'none beside a secret', send => {}, want => $bad,
            control => { cert => 'leaf' } };
    push @rows, map { { says => "of $_", send => { client => 'dn',
        cert => $_ }, want => $no, %right } }
        qw(foreign-leaf self expired server comma);
    push @rows, { says => 'from an address that is no proxy', send => { %dn,
            from => '127.0.0.2' }, want => $no, %right },
        { says => 'beside a secret, from there', send => { cert => 'leaf',
            from => '127.0.0.2' }, want => $bad,
            control => { cert => 'leaf' } };
    push @rows, map { { says => "in the header $_", send => { %dn,
        name => $_ }, want => $no, %right } } "X-$name", "${name}s",
        'SSL-Client-Cert', 'X-Client-Certificate';
    push @rows, map { { says => "as '$_'", send => { client => 'dn',
        field => [$name => $_] }, want => $no, %right } } '', '(null)';
    push @rows, map { { says => "as '" . substr($_, 0, 20) . "'", send => {
        client => 'dn', field => [$name => $_] }, want => $bad, %right } }
        'x', '::', ":$leaf:", substr($leaf, 0, 200), "$leaf, $leaf",
        '-----BEGIN CERTIFICATE----- -----END CERTIFICATE-----',
        ':' . encode_base64('x' x 500, '') . ':';
    push @rows, { says => 'twice', send => { client => 'dn', field => [
        $name => $leaf, $name => $leaf] }, want => $bad, %right };
    push @rows, { says => 'and another in capitals', send => {
        client => 'dn', field => [$name => $leaf, uc $name => $leaf] },
        want => $bad, %right };
    $_->{id} = 'OWN' for @rows;
    return @rows;
}

# lighttpd makes one variable of both names; the others drop the second.
sub underscore {
    my ($where) = @_;
    my ($good, $other) = map { $form{'RFC 9440'}->($_) } qw(leaf comma);
    my $second = $name =~ tr/-/_/r;
    my $got = Rows::summary(send_row({ client => 'dn',
        field => [$name => $other, $second => $good] }));
    like $got, qr/^(?:$no|$bad)$/,
        "$where: $second beside $name is not believed";
    return;
}

sub variables {
    my @shown = (SSL_CLIENT_VERIFY => 'SUCCESS',
        SSL_CLIENT_CERT => $ca->pem('leaf'));
    my $says = sub {
        my ($want, $name, %rq) = @_;
        is Rows::summary(send_row({ client => 'dn', %rq })), $want, $name;
    };
    $says->($no, "cgi: the proxy's own certificate is not the client's",
        env => {@shown});
    $says->('200', 'cgi: nor does it matter', cert => 'leaf',
        env => { SSL_CLIENT_VERIFY => 'SUCCESS',
            SSL_CLIENT_CERT => $ca->pem('comma') });
    $says->('200', 'cgi: that of who is no proxy is',
        env => { @shown, REMOTE_ADDR => '198.51.100.1' });
    $says->($no, 'cgi: and his header is not', cert => 'leaf',
        env => { REMOTE_ADDR => '198.51.100.1' });
    $says->('200', 'cgi: a proxy of the second network', cert => 'leaf',
        env => { REMOTE_ADDR => '192.0.2.77' });
    return;
}

#
# Real proxies, before themselves.
#

my @shown = (['leaf', 'dn', '200'], ['rsa', 'dn', '200'],
    ['inter-leaf', 'dn', '200'], ['foreign-leaf', 'dn', $no],
    ['self', 'dn', $no], ['self', 'self', '200'], [undef, 'dn', $no],
    [undef, 'self', $no]);

sub through {
    my ($where) = @_;
    for (@shown) {
        my ($by, $client, $want) = @$_;
        my $answer = send_row({ client => $client, tls => tls($by) });
        is Rows::summary($answer), $want, "$where: " . ($by // 'none')
            . " for $client";
        ok bound_to($by)->($answer), '  bound to it' if $want eq '200';
    }
    my @forged = map { my $cert = $_; map { [$_, $cert] } $name,
        $name =~ tr/-/_/r } undef, 'comma';
    for (@forged) {
        my ($field, $by) = @$_;
        my $got = Rows::summary(send_row({ client => 'dn', tls => tls($by),
            field => [$field => $form{'RFC 9440'}->('leaf')] }));
        like $got, qr/^(?:$no|$bad)$/, "$where: the client's own $field, "
            . ($by // 'no') . ' certificate';
    }
    return;
}

sub tls {
    my ($by) = @_;
    return { $by ? (cert => $ca->cert($by), key => $ca->key($by)) : () };
}

sub nginx_proxy {
    my $missing = Serve->missing('nginx');
    plan skip_all => $missing if $missing;
    my ($http, $front);
    my $edit = sub {
        my ($text) = @_;
        my ($set) = $text =~ /^# location there says "(.*?)"/m
            or die "no proxy_set_header\n";
        my ($lines) = grep {/verify_client/}
            Serve::Server::quoted_lines($text);
        my ($key, $crt) = Serve::Tls::server_files($site);
        ($front) = Serve::Server::free_ports(1);
        $http = "server { listen 127.0.0.1:$front ssl; ssl_certificate $crt;"
            . " ssl_certificate_key $key;\n$lines\nlocation / { proxy_pass"
            . " http://127.0.0.1:$site->{port}; $set } }";
        return $text;
    };
    $site->start('nginx', edit => $edit, http => \$http);
    local $site->{tls_port} = $front;
    through('nginx');
    return done_testing();
}

sub apache_proxy {
    my $missing = Serve->missing('apache-proxy-fcgi')
        // (grep { !-e "$Serve::Server::modules/mod_$_.so" }
            qw(proxy_http headers ssl))[0];
    plan skip_all => $missing if $missing;
    my $load = join '', map { "LoadModule ${_}_module "
        . "$Serve::Server::modules/mod_$_.so\n" } qw(proxy_http headers);
    my $set;
    $site->start('apache-proxy-fcgi', edit => sub {
        my ($text) = @_;
        ($set) = $text =~ /say '(RequestHeader .*?)'/ or die "no header\n";
        return "$load$text";
    }, tls => sub {
        my ($lines) = @_;
        $lines =~ s/^SSLOptions.*/$set/m or die "no SSLOptions\n";
        return "${lines}ProxyPass / http://127.0.0.1:$site->{port}/\n";
    });
    through('Apache');
    return done_testing();
}

make_site('Client-Cert');
for my $kind ('cgi', qw(lighttpd nginx apache-fcgid apache-proxy-fcgi)) {
    SKIP: {
        my $missing = Serve->missing($kind);
        skip $missing, 1 if $missing;
        $site->start($kind);
        Rows::run($_, $kind, \&send_row) for rows();
        underscore($kind) if $kind ne 'cgi';
        variables() if $kind eq 'cgi';
    }
}
subtest 'nginx as a proxy' => \&nginx_proxy;
subtest 'Apache as a proxy' => \&apache_proxy;
make_site('X-Tls-Certificate');
$site->start(Serve->any // 'cgi');
Rows::run($_, 'another name', \&send_row) for rows();
is Rows::summary(send_row({ client => 'dn', cert => 'leaf',
    name => 'Client-Cert' })), $no, 'another name: Client-Cert is not it';
done_testing();
