#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Clients that publish their keys at a URL, from the host that publishes them
# to the token: rotation, how often the host is asked, and what serves on when
# it is down.  Time passes by writing older times into the record of the set.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Jwt;
use KeyHost;
use Rows;
use Serve;

my $missing = KeyHost->missing;
plan skip_all => $missing if $missing;
my $load = Serve::Server::find_program('db5.3_load');
plan skip_all => 'no db5.3_load' unless $load;
my $kind = Serve->any;

# More than the test can take.
my ($max_age, $cooldown) = (3600, 1800);
my $site = Serve->new(policy => <<"END");
jwks : { networks = [ "127.0.0.0/8" ]; ca = "host/ca.pem";
         max_age = $max_age; cooldown = $cooldown; };
END
my $dir = $site->dir;
$site->make_dir('host');
my $host = KeyHost->new("$dir/host");

# What hangs fails.
local $SIG{ALRM} = sub { die "jwks-uri.t takes too long\n" };
alarm 1800;

my %key = map { $_ => $site->own(Jwt::make_key("$dir/run/$_.pem", 'P-256'))
    || "$dir/run/$_.pem" } qw(a b c);

# The set of keys of these kids, as JSON.
sub set {
    my (@kids) = @_;
    return Jwt::json({ keys => [map { Jwt::jwk($key{$_}, kid => $_) } @kids] });
}

sub publish {
    my ($name, @kids) = @_;
    return $host->publish($name, set(@kids));
}

my $jti = 0;

# A request of the client, signed with that key under that kid, or none.
sub signed {
    my ($id, $key, $kid) = @_;
    my $assertion = Jwt::make($key{$key}, 'ES256',
        { alg => 'ES256', defined $kid ? (kid => $kid) : () },
        { iss => $id, sub => $id, aud => $site->{issuer}, exp => time + 60,
            jti => "$$-" . ++$jti });
    return (form => [grant_type => 'client_credentials',
        client_assertion => $assertion, client_assertion_type =>
            'urn:ietf:params:oauth:client-assertion-type:jwt-bearer']);
}

# The same sent, by default under the key's own kid; its outcome.
sub ask {
    my ($id, $key, @kid) = @_;
    return Rows::summary($site->token(signed($id, $key,
        @kid ? $kid[0] : $key)));
}

# What the store knows of the set of a client.
sub state_of {
    my ($id) = @_;
    return $site->ctl('client', 'show', $id)->{jwks_uri_state};
}

my @clients;

sub add {
    my ($id, $url) = @_;
    $site->client($id, '--role', 'order-batch', '--auth', 'private_key_jwt',
        '--jwks-uri', $url);
    push @clients, $id;
    return $url;
}

# Put a record past ccgrant; then raise the generation.
sub put_record {
    my ($url, $record) = @_;
    my $in = $site->put('run/record',
        "$url\n" . Jwt::json($record) . "\n", 0644);
    my $pid = $site->spawn('load', undef, 'sh', '-c',
        'exec "$0" -T -t btree -h "$1" jwks.db <"$2"', $load, "$dir/state",
        $in);
    waitpid $pid, 0;
    $? == 0 or die "db5.3_load failed\n";
    $site->ctl('client', 'set', $clients[0], '--name', 'N' . ++$jti);
    return;
}

