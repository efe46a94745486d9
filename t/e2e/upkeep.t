#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# ccgrant stats, purge and verify: what is counted, what goes and what stays,
# and each kind of fault, which is planted with the tools of the database.

use strict;
use warnings;
use Digest::SHA qw(sha256);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Dumps;
use Jwt;
use Rows;
use Serve;

my $missing = Dumps::missing();
plan skip_all => $missing if $missing;

local $SIG{ALRM} = sub { die "upkeep.t takes too long\n" };
alarm 1800;

my $site = Serve->new(policy => <<'END');
revocations : { file = "www/revoked.jwt"; };
END
my $dir = $site->dir;
my $key = Jwt::make_key("$dir/run/key.pem", 'P-256');
my $now = time;
$site->start('cgi');

sub form { return (form => [grant_type => 'client_credentials', @_]) }

sub escape { return Dumps::escape($_[0]) }

# The key of a one-time value.
sub use_key { return escape(pack('Q>', $_[0]) . sha256($_[1])) }

#
# What is counted.
#

my $fresh = $site->ctl('stats');
is $fresh->{clients}{all}, 0, 'no client is counted where there is none';
is $fresh->{keys}{signing}, 2, 'the keys that init makes sign';
is $fresh->{schema}, 3, 'the schema is told';
ok !(grep { !$_ } values %{ $fresh->{bytes} }), 'and the size of each file';
ok $fresh->{logs}{files} >= 1 && $fresh->{logs}{bytes} > 0, 'and of the logs';

my $secret = $site->client('app', '--role', 'order-batch');
my $opaque = $site->client('vague', '--role', 'order-batch', '--format',
    'opaque');
$site->client('hs', '--auth', 'client_secret_jwt');
$site->client('es', '--role', 'order-batch', '--auth', 'private_key_jwt',
    '--jwks', $site->put('run/jwks', Jwt::json(Jwt::jwk($key))));
$site->client('off');
$site->ctl('client', 'disable', 'off');
$site->client('over', '--expires', '1s');
$site->ctl('secret', 'add', 'app');
$site->ctl('key', 'add', '--alg', 'ES256');
$site->token(basic => ['vague', $opaque]) for 1 .. 3;
my $jwt = $site->token(basic => ['app', $secret])->{json}{access_token};
$site->ctl('token', 'revoke', $jwt, '--yes');
my $assertion = Jwt::make($key, 'ES256', { alg => 'ES256' }, { iss => 'es',
    sub => 'es', aud => $site->{issuer}, exp => $now + 600, jti => 'once' });
