#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The protocol, case by case: what is sent and what must come back.  Each row
# runs as plain CGI and through lighttpd, and each refusal with its control,
# the same request without the defect.
#
# The ids are those of a catalogue of black-box cases; TOK-40, TOK-45, TOK-47
# and HTT-09 are in Serve::Checks, because each server has its own way.  Not
# here: TOK-18 (there is one grant), BAS-28 (there are two methods), ATJ-13.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(encode_base64 encode_base64url);
use Test::More;
use Jwt;
use Rows;
use Serve;

my ($orders, $bills, $search) = map {"https://api.example.org/$_"}
    'orders', 'bills', 'search?v=2';
my $tricky = 'a b&c%d+e=f/g?h:"\\' . "\x{e9}";
utf8::encode($tricky);

my $site = Serve->new;
my %secret;

# demo is who most rows are about.
sub add {
    my ($id, @options) = @_;
    return $secret{$id} = $site->client($id, @options);
}

sub add_with {
    my ($id, $text, @options) = @_;
    return $secret{$id} = $site->client_with($id, $text, @options);
}

my @order = ('--role', 'order-batch');
add('demo', @order);
add('post', @order, '--auth', 'client_secret_post');
add('off', @order);
$site->ctl(qw(client disable off));
add('old', @order, '--expires', '2020-01-01');
add('near', @order, '--network', '127.0.0.0/8');
add('far', @order, '--network', '192.0.2.0/24');
add('nobody');
add('all', @order, '--role', 'bill-batch');
add('short', @order, '--lifetime', '120', '--max-lifetime', '300');
add('none', @order, '--default-scope', 'none');
add('some', @order, '--default-scope', 'orders.write');
add('must', @order, '--default-scope', 'reject');
add('narrow', @order, '--excess-scope', 'narrow');
add('search', '--role', 'searcher');
add('moving', @order);
add_with('tricky', $tricky, @order);
add_with('colon', 'a:b-long-enough-for-everybody', @order);
add_with('qq', '???~~~???~~~???~~~', @order);
my $stale = $site->ctl(qw(secret add demo --expires 1s))->{client_secret};
my $stale_at = time + 2;

sub pairs { return [grant_type => 'client_credentials', @_] }
sub b64 { return 'Basic ' . encode_base64($_[0], '') }
my $plain = "demo:$secret{demo}";
my $grant = 'grant_type=client_credentials';
my $urlencoded = 'application/x-www-form-urlencoded';

# The same request by the other method.
sub post {
    my ($id, $text, @more) = @_;
    return (basic => undef,
        form => pairs(client_id => $id, client_secret => $text, @more));
}

sub by { my ($id) = @_; return (basic => [$id, $secret{$id}]) }

