#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# ccgrant explain against the responder: for what is refused, the log, a
# supposed request and the captured one name the same rule, and the line of the
# policy is the right one; for what is allowed, the claims are those of the
# token.  And nothing in the store changes.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use Test::More;
use Dpop;
use Jwt;
use Serve;

my $bearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
my $detail = '[{"type":"payment","actions":["read"]}]';
my $site = Serve->new(limits => '', init => 0, resources => <<'END');
@include "roles.conf"
resources = (
  { audience = "https://api.example.org/orders";
    scopes = [ "orders.read",
               "orders.write" ]; },
  { audience = "https://api.example.org/bills"; scopes = [ "bills.read" ];
    format = "opaque";
    lifetime = 600; claims = [ "tier=1" ]; },
  { audience = "https://api.example.org/search"; scopes = [ "search" ];
    alg = "RS256"; }
);
details = (
  { type = "payment"; audience = "https://api.example.org/bills";
    roles = [ "payer" ]; actions = [ "read" ]; members = [ "note" ]; }
);
networks = [ "127.0.0.0/8", "192.0.2.0/24" ];
token : { max_lifetime = 7200; };
mtls : { required = false; };
assertions : {
  skew = 30;
  max_lifetime = 3600;
};
limits : { body = 8192; lockout = true;
  failures = 3; };
END
$site->put('roles.conf', <<'END');
roles = (
  { name = "order-batch"; scopes = [ "orders.read", "bills.read" ]; },
  { name = "writer";
    scopes = [ "orders.write" ]; },
  { name = "payer"; scopes = [ "bills.read" ]; },
  { name = "searcher"; scopes = [ "search" ]; }
);
END
$site->ctl('init');
$site->start('cgi');

my $key   = Jwt::make_key($site->dir . '/run/key.pem', 'P-256');
my $other = Jwt::make_key($site->dir . '/run/other.pem', 'P-256');
my $jwks  = $site->put('run/jwks', Jwt::json(Jwt::jwk($key)));
my @keys  = ('--auth', 'private_key_jwt', '--jwks', $jwks);
my @role  = ('--role', 'order-batch');
my %secret;

sub client {
    my ($id, @options) = @_;
    $secret{$id} = $site->client($id, @options);
    return;
}

client('app', @role);
client('post', @role, '--auth', 'client_secret_post');
client('es', @role, @keys);
client('off', @role);
$site->ctl('client', 'disable', 'off');
client('over', @role, '--expires', '2020-01-01');
client('near', @role, '--network', '192.0.2.0/28');
client('mtls', @role, '--bind', 'mtls');
client('dpop', @role, '--bind', 'dpop');
client('any', @role, '--bind', 'any');
client('nonce', @role, '--bind', 'dpop', '--dpop-nonce', 'required');
client('must', @role, '--default-scope', 'reject');
client('bare');
client('narrow', @role, '--excess-scope', 'narrow');
client('brief', @role, '--max-lifetime', '60', '--lifetime', '30');
client('payer', '--role', 'payer');
client('own', '--role', 'writer', '--scope', 'orders.read', '--claim',
    'unit="north"', '--format', 'opaque');
client('array', @role, '--scope-claim', 'array', '--aud-claim', 'array');
client('search', '--role', 'searcher');
client('few', @role, '--budget', '1/day');
client('guessed', @role);
client('again', @role, '--reuse', '51', '--lifetime', '10', '--budget',
    '1/day');

my $jti = 0;

