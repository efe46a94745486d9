#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# A policy that changes under two workers of lighttpd: a good one takes effect
# without a restart, in each of them; a broken one does not, each says so once,
# and "ccgrant policy check" says the same before.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Fcgi;
use Jwt;
use Serve;

my $missing = Serve->missing('lighttpd');
plan skip_all => $missing if $missing;

use constant WORKERS => 2;    # of etc/lighttpd.conf

sub token {
    my ($lifetime) = @_;
    return "token : { lifetime = $lifetime; multiple_audiences = true; };\n";
}

# The policy, of which a row replaces parts.
my %usual = (
    resources => <<'END',
resources = (
  { audience = "https://api.example.org/orders";
    scopes = [ "orders.read" ]; },
  { audience = "https://api.example.org/bills"; scopes = [ "bills.read" ]; }
);
END
    roles => <<'END',
roles = ( { name = "batch"; scopes = [ "orders.read", "bills.read" ]; } );
END
    included => token(600),
    include  => "\@include \"more.conf\"\n",
    realm    => "realm = \"first\";\n",
    log      => "log : { issued = true; };\n",
);

my $site = Serve->new(resources => $usual{resources} . $usual{roles});
my $file = $site->policy;
my $dir  = $site->dir;
my $head = "issuer = \"$site->{issuer}\";\n";
my $state = "state = \"state\";\n";
my $secret = $site->client('demo', '--role', 'batch');

sub text {
    my (%part) = (%usual, @_);
    return join '', $head, $part{state} // $state,
        (map { $part{$_} } qw(resources roles realm log include)),
        "limits : { lockout = false; };\n";    # who asks wrongly, asks often
}

# In place, as a shell does; and by a new file in its place, as editors do.
sub write_policy { return $site->put('ccgrant.conf', text(@_)) }

sub swap_policy {
    $site->put('ccgrant.conf~', text(@_));
    return rename "$file~", $file;
}

#
# Each worker has a socket of its own, so each can be asked; what it logs to
# the web server comes with the answer.
#

my @said;    # lines about the policy, of each worker

