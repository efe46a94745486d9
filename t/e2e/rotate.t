#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The life of the signing keys: through a web server and two workers, which are
# never restarted; then the command alone, with others at its side and killed.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use Test::More;
use Time::HiRes ();
use Jwt;
use Serve;

my $load = Serve::Server::find_program('db5.3_load');
my $dump = Serve::Server::find_program('db5.3_dump');
plan skip_all => 'no db5.3_load' unless $load && $dump;
my $kind = Serve->any or plan skip_all => 'no web server is installed';
my $jose = Serve::Server::find_program('jose');

my ($day, $hour) = (86400, 3600);
my ($lead, $lifetime, $tail) = (14 * $day, 90 * $day, $day + $hour);
my $site   = Serve->new;
my $dir    = $site->dir;
my $secret = $site->client('demo', '--role', 'order-batch');
my $asker  = $site->client('asker', '--permit', 'introspect');
my $edits  = 0;
$site->start($kind);

# Runs a command for its output alone; it has to end well.
sub said {
    my ($at, @words) = @_;
    my ($status, $out, $err) = $at->try_ctl('key', @words);
    return $status == 0 ? $out . $err : "status $status: $out$err";
}

# The keys by their kid, or those of an algorithm in a state.
sub keys_at { return { map { $_->{kid} => $_ } @{ $_[0]->ctl(qw(key list)) } } }