sub jwt { return Jwt::decode($_[0]{json}{access_token} // '') }

# The answer's scopes, or its audience.
sub scopes { return $_[0]{json}{scope} // '(none)' }
sub aud { return (jwt($_[0]) // {})->{claims}{aud} // '(none)' }

my (@rows, $seen);

# id and sentence; what differs from demo's plain request; what must come
# back; for a refusal, what differs in its control.
sub row {
    my ($id, $says, $send, $want, %more) = @_;
    push @rows, { id => $id, says => $says, send => $send, want => $want,
        %more };
    return;
}

my $bad = '400 invalid_request';
my $no  = '401 invalid_client';

row 'TOK-01', 'a plain request', {}, '200', check => sub {
    my ($answer) = @_;
    return $answer->{json}{token_type} eq 'Bearer'
        && $answer->{body} =~ /"expires_in":3600[,}]/;
};
row 'TOK-05', 'the next token is another', {}, '200', check => sub {
    my ($answer) = @_;
    my $first = $seen;
    $seen = jwt($answer)->{claims}{jti};
    return length $seen >= 22 && $seen ne ($first // '');
} for 1 .. 2;
row 'TOK-06', 'a token can be sent in a header', {}, '200', check => sub {
    return $_[0]{json}{access_token} =~ m{^[A-Za-z0-9._~+/-]+=*$};
};
row 'TOK-07', "grant type $_", { form => [grant_type => $_] },
    '400 unsupported_grant_type'
    for qw(password authorization_code refresh_token urn:example:x);
row 'TOK-08', 'no grant type', { form => [scope => 'orders.read'] }, $bad;
row 'TOK-08', 'an empty grant type', { form => [grant_type => ''] }, $bad;
row 'TOK-08', 'an empty body', { body => '' }, $bad;
row 'TOK-10', "grant type $_", { form => [grant_type => $_] },
    '400 unsupported_grant_type'
    for 'Client_Credentials', 'CLIENT_CREDENTIALS', 'client_credentials ';
row 'TOK-11', 'unknown parameters', { body =>
    "$grant&foo=bar&response_type=code&x%5B%5D=1&foo=baz&nameless" }, '200';
row 'TOK-13', 'grant_type twice', { body => "$grant&$grant" }, $bad;
row 'TOK-13', 'two grant types',
    { body => "grant_type=password&$grant" }, $bad;
row 'TOK-13', 'scope twice',
    { body => "$grant&scope=orders.read&scope=orders.read" }, $bad,
    control => { body => "$grant&scope=orders.read" };
row 'TOK-13', 'client_secret twice', { basic => undef, body =>
    "$grant&client_id=demo&client_secret=x&client_secret=$secret{demo}" },
    $bad, control => { post('demo', $secret{demo}) };
row 'TOK-13', 'an empty one is none',
    { body => "grant_type=&$grant&scope=" }, '200';
row 'TOK-15', 'all in the query', { basic => undef, body => '',
    path => "/oauth2/v1/token?$grant&client_id=demo"
        . "&client_secret=$secret{demo}" }, $no;
row 'TOK-15', 'the grant type in the query',
    { body => '', path => "/oauth2/v1/token?$grant" }, $bad;
row 'TOK-15', 'the query does not count',
    { path => '/oauth2/v1/token?grant_type=password&scope=x' }, '200';
row 'TOK-19', 'a disabled client', { by('off') }, $no;
row 'TOK-19', 'an expired client', { by('old') }, $no;
row 'TOK-21', 'a disabled client is like an unknown one',
    { basic => ['off', 'wrong'] }, $no, same => { basic => ['x', 'wrong'] };
row 'TOK-21', 'and so is one from another network', { by('far') }, $no,
    same => { basic => ['x', 'wrong'] }, control => { by('near') };
row 'TOK-22', 'expires_in is true', {}, '200', check => sub {
    my $claims = jwt($_[0])->{claims};
    return $claims->{exp} - $claims->{iat} == $_[0]{json}{expires_in}
        && abs($claims->{iat} - time) <= 60;
};
row 'TOK-22', 'the lifetime of the record', { by('short') }, '200',
    check => sub { return $_[0]{json}{expires_in} == 120 };
row 'TOK-24', "type $_", { type => $_ }, '200'
    for "$urlencoded; charset=UTF-8", "$urlencoded;charset=utf-8",
    "$urlencoded; charset=\"utf-8\"", "$urlencoded; x=y", uc $urlencoded;
row 'TOK-24', 'another charset',
    { type => "$urlencoded; charset=iso-8859-1" }, $bad,
    control => { type => "$urlencoded; charset=utf-8" };
row 'TOK-26', 'JSON', { type => 'application/json',
    body => '{"grant_type":"client_credentials"}' }, $bad;
row 'TOK-27', 'multipart', { type => 'multipart/form-data; boundary=b',
    body => "--b\r\nContent-Disposition: form-data; name=\"grant_type\""
        . "\r\n\r\nclient_credentials\r\n--b--\r\n" }, $bad;
row 'TOK-28', 'a form sent as text', { type => 'text/plain' }, $bad;
row 'TOK-28', "a type like $_", { type => $_ }, $bad
    for "${urlencoded}x", "x$urlencoded", "$urlencoded, text/plain";
row 'TOK-28', 'no type', { type => undef }, $bad;
row 'TOK-29', "method $_", { method => $_, body => undef,
    path => "/oauth2/v1/token?$grant" }, '405 invalid_request',
    allow => 'POST' for qw(GET PUT DELETE PATCH OPTIONS);
row 'TOK-29', 'methods are case-sensitive', { method => 'post' },
    '405 invalid_request', allow => 'POST', only => 'cgi';
row 'TOK-32', 'blanks', { body => "$grant&scope=orders.write${_}orders.read" },
    '200', check => sub { return scopes($_[0]) eq 'orders.write orders.read' }
    for '+', '%20';
row 'TOK-35', "bytes: $_", { body => "$grant&$_" }, $bad
    for 'scope=%ff%fe', 'client_id=%c0%af', 'scope=%00', 'x=%zz', 'x=%4',
    'x=%', 'scope=%ed%a0%80', "x=\xff", '%ff=x';
row 'TOK-36', 'a scope of 20,000 characters',
    { form => pairs(scope => 'x' x 20_000) }, '400 invalid_scope';
row 'TOK-37', 'a body of the limit',
    { body => "$grant&x=" . 'y' x (65536 - 3 - length $grant) }, '200';
row 'TOK-37', 'a body over the limit',
    { body => "$grant&x=" . 'y' x (65537 - 3 - length $grant) },
    '413 invalid_request';
row 'TOK-37', 'a body of 2 MB', { body => "$grant&x=" . 'y' x 2_000_000 },
    qr/^413 /;
row 'TOK-42', 'a body shorter than declared',
    { header => ['Content-Length' => 999] }, $bad, only => 'cgi';
row 'TOK-42', "a length of $_", { header => ['Content-Length' => $_] },
    $bad, only => 'cgi' for '-1', '0x1d', '29 ', '29, 29';
row 'TOK-43', 'empty pairs', { body => "&&$grant&&" }, '200';
row 'TOK-44', 'the scope is told', { form => pairs(scope => 'orders.read') },
    '200', check => sub { return scopes($_[0]) eq 'orders.read' };

row 'ERR-04', 'markup', { form => pairs(scope => '<script>1</script>') },
    '400 invalid_scope';
row 'ERR-11', 'an unknown scope', { form => pairs(scope => 'nosuch') },
    '400 invalid_scope';
row 'ERR-12', "no endpoint: $_", { path => $_ }, '404 invalid_request'
    for map {"/oauth2/v1/$_"} qw(introspection Revoke Token token/ token/x tok);

row 'BAS-01', 'Basic', {}, '200';
row 'BAS-01', "scheme: $_", { basic => undef,
    auth => $_ . encode_base64($plain, '') }, '200'
    for 'basic ', 'BASIC ', 'Basic    ';
row 'BAS-02', 'special characters, form-encoded', { by('tricky') }, '200';
row 'BAS-06', 'a colon in the secret, encoded', { by('colon') }, '200';
row 'BAS-06', 'a colon in the secret, as it is',
    { basic => undef, auth => b64("colon:$secret{colon}") }, '200';
row 'BAS-09', "only '$_'", { basic => undef, auth => $_ }, $no
    for 'Basic', 'Basic ', 'Basic  ', 'Basic =', 'Basic ====';
{
    my $good = encode_base64($plain, '');
    my $url  = 'qq:???~~~???~~~???~~~';
    my %value = (
        'a bad character at the end' => "$good!",
        'a bad character inside' => substr($good, 0, 5) . '*'
            . substr($good, 5),
        'a blank inside' => substr($good, 0, 8) . ' ' . substr($good, 8),
        'a second word'  => "$good x",
        'padding too much' => "$good====",
    );
    row 'BAS-10', "base64 with $_",
        { basic => undef, auth => "Basic $value{$_}" }, $no
        for sort keys %value;
    row 'BAS-10', 'base64 in the alphabet for URLs',
        { basic => undef, auth => 'Basic ' . encode_base64url($url) }, $no,
        control => { basic => undef, auth => b64($url) };
    row 'BAS-10', 'base64 without padding', { basic => undef,
        auth => b64('colon:a:b-long-enough-for-everybody') =~ s/=+$//r }, $no,
        control => { by('colon') };
}
row 'BAS-11', 'no colon', { basic => undef, auth => b64('demo') }, $no;
row 'BAS-12', 'no secret', { basic => undef, auth => b64('demo:') }, $no;
row 'BAS-13', 'no id',
    { basic => undef, auth => b64(":$secret{demo}") }, $no;
row 'BAS-14', 'a wrong secret', { basic => ['demo', 'wrong'] }, $no;
row 'BAS-14', 'an unknown client', { basic => ['nosuch', 'wrong'] }, $no,
    same => { basic => ['demo', 'wrong'] };
row 'BAS-14', "another client's secret", { basic => ['demo', $secret{off}] },
    $no;
row 'BAS-15', "nearly the secret: $_->[0]", { basic => ['demo', $_->[1]] },
    $no for ['one less', substr $secret{demo}, 0, -1],
    ['one more', "$secret{demo}x"], ['a line end', "$secret{demo}\n"],
    ['a blank before', " $secret{demo}"], ['capitals', uc $secret{demo}],
    ['twice', $secret{demo} x 2], ['ccgs_', 'ccgs_'];
row 'BAS-15', 'a bad escape',
    { basic => undef, auth => b64("$plain%4") }, $no;
row 'BAS-15', 'a NUL', { basic => undef, auth => b64("$plain\0x") }, $no;
row 'BAS-17', 'the same client_id in the body',
    { form => pairs(client_id => 'demo') }, '200';
row 'BAS-17', 'another client_id in the body',
    { form => pairs(client_id => 'off') }, $bad,
    control => { form => pairs(client_id => 'demo') };
row 'BAS-20', 'Basic and client_secret',
    { form => pairs(client_id => 'demo', client_secret => $secret{demo}) },
    $bad;
row 'BAS-20', 'Basic and an assertion', { form => pairs(
    client_assertion => 'x', client_assertion_type =>
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer') }, $bad;
row 'BAS-20', 'an assertion alone', { basic => undef, form => pairs(
    client_assertion => 'x', client_assertion_type =>
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer') }, $no;
row 'BAS-21', 'two Authorization headers, the right one first', {
    header => [Authorization => b64('demo:wrong')] }, qr/^40[01] /;
row 'BAS-21', 'two Authorization headers, the right one last', {
    basic => undef, header => [Authorization => b64('demo:wrong'),
        Authorization => b64($plain)] }, qr/^40[01] /;
row 'BAS-22', 'Basic, registered for post', { by('post') }, $no,
    control => { post('post', $secret{post}) };
row 'BAS-23', "scheme: $_", { basic => undef, auth => $_ }, $no
    for 'Bearer foo', 'Digest username="demo"', 'Basicx eDp5',
    'Bearer ' . encode_base64($plain, '');
row 'BAS-24', 'an expired secret', { basic => ['demo', $stale] }, $no;
row 'BAS-26', 'the id in capitals', { basic => ['DEMO', $secret{demo}] }, $no;
row 'BAS-27', 'a header of 16 kB',
    { basic => ['demo', 'x' x 12_000] }, qr/^4\d\d /;
row 'BAS-29', 'no credentials', { basic => undef }, $no;
row 'BAS-29', 'client_id alone',
    { basic => undef, form => pairs(client_id => 'demo') }, $no;

row 'PST-01', 'in the body', { post('demo', $secret{demo}) }, '200';
row 'PST-02', 'a wrong secret', { post('demo', 'wrong') }, $no,
    control => { post('demo', $secret{demo}) };
row 'PST-03', 'a secret without id', { basic => undef,
    form => pairs(client_secret => $secret{demo}) }, $bad,
    control => { post('demo', $secret{demo}) };
row 'PST-05', 'an empty secret', { post('demo', '') }, $no;
row 'PST-08', 'special characters', { post('tricky', $tricky) }, '200';
row 'PST-08', 'special characters, encoded twice',
    { post('tricky', Serve::escape($tricky)) }, $no,
    control => { post('tricky', $tricky) };
row 'PST-09', "nearly the secret: $_->[0]", { post('demo', $_->[1]) }, $no,
    control => { post('demo', $secret{demo}) }
    for ['one less', substr $secret{demo}, 0, -1],
    ['one more', "$secret{demo}x"], ['a line end', "$secret{demo}\n"],
    ['capitals', uc $secret{demo}];
row 'PST-11', 'the secret in the query', { basic => undef,
    form => pairs(client_id => 'demo'),
    path => "/oauth2/v1/token?client_secret=$secret{demo}" }, $no,
    control => { post('demo', $secret{demo}) };
row 'PST-12', 'an expired secret', { post('demo', $stale) }, $no,
    control => { post('demo', $secret{demo}) };
row 'PST-13', "$_->[0] and $_->[1]", { basic => undef,
    form => pairs($_->[0] => 'demo', $_->[1] => $secret{demo}) },
    qr/^40[01] /, control => { post('demo', $secret{demo}) }
    for ['Client_ID', 'client_secret'], ['client_id', 'CLIENT_SECRET'];

sub scope_row {
    my ($id, $says, $client, $scope, $granted) = @_;
    my $ok = $granted !~ /^400/;
    row $id, $says, { by($client), form => pairs(defined $scope
        ? (scope => $scope) : ()) }, $ok ? '200' : $granted,
        $ok ? (check => sub {
            return scopes($_[0]) eq $granted
                && (jwt($_[0])->{claims}{scope} // '(none)') eq $granted;
        }) : $client eq 'nobody' ? ()
        : (control => { by($client), form => pairs(scope => 'orders.read') });
    return;
}

my $excess = '400 invalid_scope';
my $both   = 'orders.read orders.write';
scope_row 'SCP-01', 'a part is granted exactly', 'demo', 'orders.write',
    'orders.write';
scope_row 'SCP-02', 'none asked: all', 'demo', undef, $both;
scope_row 'SCP-02', 'none asked: none', 'none', undef, '(none)';
scope_row 'SCP-02', 'none asked: the list', 'some', undef, 'orders.write';
scope_row 'SCP-02', 'none asked: refused', 'must', undef, $excess;
scope_row 'SCP-02', 'an empty one is none asked', 'demo', '', $both;
scope_row 'SCP-03', 'unknown', 'demo', 'nosuch', $excess;
scope_row 'SCP-03', 'unknown beside a known one', 'demo',
    'orders.read nosuch', $excess;
scope_row 'SCP-03', 'known, but not for this client', 'demo', 'bills.read',
    $excess;
scope_row 'SCP-03', 'left out, where the record says so', 'narrow',
    'bills.read orders.read nosuch', 'orders.read';
scope_row 'SCP-03', 'nothing is left', 'narrow', 'bills.read', $excess;
scope_row 'SCP-05', "form: '$_'", 'demo', $_, $excess
    for ' orders.read', 'orders.read ', 'orders.read  orders.write',
    "orders.read\torders.write", '"orders.read"', 'orders\\read',
    'orders.read,orders.write', 'Orders.Read';
scope_row 'SCP-06', 'repeated', 'demo', 'orders.read orders.read',
    'orders.read';
scope_row 'SCP-09', 'the order is kept', 'demo', 'orders.write orders.read',
    'orders.write orders.read';
scope_row 'SCP-10', 'a client without any role', 'nobody', undef, $excess;
scope_row 'SCP-10', 'and what it asks for', 'nobody', 'orders.read', $excess;
scope_row 'SCP-12', 'one scope a thousand times', 'demo',
    join(' ', ('orders.read') x 1000), 'orders.read';
scope_row 'SCP-12', 'a thousand unknown scopes', 'demo',
    join(' ', map {"s$_"} 1 .. 1000), $excess;
scope_row 'SCP-15', 'all by the alias', 'demo', 'urn:opc:idm:__myscopes__',
    $both;
scope_row 'SCP-15', 'those of a role', 'demo', 'urn:opc:idm:role.order-batch',
    $both;
scope_row 'SCP-15', 'those of a role not granted', 'demo',
    'urn:opc:idm:role.bill-batch', $excess;
row 'SCP-15', 'a shorter lifetime', { form => pairs(scope =>
    'orders.read urn:opc:resource:expiry=60') }, '200', check => sub {
    return $_[0]{json}{expires_in} == 60 && scopes($_[0]) eq 'orders.read';
};
row 'SCP-15', 'a lifetime over the limit is cut', { by('short'),
    form => pairs(scope => 'urn:opc:resource:expiry=9999999') }, '200',
    check => sub { return $_[0]{json}{expires_in} == 300 };

sub aud_row {
    my ($id, $says, $client, $pairs, $want) = @_;
    my $ok = $want !~ /^400/;
    row $id, $says, { by($client), form => pairs(@$pairs) },
        $ok ? '200' : $want,
        $ok ? (check => sub { return aud($_[0]) eq $want }) : ();
    return;
}

my $details = '400 invalid_authorization_details';
aud_row 'RAR-01', 'authorization details', 'demo',
    [authorization_details => '[{"type":"payment"}]'], $details;
aud_row 'RAR-01', 'none of them', 'demo', [authorization_details => ''],
    $orders;

my $target = '400 invalid_target';
aud_row 'RSI-01', 'the resource is the audience', 'demo',
    [resource => $orders], $orders;
aud_row 'RSI-01', 'one of two', 'all', [resource => $bills], $bills;
aud_row 'RSI-02', 'unknown', 'demo', [resource => 'https://unknown.example/'],
    $target;
aud_row 'RSI-02', "no URI of a resource: $_", 'demo', [resource => $_],
    $target for 'orders', "$orders#x", "$orders/", uc $orders, '/';
aud_row 'RSI-06', 'not for this client', 'demo', [resource => $bills],
    $target;
aud_row 'RSI-08', 'no resource: that of the scopes', 'demo', [], $orders;
aud_row 'RSI-08', 'no resource: that of the asked scope', 'all',
    [scope => 'bills.read'], $bills;
aud_row 'RSI-08', 'scopes of two resources', 'all',
    [scope => 'bills.read orders.read'], $excess;
aud_row 'RSI-09', 'a scope of another resource', 'all',
    [resource => $bills, scope => 'orders.read'], $excess;
aud_row 'RSI-09', 'two resources', 'all',
    [resource => $bills, resource => $orders], $target;
aud_row 'RSI-09', 'one resource twice', 'all',
    [resource => $bills, resource => $bills], $bills;
aud_row 'RSI-11', 'a resource with a query', 'search', [resource => $search],
    $search;
row 'RSI-12', 'algorithm and lifetime of the resource', { by('all'),
    form => pairs(resource => $bills) }, '200', check => sub {
    return jwt($_[0])->{header}{alg} eq 'RS256'
        && $_[0]{json}{expires_in} == 600;
};

row 'HTT-01', 'a preflight gives no leave', { method => 'OPTIONS',
    body => undef, header => [Origin => 'https://evil.example',
        'Access-Control-Request-Method' => 'POST'] },
    '405 invalid_request', allow => 'POST', check => sub {
    return !grep { /^access-control/ } keys %{ $_[0]{header} };
};
row 'HTT-03', 'GET that says it is POST', { method => 'GET', body => undef,
    header => ['X-HTTP-Method-Override' => 'POST'] }, '405 invalid_request',
    allow => 'POST';
row 'HTT-03', 'POST that says it is another',
    { header => ['X-HTTP-Method-Override' => 'DELETE'],
        form => pairs(_method => 'DELETE') }, '200';
row 'HTT-06', 'an assertion in the header',
    { basic => undef, auth => 'Bearer eyJhbGciOiJub25lIn0.e30.' }, $no;

sub send_row { return $site->token(by('demo'), %{ $_[0] }) }

# A change in the record holds for the next request.
sub run_change {
    my ($where) = @_;
    my @moving = (by('moving'), form => pairs(scope => 'orders.read'));
    $site->ctl(qw(client set moving), @order);
    is Rows::summary($site->token(@moving)), '200',
        "$where: SCP-14 a role granted";
    $site->ctl(qw(client set moving --role bill-batch));
    is Rows::summary($site->token(@moving)), $excess,
        "$where: SCP-14 a role withdrawn";
    my $new = $site->ctl(qw(secret add moving))->{client_secret};
    @moving = (form => pairs(scope => 'bills.read'));
    is Rows::summary($site->token(@moving, by('moving'))), '200',
        "$where: the first of two secrets";
    is Rows::summary($site->token(@moving, basic => ['moving', $new])), '200',
        "$where: the second of two secrets";
    $site->ctl(qw(client disable moving));
    is Rows::summary($site->token(@moving, by('moving'))), $no,
        "$where: disabled at once";
    $site->ctl(qw(client enable moving));
    is Rows::summary($site->token(@moving, by('moving'))), '200',
        "$where: enabled at once";
    return;
}

sub run_all {
    my ($where) = @_;
    my @tokens = map { Rows::run($_, $where, \&send_row) }
        grep { ($_->{only} // $where) eq $where } @rows;
    run_change($where);
    my $log = $site->log_text;
    like $log, qr/outcome="?invalid_client/, "$where: refusals are logged";
    my @told = grep { index($log, $_) >= 0 } @tokens, $stale,
        map { length > 12 ? $_ : () } values %secret;
    is scalar(@told), 0, "$where: no secret and no token is in the log";
    return;
}

$site->start('cgi');
Serve::wait_for(sub { time >= $stale_at });
run_all('cgi');
SKIP: {
    my $missing = Serve->missing('lighttpd');
    skip $missing, 1 if $missing;
    $site->start('lighttpd');
    run_all('lighttpd');
    for my $path (map {"/oauth2/v1/$_"} './token', 'x/../token',
        'x/%2e%2e/token', '%2e%2e/token', 'x%2f..%2ftoken', '%00', '%ff') {
        like Rows::summary(send_row({ path => $path })), qr/^[234]\d\d/,
            "HTT-10 $path";
    }
}
done_testing();
