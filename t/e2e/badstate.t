#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# What can be wrong with policy and state: the client gets 503 with JSON, the
# log and the command say in one line what it is and what to do, and the same
# worker serves again once it is mended.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use Test::More;
use Fcgi;
use Jwt;
use Serve;

my $site   = Serve->new;
my $secret = $site->client('demo', '--role', 'order-batch');
my $dir    = $site->dir;
my ($policy, $state, $key) = ($site->policy, "$dir/state",
    "$dir/state/master.key");
my $policy_text = Serve::slurp($policy);
my $key_bytes   = Serve::slurp($key);
my $key_mode    = (stat $key)[2] & 07777;
my $load = Serve::Server::find_program('db5.3_load');

sub write_policy { return $site->put('ccgrant.conf', $_[0]) }

sub write_key {
    my ($bytes) = @_;
    unlink $key;
    $site->put('state/master.key', $bytes, $key_mode);
    return;
}

# Put a record into the database, past ccgrant.
sub set_schema {
    my ($n) = @_;
    my $in  = $site->put('run/schema', "schema\n$n\n");
    my $pid = $site->spawn('load', undef, 'sh', '-c',
        'exec "$0" -T -t btree -h "$1" meta.db <"$2"', $load, $state, $in);
    waitpid $pid, 0;
    return $? == 0 || die "db5.3_load\n";
}

# sentence, how to break it, how to mend it, what has to be named, the cure.
my @rows = (
    ['a policy that does not parse',
        sub { write_policy($policy_text =~ s/^state.*/state = ;/mr) },
        sub { write_policy($policy_text) },
        qr/\Q$policy\E:2\b/, qr/state: found nothing; expected/],
    ['a policy with an unknown key',
        sub { write_policy($policy_text . "isuer = \"x\";\n") },
        sub { write_policy($policy_text) },
        qr/\Q$policy\E:\d+:.*isuer/, qr/issuer/],
    ['a policy with a wrong type',
        sub { write_policy($policy_text . "token : { lifetime = \"1\"; };\n") },
        sub { write_policy($policy_text) },
        qr/\Q$policy\E:\d+:.*token\.lifetime/, qr/expected an integer/],
    ['a role with an undefined scope',
        sub { write_policy($policy_text =~ s/.*\K\[ "search" \]; \} \);/
            [ "serach" ]; } );/sr) },
        sub { write_policy($policy_text) },
        qr/\Q$policy\E:\d+:.*serach/, qr/search/],
    ['no policy',
        sub { rename $policy, "$policy.away" or die $! },
        sub { rename "$policy.away", $policy or die $! },
        qr/\Q$policy\E/, qr/ccgrant init/],
    ['a policy that cannot be read',
        sub { chmod 0, $policy }, sub { chmod 0644, $policy },
        qr/\Q$policy\E/, qr/this user can read/],
    ['no state directory',
        sub { rename $state, "$state.away" or die $! },
        sub { rename "$state.away", $state or die $! },
        qr/\Q$state\E/, qr/ccgrant init/],
    ['a policy with another state directory',
        sub { write_policy($policy_text =~ s/^state.*/state = "nowhere";/mr) },
        sub { write_policy($policy_text) },
        qr{/nowhere\b}, qr/ccgrant init/],
    ['a state directory that is a file',
        sub { rename $state, "$state.away" or die $!; $site->put('state', '') },
        sub { unlink $state; rename "$state.away", $state or die $! },
        qr/\Q$state\E/, qr/is not a directory/],
    ['a state directory that cannot be read',
        sub { chmod 0, $state }, sub { chmod 0770, $state },
        qr/\Q$state\E/, qr/chmod u\+rwx/],
    ['a state directory without a database',
        sub { rename "$state/meta.db", "$state/away" or die $! },
        sub { rename "$state/away", "$state/meta.db" or die $! },
        qr/\Q$state\E/, qr/ccgrant init/],
    ['no master.key',
        sub { unlink $key }, sub { write_key($key_bytes) },
        qr/\Q$key\E/, qr/from a backup/],
    ['master.key open to others',
        sub { chmod 0640, $key }, sub { chmod $key_mode, $key },
        qr/\Q$key\E/, qr/chmod 600/],
    ['master.key cut',
        sub { write_key(substr $key_bytes, 0, 31) },
        sub { write_key($key_bytes) },
        qr/\Q$key\E/, qr/32/],
    ['the master.key of another place',
        sub { write_key('x' x 32) }, sub { write_key($key_bytes) },
        qr/\Q$key\E/, qr/from a backup/],
    ['master.key by a symbolic link',
        sub { rename $key, "$dir/run/key"; symlink "$dir/run/key", $key },
        sub { unlink $key; rename "$dir/run/key", $key },
        qr/\Q$key\E/, qr/symbolic link/],
    $> == 0 ? ['master.key of another user',
        sub { chown 65534, 65534, $key }, sub { $site->own($key) },
        qr/\Q$key\E/, qr/chown/] : (),
    $load ? ['a database of a newer schema',
        sub { set_schema(99) }, sub { set_schema(2) },
        qr/\Q$state\E.*schema 99/, qr/upgrade ccgrant/] : (),
);