sub assertion {
    my ($id, %o) = @_;
    my %claims = (iss => $id, sub => $id, aud => $site->{issuer},
        exp => time + 300, iat => time, jti => "$$-" . ++$jti,
        %{ $o{claims} // {} });
    delete @claims{ grep { !defined $claims{$_} } keys %claims };
    return [grant_type => 'client_credentials',
        client_assertion_type => $bearer, client_assertion =>
            Jwt::make($o{key} // $key, 'ES256', { alg => 'ES256' },
            \%claims)];
}

sub ask { return [grant_type => 'client_credentials', @_] }

# The line of the file in which the text stands.
sub line_of {
    my ($file, $text) = @_;
    my @lines = split /\n/, Serve::slurp($site->dir . "/$file");
    my ($n) = grep { index($lines[$_], $text) >= 0 } 0 .. $#lines;
    defined $n or die "no \"$text\" in $file\n";
    return $site->dir . "/$file:" . ($n + 1);
}

# The rule in the last line of the log.
sub logged {
    my ($line) = (split /\n/, Serve::slurp($site->dir . '/log/cgi') // '')[-1];
    return ($line // '') =~ / rule="([^"]*)"/ ? $1 : "none: $line";
}

sub told {
    my ($input, @options) = @_;
    my ($status, $out, $err) = $site->try_ctl(\$input, '--json', 'explain',
        @options);
    my $said = eval { JSON::PP->new->utf8->decode($out) }
        // { rule => "none: $err" };
    $said->{exit} = $status;
    return $said;
}

sub where_of {
    my ($said) = @_;
    return map { $_->{where} // () } grep { $_->{outcome} ne 'ok' }
        @{ $said->{steps} // [] };
}

# says; client, whose secret is sent unless the row has its own; send, options
# of Serve::token(); options of explain, or none where a supposed request has
# no such thing; rule; where, file and text of a line that is named.
my @rows = map { my %row; @row{qw(says client send ask rule where)} = @$_;
    \%row }
    ['another method', 'app', { method => 'PUT' }, undef, 'request.method'],
    ['a body over the limit', 'app', { body => 'x' x 9000 }, undef,
        'request.length', ['ccgrant.conf', 'body = 8192']],
    ['another media type', 'app', { type => 'text/plain' }, undef,
        'request.type'],
    ['a malformed body', 'app', { body => 'grant_type=%zz' }, undef,
        'request.form'],
    ['a parameter twice', 'app', { form => ask(scope => 'x', scope => 'y') },
        undef, 'request.parameter'],
    ['nothing that authenticates', undef, { form => ask() }, undef,
        'auth.none'],
    ['two ways', 'app', { form => ask(client_secret => 'x') }, undef,
        'auth.several'],
    ['another scheme', undef, { auth => 'Bearer x' }, undef, 'auth.basic'],
    ['a wrong secret', undef, { basic => ['search', 'wrong'] }, undef,
        'auth.secret'],
    ['half of what authenticates', undef, { form => ask(client_secret =>
        'x') }, undef, 'auth.body'],
    ['an unknown client', undef, { basic => ['nobody', 'x'] }, ['nobody'],
        'auth.unknown-client'],
    ['a secret of who has keys', undef, { basic => ['es', 'x'] },
        ['es', '--method', 'client_secret_basic'], 'auth.method'],
    ['Basic of who posts', 'post', {}, ['post', '--method',
        'client_secret_basic'], 'auth.method'],
    ['an assertion of who has secrets', undef, { form => assertion('app') },
        ['app', '--method', 'private_key_jwt'], 'auth.method'],
    ['a disabled client', 'off', {}, ['off'], 'auth.disabled'],
    ['a client that has expired', 'over', {}, ['over'], 'auth.expired'],
    ['another network', 'near', {}, ['near', '--from', '127.0.0.1'],
        'auth.network'],
    ['a network of nobody', 'app', { from => '198.51.100.1' },
        ['app', '--from', '198.51.100.1'], 'auth.policy-networks',
        ['ccgrant.conf', 'networks = ']],
    ['another key', undef, { form => assertion('es', key => $other) }, undef,
        'auth.assertion.signature'],
    ['another audience', undef, { form => assertion('es', claims => { aud =>
        'https://other.example' }) }, undef, 'auth.assertion.aud',
        ['ccgrant.conf', 'issuer = ']],
    ['an assertion that has expired', undef, { form => assertion('es',
        claims => { exp => time - 60, iat => time - 90 }) }, undef,
        'auth.assertion.expired', ['ccgrant.conf', 'skew = 30']],
    ['an assertion for too long', undef, { form => assertion('es', claims =>
        { exp => time + 7200 }) }, undef, 'auth.assertion.lifetime',
        ['ccgrant.conf', 'max_lifetime = 3600']],
    ['an assertion of the future', undef, { form => assertion('es', claims =>
        { nbf => time + 600, exp => time + 900 }) }, undef,
        'auth.assertion.early', ['ccgrant.conf', 'skew = 30']],
    ['an assertion without jti', undef, { form => assertion('es', claims =>
        { jti => undef }) }, undef, 'auth.assertion.form'],
    ['no grant type', 'app', { form => [scope => 'orders.read'] },
        ['app', '--grant-type', ''], 'grant.missing'],
    ['another grant type', 'app', { form => [grant_type => 'password'] },
        ['app', '--grant-type', 'password'], 'grant.type'],
    ['no certificate', 'mtls', {}, ['mtls'], 'possession.required'],
    ['no proof', 'dpop', {}, ['dpop'], 'possession.required'],
    ['neither', 'any', {}, ['any'], 'possession.required'],
    ['a proof for another URL', 'dpop', { header => [DPoP =>
        Dpop::proof($key, claims => { htu => 'https://x.example/' })] },
        undef, 'dpop.htu'],
    ['a proof of long ago', 'dpop', { header => [DPoP => Dpop::proof($key,
        claims => { htu => "$site->{issuer}/oauth2/v1/token", iat => 9 })] },
        undef, 'dpop.time'],
    ['no proof at all', 'dpop', { header => [DPoP => 'x'] }, undef,
        'dpop.proof'],
    ['a proof without the nonce', 'nonce', { header => [DPoP => Dpop::proof(
        $key, claims => { htu => "$site->{issuer}/oauth2/v1/token" })] },
        undef, 'dpop.nonce'],
    ['an unknown resource', 'app', { form => ask(resource => 'https://x/') },
        ['app', '--resource', 'https://x/'], 'resource.unknown',
        ['ccgrant.conf', 'resources = (']],
    ['a resource of others', 'app', { form => ask(resource =>
        'https://api.example.org/search') },
        ['app', '--resource', 'https://api.example.org/search'],
        'resource.not-allowed', ['ccgrant.conf', '/search"']],
    ['two resources', 'app', { form => ask(map { (resource =>
        "https://api.example.org/$_") } qw(orders bills)) },
        ['app', map { ('--resource', "https://api.example.org/$_") }
            qw(orders bills)], 'resource.several'],
    ['a malformed scope', 'app', { form => ask(scope =>
        'orders.read  bills.read') },
        ['app', '--scope', 'orders.read  bills.read'], 'scope.malformed'],
    ['an unknown scope', 'app', { form => ask(scope => 'orders.reed') },
        ['app', '--scope', 'orders.reed'], 'scope.unknown',
        ['ccgrant.conf', 'resources = (']],
    ['a scope of others', 'app', { form => ask(scope =>
        'orders.read orders.write') },
        ['app', '--scope', 'orders.read', '--scope', 'orders.write'],
        'scope.not-granted', ['ccgrant.conf', '"orders.write" ]; },']],
    ['and of a role in another file', 'app', { form => ask(scope =>
        'orders.write') }, ['app', '--scope', 'orders.write'],
        'scope.not-granted', ['roles.conf', '[ "orders.write" ]']],
    ['nothing that is left', 'narrow', { form => ask(scope =>
        'orders.write') }, ['narrow', '--scope', 'orders.write'],
        'scope.empty'],
    ['a client without scope', 'bare', {}, ['bare'], 'scope.none'],
    ['a scope that must be said', 'must', {}, ['must'], 'scope.required'],
    ['no lifetime', 'app', { form => ask(scope =>
        'urn:opc:resource:expiry=0 orders.read') },
        ['app', '--scope', 'urn:opc:resource:expiry=0 orders.read'],
        'scope.lifetime'],
    ['scopes of two resources', 'app', {}, ['app'],
        'scope.several-resources'],
    ['details that are no array', 'payer', { form => ask(
        authorization_details => '{}') }, ['payer', '--details', '{}'],
        'details.form'],
    ['details of no type', 'payer', { form => ask(authorization_details =>
        '[{"type":"x"}]') }, ['payer', '--details', '[{"type":"x"}]'],
        'details.type', ['ccgrant.conf', 'details = (']],
    ['details of others', 'app', { form => ask(authorization_details =>
        $detail) }, ['app', '--details', $detail], 'details.role'],
    ['a member too many', 'payer', { form => ask(authorization_details =>
        '[{"type":"payment","x":1}]') },
        ['payer', '--details', '[{"type":"payment","x":1}]'],
        'details.member', ['ccgrant.conf', 'details = (']];

sub send_row {
    my ($row) = @_;
    my $client = $row->{client};
    my %rq = %{ $row->{send} };
    $rq{basic} = [$client, $secret{$client}] if defined $client;
    return \%rq;
}

# What is in the databases, but for what each request counts.
sub state_of {
    my %of;
    for my $db (qw(clients keys meta replay tokens counters jwks)) {
        my @command = $site->command('db5.3_dump', '-p', '-h',
            $site->dir . '/state', $db);
        open my $fh, '-|', 'sh', '-c', 'exec "$@" 2>/dev/null', 'sh', @command
            or die "db5.3_dump: $!\n";
        local $/;
        my $text = <$fh> // '';
        close $fh;
        $of{$db} = join "\n", grep {/^ /} split /\n/, $text;
    }
    return \%of;
}

for my $row (@rows) {
    my $rq = send_row($row);
    my $from = $rq->{from} // '127.0.0.1';
    # Before it is sent: what is counted or used up is told as it is then.
    my $raw = Http::request(Serve::token_request(%$rq));
    my $captured = told($raw, '--request', '-', '--from', $from);
    $site->token(%$rq);
    is logged(), $row->{rule}, "$row->{says}: the log";
    is $captured->{rule}, $row->{rule}, "$row->{says}: the request";
    is $captured->{exit}, 1, "$row->{says}: the answer is no";
    my @all = $captured;
    if ($row->{ask}) {
        my $supposed = told('', @{ $row->{ask} });
        is $supposed->{rule}, $row->{rule}, "$row->{says}: the client";
        push @all, $supposed;
    }
    next unless $row->{where};
    my $where = line_of(@{ $row->{where} });
    for my $said (@all) {
        ok((grep { $_ eq $where } where_of($said)),
            "$row->{says}: the line of the policy")
            or diag "$where: ", join ' ', where_of($said);
    }
    $site->ctl('lockout', 'clear', '--yes') if $row->{rule} =~ /^auth/;
}

# What is used up is used up when it was sent, and not before.
{
    my %rq = (form => assertion('es'));
    push @{ $rq{form} }, scope => 'orders.read';
    my $raw = Http::request(Serve::token_request(%rq));
    my @ask = ('--request', '-', '--from', '127.0.0.1');
    my $before = state_of();
    is told($raw, @ask)->{exit}, 0, 'an assertion is good'
        for 1 .. 2;
    is_deeply state_of(), $before, 'and nothing is used up';
    is $site->token(%rq)->{status}, 200, 'it is good for the server, too';
    is told($raw, @ask)->{rule}, 'auth.assertion.replay',
        'then it was used';
    $site->token(%rq);
    is logged(), 'auth.assertion.replay', 'and the log says the same';
    my $late = told($raw, @ask, '--at', '+1h');
    is $late->{rule}, 'auth.assertion.expired', 'an hour later it is over';

    # Not when the day, and with it the budget, is about to end.
    sleep 1 while 86400 - time % 86400 < 120;
    my @few = (basic => ['few', $secret{few}], form =>
        ask(scope => 'orders.read'));
    $raw = Http::request(Serve::token_request(@few));
    is told($raw, @ask)->{exit}, 0, 'a budget is told, not used'
        for 1 .. 2;
    is told('', 'few', '--scope', 'orders.read')->{exit}, 0,
        'nor is it by what is supposed';
    is $site->token(@few)->{status}, 200, 'it is there for the client';
    $site->token(@few);
    is logged(), 'limits.budget', 'once';
    is told($raw, @ask)->{rule}, 'limits.budget', 'a budget used up';
    is told('', 'few', '--scope', 'orders.read')->{rule}, 'limits.budget',
        'and of what is supposed';

    my @wrong = (basic => ['guessed', 'wrong']);
    $raw = Http::request(Serve::token_request(@wrong));
    told($raw, @ask) for 1 .. 9;
    $site->token(@wrong) for 1 .. 4;
    # A loaded machine is slower than the time to wait: guess until it is not.
    my ($waits, $wrong, $said);
    for (1 .. 10) {
        $site->token(@wrong);
        $waits = logged();
        $wrong = told($raw, @ask);
        $said = told('', 'guessed', '--from', '127.0.0.1');
        last if ($said->{rule} // '') eq 'limits.lockout'
            && $waits eq 'limits.lockout';
    }
    is $waits, 'limits.lockout', 'who guesses has to wait';
    is $wrong->{rule}, 'limits.lockout', 'and is told';
    is $said->{rule}, 'limits.lockout', 'and so is the right one';
    is $said->{key}, 'limits.failures', 'by the key that decided';
    is +(where_of($said))[0], line_of('ccgrant.conf', 'failures = 3'),
        'and its line';
    ok((grep { $_->{text} eq 'by the policy: limits.failures' }
        @{ $said->{steps} }), 'and that by its name');
    is told('', 'guessed', '--from', '192.0.2.1', '--scope',
        'orders.read')->{exit}, 0, 'but not from elsewhere';
}

# The claims of real tokens.
my $reader = $site->client('reader', @role, '--permit', 'introspect');

sub claims_of {
    my ($token) = @_;
    my $jwt = eval { Jwt::decode($token) };
    return $jwt->{claims} if $jwt;
    my $told = $site->token(path => '/oauth2/v1/introspect',
        basic => ['reader', $reader], form => [token => $token])->{json};
    delete @$told{qw(active token_type)};
    return $told;
}

for my $row (
    ['the scope that was asked for', 'app', [scope => 'orders.read'],
        ['--scope', 'orders.read']],
    ['an opaque token', 'app', [scope => 'bills.read'],
        ['--scope', 'bills.read']],
    ['all of a role', 'app', [scope => 'urn:opc:idm:__myscopes__',
        resource => 'https://api.example.org/bills'],
        ['--scope', 'urn:opc:idm:__myscopes__', '--resource',
            'https://api.example.org/bills']],
    ['a lifetime', 'brief', [scope => 'orders.read '
        . 'urn:opc:resource:expiry=900'],
        ['--scope', 'orders.read urn:opc:resource:expiry=900']],
    ['that of the record', 'brief', [scope => 'orders.read'],
        ['--scope', 'orders.read']],
    ['static claims', 'own', [], []],
    ['arrays', 'array', [scope => 'orders.read'],
        ['--scope', 'orders.read']],
    ['another algorithm', 'search', [], []],
    ['details', 'payer', [authorization_details => $detail],
        ['--details', $detail]],
    ['what is left', 'narrow', [scope => 'orders.read orders.write'],
        ['--scope', 'orders.read orders.write']])
{
    my ($says, $id, $form, $options) = @$row;
    my %rq = (basic => [$id, $secret{$id}], form => ask(@$form));
    my $raw = Http::request(Serve::token_request(%rq));
    my $before = state_of();
    my @said = (told('', $id, @$options),
        told($raw, '--request', '-', '--from', '127.0.0.1'));
    is_deeply state_of(), $before, "$says: nothing changes";
    my $answer = $site->token(%rq);
    is $answer->{status}, 200, "$says: a token";
    my $claims = claims_of($answer->{json}{access_token} // '');
    my $life = $claims->{exp} - $claims->{iat};
    delete @$claims{qw(iat exp jti)};
    for my $said (@said) {
        is $said->{exit}, 0, "$says: the answer is yes";
        my $told = $said->{token}{claims} // {};
        is $told->{exp} - $told->{iat}, $life, "$says: the lifetime";
        is $said->{token}{expires_in}, $life, "$says: as it is answered";
        delete @$told{qw(iat exp jti)};
        $told->{scope} = join ' ', @{ $told->{scope} }
            if ref $told->{scope} && !ref $claims->{scope};
        is_deeply $told, $claims, "$says: the claims";
    }
}

# RFC 7662, 2.2: what is told of a JWT whose scope is an array is a string.
{
    my $token = $site->token(basic => ['array', $secret{array}], form =>
        ask(scope => 'orders.read'))->{json}{access_token};
    is_deeply Jwt::decode($token)->{claims}{scope}, ['orders.read'],
        'a scope that is an array';
    is $site->token(path => '/oauth2/v1/introspect',
        basic => ['reader', $reader], form => [token => $token])
        ->{json}{scope}, 'orders.read', 'is a string at introspection';
}

# Who decided.
sub decided {
    my ($text, @options) = @_;
    my ($line) = grep { $_->{text} =~ $text }
        @{ told('', @options)->{steps} };
    return $line ? "$line->{text}: " . ($line->{where} // '') : 'nothing';
}

my @orders = ('--scope', 'orders.read');
is decided(qr/^scope/, 'app', @orders), 'scope orders.read, by the role '
    . 'order-batch: ' . line_of('roles.conf', 'order-batch'),
    'a scope: the role, and its line';
is decided(qr/^scope orders.read/, 'own'), 'scope orders.read, by the record '
    . '(--scope): ' . line_of('ccgrant.conf', '"orders.read"'),
    'a scope of the record: the line of the resource';
is decided(qr/^lifetime/, 'app', @orders), 'lifetime 3600 s, by the policy, '
    . 'token.lifetime by default: ', 'a lifetime by default';
is decided(qr/^lifetime/, 'app', '--scope', 'bills.read'), 'lifetime 600 s, '
    . 'by the resource, resources.lifetime: '
    . line_of('ccgrant.conf', 'lifetime = 600'), 'one of the resource';
is decided(qr/^lifetime/, 'brief', @orders), 'lifetime 30 s, by the record, '
    . '--lifetime: ', 'one of the record';
is decided(qr/^lifetime cut/, 'app', '--scope',
    'orders.read urn:opc:resource:expiry=9999'), 'lifetime cut to 7200 s, by '
    . 'the policy, token.max_lifetime: '
    . line_of('ccgrant.conf', 'max_lifetime = 7200'), 'one that is cut';
is decided(qr/^format/, 'app', '--scope', 'bills.read'), 'format opaque, by '
    . 'the resource, resources.format: '
    . line_of('ccgrant.conf', 'format = "opaque"'), 'a format';
is decided(qr/^algorithm/, 'search'), 'algorithm RS256, by the resource, '
    . 'resources.alg: ' . line_of('ccgrant.conf', 'alg = "RS256"'),
    'an algorithm';
is decided(qr/needs/, 'nonce', @orders, '--bound', 'dpop'), 'the proof needs '
    . 'a nonce, which the answer to the first one brings (use_dpop_nonce): ',
    'a nonce that is demanded';

# A token that would be given again.
{
    my $raw = Http::request(Serve::token_request(basic => ['again',
        $secret{again}], form => ask(scope => 'orders.read')));
    my @ask = ('again', @orders);
    my $first = 'a worker that gave a token for the same, bound to the same, '
        . 'gives it again while 6 of its 10 s are left (--reuse 51), and '
        . 'counts it in no budget';
    for my $when ('before', 'after') {
        for my $said (told('', @ask),
            told($raw, '--request', '-', '--from', '127.0.0.1'))
        {
            my @reuse = grep { $_->{step} eq 'reuse' } @{ $said->{steps} };
            is $reuse[0]{text} // 'none', $first,
                "$when the budget is used up: the share that must be left";
            like $reuse[1]{text} // 'none', qr/^whether one has it cannot be /,
                '  and that no command knows whether there is one';
            is_deeply [map { $_->{outcome} } @reuse], ['note', 'note'],
                '  which decides nothing here';
            my %at = map { $said->{steps}[$_]{step} => $_ }
                0 .. $#{ $said->{steps} };
            ok $at{decision} < $at{reuse} && $at{reuse} < $at{limits},
                '  between decision and limits';
            is $said->{rule} // 'none', $when eq 'after' ? 'limits.budget'
                : 'none', '  before what a new token would get';
        }
        $site->token(basic => ['again', $secret{again}], form =>
            ask(scope => 'orders.read'));
    }
    ok !(grep { $_->{step} eq 'reuse' }
        @{ told('', 'app', @orders)->{steps} }),
        'without --reuse nothing of it is told';
    ok !(grep { $_->{step} eq 'reuse' }
        @{ told('', 'again', '--scope', 'no.such')->{steps} }),
        'nor when the scope is refused';
}

# Nothing of a captured request is told that is secret.
{
    my $raw = Http::request(Serve::token_request(basic => ['app',
        $secret{app}], form => ask(scope => 'orders.read')));
    my ($status, $out, $err) = $site->try_ctl(\$raw, 'explain', '--request',
        '-', '--from', '127.0.0.1');
    is $status, 0, 'what is printed for people';
    unlike "$out$err", qr/\Q$secret{app}\E|Basic /, 'has no secret';
    unlike "$out$err", qr/eyJ/, 'and no token';
    like $out, qr/^client      ok        app proves itself by/m, 'but steps';
}

# Command lines.
for (['nothing', 2], ['both', 2, 'app', '--request', '-'],
    ['a method of nobody', 2, 'app', '--method', 'x'],
    ['no address', 2, 'app', '--from', 'x'],
    ['no binding', 2, 'app', '--bound', 'x'],
    ['a time of nothing', 2, 'app', '--at', 'now'],
    ['a scope of a captured request', 2, '--request', '-', '--scope', 'x'],
    ['no request', 1, '--request', '-'],
    ['a file that is not there', 1, '--request', '/nowhere'])
{
    my ($says, $want, @words) = @$_;
    my ($status, $out, $err) = $site->try_ctl(\'', 'explain', @words);
    is $status, $want, "$says: the status";
    is $out, '', "$says: nothing is printed";
    like $err, qr/^ccgrant: /, "$says: the reason";
}
for (['another path', "POST /x HTTP/1.1\n\n"],
    ['no header', 'POST /oauth2/v1/token HTTP/1.1'],
    ['no field', "POST /oauth2/v1/token HTTP/1.1\nx\n\n"],
    ['a name that is no token', "POST /oauth2/v1/token HTTP/1.1\n"
        . "X_Forwarded_For=192.0.2.1: x\n\n"],
    ['a blank before the colon', "POST /oauth2/v1/token HTTP/1.1\n"
        . "Host : x\n\n"],
    ['chunks', "POST /oauth2/v1/token HTTP/1.1\nTransfer-Encoding: chunked"
        . "\n\n0\n\n"])
{
    my ($says, $text) = @$_;
    my ($status, $out, $err) = $site->try_ctl(\$text, 'explain', '--request',
        '-');
    is "$status $out", '1 ', "$says: a request that is none";
    like $err, qr/^ccgrant: [^\n]+\n\z/, "$says: one line";
}

done_testing;
