#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Revocation (RFC 7009), case by case: each row runs as plain CGI and through
# lighttpd, with a token of its own in either format, and what is left of it is
# seen by introspection.
#
# The ids are those of the catalogue that cases.t has; OWN are cases beside it.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Callers;
use Dpop;
use Fcgi;
use Jwt;
use Rows;
use Serve;

my $path  = '/oauth2/v1/revoke';
my $bad   = '400 invalid_request';
my $no    = '401 invalid_client';
my $basic = 'client_secret_basic';

my $site    = Serve->new(policy => Callers::policy());
my $callers = Callers->new($site);
my @formats = ('jwt', 'opaque');
my @order   = ('--role', 'order-batch');
my @methods = Callers::methods();
for my $format (@formats) {
    $callers->add("app-$format", $basic, @order, '--format', $format);
    $callers->add("$_-$format", $_, @order, '--format', $format) for @methods;
}
$callers->add('other', $basic, @order);
$callers->add('rs', $basic, '--permit', 'introspect');

my @sent;

sub token_of {
    my ($id, %more) = @_;
    my $answer = $site->token($callers->rq($id,
        form => [grant_type => 'client_credentials'], %more));
    push @sent, $answer->{json}{access_token};
    return $answer->{json}{access_token} // die "$id: $answer->{body}\n";
}

sub is_active {
    my ($token) = @_;
    return $site->token($callers->rq('rs', path => '/oauth2/v1/introspect',
        form => [token => $token]))->{json}{active} ? 1 : 0;
}