# As if the set had been fetched, and tried, so many seconds ago.
sub age {
    my ($url, $fetched, $tried, @kids) = @_;
    put_record($url, { fetched => \(time - $fetched),
        tried => \(time - ($tried // $fetched)), busy => \'false',
        trouble => '', keys => [map { Jwt::jwk($key{$_}, kid => $_) } @kids] });
    $host->count;
    return;
}

my $denied = '401 invalid_client';

sub round {
    my ($where) = @_;
    my $id  = "rot-$where";
    $host->count;
    my $url = add($id, publish($id, 'a'));
    is $host->count, 1, "$where: the set is fetched when it is registered";
    is ask($id, 'a'), '200', "$where: the first key";
    is ask($id, 'a'), '200', "$where: again";
    is ask($id, 'a', undef), '200', "$where: without a kid";
    is $host->count, 0, "$where: it is not fetched for that";
    is ask($id, 'b', 'a'), $denied, "$where: another key under that kid";

    ok $site->ctl('client', 'show', $id)->{last_use} >= $^T,
        "$where: when a key of the URL was used is shown";

    # A new key.
    publish($id, 'a', 'b');
    is ask($id, 'b'), $denied, "$where: a new key in the cool-down";
    is $host->count, 0, "$where: the host is not asked then";
    age($url, $cooldown, $cooldown, 'a');
    is ask($id, 'b'), '200', "$where: a new key, behind it";
    is $host->count, 1, "$where: after one fetch";
    is ask($id, 'a'), '200', "$where: both keys are good";
    is ask($id, 'b'), '200', "$where: the new one, too";

    # The old one goes.
    publish($id, 'b');
    is ask($id, 'a'), '200', "$where: a key that has left the set, at first";
    is $host->count, 0, "$where: without a fetch";
    age($url, $max_age, $max_age, 'a', 'b');
    is ask($id, 'a'), $denied, "$where: that key, when the set is old";
    is ask($id, 'b'), '200', "$where: the one that has stayed";
    is $host->count, 1, "$where: after one fetch";

    # No storm.
    age($url, $cooldown, $cooldown, 'b');
    my %seen;
    $seen{ ask($id, 'c', "none-$_") }++ for 1 .. 50;
    is_deeply \%seen, { $denied => 50 }, "$where: fifty unknown keys";
    is $host->count, 1, "$where: are one fetch";

    # The host is down.
    $host->behave('down');
    age($url, $max_age, $max_age, 'b');
    is ask($id, 'b'), '200', "$where: an old set while the host is down";
    is ask($id, 'a'), $denied, "$where: which has no other key";
    ask($id, 'b') for 1 .. 5;
    is $host->count, 1, "$where: the host is tried once";
    isnt state_of($id)->{trouble} // '', '', "$where: the command tells why";
    $host->behave('');
    publish($id, 'c');
    is ask($id, 'b'), '200', "$where: it serves on in the cool-down";
    age($url, $max_age, $cooldown, 'b');
    is ask($id, 'c'), '200', "$where: the host is back";
    is ask($id, 'b'), $denied, "$where: and what it says counts";

    # What the host publishes is no set.
    $host->publish($id, '<html>');
    age($url, $max_age, $max_age, 'c');
    is ask($id, 'c'), '200', "$where: an old set, when the new one is none";
    is $host->count, 1, "$where: which was asked for";
    $host->publish($id, Jwt::json({ keys => [{ kty => 'new' },
        Jwt::jwk($key{a}, kid => 'a'),
        Jwt::jwk($key{b}, kid => 'b', use => 'enc')] }));
    age($url, $max_age, $max_age, 'c');
    is ask($id, 'a'), '200', "$where: a set with keys of unknown kinds";
    is ask($id, 'b'), $denied, "$where: a key for encryption";

    # The clock was set back by a day.
    age($url, -86400, -86400, 'c');
    is ask($id, 'a'), '200', "$where: a set of tomorrow is fetched again";
    return;
}

# Requests that come together, over several workers.
sub together {
    my (@rq) = @_;
    my @text = map { Http::request(Serve::token_request(@$_)) } @rq;
    my @conn = map { $site->connect || die "no connection\n" } @text;
    $conn[$_]->send($text[$_]) for 0 .. $#conn;
    my %seen;
    $seen{ Rows::summary(Serve::decode($_->answer
        // { status => 0, body => '' })) }++ for @conn;
    return \%seen;
}

# Eight of them, after that was done, and how often the host was asked: again
# where the machine stood still for nearly as long as a fetch may take.
sub eight {
    my ($prepare) = @_;
    my @got;
    for (1 .. 10) {
        $prepare->();
        $host->count;
        my $began = time;
        @got = (together(map { [signed('both', 'a', 'a')] } 1 .. 8),
            $host->count);
        last if time - $began < 4;
    }
    return @got;
}

# The cases of a host that is asked in vain; none makes a client unsafe.
sub hosts {
    my %url = (
        redirect  => $host->url('good', '/to/302/https://127.0.0.1/x'),
        other     => $host->url('other', '/set'),
        stranger  => $host->url('stranger', '/set'),
        missing   => $host->url('good', '/missing'),
        private   => 'https://10.1.2.3/set',
        ($host->port('six')
            ? (six => $host->url('six', '/set', '[::1]')) : ()),
    );
    publish('set', 'a');
    for my $name (sort keys %url) {
        add("host-$name", $url{$name});
        is ask("host-$name", 'a'), '503 temporarily_unavailable',
            "a client whose host is of no use: $name";
    }
    like state_of('host-private')->{trouble},
        qr/10\.1\.2\.3, which is not public: .* jwks\.networks/,
        'the command tells what to do';
    return;
}

$site->start('cgi');
round('cgi');
hosts();

SKIP: {
    skip 'no web server', 1 unless $kind;
    $site->start($kind);
    round($kind);

    my $url = add('both', publish('both', 'a'));
    $host->behave('slow');
    my ($answers, $fetches) = eight(sub {
        put_record($url, { fetched => \'0', tried => \'0', busy => \'false',
            trouble => '', keys => [] });
    });
    is_deeply $answers, { 200 => 8 },
        'the first set, wanted by eight requests at once';
    is $fetches, 1, 'is fetched once for all workers';

    # On a busy machine the first fetch may have been so slow that its process
    # rests: a new one does not.
    ($answers, $fetches) = eight(sub {
        $site->stop;
        $site->start($kind);
        age($url, $cooldown, $cooldown, 'b');
    });
    is_deeply $answers, { 200 => 8 },
        'a new key, named by eight requests at once';
    is $fetches, 1, 'is fetched once for all workers';
    $host->behave('');
}

done_testing();
