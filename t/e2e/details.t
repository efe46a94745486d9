#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# authorization_details (RFC 9396): what the types of the policy let through
# stands in token, answer and introspection, in both formats; the rest is
# refused, and the log says why.  And the static claims of clients and
# resources.  Each row runs as plain CGI and through lighttpd, and each refusal
# with its control.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use Test::More;
use Jwt;
use Rows;
use Serve;

my ($pay, $vault, $rich) = map {"https://api.example.org/$_"}
    'pay', 'vault', 'rich';
my $policy = <<"END";
resources = (
  { audience = "$pay"; scopes = [ "pay.read" ];
    claims = [ "tier=2", "dept=\\"it\\"" ]; },
  { audience = "$vault"; scopes = [ "vault.open" ]; format = "opaque";
    claims = [ "zone=[1,{\\"a\\":0.5}]" ]; },
  { audience = "$rich"; scopes = [ "rich.read" ]; claims = [ "tier=3" ]; }
);
roles = ( { name = "payer"; scopes = [ "pay.read" ]; },
          { name = "keeper"; scopes = [ "vault.open" ]; },
          { name = "rich"; scopes = [ "rich.read" ]; },
          { name = "bare"; scopes = [ ]; } );
details = (
  { type = "payment"; audience = "$pay"; roles = [ "payer", "bare" ];
    actions = [ "initiate", "cancel" ];
    locations = [ "https://api.example.org/accounts" ];
    members = [ "amount", "note" ]; required = [ "amount" ]; },
  { type = "opening"; audience = "$vault"; roles = [ "keeper", "payer" ];
    identifier = [ "door-1" ]; },
  { type = "nobody"; audience = "$pay"; roles = [ ]; }
);
log : { issued = true; };
END

my %secret;

sub make {
    my ($more) = @_;
    my $site = Serve->new(resources => $policy . $more);
    my %option = (
        payer  => [qw(--role payer)],
        keeper => [qw(--role keeper)],
        bare   => [qw(--role bare)],
        must   => [qw(--role payer --default-scope reject)],
        some   => [qw(--role payer --default-scope pay.read)],
        narrow => [qw(--role payer --excess-scope narrow)],
        scope  => [qw(--scope pay.read)],
        claims => [qw(--role payer --claim tier=9 --claim), 'who="me"',
            '--claim', 'https://example.org/x={"b":1,"a":[true,null]}'],
        both   => [qw(--role payer --role rich)],
        auditor => [qw(--scope pay.read --permit introspect)],
    );
    $secret{$site}{$_} = $site->client($_, @{ $option{$_} })
        for sort keys %option;
    return $site;
}

my $site = make('');
my $json = JSON::PP->new->utf8->canonical;
my ($one, $sorted) = ('[{"type":"payment","amount":{"value":"12.50"}}]',
    '[{"amount":{"value":"12.50"},"type":"payment"}]');