sub those {
    my ($state, $alg, $at) = @_;
    return map { $_->{kid} } grep { $_->{state} eq $state
            && $_->{alg} eq ($alg // 'ES256') } values %{ keys_at($at // $site) };
}
sub key_of { return keys_at($site)->{ $_[0] } }

# The records of the database as they are stored, by kid.
sub records {
    my ($at) = @_;
    open my $fh, '-|', $at->command($dump, '-p', '-h', $at->dir . '/state',
        'keys.db') or die "db5.3_dump: $!\n";
    my @lines = map { s/^ //r } grep { /^ / } <$fh>;
    close $fh or die "db5.3_dump failed\n";
    chomp @lines;
    my %found = @lines;
    return { map { $_ => JSON::PP->new->decode($found{$_}) } keys %found };
}

# Gives a record other times, past ccgrant; then raises the generation.
sub put_times {
    my ($at, $kid, %times) = @_;
    my $record = { %{ records($at)->{$kid} }, %times };
    my $in = $at->put('run/record', "$kid\n"
        . JSON::PP->new->canonical->encode($record) . "\n", 0644);
    my $pid = $at->spawn('load', undef, 'sh', '-c',
        'exec "$0" -T -t btree -h "$1" keys.db <"$2"', $load,
        $at->dir . '/state', $in);
    waitpid $pid, 0;
    $? == 0 or die "db5.3_load failed\n";
    $at->ctl('client', 'set', 'demo', '--name', 'N' . ++$edits);
    return;
}

sub token {
    my ($id, $password) = @_;
    return $site->token(basic => [$id // 'demo', $password // $secret])
        ->{json}{access_token};
}
sub kid { return Jwt::decode($_[0])->{header}{kid} }

# The kids of so many tokens, so that both workers are asked.
sub kids {
    my %seen = map { kid(token()) => 1 } 1 .. 12;
    return join ' ', sort keys %seen;
}
sub set { return $site->get('/oauth2/v1/keys')->{json} }

sub is_published {
    my ($kid) = @_;
    my %seen = map { (grep { $_->{kid} eq $kid } @{ set()->{keys} }) ? 'yes'
            : 'no' => 1 } 1 .. 8;
    return join ' ', sort keys %seen;
}
sub verifies { return Jwt::verify(Jwt::decode($_[0]), set()) }

# What introspection says, of as many requests: 1, 0, or both.
sub active {
    my ($token) = @_;
    my %seen = map {
        my $json = $site->token(basic => ['asker', $asker],
            path => '/oauth2/v1/introspect', form => [token => $token])->{json};
        !defined $json->{active} ? 'none' : $json->{active} ? 1 : 0 => 1
    } 1 .. 8;
    return join ' ', sort keys %seen;
}

#
# --auto at every stage
#

my ($first) = those('signing');
my $old = token();
is kid($old), $first, 'the first key signs';
is said($site, qw(rotate --auto)), '', '--auto: nothing is due at first';
is key_of($first)->{next_at}, key_of($first)->{signs_from} + $lifetime
    - $lead, 'key list says when it is';
put_times($site, $first, signs_from => time - $lifetime + $lead + 60);
is said($site, qw(rotate --auto)), '', 'nor a minute before the time';
put_times($site, $first, signs_from => time - $lifetime + $lead);
like said($site, 'list'), qr/note: the ES256 key \Q$first\E needs a succ/,
    'when it has come, key list notes it';
like said($site, qw(rotate --auto)), qr/\AES256 key \S+: made and published; /,
    'and --auto makes the successor';
my ($second) = those('published');
ok abs(key_of($second)->{signs_from} - time - $lead) < 60, '  with the lead';
is key_of($first)->{signs_until}, key_of($second)->{signs_from},
    '  the first ends when it begins';
is key_of($first)->{publish_until}, key_of($second)->{signs_from} + $tail,
    '  and is published for its last token and an hour';
is is_published($second), 'yes', '  the JWK Set of each worker has it';
is kids(), $first, '  before it signs';
is said($site, qw(rotate --auto)), '', '--auto: once is enough';
like said($site, qw(rotate --alg ES256)),
    qr/\AES256 key \Q$second\E: published since .*; signs from .*--now/,
    'without --auto it says how long it waits';
is scalar(those('published')), 1, '  and makes no other one';

# By time alone: nothing is run.
my $change = time + 3;
put_times($site, $first, signs_until => $change, publish_until => $change + 3);
put_times($site, $second, signs_from => $change, created => time - $lead);
SKIP: {
    my @seen = (kids(), active($old));
    skip 'the machine is too slow', 2 if time >= $change;
    is $seen[0], $first, 'to its last second the first signs';
    is $seen[1], 1, '  its token is active';
}
ok Serve::wait_for(sub { kid(token()) eq $second }),
    'then the second, in workers that were not told';
is kids(), $second, '  in both';
SKIP: {
    my @seen = (verifies($old), active($old));
    skip 'the machine is too slow', 2 if time >= $change + 3;
    ok $seen[0], 'JWK-08 a token from before the change verifies';
    is $seen[1], 1, '  and is active';
}
ok Serve::wait_for(sub { is_published($first) eq 'no' }),
    'the first is no longer published when its time is over';
is active($old), 0, '  its tokens are not active';
is said($site, qw(rotate --auto)),
    "ES256 key $first: removed; its last token has expired\n",
    '--auto removes its record';
ok !records($site)->{$first}, '  from the database';
is said($site, qw(rotate --auto)), '', '  once';

#
# Pauses and interruptions
#

put_times($site, $second, signs_from => time - 400 * $day);
is kids(), $second, 'after 400 days without cron the key signs on';
my @long = $site->try_ctl(qw(key rotate --auto));
like $long[2], qr/note: the ES256 key \Q$second\E has signed since .*cron/,
    '  --auto notes it';
my ($third) = those('published');
ok $third && abs(key_of($third)->{signs_from} - time - $lead) < 60,
    '  and the successor has its lead all the same';
put_times($site, $second, signs_until => time - 300 * $day,
    publish_until => time - 298 * $day);
put_times($site, $third, signs_from => time - 300 * $day);
is kids(), $third, 'it takes over, and 300 days pass';
my ($status, $out) = $site->try_ctl(qw(--json key rotate --auto));
is_deeply [map { $_->{outcome} } @{ JSON::PP::decode_json($out) }],
    [qw(removed made)], 'one --auto does all that is due';
my ($fourth) = those('published');
put_times($site, $third, signs_until => 0, publish_until => 0);
is said($site, qw(rotate --auto)), '', 'what an interrupted run left,';
is key_of($third)->{signs_until}, key_of($fourth)->{signs_from},
    '  the next completes';

#
# In an emergency
#

$old = token();
like said($site, qw(rotate --now --alg ES256)),
    qr/\AES256 key \Q$fourth\E: signs now; \Q$third\E is published until /,
    '--now: the one that waits signs';
ok Serve::wait_for(sub { kid(token()) eq $fourth }), '  at once';
is kids(), $fourth, '  in both workers';
ok verifies($old), '  an older token verifies';
is active($old), 1, '  and is active';
ok key_of($third)->{publish_until} - time <= $tail,
    '  until its key is withdrawn';
like said($site, qw(rotate --now --alg ES256)), qr/signs now/,
    '--now again: a new key';
ok Serve::wait_for(sub { kid(token()) ne $fourth }), '  signs at once';
is scalar(those('retiring')), 2, '  two retire';
is join(' ', map { scalar those($_, 'RS256') } qw(signing published)), '1 0',
    '  nothing happened to another algorithm';

#
# A key that others know
#

my ($stolen) = those('signing');
$old = token();
my $held = set();
is active($old), 1, 'a token of a key that is to be retired is active';
for my $row (
    ['without --yes and a terminal', 1, qr/--yes/, 'retire', $stolen],
    ['of an unknown kid', 1, qr/no signing key "x": ccgrant key list/,
        'retire', 'x', '--yes'],
    ['without a kid', 2, qr/KID is missing/, 'retire', '--yes'],
    ['--auto with --now', 2, qr/one of them/, qw(rotate --auto --now)],
    ['of an unknown algorithm', 1, qr/--alg: .*ES256/,
        qw(rotate --alg ES265)]) {
    my ($name, $code, $text, @words) = @$row;
    my ($exit, undef, $err) = $site->try_ctl('key', @words);
    ok $exit == $code && $err =~ $text, "refused: $name"
        or diag "$exit: $err";
}
is join(' ', those('signing')), $stolen, '  and nothing was changed';
like said($site, 'retire', $stolen, '--yes'),
    qr/\AES256 key \Q$stolen\E: retired, .*\nES256 key \S+: signs now\n\z/,
    'key retire';
is active($old), 0, '  its tokens are not active at once, in any worker';
is is_published($stolen), 'no', '  it is not published';
ok !verifies($old), '  so that its tokens verify no longer';
ok Jwt::verify(Jwt::decode($old), $held),
    '  but where an older set is kept, they do';
unlike kids(), qr/\Q$stolen\E/, '  it signs no more, in any worker';
ok !records($site)->{$stolen}, '  its record is gone';
is active(token()), 1, '  a new token is active';

$site->ctl(qw(key rotate --alg ES256));
my ($signing, $waiting) = map { those($_) } qw(signing published);
is key_of($signing)->{signs_until}, key_of($waiting)->{signs_from},
    'a key that waits ends the one before it';
like said($site, 'retire', $waiting, '--yes'), qr/\A[^\n]+ removed\n\z/,
    '  it can be retired, too';
is_deeply [@{ key_of($signing) }{qw(state signs_until publish_until)}],
    ['signing', 0, 0], '  then that one has no end';
$site->ctl(qw(key rotate --alg ES256));
($waiting) = those('published');
is $site->ctl('key', 'retire', $signing, '--yes')->{signs}, $waiting,
    'when the signing key is retired, one that waits takes over';
ok Serve::wait_for(sub { kid(token()) eq $waiting }), '  at once';

#
# Algorithms side by side
#

{
    my ($exit, undef, $err) = $site->try_ctl(qw(client set demo --token-alg
        PS256));
    ok $exit == 1 && $err =~ /no PS256 key .* ccgrant key add --alg PS256/,
        'a client cannot choose an algorithm that no key is for' or diag $err;
    ($exit, undef, $err) = $site->try_ctl(qw(client add x --token-alg HS256));
    ok $exit == 1 && $err =~ /--token-alg: .*HS256/, '  nor one of secrets'
        or diag $err;
}
my %made = map { $_ => $site->ctl(qw(key add --alg), $_)->{kid} }
    qw(PS256 EdDSA);
my %of = (ES256 => $secret, map { $_ => $site->client("c-$_", '--role',
    'order-batch', '--token-alg', $_) } qw(PS256 EdDSA));
my $jwks = $site->put('run/jwks.json',
    $site->get('/oauth2/v1/keys')->{body});
for my $alg (sort keys %of) {
    my $token = token($alg eq 'ES256' ? 'demo' : "c-$alg", $of{$alg});
    is Jwt::decode($token)->{header}{alg}, $alg, "$alg: the client's choice";
    ok verifies($token), '  openssl verifies it';
    is active($token), 1, '  it is active';
    next if $alg eq 'EdDSA';    # jose has none
    SKIP: {
        skip 'jose is not installed', 1 unless $jose;
        open my $pipe, '|-', 'sh', '-c', 'exec "$@" >/dev/null 2>&1', 'sh',
            $jose, qw(jws ver -i - -k), $jwks or die "jose: $!\n";
        print $pipe $token;
        ok close $pipe, '  jose verifies it';
    }
}
is Jwt::decode($site->token(basic => ['c-PS256', $of{PS256}],
        form => [grant_type => 'client_credentials'])->{json}{access_token})
    ->{header}{kid}, $made{PS256}, 'with its own key';
is_deeply [sort map { $_->{alg} } @{ $site->ctl(qw(key rotate)) }],
    [qw(ES256 EdDSA PS256 RS256)], 'rotate sees what clients chose';
$site->ctl(qw(client set c-EdDSA), '--token-alg', '');
is Jwt::decode(token('c-EdDSA', $of{EdDSA}))->{header}{alg}, 'ES256',
    'a client goes back to what resource and policy say';
is_deeply [sort map { $_->{alg} } @{ $site->ctl(qw(key rotate)) }],
    [qw(ES256 PS256 RS256)], '  then rotate leaves its algorithm alone';
my @waiting = those('published', 'EdDSA');
is_deeply [map { $site->ctl('key', 'retire', $_, '--yes')->{signs} } @waiting],
    [map { $made{EdDSA} } @waiting],
    'retire --json says what signs now, whatever was retired';
my $alone = $site->ctl(qw(key add --alg ES384))->{kid};
my $left = $site->ctl('key', 'retire', $alone, '--yes');
ok exists $left->{signs} && !defined $left->{signs},
    '  and null when nothing does';
like said($site, 'retire', $made{EdDSA}, '--yes'),
    qr/No key signs with EdDSA now/, '  and its last key can be retired';
like said($site, 'retire', $made{PS256}, '--yes'),
    qr/PS256 key \S+: signs now/, 'one that a client uses is replaced';
is active(token('c-PS256', $of{PS256})), 1, '  and its next token is active';

# The list of what is revoked is to be under a key that is published.
{
    my $listed = Serve->new(policy => "revocations : { file = \"list\"; };\n");
    my $list   = $listed->dir . '/list';
    my $under  = sub { kid(Serve::slurp($list) =~ s/\s+\z//r) };
    for my $words (['rotate', '--now'],
        ['retire', (those('signing', 'ES256', $listed))[0], '--yes']) {
        $listed->ctl('key', @$words);
        ok -s $list, "key $words->[0] writes the list of revoked tokens";
        # The next key begins a second later where both were made in one.
        ok scalar(grep { $_ eq $under->() }
            map { those($_, 'ES256', $listed) } qw(signing published retiring)),
            '  under a key that is published';
    }
}

my $equal =
    Serve->new(policy => "keys : { lead = 86400; lifetime = 86400; };\n");
ok $equal->ctl(qw(policy check))->{ok}, 'a lead as long as the lifetime';
{
    my $bad = Serve->new(init => 0,
        policy => "keys : { lead = 86401; lifetime = 86400; };\n");
    my ($exit, undef, $err) = $bad->try_ctl(qw(policy check));
    ok $exit == 1 && $err =~ /keys\.lead: 86401 is more than keys\.lifetime/,
        '  a longer one is refused' or diag $err;
}

#
# Several at once, and killed
#

# Starts commands all at once; returns their exit statuses.
sub at_once {
    my ($at, @commands) = @_;
    my @pids = map { $at->spawn('many', undef, $at->dir . '/bin/ccgrant', '-c',
        $at->policy, @$_) } @commands;
    return map { waitpid $_, 0; $? >> 8 } @pids;
}

# What is wrong with the keys: of each algorithm one signs, at most one waits,
# those before it have an end, and it has one when one waits.  Exactly: each
# ends in the very second in which the next begins.
sub faults {
    my ($at, $exact) = @_;
    my (%alg, @faults);
    push @{ $alg{ $_->{alg} } }, $_ for values %{ keys_at($at) };
    for my $alg (sort keys %alg) {
        my @all = sort { $a->{signs_from} <=> $b->{signs_from} } @{ $alg{$alg} };
        my %n;
        $n{ $_->{state} }++ for @all;
        push @faults, "$alg: no key signs" unless ($n{signing} // 0) == 1;
        push @faults, "$alg: $n{published} wait" if ($n{published} // 0) > 1;
        for my $i (0 .. $#all) {
            my $end = $i < $#all ? $all[ $i + 1 ]{signs_from} : 0;
            my ($state, $until) = @{ $all[$i] }{qw(state signs_until)};
            push @faults, "$alg: $i, $state, ends at $until, not $end"
                if $exact ? $until != $end
                : $state eq 'signing' ? !$until != !$n{published}
                : $state eq 'retiring' && !$until;
        }
    }
    return join '; ', @faults;
}

my $many = Serve->new;
$many->client('demo', '--role', 'order-batch');
is join(' ', at_once($many, map { [qw(key rotate)] } 1 .. 8)),
    join(' ', (0) x 8), 'eight at once do well';
is scalar(keys %{ keys_at($many) }), 4, '  and make one successor each';
is faults($many, 1), '', '  as it should be';
is join(' ', at_once($many, map { [qw(key rotate --now)] } 1 .. 6)),
    join(' ', (0) x 6), 'six at once with --now';
Serve::wait_for(sub { !those('published', $_, $many) }) for qw(ES256 RS256);
is faults($many, 1), '', '  one key signs in the end';
is join(' ', at_once($many, ([qw(key rotate)], [qw(key rotate --auto)],
    [qw(key rotate --now)]) x 2)), join(' ', (0) x 6), 'all kinds at once';
Serve::wait_for(sub { faults($many, 1) eq '' });
is faults($many, 1), '', '  likewise';

my $full = Serve->new;
$full->client('demo', '--role', 'order-batch');
$full->ctl(qw(key add --alg EdDSA)) for 1 .. 60;
is join(' ', sort(at_once($full, map { [qw(key add --alg EdDSA)] } 1 .. 6))),
    '0 0 1 1 1 1', 'of six at once two find room for the last two keys';
is scalar(keys %{ keys_at($full) }), 64, '  there are no more than 64';
my ($eddsa) = those('signing', 'EdDSA', $full);
is $full->ctl('key', 'retire', (those('signing', 'ES256', $full))[0],
    '--yes')->{alg}, 'ES256', '  and one of them can still be retired';

# A record that cannot be read.
{
    my $in = $site->put('run/record', "broken\n{}\n", 0644);
    my $pid = $site->spawn('load', undef, 'sh', '-c',
        'exec "$0" -T -t btree -h "$1" keys.db <"$2"', $load, "$dir/state",
        $in);
    waitpid $pid, 0;
    $? == 0 or die "db5.3_load failed\n";
    $site->ctl('client', 'set', 'demo', '--name', 'N' . ++$edits);
    is $site->token(basic => ['demo', $secret])->{status}, 200,
        'a key that cannot be read: another signs';
    is $site->get('/oauth2/v1/keys')->{status}, 200, '  the set is there';
    like $site->log_text, qr/signing key broken cannot be read/,
        '  the log tells of it';
    like said($site, 'list'), qr/note: signing key broken cannot be read/,
        '  and so does key list';
    is(($site->try_ctl('purge'))[0], 0, '  purge goes on');
    my ($code, $out) = $site->try_ctl(qw(key retire broken --yes));
    is $code, 0, '  it can be retired';
    like $out, qr/\Abroken: /, '  which says so';
    is records($site)->{broken}, undef, '  and is gone';
    unlike said($site, 'list'), qr/broken/, '  and forgotten';
    isnt(($site->try_ctl(qw(key retire broken --yes)))[0], 0,
        '  a second time there is none');
}

# Killed at some moment, with no regard to what was written.
my $killed = 0;
my $victim = Serve->new;
$victim->client('demo', '--role', 'order-batch');
for my $i (1 .. 25) {
    my @words = $i % 3 ? qw(key rotate --now) : ('key', 'retire',
        (those('signing', 'ES256', $victim))[0], '--yes');
    my $pid = $victim->spawn('victim', undef, "$victim->{dir}/bin/ccgrant",
        '-c', $victim->policy, @words);
    Time::HiRes::sleep(0.004 + rand 0.03);
    kill KILL => $pid;
    waitpid $pid, 0;
    $killed++ if $? & 127;
}
note "$killed of 25 were killed";
my ($exit, undef, $err) = $victim->try_ctl(qw(key rotate --auto));
is $exit, 0, 'after 25 runs that were killed, one that was not' or diag $err;
Serve::wait_for(sub { faults($victim) eq '' });
is faults($victim), '', '  has all as it should be';

done_testing();