is Rows::summary($site->token(form(client_assertion => $assertion,
    client_assertion_type =>
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'))), '200',
    'an assertion is used';
sleep 1;

my $stats = $site->ctl('stats');
my %want = (all => 6, enabled => 5, disabled => 1, expired => 1,
    unreadable => 0);
is_deeply { map { $_ => $stats->{clients}{$_} } keys %want }, \%want,
    'clients are counted';
is_deeply $stats->{clients}{methods}, { client_secret_basic => 4,
    client_secret_post => 0, client_secret_jwt => 1, private_key_jwt => 1,
    tls_client_auth => 0, self_signed_tls_client_auth => 0 },
    '  by method';
is $stats->{live_secrets}, 6, 'secrets that are live';
is_deeply $stats->{keys}, { published => 1, signing => 2, retiring => 0,
    gone => 0 }, 'keys by state';
is $stats->{opaque_tokens}, 3, 'live opaque tokens';
is $stats->{revoked_jwts}, 1, 'revoked JWTs';
is $stats->{one_time_values}, 1, 'one-time values';
cmp_ok $stats->{counters}, '>=', 1, 'counters';
cmp_ok $stats->{generation}, '>', $fresh->{generation}, 'the generation';
my ($status, $out, $err) = $site->try_ctl('stats');
ok $status == 0 && $err eq '' && $out =~ /^clients +6$/m
    && $out =~ /^live opaque tokens +3$/m
    && $out =~ /^bytes of clients\.db +\d+$/m, 'all that for people'
    or diag $out;

#
# What goes, and what stays.
#

my @dead = (
    ['replay', 'one_time_values', { map { (use_key($now - 5, $_) => '') }
        1 .. 1200 }],
    ['tokens', 'tokens', { jti => ($now - 1) . ' ',
        map { (escape(sha256("t$_")) => ($now - 1) . ' {"x":1}') } 1 .. 700 }],
    ['counters', 'counters', { map { ("kind\\00s$_" => ($now - 9) . ' x') }
        1 .. 10 }],
    ['counters', 'last_uses', { map { ("use\\00gone\\00$_" => ($now + 9999)
        . ' 192.0.2.1') } 1 .. 5 }],
    ['jwks', 'key_sets', { map { ("https://$_.example/jwks" =>
        '{"fetched":0,"tried":1,"busy":false,"trouble":"","keys":[]}') }
        qw(x y) }],
);
my @alive = (
    ['replay', { use_key($now + 999, 'alive') => '' }],
    ['tokens', { 'jti-alive' => ($now + 999) . ' ' }],
    ['counters', { 'kind\\00alive' => ($now + 999) . ' x',
        'use\\00app\\00x' => ($now + 999) . ' ', 'user\\00gone\\00x' =>
        ($now + 999) . ' ' }],
);
$site->ctl('purge');
Dumps::plant($site, $_->[0], $_->[2]) for @dead;
Dumps::plant($site, @$_) for @alive;
unlink "$dir/www/revoked.jwt";

# The key that began to sign first ended, and was withdrawn.
$site->ctl('key', 'rotate', '--now', '--alg', 'RS256');
my ($old) = sort { $a->{signs_from} <=> $b->{signs_from} }
    grep { $_->{alg} eq 'RS256' } @{ $site->ctl('key', 'list') };
my $record = Dumps::of_state($site, 'keys')->{ $old->{kid} };
$record =~ s/("signs_(?:from|until)":)\d+/$1 . ($now - 900)/eg;
$record =~ s/("created":)\d+/$1 . ($now - 999)/e;
$record =~ s/("publish_until":)\d+/$1 . ($now - 1)/e;
# of_state() has purged all that was planted: once more.
Dumps::plant($site, 'keys', { $old->{kid} => $record });
Dumps::plant($site, $_->[0], $_->[2]) for @dead;
is $site->ctl('stats')->{keys}{gone}, 1, 'a key that nothing needs';

my $said = $site->ctl('purge')->{removed};
for my $row (@dead) {
    my ($name, $member, $records) = @$row;
    is $said->{$member}, scalar keys %$records,
        "purge removes $member, and says how many";
}
is $said->{keys}, 1, 'purge removes the key that nothing needs';
my $state = {};
@$state{@Dumps::names} = Dumps::of_state($site, @Dumps::names);
for my $row (@dead) {
    my ($name, $member, $records) = @$row;
    is_deeply [grep { exists $state->{$name}{$_} } keys %$records], [],
        "$member: none is left";
}
for my $row (@alive) {
    my ($name, $records) = @$row;
    is_deeply [grep { !exists $state->{$name}{$_} } keys %$records], [],
        "$name: what is alive stays";
}
is scalar keys %{ $state->{clients} }, 6, 'no client goes';
ok !exists $state->{keys}{ $old->{kid} }, 'the key is gone';
is scalar(grep { $_->{state} eq 'signing' } @{ $site->ctl('key', 'list') }),
    2, 'and those that sign are not';
ok -s "$dir/www/revoked.jwt", 'purge writes the list of revoked tokens anew';
is_deeply [grep { $_ != 0 } values %{ $site->ctl('purge')->{removed} }], [],
    'a second time nothing is left to go';
($status, $out, $err) = $site->try_ctl('purge');
ok $status == 0 && $err eq '' && $out =~ /^one-time values that expired +0$/m,
    'purge tells people';
is Rows::summary($site->token(basic => ['app', $secret])), '200',
    'tokens are issued as before';

#
# Faults.
#

sub verify {
    my ($status, $out, $err) = $site->try_ctl('--json', 'verify');
    my $json = eval { JSON::PP->new->utf8->decode($out) };
    return { status => $status, err => $err, %{ $json // {} } };
}

my $sound = verify();
is $sound->{status}, 0, 'verify finds nothing wrong';
is_deeply $sound->{faults}, [], '  no fault';
is_deeply $sound->{notes}, [], '  no note';
is_deeply $sound->{records}, { map { $_ => scalar keys %{ $state->{$_} } }
    @Dumps::names }, '  and as many records as there are';
($status, $out) = $site->try_ctl('verify');
ok $status == 0 && $out =~ /All of them are sound/, '  and tells people';

my ($kid)  = grep { $state->{keys}{$_} =~ /ES256/ } keys %{ $state->{keys} };
my $token  = '{"iss":"https://as.example.org","jti":"x","client_id":"app",'
    . '"iat":1,"exp":2}';
my $later  = $now + 999;
my $sealed = sub { $_[0] =~ s/("sealed":".{40})(.)/
    $1 . ($2 eq 'A' ? 'B' : 'A')/er };
my $hs     = $state->{clients}{hs};
my @faults = (
    # database, key, value, what is said
    ['clients', 'broken', '{}', qr/.: restore a backup/],
    ['clients', 'cut', substr($hs, 0, 100), qr/.: restore a backup/],
    ['clients', 'other', $state->{clients}{app}, qr/of another client/],
    ['clients', 'hs', $sealed->($hs), qr/secret .*: restore a backup/],
    ['clients', 'new', $hs =~ s/"name"/"future":1,"name"/r, qr/upgrade ccgrant/],
    ['keys', 'broken', 'x', qr/.: restore a backup/],
    ['keys', 'other', $state->{keys}{$kid}, qr/of another key/],
    ['keys', $kid, $sealed->($state->{keys}{$kid}), qr/.: restore a backup/],
    ['meta', 'a\\00b', 'x', qr/no text/],
    ['jwks', 'https://z.example/', '{', qr/purge removes it/],
    ['replay', 'short', '', qr/no one-time value/],
    ['replay', use_key($later, 'v'), 'value', qr/no one-time value/],
    ['replay', '\\ff' x 40, '', qr/no one-time value/],
    ['tokens', escape(sha256('a')), $token, qr/no time/],
    ['tokens', escape(sha256('b')), "$later {", qr/restore a backup/],
    ['tokens', escape(sha256('c')), "$later " . $token =~ s/as\.ex/evil.ex/r,
        qr/issuer is another: it is valid nowhere/],
    ['tokens', 'short', "$later $token", qr/SHA-256 of no token/],
    ['tokens', 'a\\00b', "$later ", qr/jti of no token/],
    ['counters', 'kindless', "$later x", qr/kind is not known/],
    ['counters', 'kind\\00s', 'x', qr/no time/],
    ['counters', 'kind\\00t', '99999999999999999999 x', qr/no time/],
);
my $backup = "$dir/run/backup";
$site->ctl('backup', $backup);
Dumps::plant($site, $_->[0], { $_->[1] => $_->[2] }) for @faults;
my $found = verify();
is $found->{status}, 1, 'verify exits with 1 when there are faults';
for my $row (@faults) {
    my ($database, $name, undef, $text) = @$row;
    my $shown = Dumps::unescape($name) =~ s/([\\"])|([^\x20-\x7e])/
        defined $1 ? "\\$1" : sprintf '\\x%02x', ord $2/ger;
    my ($fault) = grep { $_->{database} eq $database
        && lc $_->{key} eq lc $shown } @{ $found->{faults} };
    ok $fault && $fault->{fault} =~ $text,
        "verify finds $database " . substr($shown, 0, 24)
        or diag explain $fault, $shown;
}
my ($signer) = grep { $_->{key} eq 'ES256' } @{ $found->{faults} };
is scalar @{ $found->{faults} }, @faults + ($signer ? 1 : 0),
    'and no fault that is none' or diag explain $found->{faults};
is $found->{records}{clients}, 6 + 4, 'sound records are counted too';
($status, $out, $err) = $site->try_ctl('verify');
ok $status == 1 && $err eq ''
    && $out =~ /^clients broken: [^\n]+: restore a backup/m
    && $out =~ /^\d+ faults were found\.$/m, 'all that for people'
    or diag "$status $out$err";

# The cures.
rename "$dir/state", "$dir/state.bad" or die;
$site->ctl('restore', $backup);
$found = verify();
is_deeply $found->{faults}, [], 'restoring the backup is the cure';
Dumps::plant($site, $_->[0], { $_->[1] => $_->[2] })
    for grep { $_->[0] eq 'jwks' || $_->[1] =~ /^(?:broken|cut)$/
        && $_->[0] eq 'clients' } @faults;
is scalar @{ verify()->{faults} }, 3, 'a few faults again';
is $site->ctl('stats')->{clients}{unreadable}, 2,
    'stats counts clients that cannot be read';
$site->ctl('client', 'delete', $_, '--yes') for qw(broken cut);
is $site->ctl('purge')->{removed}{key_sets}, 1,
    'purge removes a key set that cannot be read';
is_deeply verify()->{faults}, [], '  and client delete the clients';

#
# What stops a backup, and what is left out of one.
#

sub as_it_was {
    system('rm', '-rf', "$dir/state") == 0
        && system('cp', '-a', "$dir/state.kept", "$dir/state") == 0
        or die "cp failed\n";
    return;
}

system('cp', '-a', "$dir/state", "$dir/state.kept") == 0 or die "cp failed\n";
my $made = 0;
for my $row (@faults,
    ['counters', 'revoked_client\\00app', 'x', qr/restore a backup/],
    ['counters', 'revoked_token\\00app\\00jti', '', qr/restore a backup/]) {
    my ($database, $name, $value, $text) = @$row;
    my $losable = $database eq 'jwks' || $value =~ /evil/
        || $database eq 'counters' && $name !~ /^revoked/;
    my $shown = "$database " . substr($name, 0, 24);
    my $where = "$dir/run/made" . ++$made;
    as_it_was();
    Dumps::plant($site, $database, { $name => $value });
    my ($status, $out, $err) = $site->try_ctl('--json', 'backup', $where);
    my $named = qr/^ccgrant: [^\n]*$database \S[^\n]*: \S/m;
    if ($losable) {
        is $status, 0, "$shown: a backup is made" or diag $err;
        is +JSON::PP->new->decode($out)->{left_out}, 1, '  without it';
        like $err, qr/${named}[^\n]*\nccgrant: note: 1 records/,
            '  which is named, and counted';
        is +($site->try_ctl('verify', $where))[0], 0, '  the rest is sound';
    } else {
        is "$status $out", '1 ', "$shown: no backup is made" or diag $out;
        like $err, qr/\Accgrant: backup in [^\n]+\n\z/, '  for one reason';
        like $err, $named, '  which names the record';
        like $err, $text, '  and the cure';
        is_deeply [glob "$where/*"], [], '  and nothing is left behind';
    }
    ($status, $out, $err) = $site->try_ctl('--json', 'stats');
    is $status, 0, '  stats goes on' or diag $err;
    my $purged = eval { $site->ctl('purge')->{removed}{damaged} };
    is $purged // 0, $losable && $database eq 'counters' ? 1 : 0,
        '  purge removes what nothing depends on, and nothing else';
    is_deeply verify()->{faults}, [], '  and that is the cure' if $purged;
}
as_it_was();
Dumps::plant($site, 'counters', { map {("kind\\00$_" => 'x')} 1 .. 50 });
($status, $out, $err) = $site->try_ctl('backup', "$dir/run/fifty");
is "$status " . (() = $err =~ /^/mg), '0 21',
    'of many that are left out some are named';
like $err, qr/^ccgrant: note: 50 records .*: ccgrant verify names them$/m,
    '  and all counted';
is $site->ctl('stats')->{unreadable}{counters}, 50, 'stats counts them';
ok $site->ctl('restore', $backup, '--yes'), 'a restore goes over them';
is $site->ctl('purge')->{removed}{damaged}, 50, 'purge removes them';
as_it_was();

# What the policy no longer has, or has in addition.
my $policy = Serve::slurp($site->policy);
$site->put('ccgrant.conf', $policy =~ s/name = "order-batch"/name = "orders"/r);
$found = verify();
is "$found->{status} " . @{ $found->{faults} }, '0 0',
    'a role that the policy does not have is no fault';
is_deeply [map {/client (\w+): .*order-batch/} @{ $found->{notes} }],
    [qw(app es vague)], '  but a note' or diag explain $found->{notes};
$site->put('ccgrant.conf', $policy =~ s/alg = "RS256"/alg = "EdDSA"/r);
$found = verify();
is "$found->{status} " . @{ $found->{faults} }, '1 1',
    'an algorithm without a key is a fault';
like $found->{faults}[0]{fault}, qr/ccgrant key add --alg EdDSA/,
    '  with its cure';
$site->put('ccgrant.conf', $policy);

# Without its master.key.
$site->put('state/master.key', 'z' x 32, 0600);
$found = verify();
ok $found->{status} == 1 && $found->{err} =~ /master\.key is not the one/,
    'another master.key is a fault' or diag explain $found;

#
# An archive that is not there: its logs wait, and everybody is told.
#

{
    my $kept = Serve->new(policy => qq{archive = "old";\n});
    my $at = $kept->dir;
    $kept->make_dir('old');
    my $filler = 'x' x 3000;
    my $in = $kept->put('run/records', join('', map {
        "https://app.example.org/$_\n$filler\n" } 1 .. 900), 0644);
    my $load = Serve::Server::find_program('db5.3_load');
    my $pid = $kept->spawn('load', undef, 'sh', '-c',
        'exec "$0" -T -t btree -h "$1" jwks.db <"$2"', $load, "$at/state",
        $in);
    waitpid $pid, 0;
    $? == 0 or die "db5.3_load failed\n";
    is(($kept->try_ctl(qw(policy check)))[0], 0, 'an archive: the policy is ok');
    rmdir "$at/old" or die "$at/old: $!\n";
    my ($status, $out, $err) = $kept->try_ctl(qw(policy check));
    is $status, 1, 'an archive that is gone: the policy is not';
    like $err, qr/archive: .*old: it must be a directory/, '  for that reason';
    ($status, $out, $err) = $kept->try_ctl('purge');
    is $status, 0, '  purge goes on';
    like $err, qr/note: \d+ logs of \d+ bytes wait to go: .*old/,
        '  and tells of the logs';
    my $logs = $kept->ctl('stats')->{logs};
    ok $logs->{waiting} > 0 && $logs->{waiting_bytes} > 0,
        '  stats counts them';
    ($status, $out, $err) = $kept->try_ctl('verify');
    like $out . $err, qr/logs of \d+ bytes wait to go/, '  verify tells it';
    $kept->make_dir('old');
    ($status, $out, $err) = $kept->try_ctl('purge');
    unlike $err, qr/wait to go/, '  when it is back they go';
    $logs = $kept->ctl('stats')->{logs};
    is $logs->{waiting}, 0, '  all of them';
    ok scalar(glob "$at/old/log.*"), '  to the archive';
}

done_testing();
