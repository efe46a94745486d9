# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# What has to hold behind every web server with its shipped snippet.
#
#     Serve::Checks::run('nginx');
#
# Options: large, the status that a server gives to a body beyond its own
# limit; lossy, when it refuses requests while it reloads; and those of
# Serve::Server::start.

package Serve::Checks;

use strict;
use warnings;
use Test::More;
use Time::HiRes ();
use Jwt;
use Serve;

my @parts = (\&tokens, \&refusals, \&documents, \&page, \&methods, \&bodies,
    \&hosts, \&protocols, \&parallel, \&reload);
my ($site, $secret, %option);

sub run {
    (my $kind, %option) = @_;
    my $missing = Serve->missing($kind);
    plan skip_all => $missing if $missing;
    $site = Serve->new;
    $secret = $site->client('demo', '--role', 'order-batch');
    $site->start($kind, %option);
    $_->() for @parts;
    undef $site;
    return done_testing();
}

sub good {
    return (basic => ['demo', $secret],
        form => [grant_type => 'client_credentials', scope => 'orders.read'],
        @_);
}

sub is_token {
    my ($answer, $name) = @_;
    my $token = $answer->{json}{access_token};
    is "$answer->{status} " . ($token && Jwt::decode($token) ? 'token' : ''),
        '200 token', $name or diag $answer->{body};
    return;
}