# by, the caller, or undef for none; form, more pairs; query, whether all is
# there; and options of Serve::token().
sub revoke {
    my ($token, %rq) = @_;
    my $by = delete $rq{by};
    $rq{form} = [token => $token, @{ $rq{form} // [] }];
    $rq{path} = $path;
    if (delete $rq{query}) {
        $rq{path} .= '?' . Serve::form(@{ $rq{form} });
        $rq{form} = [];
    }
    return $site->token(defined $by ? $callers->rq($by, %rq) : %rq);
}

# The only answer to who may ask.
sub is_done {
    my ($answer, $says) = @_;
    my @faults = Rows::shape_faults($answer);
    push @faults, $answer->{status} if $answer->{status} != 200;
    push @faults, $answer->{body} if $answer->{body} ne '{}';
    return ok !@faults, $says || diag join "\n", @faults,
        Rows::text($answer);
}

# A request that is refused, and leaves the token as it was.
sub refused {
    my ($where, $id, $says, $token, $want, %rq) = @_;
    my $answer = revoke($token, %rq);
    is Rows::summary($answer), $want, "$where: $id $says";
    is_deeply [Rows::shape_faults($answer)], [], '  in the usual form';
    is is_active($token), 1, '  and the token stays active';
    return;
}

sub run_good {
    my ($where, $format) = @_;
    my $app = "app-$format";
    my ($one, $two) = map { token_of($app) } 1 .. 2;
    is is_active($one), 1, "$where: REV-01 $format, a token";
    is_done(revoke($one, by => $app), '  is revoked, REV-15');
    is is_active($one), 0, '  and inactive, INT-08';
    is_done(revoke($one, by => $app), 'REV-08 a second time');
    is is_active($two), 1, '  another of its tokens is active';
    is_done(revoke($two, by => $app, form => [token_type_hint => 'nosuch']),
        'OWN an unknown hint');
    is is_active($two), 0, '  changes nothing';
    for my $method (@methods) {
        my $id = "$method-$format";
        my $token = token_of($id);
        is is_active($token), 1, "OWN a client of $method";
        is_done(revoke($token, by => $id), '  revokes its token');
        is is_active($token), 0, '  which is inactive';
    }
    my $key = Jwt::make_key($site->dir . "/run/dpop-$where-$format", 'P-256');
    my $bound = token_of($app, header => [DPoP => Dpop::proof($key,
        claims => { htu => "$site->{issuer}/oauth2/v1/token" })]);
    is_done(revoke($bound, by => $app), 'OWN a token of a key, no proof');
    is is_active($bound), 0, '  is revoked';
    return;
}

sub run_refused {
    my ($where, $format) = @_;
    my $app   = "app-$format";
    my $token = token_of($app);
    refused($where, 'REV-04', 'no authentication', $token, $no);
    refused($where, 'REV-05', 'a wrong secret', $token, $no,
        basic => [$app, 'x']);
    refused($where, 'REV-05', 'client_id alone', $token, $no,
        form => [client_id => $app]);
    refused($where, 'REV-09', 'GET', $token, '405 invalid_request',
        by => $app, method => 'GET', query => 1, body => '');
    refused($where, 'REV-09', 'all in the query', $token, $bad, by => $app,
        query => 1);
    refused($where, 'REV-10', 'JSON', $token, $bad, by => $app,
        type => 'application/json', body => Jwt::json({ token => $token }));
    refused($where, 'REV-14', 'two tokens', $token, $bad, by => $app,
        form => [token => token_of($app)]);
    refused($where, 'OWN', 'a token for its own proof', $token, $no,
        auth => "Bearer $token");
    for my $form ([x => 'y'], [token => '']) {
        is Rows::summary($site->token($callers->rq($app, path => $path,
            form => $form))), $bad, "$where: REV-06 no token";
    }
    return;
}

# The same answer, whatever was sent, and nothing done.
sub run_unmoved {
    my ($where, $format) = @_;
    my $app   = "app-$format";
    my $token = token_of($app);
    my $first = revoke('nothing', by => $app);
    is_done($first, "$where: OWN garbage");
    my %same = ('another client' => [$token, by => 'other'],
        'who may introspect it' => [$token, by => 'rs']);
    $same{"REV-16 $_->[0]"} = [$_->[1], by => $app] for
        ['one character changed', $token =~ s/(.{20})(.)/$1
            . ($2 eq 'A' ? 'B' : 'A')/er],
        ['cut', substr $token, 0, -1], ['appended', $token . 'A'],
        ['in capitals', uc $token], ['nothing like it', 'x' x 16000];
    for my $says (sort keys %same) {
        my $answer = revoke(@{ $same{$says} });
        is Rows::text($answer), Rows::text($first), "$where: $says, the same";
        is is_active($token), 1, '  and the token stays active';
    }
    return;
}

sub run_replay {
    my ($where) = @_;
    my $id   = 'private_key_jwt-jwt';
    my $text = $callers->assertion($id);
    my ($one, $two) = map { token_of($id) } 1 .. 2;
    is_done(revoke($one, by => $id, assertion => $text),
        "$where: an assertion");
    is Rows::summary(revoke($two, by => $id, assertion => $text)), $no,
        '  is good once';
    is is_active($two), 1, '  the second token stays active';
    return;
}

# What the operator is told.
sub run_log {
    my ($where) = @_;
    my $log = $site->log_text;
    my $jti = Jwt::decode(token_of('app-jwt'))->{claims}{jti};
    unlike $log, qr/$jti/, "$where: a token that was not given up";
    like $log, qr/endpoint="revoke"\ outcome="revoked"\ client="app-jwt"
        \ from="127\.0\.0\.1"\ jti="[\w-]{22}"/x,
        '  the log tells of each that was';
    like $log, qr/endpoint="revoke"\ outcome="ignored"\ client="other".*
        \ reason="it\ is\ a\ token\ of\ the\ client\ app-/x,
        '  and who tried to give up another\'s';
    my @told = grep { index($log, $_) >= 0 } @sent, $callers->secrets;
    is scalar(@told), 0, '  no secret and no token is in it';
    return;
}

sub run_all {
    my ($where) = @_;
    for my $format (@formats) {
        run_good($where, $format);
        run_refused($where, $format);
        run_unmoved($where, $format);
    }
    run_replay($where);
    run_log($where);
    return;
}

# What one process revokes, all others see at their next request: the workers
# of a server, each of which has verified the token before, and CGI.
sub run_workers {
    my @workers = map { Fcgi->start([$site->command($site->dir
        . '/bin/ccgrant.fcgi')], { CCGRANT_CONFIG => $site->policy })
    } 1 .. 2;
    my $ask = sub {
        my ($worker, $id, $to, $token) = @_;
        my %rq = Serve::token_request($callers->rq($id,
            path => "/oauth2/v1/$to", form => [token => $token]));
        my $conn = $worker->connect;
        $conn->send(Fcgi::request({ body => $rq{body} },
            Serve::Server::cgi_environment(%rq)));
        return Serve::decode($conn->answer // { status => 0,
            body => '' })->{json} // {};
    };
    for my $format (@formats) {
        my $wrong = 0;
        for my $round (1 .. 20) {
            my $token = token_of("app-$format");
            for my $worker (@workers) {
                $wrong++ unless $ask->($worker, 'rs', 'introspect', $token)
                    ->{active};
            }
            $ask->($workers[$round % 2], "app-$format", 'revoke', $token);
            for my $worker (@workers) {
                $wrong++ if $ask->($worker, 'rs', 'introspect', $token)
                    ->{active};
            }
            $wrong++ if is_active($token);
        }
        is $wrong, 0, "$format: every process sees it at its next request";
    }
    return;
}

my $meta = $site->start('cgi')
    ->get('/.well-known/oauth-authorization-server')->{json};
is $meta->{revocation_endpoint}, "$site->{issuer}$path",
    'metadata: the endpoint';
is_deeply [sort @{ $meta->{revocation_endpoint_auth_methods_supported} }],
    [sort @methods], '  its methods';
run_all('cgi');
run_workers();
SKIP: {
    my $missing = Serve->missing('lighttpd');
    skip $missing, 1 if $missing;
    $site->start('lighttpd', Callers::tls('lighttpd'));
    run_all('lighttpd');
}
# A client that is made again by a command that began before it was deleted.
{
    my $again = Serve->new;
    my $asker = $again->client('asker', '--permit', 'introspect');
    my $old = $again->client('gone', '--role', 'order-batch');
    $again->start('cgi');
    pipe my $from, my $to or die "pipe: $!\n";
    my $pid = $again->spawn('add', fileno $from, $again->dir . '/bin/ccgrant',
        '-c', $again->policy, qw(client add gone --role order-batch
            --secret-file -));
    close $from;
    sleep 1; # the command has begun
    my $token = $again->token(basic => ['gone', $old])->{json}{access_token};
    my $is_active = sub { $again->token(basic => ['asker', $asker],
        path => '/oauth2/v1/introspect', form => [token => $token])
        ->{json}{active} };
    ok $is_active->(), 'a token of a client that is deleted then: before';
    my $deleted = time;
    $again->ctl(qw(client delete gone --yes));
    ok !$is_active->(), '  when it is deleted';
    print {$to} "a secret of the administrator\n";
    close $to;
    waitpid $pid, 0;
    is $?, 0, '  the command that began before makes the client again';
    my $new = $again->ctl(qw(client show gone));
    ok !$is_active->(), '  and the token stays revoked';
    ok $new->{created} > $deleted, '  as the client is younger';
    ok $new->{revoked_until} >= $deleted
        && $new->{revoked_until} < $new->{created},
        '  and knows what was revoked';
}

done_testing();
