#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Budgets of tokens, who guesses secrets, and tokens that are given again:
# under two workers of lighttpd, and in plain CGI.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Jwt;
use Serve;

my $missing = Serve->missing('lighttpd');
plan skip_all => $missing if $missing;

my $site = Serve->new(limits => "limits : { failures = 3; };\n",
    policy => "log : { issued = true; };\n");
my %secret = map { $_ => $site->client($_, '--role', 'order-batch') }
    qw(app other reuser);
$secret{hmac} = $site->client('hmac', '--role', 'order-batch', '--auth',
    'client_secret_jwt');
my $key = Jwt::make_key($site->dir . '/run/key.pem', 'P-256');
$site->ctl('client', 'add', 'keys', '--role', 'order-batch', '--auth',
    'private_key_jwt', '--jwks', $site->put('run/keys.jwks',
        Jwt::json({ keys => [Jwt::jwk($key, kid => 'k')] })));
my $made = 0;

# In CGI the server says where a request comes from.
sub token {
    my (%rq) = @_;
    $rq{env} = { REMOTE_ADDR => $rq{from} }
        if defined $rq{from} && $site->{kind} eq 'cgi';
    return $site->token(%rq);
}

sub ask {
    my ($id, %rq) = @_;
    return token(basic => [$id, $rq{secret} // $secret{$id}], %rq);
}

sub guess {
    my ($id, $from) = @_;
    return ask($id, secret => 'wrong', from => $from);
}

sub wait_until { my ($until) = @_; sleep 1 while time < $until; return }

# Far enough from the end of a window of that many seconds.
sub begin_window {
    my ($seconds, $need) = @_;
    my $left = $seconds - time % $seconds;
    wait_until(time + $left) if $left < $need;
    return;
}

# Does that until all of it was in one window of so many seconds, each time
# from the beginning of another.  Returns when that window ends.
sub within {
    my ($seconds, $do) = @_;
    begin_window($seconds, 10);
    while (1) {
        my $end = time - time % $seconds + $seconds;
        $do->();
        return $end if time < $end;
        begin_window($seconds, $seconds);
    }
}

sub retry_after { return $_[0]{header}{'retry-after'}[0] // 'none' }

sub refused {
    my ($what, $answer, $most) = @_;
    is $answer->{status}, 429, $what;
    is $answer->{json}{error}, 'temporarily_unavailable', '  by its name';
    my $after = retry_after($answer);
    ok $after =~ /\A\d+\z/ && $after >= 1 && $after <= $most,
        "  with the time to wait: $after";
    ok !exists $answer->{header}{'www-authenticate'}, '  without a challenge';
    return $after;
}

sub post {
    my ($id, $secret, %rq) = @_;
    return token(%rq, form => [grant_type => 'client_credentials',
        client_id => $id, client_secret => $secret]);
}

# With an assertion that is signed with its key, or with another secret.
sub assert_with {
    my ($id, $from, $secret) = @_;
    my $file = $id eq 'keys' ? $key    # a new one: its name is its key
        : $site->put('run/secret' . ++$made, $secret // $secret{$id});
    my $alg = $id eq 'keys' ? 'ES256' : 'HS256';
    my $jwt = Jwt::make($file, $alg, { alg => $alg }, { iss => $id,
        sub => $id, aud => $site->{issuer}, exp => time + 60,
        jti => 'jti' . ++$made });
    return token(from => $from, form => [
        grant_type => 'client_credentials', client_assertion => $jwt,
        client_assertion_type =>
            'urn:ietf:params:oauth:client-assertion-type:jwt-bearer']);
}

# The counts of that client.
sub failures {
    my ($id) = @_;
    return grep { ($_->{client} // '') eq $id }
        @{ $site->ctl('lockout', 'list') };
}

#
# Budgets.
#

sub budgets {
    my ($where) = @_;
    my $id = "thrifty-$where";
    $secret{$id} = $site->client($id, '--role', 'order-batch', '--budget',
        '3/minute');
    my ($three, $fourth, $asked, $answered);
    my $end = within(60, sub {
        $three = join ' ', map { ask($id)->{status} } 1 .. 3;
        $asked = time;
        $fourth = ask($id);
        $answered = time;
    });
    is $three, '200 200 200', "$where: three tokens in a minute";
    my $after = refused("$where: not a fourth", $fourth, 60);
    ok $asked <= $end - $after && $end - $after <= $answered,
        '  until the minute is over';
    is ask('other')->{status}, 200, '  another client has them';
    is ask($id, secret => 'wrong')->{status}, 401,
        '  and who is not the client is told so';
    $site->ctl('client', 'set', $id, '--budget', '2/second', '--budget',
        '1000/day');
    my %seen;
    for (1 .. 60) {
        my $answer = ask($id);
        $seen{ $answer->{status} }++;
        next if $answer->{status} != 429;
        refused("$where: two in a second", $answer, 1);
        wait_until(time + retry_after($answer));
        is ask($id)->{status}, 200, '  and again in the next';
        last;
    }
    cmp_ok $seen{200} // 0, '>=', 2, '  two of them';
    $site->ctl('client', 'set', $id, '--budget', '');
    is join(' ', map { ask($id)->{status} } 1 .. 5),
        '200 200 200 200 200', "$where: without a budget";
    return;
}

# Of many at once, no more than there are.
sub race {
    my ($where) = @_;
    my $id = "racer-$where";
    $secret{$id} = $site->client($id, '--role', 'order-batch', '--budget',
        '25/hour');
    begin_window(3600, 120);
    my @children = map {
        my $pid = open(my $out, '-|') // die "fork: $!\n";
        if (!$pid) {
            $site->{calls} += 1000 * $_;    # files of its own
            print ask($id)->{status}, "\n" for 1 .. 15;
            POSIX::_exit(0) if close STDOUT;
        }
        $out;
    } 1 .. 4;
    my %seen;
    for my $out (@children) {
        while (<$out>) { chomp; $seen{$_}++ }
        close $out;
    }
    is_deeply \%seen, { 200 => 25, 429 => 35 },
        "$where: 25 of 60 that four ask for at once";
    return;
}

#
# Guessing.
#

# Fails, as often as it may, until the time to wait is so long.  Returns how
# often it did, the last answer, and a time before which the waiting does not
# end.  A loaded machine that is slower than a time to wait fails once more:
# t/unit/guess.c has the exact times.
sub fail_until {
    my ($id, $from, $least) = @_;
    my $failures = 0;
    for (1 .. 60) {
        my $asked = time;
        my $answer = guess($id, $from);
        $failures++ if $answer->{status} == 401;
        next if $answer->{status} != 429;
        return ($failures, $answer, $asked + retry_after($answer))
            if retry_after($answer) >= $least;
        wait_until(time + retry_after($answer));
    }
    return ($failures, { status => 0, header => {} }, 0);
}

# The same, and does that meanwhile.  Where a slow machine came to the end of
# it too late, it clears what was counted, and does it in a longer time.
sub while_waiting {
    my ($clear, $id, $from, $do) = @_;
    for my $least (3, 6, 12, 24, 48) {
        my @failed = fail_until($id, $from, $least);
        $do->();
        return @failed if time < $failed[2] || $least == 48;
        $clear->();
    }
}

sub guesses {
    my ($where) = @_;
    my ($evil, $good) = ('127.0.0.2', '127.0.0.3');
    my ($right, $pair, @status);
    my $clear = sub {
        $site->ctl('lockout', 'clear', '--client', 'app', '--yes');
        wait_until(time + 2);
    };
    my ($failures, $wrong, $until) = while_waiting($clear, 'app', $evil, sub {
        $right = ask('app', from => $evil);
        @status = map { $_->{status} }
            ask('app', from => $evil, path => '/oauth2/v1/introspect',
                form => [token => 'x']),
            post('app', $secret{app}, from => $evil),
            ask('app', from => $good), ask('other', from => $evil),
            assert_with('keys', $evil);
        ($pair) = failures('app');
    });
    refused("$where: wrong secrets from one address", $wrong,
        2**($failures - 3));
    cmp_ok $failures, '>=', 5, '  three, and one after each time of waiting';
    is $right->{status}, 429, '  then not even the right one';
    is $right->{body}, $wrong->{body}, '  with the same answer';
    is $status[0], 429, '  at any endpoint';
    is $status[1], 429, '  nor in the body';
    is $status[2], 200, "$where: from elsewhere it has a token";
    is $status[3], 200, "$where: and from there another client";
    is $status[4], 200, "$where: and who signs with a private key";
    is $pair->{network}, $evil, "$where: lockout list: where";
    is $pair->{failures}, $failures, '  how often';
    cmp_ok $pair->{until}, '>=', $until, '  and until when';
    wait_until($pair->{until} + 1);
    is ask('app', from => $evil)->{status}, 200,
        "$where: after that the right one";
    is scalar(failures('app')), 0, '  and what was is forgotten';
    fail_until('app', $evil, 3);
    my ($status) = $site->try_ctl('lockout', 'clear', '--client', 'app');
    is $status, 1, "$where: lockout clear asks, and nobody answers";
    is $site->ctl('lockout', 'clear', '--client', 'other',
        '--yes')->{cleared}, 0, '  of another client there are none';
    is $site->ctl('lockout', 'clear', '--client', 'app', '--network',
        '127.0.0.2/31', '--yes')->{cleared}, 1, '  of this one, there';
    wait_until(time + 2) if $where ne 'cgi';
    is ask('app', from => $evil)->{status}, 200, '  then it need not wait';
    return;
}

# What is not there fails as what is; and a network as a whole has to wait.
sub networks {
    my ($where) = @_;
    my ($evil, $good) = ('127.0.0.4', '127.0.0.5');
    begin_window(900, 90);
    my ($failures, $wrong) = fail_until('nobody', $evil, 3);
    refused("$where: a client that does not exist waits as one that does",
        $wrong, 2**($failures - 3));
    my $others = 0;
    for (1 .. 60) {
        last if guess("nobody$others", $evil)->{status} == 429;
        $others++;
    }
    cmp_ok $failures + $others, '>=', 30,
        "$where: ten times as many of any client";
    my ($more, @more, @status) = 0;
    while_waiting(sub { }, 'and-another', $evil, sub {
        my ($pair) = failures('and-another');
        push @more, $more = $pair ? $pair->{failures} : 0;
        @status = map { $_->{status} } ask('app', from => $evil),
            map { assert_with(@$_) } ['keys', $evil], ['hmac', $evil];
    });
    cmp_ok $more[0], '<', 5, '  and then from there nobody';
    is $status[0], 429, '  right or wrong';
    is $status[1], 200, '  but with a private key';
    is $status[2], 429, '  not with a shared one';
    is assert_with('hmac', $good)->{status}, 200, '  which works elsewhere';
    is ask('app', from => $good)->{status}, 200, '  as others do';
    my ($whole) = grep { !defined $_->{client} && $_->{network} eq $evil }
        @{ $site->ctl('lockout', 'list') };
    is $whole->{failures}, $failures + $others + $more,
        "$where: lockout list says so";
    is $site->ctl('lockout', 'clear', '--network', $evil, '--yes')->{cleared},
        $others + ($more > 0) + 2, '  lockout clear takes all from there';
    wait_until(time + 2) if $where ne 'cgi';
    is ask('app', from => $evil)->{status}, 200, '  then it need not wait';
    return;
}

# Assertions made with a wrong secret are guesses, too.
sub hmacs {
    my ($where) = @_;
    my $from = '127.0.0.7';
    my %seen;
    $seen{ assert_with('hmac', $from, 'wrong' x 10)->{status} }++ for 1 .. 12;
    ok $seen{401} >= 3 && $seen{429}, "$where: assertions with wrong secrets";
    return;
}

sub log_lines {
    my $log = $site->log_text;
    like $log, qr/outcome="temporarily_unavailable"[^\n]*client="app"[^\n]*
        from="127\.0\.0\.2"[^\n]*limits\.lockout[^\n]*
        \d+\ failures\ of\ this\ client\ from\ 127\.0\.0\.2:\ until\ 20/x,
        'the log says why one has to wait';
    like $log, qr/outcome="invalid_client"[^\n]*limits\.lockout:\ now\ 3
        \ failures\ of\ this\ client\ from\ 127\.0\.0\.2/x,
        '  and when it begins';
    like $log, qr/now\ 30\ failures\ from\ 127\.0\.0\.4/x,
        '  of a network as a whole, too';
    like $log, qr/limits\.budget[^\n]*3\ tokens\ of\ this\ minute/x,
        '  and of a budget';
    like $log, qr/outcome="reused"/, 'the log tells tokens that were reused';
    return;
}

#
# Tokens that are given again.
#

# Whether one of the next six is a token among those.
sub is_given {
    my (%token) = @_;
    return grep { $token{ $_->{json}{access_token} // 'none' } }
        map { ask('reuser') } 1 .. 6;
}

# The tokens of so many answers.
sub tokens {
    my ($n) = @_;
    my %token = map { ($_->{json}{access_token} // $_->{status}) => $_ }
        map { ask('reuser') } 1 .. $n;
    return %token;
}

sub reuses {
    my ($where) = @_;
    $site->ctl('client', 'set', 'reuser', '--reuse', '50', '--lifetime',
        '600');
    tokens(6);    # all workers see the change, and then another second
    wait_until(time + 2);
    my %token = tokens(20);
    if ($where eq 'cgi') {
        is scalar(keys %token), 20, "$where: each process is another";
        return;
    }
    cmp_ok scalar(keys %token), '<=', 2, "$where: a token of each worker";
    wait_until(time + 2);
    ok is_given(%token), '  two seconds later, too';
    my ($rest) = map { $_->{json}{expires_in} } ask('reuser');
    ok $rest >= 300 && $rest <= 598, "  which live for the rest: $rest";
    my $narrow = ask('reuser', form => [grant_type => 'client_credentials',
        scope => 'orders.read']);
    ok !$token{ $narrow->{json}{access_token} },
        "$where: another for another scope";
    my ($first) = sort keys %token;
    $site->ctl(\$first, 'token', 'revoke', '-');
    ok !is_given($first => 1), "$where: another when that was revoked";
    $site->ctl('client', 'set', 'reuser', '--lifetime', '20');
    tokens(6);
    wait_until(time + 2);
    %token = tokens(20);
    wait_until(time + 11);
    ok !is_given(%token), "$where: another when less than half is left";
    $site->ctl('client', 'set', 'reuser', '--format', 'opaque', '--budget',
        '12/hour', '--lifetime', '600');
    tokens(6);
    wait_until(time + 2);
    %token = tokens(40);
    cmp_ok scalar(keys %token), '<=', 2,
        "$where: opaque ones, too, and they cost no budget";
    ($first) = sort keys %token;
    $site->ctl(\$first, 'token', 'revoke', '-');
    ok !is_given($first => 1), "$where: but not a revoked one";
    $site->ctl('client', 'disable', 'reuser');
    is ask('reuser')->{status}, 401, "$where: nor to who is disabled";
    $site->ctl('client', 'enable', 'reuser');
    ok !is_given(%token), '  nor afterwards';
    $site->ctl('client', 'set', 'reuser', '--reuse', '', '--format', '',
        '--budget', '', '--lifetime', '');
    %token = tokens(4);
    is scalar(keys %token), 4, "$where: without it each is another";
    return;
}

for my $row (
    ['no number', qr/say how many tokens, 1 to \d+, and in what time/,
        '--budget', 'hour'],
    ['none at all', qr/such as 5\/minute/, '--budget', '0/hour'],
    ['no time', qr/such as 5\/minute/, '--budget', '5'],
    ['another time', qr/minute/, '--budget', '5/week'],
    ['a slip', qr/did you mean "?minute"?\?/, '--budget', '5/minut'],
    ['two of one', qr/there are two for a day/, '--budget', '5/day',
        '--budget', '6/day'],
    ['all of its life', qr/1 to 99/, '--reuse', '100'],
    ['no number of percent', qr/1 to 99/, '--reuse', '50%'],
) {
    my ($what, $reason, @options) = @$row;
    my ($status, $out, $err) = $site->try_ctl('client', 'set', 'app',
        @options);
    is $status, 1, "the command line: $what is refused";
    like $err, $reason, '  for that reason';
}
$site->ctl('client', 'set', 'app', '--budget', '7/second', '--budget',
    '9/day', '--reuse', '80');
my ($shown) = ($site->try_ctl('client', 'show', 'app'))[1];
like $shown, qr{^budget +7/second, 9/day$}m, 'client show tells a budget';
like $shown, qr/^reuse +with 80 percent/m, '  and reuse';
is_deeply $site->ctl('client', 'show', 'app')->{budgets},
    [{ tokens => 7, period => 'second' }, { tokens => 9, period => 'day' }],
    '  with --json, too';
$site->ctl('client', 'set', 'app', '--budget', '', '--reuse', '');

for my $kind ('lighttpd', 'cgi') {
    $site->start($kind);
    budgets($kind);
    race($kind);
    begin_window(900, 90);
    guesses($kind);
    networks($kind);
    hmacs($kind);
    reuses($kind);
    $site->ctl('lockout', 'clear', '--yes');
}
log_lines();
done_testing();