sub is_error {
    my ($answer, $status, $error, $name) = @_;
    is "$answer->{status} " . ($answer->{json}{error} // 'not JSON'),
        "$status $error", $name or diag $answer->{body};
    return;
}

sub header { return join ' and ', @{ $_[0]{header}{ $_[1] } // [] } }

sub tokens {
    my $answer = $site->token(good());
    is_token($answer, 'Basic: the Authorization header arrives');
    is header($answer, 'cache-control'), 'no-store', '  nobody may store it';
    like header($answer, 'content-type'), qr{^application/json\b},
        '  it is JSON';
    my $length = length $answer->{body};
    like header($answer, 'content-length')
        || header($answer, 'transfer-encoding'), qr/^(?:$length|chunked)$/,
        '  its end is told';
    my $jwks = $site->get('/oauth2/v1/keys')->{json};
    ok Jwt::verify(Jwt::decode($answer->{json}{access_token}), $jwks),
        '  the published key verifies it';
    is_token($site->token(form => [grant_type => 'client_credentials',
        client_id => 'demo', client_secret => $secret]), 'in the body');
    my $long = 'x' x 6000;
    is_token($site->token(good(form => [grant_type => 'client_credentials',
        x => $long])), 'a body of several kilobytes');
    return;
}

sub refusals {
    my $answer = $site->token(good(basic => ['demo', 'wrong']));
    is_error($answer, 401, 'invalid_client', 'a wrong secret');
    like header($answer, 'www-authenticate'), qr/^Basic realm="[^"]+"/,
        '  with the challenge';
    is_error($site->token(good(basic => undef)), 401, 'invalid_client',
        'no credentials');
    is_error($site->token(good(header => [Authorization => 'Bearer x'],
        basic => undef)), 401, 'invalid_client', 'another scheme');
    is_error($site->token(good(form => [grant_type => 'password'])), 400,
        'unsupported_grant_type', 'another grant');
    is_error($site->token(good(path => '/oauth2/v1/nothing')), 404,
        'invalid_request', 'no endpoint');
    $answer = $site->token(basic => undef, path => "/oauth2/v1/token?"
        . "grant_type=client_credentials&client_id=demo"
        . "&client_secret=$secret", body => '');
    ok $answer->{status} >= 400 && $answer->{body} !~ /access_token/,
        'credentials in the query are no credentials';
    return;
}

sub documents {
    for my $name (qw(oauth-authorization-server openid-configuration)) {
        my $answer = $site->get("/.well-known/$name");
        is "$answer->{status} " . ($answer->{json}{issuer} // ''),
            "200 $site->{issuer}", "metadata as $name";
    }
    my $answer = $site->get('/oauth2/v1/keys');
    is $answer->{status}, 200, 'keys';
    is ref $answer->{json}{keys}, 'ARRAY', '  are a set';
    $answer = $site->request(method => 'HEAD', path => '/oauth2/v1/keys');
    is "$answer->{status} '$answer->{body}'", "200 ''", '  HEAD without body';
    is $site->get('/oauth2/v1/health')->{json}{status}, 'ok', 'health';
    return;
}

sub page {
    my $answer = $site->get('/oauth2/v1/');
    is $answer->{status}, 200, 'the page';
    like header($answer, 'content-type'), qr{^text/html\b}, '  is HTML';
    is $answer->{body}, Serve::slurp("$Serve::srcdir/www/index.html"),
        '  and the one of www/';
    for my $link ($answer->{body} =~ /href="(?!data:)([^"]+)"/g) {
        my $path = $link =~ m{^/} ? $link : "/oauth2/v1/$link";
        is $site->get($path)->{status}, 200, "  its link $link works";
    }
    unlike $site->get('/oauth2/v1/.htaccess')->{body}, qr/Rewrite/,
        'nothing else of the directory is shown';
    unlike $site->get('/oauth2/v1/ccgrant.fcgi')->{body}, qr/CCGRANT|ELF/,
        'nor is the program';
    return;
}

sub methods {
    my $answer = $site->token(good(method => 'GET', body => undef));
    is_error($answer, 405, 'invalid_request', 'GET of the token endpoint');
    is header($answer, 'allow'), 'POST', '  says what is allowed';
    $answer = $site->token(good(path => '/oauth2/v1/keys'));
    is_error($answer, 405, 'invalid_request', 'POST to the keys');
    is header($answer, 'allow'), 'GET, HEAD', '  says what is allowed';
    $answer = $site->request(method => 'HEAD', path => '/oauth2/v1/token');
    is "$answer->{status} '$answer->{body}'", "405 ''",
        'HEAD of the token endpoint';
    return;
}

sub bodies {
    is_error($site->token(good(body => 'x=' . 'y' x 70_000)), 413,
        'invalid_request', 'a body over the limit of the policy');
    my $answer = $site->token(good(body => 'x=' . 'y' x 2_000_000));
    is $answer->{status}, $option{large} // 413, 'a body of 2 MB';
    is_token($site->token(good()), '  and the next request is served');
    my $conn = $site->connect;
    my %rq = Serve::token_request(good());
    $conn->send(Http::request(%rq, body => undef, header => [
        @{ $rq{header} }, 'Transfer-Encoding' => 'chunked']));
    $conn->send(sprintf "%x\r\n%s\r\n", length, $_)
        for $rq{body} =~ /(.{1,7})/g;
    $conn->send("0\r\n\r\n");
    is_token(Serve::decode($conn->answer // {}), 'a body in chunks');
    return;
}

sub hosts {
    my $answer = $site->token(good(host => 'evil.example'));
    is_token($answer, 'another Host');
    my $claims = Jwt::decode($answer->{json}{access_token})->{claims};
    is $claims->{iss}, $site->{issuer}, '  does not become the issuer';
    is $site->get('/.well-known/oauth-authorization-server',
        host => 'evil.example')->{json}{token_endpoint},
        "$site->{issuer}/oauth2/v1/token", '  nor the token endpoint';
    return;
}

sub protocols {
    is_token($site->token(good(version => '1.0')), 'HTTP/1.0');
    my $conn = $site->connect;
    my %rq   = Serve::token_request(good());
    my $text = Http::request(%rq, header => [@{ $rq{header} },
        Expect => '100-continue']);
    my $head = length($text) - length $rq{body};
    $conn->send(substr $text, 0, $head);
    $conn->fill;
    like $conn->{in}, qr{^HTTP/1\.1 100 }, 'Expect: 100-continue';
    $conn->send(substr $text, $head);
    is_token(Serve::decode($conn->answer // {}), '  and the answer');
    is_token(Serve::decode(do { $conn->send(Http::request(%rq));
        $conn->answer // {} }), 'a second request on the connection');
    $conn = $site->connect;
    $conn->send(Http::request(%rq) x 2);
    is_token(Serve::decode($conn->answer // {}), 'pipelined: the first');
    is_token(Serve::decode($conn->answer // {}), '  and the second');
    return;
}

# All are sent before the first answer is read.
sub burst {
    my ($n) = @_;
    my @conns = grep { $_ && $_->send(Http::request(
        Serve::token_request(good()))) } map { $site->connect } 1 .. $n;
    return map { Serve::decode($_->answer // {}) } @conns;
}

sub parallel {
    my @tokens = grep { defined } map { $_->{json}{access_token} } burst(50);
    my %seen = map { $_ => 1 } @tokens;
    is scalar(@tokens), 50, 'fifty requests at once get tokens';
    is scalar(keys %seen), 50, '  no two alike';
    return;
}

# Each request has a new connection: one that is kept may be closed at any
# time.
sub reload {
    my ($n, %bad) = (0);
    for my $round (1 .. 2) {
        $site->reload or die "the server is gone\n";
        my $until = Time::HiRes::time() + 1;
        while (Time::HiRes::time() < $until) {
            my $answer = $site->token(good(header => [Connection => 'close']));
            $n++;
            $bad{ $answer->{status} }++ if !$answer->{json}{access_token};
        }
    }
    my $bad = join ', ', map {"$bad{$_} with $_"} sort keys %bad;
    note "$n requests during two reloads; refused: $bad";
    is $bad, '', 'requests while the server reloads get tokens'
        unless $option{lossy};
    is_token($site->token(good()), 'and after two reloads');
    return;
}

1;