sub claims { return Jwt::decode($_[0]{json}{access_token} // '')->{claims} }

sub payload {
    return Jwt::text(Jwt::decode($_[0]{json}{access_token} // ''));
}

sub told {
    my ($site, $token) = @_;
    return $site->token(path => '/oauth2/v1/introspect',
        basic => ['auditor', $secret{$site}{auditor}],
        form => [token => $token]);
}

my (@rows, @several);

# Granted: the text of the details, and the scope ("" for none).
sub row {
    my ($id, $says, $client, $pairs, $want, $scope) = @_;
    my %row = (id => $id, says => $says, send => [$client, @$pairs]);
    if ($want =~ /^400/) {
        @row{qw(want control)} = ($want, [$client eq 'scope'
            || $client eq 'keeper' ? ($client)
            : ($client, authorization_details => $one)]);
    } else {
        $row{want}  = '200';
        $row{check} = sub {
            my ($answer) = @_;
            my $part = "\"authorization_details\":$want";
            return index($answer->{body}, $part) > 0
                && index(payload($answer), $part) > 0
                && ($answer->{json}{scope} // '') eq $scope
                && (claims($answer)->{scope} // '') eq $scope
                && claims($answer)->{aud} eq $pay;
        };
    }
    push @rows, \%row;
    return;
}

my $no = '400 invalid_authorization_details';
sub details { return [authorization_details => $_[0], @_[1 .. $#_]] }

row 'RAR-01', 'granted as asked for, in canonical order', 'payer',
    details($one), $sorted, '';
row 'RAR-01', 'white space and escapes do not matter', 'payer',
    details(" [\n{ \"typ\\u0065\" : \"payment\",\t\"amount\":1}]"),
    '[{"amount":1,"type":"payment"}]', '';
row 'RAR-01', 'allowed common members', 'payer', details('[{"type":"payment",'
    . '"amount":1,"actions":["cancel","initiate"],'
    . '"locations":["https://api.example.org/accounts"]}]'),
    '[{"actions":["cancel","initiate"],"amount":1,"locations":'
    . '["https://api.example.org/accounts"],"type":"payment"}]', '';
row 'RAR-01', 'numbers stay what they are', 'payer',
    details('[{"amount":[1,-1,0,1.5,0.1,9007199254740991],"type":"payment"}]'),
    '[{"amount":[1,-1,0,1.5,0.1,9007199254740991],"type":"payment"}]', '';
row 'RAR-01', 'two objects', 'payer', details('[{"amount":1,"type":"payment"}'
    . ',{"amount":2,"type":"payment"}]'),
    '[{"amount":1,"type":"payment"},{"amount":2,"type":"payment"}]', '';
row 'RAR-02', 'a role without scopes may ask, too', 'bare', details($one),
    $sorted, '';
row 'RAR-02', 'no scope, where an omitted one is refused', 'must',
    details($one), $sorted, '';
row 'RAR-02', 'no scope, where an omitted one is a list', 'some',
    details($one), $sorted, '';
row 'RAR-02', 'and a scope', 'payer', details($one, scope => 'pay.read'),
    $sorted, 'pay.read';
row 'RAR-02', 'and all by the alias', 'payer',
    details($one, scope => 'urn:opc:idm:__myscopes__'), $sorted, 'pay.read';
row 'RAR-02', 'and their resource', 'payer', details($one, resource => $pay),
    $sorted, '';
row 'RAR-02', 'and the resource, for a role without scopes', 'bare',
    details($one, resource => $pay), $sorted, '';
row 'RAR-03', "no array of objects: $_", 'payer', details($_), $no
    for '{"type":"payment","amount":1}', '[]', '{}', '""', 'x', '[', '[[]]',
    '[null]', "[$one]", '[1]', "$one,", "$one$one";
row 'RAR-03', 'an unknown type', 'payer', details('[{"type":"x"}]'), $no;
row 'RAR-03', 'an unknown one behind a known one', 'payer',
    details('[{"type":"payment","amount":1},{"type":"x"}]'), $no;
row 'RAR-03', 'no type', 'payer', details('[{"amount":1}]'), $no;
row 'RAR-03', 'a type for nobody', 'payer', details('[{"type":"nobody"}]'),
    $no;
row 'RAR-03', 'a role that may not', 'keeper', details($one), $no;
row 'RAR-03', 'a scope is no role', 'scope', details($one), $no;
row 'RAR-03', 'nothing is narrowed', 'narrow',
    details('[{"type":"payment","amount":1,"actions":["cancel","x"]}]'), $no;
row 'RAR-03', "refused: $_", 'payer',
    details("[{\"type\":\"payment\",\"amount\":1,$_}]"), $no
    for '"x":1', '"actions":["delete"]', '"actions":"cancel"',
    '"actions":[]', '"actions":[["cancel"]]', '"actions":null',
    '"locations":["https://api.example.org/Accounts"]', '"identifier":"x"',
    '"datatypes":["x"]', '"privileges":["x"]', '"amount":2',
    '"type":"payment"', '"note":{"a":1,"a":1}', '"note":12345678901234567890',
    '"note":1e3', '"note":0.12345678901234567', '"note":"\u0000"',
    '"note":' . '[' x 20 . ']' x 20, '"note":"' . 'x' x 4096 . '"';
row 'RAR-03', 'a missing member', 'payer', details('[{"type":"payment"}]'),
    $no;
row 'RAR-03', 'seventeen objects', 'payer', details('['
    . join(',', ('{"type":"payment","amount":1}') x 17) . ']'), $no;
row 'RAR-04', 'a scope of another resource', 'both',
    details($one, scope => 'rich.read'), $no;
row 'RAR-04', 'another resource', 'both', details($one, resource => $rich),
    $no;
row 'RAR-04', 'types of two resources', 'payer',
    details('[{"type":"payment","amount":1},{"type":"opening"}]'), $no;
row 'RAR-04', 'an unknown resource', 'payer',
    details($one, resource => 'https://x.example/'), '400 invalid_target';
row 'RAR-04', 'an unknown scope', 'payer', details($one, scope => 'x'),
    '400 invalid_scope';
row 'RAR-04', 'twice', 'payer',
    details($one, authorization_details => $one), '400 invalid_request';

# Static claims, as JSON in canonical order, without the server's own.
sub claim_row {
    my ($says, $client, $pairs, $want) = @_;
    push @rows, { id => 'ATJ-13', says => $says, send => [$client, @$pairs],
        want => '200', check => sub {
            my %claims = %{ claims($_[0]) };
            delete @claims{qw(iss sub aud client_id iat exp jti scope)};
            return $json->encode(\%claims) eq $want;
        } };
    return;
}

claim_row 'claims of the resource', 'payer', [], '{"dept":"it","tier":2}';
claim_row 'those of the client go before', 'claims', [],
    '{"dept":"it","https://example.org/x":{"a":[true,null],"b":1},"tier":9,'
    . '"who":"me"}';
claim_row 'claims of another resource', 'both', [scope => 'rich.read'],
    '{"tier":3}';

sub sender {
    my ($site) = @_;
    return sub {
        my ($client, @pairs) = @{ $_[0] };
        return $site->token(basic => [$client, $secret{$site}{$client}],
            form => [grant_type => 'client_credentials', @pairs]);
    };
}

# What introspection says of a JWT and of an opaque token (RFC 9396, 9.2).
sub run_introspection {
    my ($where, $send) = @_;
    my $jwt = $send->(['claims', authorization_details => $one]);
    my $told = told($site, $jwt->{json}{access_token});
    ok index($told->{body}, "\"authorization_details\":$sorted") > 0,
        "$where: RAR-05 introspection of a JWT has the details";
    is $told->{json}{who}, 'me', "$where: and the static claims";
    is $told->{json}{tier}, 9, "$where: the client's before the resource's";
    my $opening = '[{"identifier":"door-1","type":"opening"}]';
    my $opaque = $send->(['keeper', authorization_details => $opening]);
    like $opaque->{json}{access_token} // '', qr/^ccga_/,
        "$where: RAR-05 an opaque token, as its resource has it";
    ok index($opaque->{body}, "\"authorization_details\":$opening") > 0,
        "$where: its answer has the details";
    $told = told($site, $opaque->{json}{access_token});
    ok index($told->{body}, "\"authorization_details\":$opening") > 0,
        "$where: RAR-05 introspection of an opaque token has the details";
    ok index($told->{body}, '"zone":[1,{"a":0.5}]') > 0,
        "$where: and the static claims of its resource";
    is $told->{json}{aud}, $vault, "$where: RSI-10 and the audience";
    return;
}

my $many = make("token : { multiple_audiences = true; };\n");
my @servers = ('cgi', Serve->missing('lighttpd') ? () : 'lighttpd');
for my $server (@servers) {
    $site->start($server);
    my $send = sender($site);
    Rows::run($_, $server, $send) for @rows;
    run_introspection($server, $send);
    my $log = $site->log_text;
    for my $reason ('no type \\\\"x\\\\"', 'it may have no member \\\\"x\\\\"',
        'actions has a value that details.actions does not list',
        'no role of details.roles of \\\\"payment\\\\"',
        'its member \\\\"amount\\\\" is missing', 'a member comes twice',
        'not a named resource', 'nested over 16 deep') {
        like $log, qr/invalid_authorization_details.*$reason/,
            "$server: the log says: $reason";
    }
    unlike $log, qr/12\.50/, "$server: and none of the values";
    my $document = $site->get('/.well-known/oauth-authorization-server');
    is_deeply $document->{json}{authorization_details_types_supported},
        [qw(payment opening nobody)], "$server: RAR-06 the metadata has the"
        . ' types';
    $many->start($server);
    $send = sender($many);
    my $both = $send->(['both', authorization_details => $one,
        scope => 'rich.read']);
    is Rows::summary($both), '400 invalid_target',
        "$server: resources with different claims are not together";
    $both = $send->(['payer',
        authorization_details => '[{"amount":1,"type":"payment"},'
            . '{"type":"opening"}]']);
    is Rows::summary($both), '200', "$server: types of two resources, where"
        . ' the policy has several audiences';
}

# The command.
my ($status, $out) = $site->try_ctl('--json', 'token', 'issue', 'payer',
    '--details', $one);
like $out, qr/"authorization_details":\Q$sorted\E/,
    'the command issues a token with details';
($status, undef, my $why) = $site->try_ctl('token', 'issue', 'payer',
    '--details', '[{"type":"x"}]');
is $status, 1, 'and refuses an unknown type';
like $why, qr/no type "x"/, 'for that reason';
for my $row (['iss="x"', qr/server's own/], ['cnf={}', qr/server's own/],
    ['dept=sales', qr/dept=sales".*text in double quotes/],
    ['dept', qr/NAME=JSON/], ['a b=1', qr/name/],
    ['big="' . 'x' x 2048 . '"', qr/2048 bytes/]) {
    ($status, undef, $why) = $site->try_ctl('client', 'set', 'payer',
        '--claim', $row->[0]);
    is $status, 1, 'the claim ' . substr($row->[0], 0, 20) . ' is refused';
    like $why, $row->[1], 'and said why';
}
$site->ctl('client', 'set', 'payer', '--claim', 'a=1', '--claim', 'b="x"');
like +($site->try_ctl('client', 'show', 'payer'))[1],
    qr/claims\s+a=1 b="x"/, 'client show has the claims';
is_deeply $site->ctl('client', 'show', 'payer')->{claims},
    { a => 1, b => 'x' }, 'in JSON, too';
$site->ctl('client', 'set', 'payer', '--claim', '');
is_deeply $site->ctl('client', 'show', 'payer')->{claims}, {},
    'an empty value empties them';

# A policy that is wrong, with its line.
sub check {
    my ($from, $to, $want) = @_;
    my $text = Serve::slurp($site->policy);
    my $bad  = $text;
    $bad =~ s/\Q$from\E/$to/ or die "no $from\n";
    my $line = 1 + (substr($bad, 0, $-[0]) =~ tr/\n//);
    $site->put('ccgrant.conf', $bad);
    my ($status, undef, $why) = $site->try_ctl('policy', 'check');
    is $status, 1, "policy check refuses $to";
    like $why, qr/ccgrant\.conf:$line: $want/, 'and says where and what';
    $site->put('ccgrant.conf', $text);
    return;
}

check('type = "opening"', 'type = "payment"', qr/details\.type: "payment"/);
check('"keeper", "payer" ]', '"keepr" ]',
    qr/details\.roles: "keepr".*did you mean "keeper"/);
check('required = [ "amount" ]', 'required = [ "amuont" ]',
    qr/details\.required: "amuont" is no member/);
check('identifier = [ "door-1" ]', 'identifyer = [ "door-1" ]',
    qr/details\.identifyer: unknown key; did you mean "details\.identifier"/);
check('"tier=3"', '"iss=3"', qr/resources\.claims: .*server's own/);
check('"tier=3"', '"tier=x"', qr/resources\.claims: .*JSON/);
done_testing();
