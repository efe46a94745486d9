#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The life of a secret: hashes that other systems made, which become scrypt's
# where the policy says so; rotation with an overlap; last uses; what ends soon.
# All of it goes on without a restart of the responder.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(encode_base64 encode_base64url);
use Test::More;
use Time::HiRes ();
use Jwt;
use Rows;
use Serve;

my $kind = Serve->any or plan skip_all => 'no web server';
local $SIG{ALRM} = sub { die "secrets.t takes too long\n" };
alarm 1800;

my @role = ('--role', 'order-batch');
my $sha512 = 'lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/'
    . 'e1JSbq3y6JMxxl8audkUEm0';
my $tmein = "l\xe8tmein";
utf8::encode($tmein);

# Examples that the makers of the forms, or their users, published.
my @forms = (
    ['bcrypt', 'bcrypt', 'U*U',
        '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['bcrypt of Hydra', 'bcrypt', 'test',
        '$2a$12$o6hx.Wog/wvFSkT/Bp/6DOxCtLRTDj7lm9on9suF/WaCGNVHbkfL6'],
    ['yescrypt', 'yescrypt', 'Password123',
        '$y$j9T$huXYrFRxr5.EtlA/GqJQg1'
            . '$R36Nu5MbY5YM0SzRaWbBPyGpM7KMcWtbUmBq5gDZA9B'],
    ['gost-yescrypt', 'gost-yescrypt', 'Password123',
        '$gy$j9T$i.krMgTvuXE2doi6Hguka/'
            . '$qwn482j7gJbWZNQ3cF0YdKAud.C3vUIorQGsF0ryox3'],
    ['scrypt', 'scrypt', 'pleaseletmein',
        '$7$C6..../....SodiumChloride'
            . '$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D'],
    ['sha512crypt', 'sha512crypt', 'This is just a test',
        "\$6\$rounds=5000\$toolongsaltstrin\$$sha512"],
    ['sha256crypt', 'sha256crypt', 'Hello world!',
        '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
    ['PBKDF2 of Django', 'PBKDF2', $tmein, 'pbkdf2_sha256$12000$seasalt$'
            . 'Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s='],
    ['PBKDF2 of Django with SHA-1', 'PBKDF2', 'KRONOS',
        'pbkdf2_sha1$24000$seasalt$F+kiWNHXbMBcwgxsvSKFCWHnZZ0='],
    ['PBKDF2 of Hydra', 'PBKDF2', 'test', '$pbkdf2-sha256$i=100000,l=32$'
            . '1jP+5Zxpxgtee/iPxGgOz0RfE9/KJuDElP1ley4VxXc$'
            . 'QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJctoYpI'],
    ['PBKDF2 of Hydra with SHA-512', 'PBKDF2', 'test',
        '$pbkdf2-sha512$i=100000,l=32$'
            . 'bdHBpn7OWOivJMVJypy2UqR0UnaD5prQXRZevj/05YU$'
            . '+wArTfv1a+bNGO1iZrmEdVjhA+lL11wF4/IxpgYfPwc'],
);
my $site = Serve->new(issuer => 'https://as.example.org')->start($kind);

sub answer {
    my ($on, $id, $secret, @more) = @_;
    return Rows::summary($on->token(basic => [$id, $secret], @more));
}

sub import_hash {
    my ($on, $id, $hash, @more) = @_;
    return $on->ctl(\"$hash\n", qw(client add), $id, '--hash-file', '-',
        @role, @more);
}

sub secrets { return @{ $_[0]->ctl(qw(secret list), $_[1]) } }

# All bytes of the state directory.
sub state_bytes {
    my ($on) = @_;
    return join '', map { Serve::slurp($_) // '' } glob "$on->{dir}/state/*";
}

#
# Each form.  There are more than may be at once: what is gone is recounted.
#

for my $form (@forms) {
    my ($name, $word, $secret, $hash) = @$form;
    import_hash($site, 'moved', $hash);
    my ($known) = secrets($site, 'moved');
    is "$known->{kind} $known->{form}", "imported $word", "$name is known";
    is answer($site, 'moved', "$secret."), '401 invalid_client',
        "$name: a longer secret is wrong";
    is answer($site, 'moved', $hash), '401 invalid_client',
        "$name: the hash is no secret";
    is answer($site, 'moved', $secret), '200', "$name: the secret is right";
    is answer($site, 'moved', $secret), '200', "$name: and again";
    is answer($site, 'moved', lc($secret) eq $secret ? uc $secret
        : lc $secret), '401 invalid_client', "$name: in another case it is wrong";
    is answer($site, 'nobody', $secret), '401 invalid_client',
        "$name: and of another client";
    ok index(state_bytes($site), substr $hash, -40) < 0,
        "$name: the hash is in no file of the state directory";
    $site->ctl(qw(client delete moved --yes));
    $site->ctl('purge');
}

my @costs = @forms[0, 2, 4, 6];
import_hash($site, "cost$_", $costs[$_][3]) for 0 .. 3;
my ($status, undef, $said) = $site->try_ctl(\$forms[5][3], qw(client add more),
    '--hash-file', '-');
ok $status == 1 && $said =~ /imported hashes of 4 costs.*ccgrant purge/,
    'a fifth cost is refused with the cure' or diag $said;
like $said, qr/;\ the\ costs\ are\ bcrypt\ 5,\ yescrypt\ j9T,
    \ scrypt\ \S+\ \(salt\ of\ 14\),
    \ sha256crypt\ 5000\ \(salt\ of\ 10\)$/x,
    '  and with those that there are';
is_deeply [map { (secrets($site, "cost$_"))[0]{cost} } 0, 3],
    ['bcrypt 5', 'sha256crypt 5000 (salt of 10)'],
    'secret list --json has the cost';
like +($site->try_ctl(qw(secret list cost0)))[1], qr/ imported \(bcrypt 5\) /,
    '  and so has the table';
import_hash($site, 'same', $costs[0][3]);
is answer($site, 'same', 'U*U'), '200', 'a second hash of one cost is not';
is answer($site, "cost$_", $costs[$_][2]), '200', "cost $_ of four is right"
    for 0 .. 3;
is answer($site, "cost$_", $costs[$_][2] . 'x'), '401 invalid_client',
    "cost $_ of four is wrong" for 0 .. 3;

# What is refused, and why.
my $good = $forms[0][3];
for my $end ("\r\n", "\n\n", "\r\n\r\n", "\n") {
    $site->ctl(\"$good$end", qw(client add ended --hash-file -), @role);
    is answer($site, 'ended', 'U*U'), '200', 'the ends of lines are no matter';
    $site->ctl(qw(client delete ended --yes));
}
for my $row (
    ['MD5-crypt', '$1$abc$iCQ2D3nhptRYi27fDYv2s1', qr/not of a form/],
    ['DES', 'CCNf8Sbh3HDfQ', qr/not of a form/],
    ['NTLM', '$3$$8846f7eaee8fb117ad06bdd830b7586c', qr/not of a form/],
    ['Argon2', '$argon2id$v=19$m=32,t=2,p=4$cm94$MNzk', qr/not of a form/],
    ['a secret', 'correct-horse-battery', qr/not of a form/],
    ['nothing', '', qr/not of a form/],
    ['two lines', "$good\n$good", qr/more than one line/],
    ['two lines of DOS', "$good\r\n$good\r\n", qr/more than one line/],
    ['a line of .htpasswd', "moved:$good\n", qr/colon: cut off the name/],
    ['a line of shadow', "x:$good:19000:0:::::\n", qr/colon: cut off/],
    ['a blank', "$good \n", qr/visible ASCII/],
    ['a zero byte', "$good\0", qr/zero byte/],
    ['a hash that was cut', substr($good, 0, -1), qr/cut or changed/],
    ['a cost for hours', $good =~ s/05/31/r, qr/the most is 13/],
    ['a salt that was changed', '$y$j75$F5Jx5f$' . '.' x 43, qr/salt/],
    ['few iterations', 'pbkdf2_sha256$999$s$' . 'A' x 43 . '=', qr/too weak/],
    ['a book', 'x' x 2000, qr/larger than/])
{
    my ($name, $text, $reason) = @$row;
    my ($status, $out, $err) = $site->try_ctl(\$text, qw(client add bad),
        '--hash-file', '-');
    ok $status == 1 && $out eq '' && $err =~ /\Accgrant: --hash-file: /
        && $err =~ $reason, "$name is refused" or diag "$status $out$err";
}
for my $row (
    ['both files', qr/give one of the two/, qw(client add bad --hash-file -
        --secret-file -)],
    ['a method that signs', qr/secret itself is needed/, qw(client add bad
        --auth client_secret_jwt --hash-file -)],
    ['a second hash', qr/has an imported hash already/, qw(secret add same
        --hash-file -)],
    ['the hash that is there', qr/has this secret already/, qw(secret add
        cost0 --hash-file -)])
{
    my ($name, $reason, @words) = @$row;
    my $text = $name eq 'the hash that is there' ? $good
        : '$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK';
    my ($status, $out, $err) = $site->try_ctl(\$text, @words);
    ok $status == 1 && $err =~ $reason, "$name: refused"
        or diag "$status $out$err";
}
($status) = $site->try_ctl(qw(client show bad));
is $status, 1, 'and nothing was made of any of them';

#
# Upgrade on use.
#

{
    my $up = Serve->new(policy => 'secrets : { upgrade = true; };')
        ->start($kind);
    import_hash($up, 'moved', $good, '--secret-label', 'from the old one',
        '--secret-expires', '30d');
    my ($before) = secrets($up, 'moved');
    is answer($up, 'moved', 'wrong'), '401 invalid_client',
        'upgrade: a wrong secret';
    is +(secrets($up, 'moved'))[0]{kind}, 'imported', 'upgrade: does nothing';
    is answer($up, 'moved', 'U*U'), '200', 'upgrade: the secret is right';
    my ($after) = secrets($up, 'moved');
    is $after->{kind}, 'chosen', 'upgrade: the hash is scrypt\'s';
    is_deeply [@$after{qw(id label created not_after)}],
        [@$before{qw(id label created not_after)}], 'upgrade: the rest stays';
    is answer($up, 'moved', 'U*U'), '200', 'upgrade: it is right again'
        for 1 .. 6;
    is answer($up, 'moved', 'U*U*'), '401 invalid_client',
        'upgrade: another is wrong';
    $up->start($kind);
    is answer($up, 'moved', 'U*U'), '200', 'upgrade: after a restart, too';
    is answer($up, 'moved', 'u*u'), '401 invalid_client',
        'upgrade: and another is wrong';
    $up->ctl('purge');
    is answer($up, 'moved', 'U*U'), '200', 'upgrade: and after a purge';
    ok $up->log_text !~ /U\*U/, 'upgrade: the logs have no secret';
    $up->stop;
}

#
# Rotation.
#

my $old = $site->client('turn', @role);
is answer($site, 'turn', $old), '200', 'rotate: the old secret works';
my $new = $site->ctl(qw(secret rotate turn --overlap 5s --label new));
my @both = map { answer($site, 'turn', $_) } $old, $new->{client_secret};
my ($first) = secrets($site, 'turn');
SKIP: {
    skip 'the machine is too slow', 3 if time >= $first->{not_after};
    is "@both", '200 200', 'rotate: both work';
    ok $first->{live}, 'rotate: the old one is to end';
    like $first->{remark}, qr/^ends within a minute$/,
        'rotate: which a remark says';
}
ok Serve::wait_for(sub { answer($site, 'turn', $old) ne '200' }),
    'rotate: it ends by itself';
ok time >= $first->{not_after}, 'rotate: not before its time';
is answer($site, 'turn', $old), '401 invalid_client',
    'rotate: and is as wrong as any';
is answer($site, 'turn', $new->{client_secret}), '200',
    'rotate: the new one works on';
($first) = secrets($site, 'turn');
ok !$first->{live}, 'rotate: the list says so';
is $first->{remark}, 'has ended', 'rotate: and so does its remark';

$site->client('full', @role);
$site->ctl(qw(secret add full)) for 2 .. 32;
is scalar(secrets($site, 'full')), 32, 'rotate: a client that has the most';
like +($site->try_ctl(qw(secret rotate full --overlap 1d)))[2],
    qr/has 32 secrets, which is the most/, 'rotate: has no room for another';
$new = $site->ctl(qw(secret rotate full --overlap 0));
is_deeply [map { $_->{id} } secrets($site, 'full')], [$new->{secret_id}],
    'rotate: but without an overlap it has';
is answer($site, 'full', $new->{client_secret}), '200', '  and it works';

#
# Last uses.
#

my $key = Jwt::make_key($site->dir . '/run/key.pem', 'P-256');
$site->client('signer', @role, '--auth', 'private_key_jwt', '--jwks',
    $site->put('run/jwks', Jwt::json(Jwt::jwk($key))));
my $used = $site->client('used', @role);
$site->ctl(qw(secret add used --label spare));
is_deeply [map { "$_->{last_use} $_->{last_use_from}" } secrets($site,
    'used')], ['0 ', '0 '], 'uses: none of a new client';
is answer($site, 'used', 'wrong'), '401 invalid_client', 'uses: a wrong secret';
is +(secrets($site, 'used'))[0]{last_use}, 0, 'uses: is none';
my $began = time;
is answer($site, 'used', $used, from => '127.0.0.5'), '200', 'uses: a right one';
my @known = secrets($site, 'used');
ok $known[0]{last_use} >= $began && $known[0]{last_use} <= time,
    'uses: the list says when';
is $known[0]{last_use_from}, '127.0.0.5', 'uses: and from where';
is $known[1]{last_use}, 0, 'uses: of that secret alone';
is answer($site, 'used', $used, from => '127.0.0.6'), '200',
    'uses: one within the hour' for 1 .. 6;
is +(secrets($site, 'used'))[0]{last_use_from}, '127.0.0.5',
    'uses: is not recorded';
$site->start($kind);
is answer($site, 'used', $used, from => '127.0.0.7'), '200',
    'uses: other workers';
is_deeply [(secrets($site, 'used'))[0]->@{qw(last_use last_use_from)}],
    [$known[0]{last_use}, '127.0.0.5'], 'uses: know what these knew';
is +($site->try_ctl(qw(client show used)))[1] =~ /LAST USE +FROM/
    && $&, 'LAST USE              FROM', 'uses: client show has them, too';

my $text = Jwt::make($key, 'ES256', { alg => 'ES256' }, { iss => 'signer',
    sub => 'signer', aud => $site->{issuer}, exp => time + 60, jti => "key-$$" });
is Rows::summary($site->token(form => [grant_type => 'client_credentials',
    client_assertion => $text, client_assertion_type =>
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
    from => '127.0.0.8')), '200', 'uses: of a key';
my $shown = $site->ctl(qw(client show signer))->{keys}[0];
ok $shown->{last_use} >= $began && $shown->{last_use_from} eq '127.0.0.8',
    'uses: are known by the key';

{
    my $cgi = Serve->new;
    my $secret = $cgi->client('plain', @role);
    $cgi->start('cgi');
    is answer($cgi, 'plain', $secret), '200', 'uses: by plain CGI';
    my ($one) = secrets($cgi, 'plain');
    ok $one->{last_use} >= $began && $one->{last_use_from} eq '127.0.0.1',
        'uses: are known';
    is answer($cgi, 'plain', $secret, env => { REMOTE_ADDR => '192.0.2.9' }),
        '200', 'uses: the next';
    is_deeply [secrets($cgi, 'plain')], [$one], 'uses: is within the hour';
}

#
# What ends soon.
#

sub expiring {
    my (@more) = @_;
    my ($status, $out, $err) = $site->try_ctl(qw(secret expiring), @more);
    return ($status, $out . $err);
}

is_deeply [expiring()], [0, ''], 'expiring: nothing, and nothing is said';
$site->ctl(qw(secret add used --label brief --expires 3d));
$site->ctl(qw(client set signer --expires 10d));
($status, my $table) = expiring();
is $status, 1, 'expiring: the status is for cron';
is $table =~ s/^CLIENT .*\n//r =~ tr/\n//, 2, 'expiring: there are two';
like $table, qr/^used +secret +\w+ +brief +\S+ +[23] days +- +-$/m,
    'expiring: a secret';
like $table, qr/^signer +client +- +- +\S+ +(?:9|10) days +- +-$/m,
    'expiring: a client';
is_deeply [expiring('--within', '1d')], [0, ''], 'expiring: none within a day';
is +(expiring('--within', '5d'))[1] =~ tr/\n//, 2, 'expiring: one within five';
($status, $said) = expiring('--within', '89d');
like $said, qr/^- +signing key +\S+ +ccgrant key rotate /m,
    'expiring: a signing key that is to get a successor';
$site->ctl(qw(client disable signer));
unlike +(expiring())[1], qr/^signer/m,
    'expiring: who is disabled misses nothing';
my ($state, $json) = $site->try_ctl(qw(--json secret expiring));
is $state, 1, 'expiring: as JSON, the same status';
like $json, qr/\A\[\s*\{\s*"client_id": "used",\s*"what": "secret",/,
    'expiring: and an array';
is +(expiring('--within', 'soon'))[0], 1, 'expiring: a wrong time is no usage';

# Who was given a new one in time misses nothing, unless he uses the old one.
$site->ctl(qw(client disable used));
my $turned = $site->client('turned', @role);
$site->ctl(qw(secret rotate turned --overlap 5d));
is_deeply [expiring()], [0, ''], 'expiring: not what was rotated out';
Time::HiRes::sleep(0.01) until time > (secrets($site, 'turned'))[1]{created};
is answer($site, 'turned', $turned), '200', 'expiring: the old one is used';
like +(expiring())[1], qr/^turned +secret /m, '  then it is told';
my @ids = map { $_->{id} } secrets($site, 'turned');
$site->ctl(qw(secret delete turned), $ids[1], '--yes');
$site->ctl(qw(client set turned --auth private_key_jwt --jwks),
    "$site->{dir}/run/jwks");
is_deeply [expiring()], [0, ''],
    'expiring: not what the method does not use';
is +(secrets($site, 'turned'))[0]{remark},
    'not used: the method is private_key_jwt', '  which the list says';

# A signing key is told as long as key rotate would do something about it.
{
    my $keys = Serve->new(
        policy => 'keys : { lead = 864000; lifetime = 864000; };');
    my $run = sub { return ($keys->try_ctl(@_))[0, 1] };
    $keys->ctl(qw(key add --alg RS256));
    my ($status, $out) = $run->(qw(secret expiring));
    is $status, 1, 'expiring: a key that is due';
    like $out, qr/^- +signing key +\S+ +ccgrant key rotate --auto +\S+ +overdue /m,
        '  is overdue';
    is $out =~ tr/\n//, 2, '  but not one that nothing signs with';
    $run->(qw(key rotate --auto));
    is_deeply [$run->(qw(secret expiring))], [0, ''],
        '  and nothing is when key rotate was run';
}

# Nothing of what was sent or imported is said anywhere.
my $log = $site->log_text;
ok index($log, $_) < 0, 'the logs do not have ' . substr $_, 0, 8
    for $used, $old, $new->{client_secret}, map { substr $_->[3], -30 } @forms;
for my $id ('cost0', 'same', 'used', 'signer') {
    my $json = Jwt::json($site->ctl('client', 'show', $id));
    ok $json !~ /digest|sealed|[\$]2[ab]|ccgs_/,
        "nor does client show of $id";
}
done_testing;