sub ask {
    my ($worker, %rq) = @_;
    my %request = Serve::token_request(basic => ['demo', $secret], %rq);
    my $socket = IO::Socket::UNIX->new("$dir/run/ccgrant.sock-$worker")
        or die "worker $worker: $!\n";
    my %env = (Serve::Server::cgi_environment(%request), %{ $rq{env} // {} });
    my $conn = Fcgi::Conn->new($socket);
    $conn->send(Fcgi::request({ body => $request{body} }, %env));
    my $answer = $conn->answer or die "worker $worker does not answer\n";
    push @{ $said[$worker] }, grep {/event="policy_/} split /\n/,
        $answer->{stderr};
    return Serve::decode($answer);
}

sub scopes {
    my ($answer) = @_;
    return join ' ', sort split / /, $answer->{json}{scope} // 'none';
}

# The lines since the last call: "taken" or "kept", of each worker.
sub events {
    my @events = map { join ' ', map {/policy_(\w+)/} @{ $_ // [] } }
        @said[0 .. WORKERS - 1];
    my @reasons = map { map {/reason="(.*)"$/} @{ $_ // [] } }
        @said[0 .. WORKERS - 1];
    @said = ();
    return (join(', ', @events), @reasons);
}

# Whether the question is true of every worker, as soon as it can be.
sub everywhere {
    my ($question) = @_;
    for my $worker (0 .. WORKERS - 1) {
        Serve::wait_for(sub { $question->($worker) }) or return 0;
    }
    return 1;
}

sub takes_effect {
    my ($what, $question) = @_;
    ok everywhere($question), $what;
    is((events())[0], 'taken, taken', '  each worker says so once');
    return;
}

# Long enough for a worker to look twice, however slow the machine is: each is
# asked at the end, too.
sub pass_time {
    my $until = time + 3;
    while (1) {
        my $is_over = time >= $until;
        ask($_) for 0 .. WORKERS - 1;
        return if $is_over;
        Time::HiRes::sleep(0.05);
    }
    return;
}

# The reason must be the same for all; pattern, what it is.
sub is_kept {
    my ($what, $pattern, $question) = @_;
    pass_time();
    my ($events, @reasons) = events();
    is $events, 'kept, kept', "$what: each worker says so once";
    like $_, $pattern, '  with the reason' for @reasons;
    ok everywhere($question // sub { scopes(ask($_[0])) eq
        'bills.read orders.read' }), '  and goes on with the old one';
    return $reasons[0];
}

# What the command says of the policy, without its name.
sub checked {
    my ($status, $out, $err) = $site->try_ctl('policy', 'check');
    return $status == 0 ? 'ok' : $err =~ s/\Accgrant: //r =~ s/\n\z//r;
}

sub log_escaped { return $_[0] =~ s/(["\\])/\\$1/gr }

$site->put('more.conf', $usual{included});
write_policy();
$site->start('lighttpd');
is scopes(ask($_)), 'bills.read orders.read', "worker $_ answers"
    for 0 .. WORKERS - 1;
events();

#
# Good ones.
#

my $more = $usual{resources} =~ s/"orders.read"/"orders.read", "orders.all"/r;
my $wider = $usual{roles} =~ s/"orders.read"/"orders.read", "orders.all"/r;
write_policy(resources => $more, roles => $wider);
takes_effect('a new scope of a role that a client has', sub {
    scopes(ask($_[0])) eq 'bills.read orders.all orders.read' });
ok everywhere(sub {
    my $answer = ask($_[0], method => 'GET', body => '', type => undef,
        path => '/.well-known/oauth-authorization-server');
    return grep { $_ eq 'orders.all' } @{ $answer->{json}{scopes_supported} };
}), '  metadata has it, too';
is scopes($site->token(basic => ['demo', $secret])),
    'bills.read orders.all orders.read', '  and so through the web server';

swap_policy(roles => $wider =~ s/, "orders.all"//r);
takes_effect('a file in the place of another', sub {
    scopes(ask($_[0])) eq 'bills.read orders.read' });

$site->put('more.conf', token(700));
takes_effect('an included file', sub {
    (ask($_[0])->{json}{expires_in} // 0) == 700 });
$site->put('more.conf', $usual{included});
takes_effect('and again', sub {
    (ask($_[0])->{json}{expires_in} // 0) == 600 });

write_policy(include => token(800));
takes_effect('what was included, within', sub {
    (ask($_[0])->{json}{expires_in} // 0) == 800 });
$site->put('more.conf', 'nothing, but it does not matter');
pass_time();
is((events())[0], ', ', 'a file that is included no longer');
$site->put('more.conf', $usual{included});

write_policy(realm => "realm = \"second\";\n");
takes_effect('another realm', sub {
    my $answer = ask($_[0], basic => ['demo', 'wrong']);
    $answer->{header}{'www-authenticate'}[0] =~ /realm="second"/ });

my ($orders) = $usual{resources} =~ /(\{.*?\})/s;
write_policy(resources => "resources = ( $orders );\n",
    roles => $usual{roles} =~ s/, "bills.read"//r);
takes_effect('without a resource', sub {
    scopes(ask($_[0])) eq 'orders.read' });
is ask(1, form => [grant_type => 'client_credentials',
    resource => 'https://api.example.org/bills'])->{json}{error},
    'invalid_target', '  which is no target then';

write_policy();
takes_effect('as it was', sub {
    scopes(ask($_[0])) eq 'bills.read orders.read' });

my $log = "$dir/log/own";
write_policy(log => "log : { to = \"$log\"; format = \"json\"; };\n");
ok everywhere(sub { ask($_[0], basic => ['demo', 'wrong']);
    (() = (Serve::slurp($log) // '') =~ /policy_taken/g) == $_[0] + 1 }),
    'another log, which tells it first';
like Serve::slurp($log), qr/\A\{"time":"[^"]+","event":"policy_taken",
    "reason":"\Q$file\E\ has\ changed"\}\n\{.*"invalid_client"/x,
    '  in its own form, and then has the rest';
is((events())[0], ', ', '  the old one has nothing more');
my $before = Serve::slurp($log);
write_policy();
takes_effect('the old log', sub { ask($_[0])->{stderr} =~ /"issued"/ });
is Serve::slurp($log), $before, '  the other one has nothing more';

#
# Others.
#

for my $row (
    ['an unknown key', sub { write_policy(realm => "relm = \"x\";\n") },
        qr/^\Q$file\E:9: relm: unknown key; did you mean \\"realm\\"\?$/],
    ['a value out of its limits',
        sub { write_policy(realm => "keys : { lifetime = 0; };\n") },
        qr/^\Q$file\E:9: keys.lifetime: found 0; expected /],
    ['half of a file',
        sub { $site->put('ccgrant.conf', substr text(), 0, 120) },
        qr/^\Q$file\E:4: resources: found \{ without its end; expected /],
    ['an empty file', sub { $site->put('ccgrant.conf', '') },
        qr/^\Q$file\E:1: issuer: missing; expected/],
    ['no file', sub { rename $file, "$file.old" },
        qr/^\Q$file\E: No such file or directory; expected /],
    ['a directory in its place', sub { mkdir $file },
        qr/^\Q$file\E: not a regular file; expected /],
    ['an included file that is broken', sub {
        rmdir $file;
        $site->put('more.conf', "\ntoken : { lifetme = 1; };\n");
        write_policy() },
        qr/^\Q$dir\E\/more.conf:2: token.lifetme: unknown key; did you mean /],
    ['and again, by itself', sub {
        $site->put('more.conf', "token : { lifetime = \"x\"; };\n") },
        qr/^\Q$dir\E\/more.conf:1: token.lifetime: found the string \\"x\\"; /],
    ['no included file', sub { unlink "$dir/more.conf" },
        qr/^\Q$file\E:\d+: \@include: found \S*more.conf; expected a file /],
) {
    my ($what, $change, $pattern) = @$row;
    $change->();
    my $reason = is_kept($what, $pattern);
    is log_escaped(checked()), $reason, '  as "ccgrant policy check" says';
}
is $site->token(basic => ['demo', $secret])->{status}, 200,
    'the web server has its answers meanwhile';
$site->put('more.conf', token(900));
takes_effect('an included file that is back, good', sub {
    (ask($_[0])->{json}{expires_in} // 0) == 900 });
is checked(), 'ok', '  as "ccgrant policy check" says';
$site->put('more.conf', $usual{included});
takes_effect('all as it was', sub {
    (ask($_[0])->{json}{expires_in} // 0) == 600 });

# What the policy names, and what is not there.
write_policy(state => "state = \"nowhere\";\n");
is_kept('a state directory that is not there',
    qr{^\Q$file\E:2: state: the state directory \S+/nowhere});
write_policy(log => "log : { to = \"$dir/nowhere/log\"; };\n");
is log_escaped(checked()), is_kept('a log that cannot be opened',
    qr{^\Q$file\E:\d+: log.to: \S+/nowhere/log: No such file}),
    '  as "ccgrant policy check" says';
write_policy(log => "log : { to = \"$log\"; };\n",
    state => "state = \"nowhere\";\n");
is_kept('a good log and no state', qr/state directory/);
is Serve::slurp($log), $before, '  which is not written to';

# Another state directory, under a policy of its own for a moment.
{
    $site->put('other.conf', text(state => "state = \"state2\";\n"));
    no warnings 'redefine';
    local *Serve::policy = sub {"$dir/other.conf"};
    $site->ctl('init');
}
write_policy(state => "state = \"state2\";\n");
takes_effect('another state directory, without the client', sub {
    ask($_[0])->{status} == 401 });
write_policy(state => "state = \"$dir/state2/../state\";\n");
takes_effect('the first one again', sub { ask($_[0])->{status} == 200 });
write_policy();
pass_time();
is((events())[0], 'taken, taken', 'under its other name');
ok everywhere(sub { ask($_[0])->{status} == 200 }), '  it goes on';

# What is never whole for long.
my $late = 0;    # times when a second passed before all were asked
for my $round (1 .. 20) {
    my $written = time;
    open my $fh, '>', $file or die "$file: $!\n";
    print $fh substr text(), 0, 20 * $round;
    close $fh;
    ask($_) for 0 .. WORKERS - 1;
    $late++ if time > $written;
    Time::HiRes::sleep(0.05);
}
write_policy(realm => "realm = \"last\";\n");
ok everywhere(sub {
    my $answer = ask($_[0], basic => ['demo', 'wrong']);
    $answer->{header}{'www-authenticate'}[0] =~ /realm="last"/ }),
    'a file that was written to all the time';
my ($events, @reasons) = events();
like $events, qr/\A(?:kept )*taken, (?:kept )*taken\z/,
    '  is taken at last';
cmp_ok scalar(@reasons), '<=', WORKERS * ($late + 1),
    '  and not read while it changes';

# Plain CGI reads the policy at each request anyway.
$site->start('cgi');
write_policy(realm => "realm = \"cgi\";\n");
like $site->token(basic => ['demo', 'x'])->{header}{'www-authenticate'}[0],
    qr/realm="cgi"/, 'plain CGI reads it anew';

if ($ENV{TRACEME} && $ENV{TRACEME} eq 'valgrind') {
    $site->stop;
    my @traces = glob "$dir/log/trace.*";
    cmp_ok scalar(@traces), '>', WORKERS, 'valgrind saw the workers';
    is join('', map { Serve::slurp($_) } @traces), '', '  and found nothing';
}
done_testing();