sub start_worker {
    return Fcgi->start([$site->command("$dir/bin/ccgrant.fcgi")],
        { CCGRANT_CONFIG => $policy });
}

sub ask {
    my ($worker) = @_;
    my %rq  = Serve::token_request(basic => ['demo', $secret]);
    my %env = Serve::Server::cgi_environment(%rq);
    my $conn = $worker->connect;
    $conn->send(Fcgi::request({ body => $rq{body} }, %env));
    my $answer = $conn->answer or return { status => 0, stderr => '' };
    return Serve::decode($answer);
}

for my $row (@rows) {
    my ($sentence, $break, $mend, $names, $cures) = @$row;
    subtest $sentence => sub {
        $break->();
        my $worker = start_worker();
        my $answer = ask($worker);
        is "$answer->{status} " . ($answer->{json}{error} // 'no JSON'),
            '503 temporarily_unavailable', '503 with JSON';
        like $answer->{header}{'retry-after'}[0] // '', qr/^\d+$/,
            '  and Retry-After';
        my @lines = split /\n/, $answer->{stderr};
        note @lines;
        is scalar(@lines), 1, '  one line in the log';
        like $lines[0] // '', $names, '  names the thing';
        like $lines[0] // '', $cures, '  and the cure';
        unlike $answer->{body}, qr/\Q$dir\E/, '  the client learns none of it';
        my ($status, $out, $err) = $site->try_ctl('client', 'list');
        is $status, 1, 'the command fails';
        like $err, $names, '  and names the thing';
        like $err, $cures, '  and the cure';
        $mend->();
        my $served = Serve::wait_for(sub {
            my $again = ask($worker);
            return $again->{status} == 200 && $again;
        });
        ok $served && Jwt::decode($served->{json}{access_token}),
            'the same worker serves once it is mended';
        is $worker->stop, 0, '  and ends well';
    };
}

# A worker ends itself when it has been through many recoveries, and answers
# first what has begun to arrive.
subtest 'a worker that is worn out' => sub {
    my $worker = start_worker();
    my %rq     = Serve::token_request(basic => ['demo', $secret]);
    my $bytes  = Fcgi::request({ body => $rq{body} },
        Serve::Server::cgi_environment(%rq));
    my $slow   = $worker->connect;
    $slow->send(substr $bytes, 0, 100);
    is ask($worker)->{status}, 200, 'it serves';
    for (1 .. 32) {
        open my $gate, '+<', "$state/gate" or die $!;
        seek $gate, 56, 0;
        read $gate, my $life, 8;
        seek $gate, 64, 0; # where the wish for recovery stands
        print $gate $life;
        close $gate;
        my $conn = $worker->connect;
        $conn->send(Fcgi::request({ body => '' }, REQUEST_METHOD => 'GET',
            SCRIPT_NAME => '', PATH_INFO => '/oauth2/v1/health'));
        my $answer = $conn->answer;
        last unless $answer && Serve::decode($answer)->{status} == 200;
    }
    $slow->send(substr $bytes, 100);
    my $answer = $slow->answer;
    is $answer && Serve::decode($answer)->{status}, 200,
        'it answers what it had begun to read';
    is $worker->wait & 127, 0, 'and ends by itself';
};

# The environment variable may be missing, as with suEXEC: the installed file,
# which need not be there, nor its state directory.
my $worker = Fcgi->start([$site->command("$dir/bin/ccgrant.fcgi")], {});
my $answer = ask($worker);
ok $answer->{status} == 503
    && $answer->{stderr} =~ m{/ccgrant/ccgrant\.conf\b|/lib/ccgrant\b}
    || $answer->{status} == 401, 'without CCGRANT_CONFIG the installed policy';
$worker->stop;

done_testing();
