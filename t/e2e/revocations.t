#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Revoking from the shell, and the signed list of what is revoked: as each web
# server shows it, and as etc/revocations.py heeds it.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IPC::Open2 qw(open2);
use Test::More;
use Time::HiRes ();
use Jwt;
use Serve;

my $audience = 'https://api.example.org/orders';
my $resources = <<"END";
resources = (
  { audience = "$audience"; scopes = [ "orders.read" ]; },
  { audience = "https://api.example.org/bills"; scopes = [ "bills.read" ];
    format = "opaque"; } );
roles = ( { name = "batch"; scopes = [ "orders.read", "bills.read" ]; } );
END

sub new_site {
    my ($file) = @_;
    my $site = Serve->new(resources => $resources,
        policy => "revocations : { file = \"$file\"; };\n");
    $site->make_dir('public');
    $site->make_dir($_) for $file =~ m{^web/} ? qw(web/oauth2 web/oauth2/v1)
        : ();
    $site->{secret}{$_} = $site->client($_, '--role', 'batch')
        for qw(app other);
    return $site;
}

sub issue {
    my ($site, $id, $scope) = @_;
    my $token = $site->ctl('token', 'issue', $id, '--scope',
        $scope // 'orders.read')->{access_token};
    return $token;
}

sub ask {
    my ($site, $endpoint, $id, $token) = @_;
    return $site->token(path => "/oauth2/v1/$endpoint",
        basic => [$id, $site->{secret}{$id}], form => [token => $token]);
}

sub is_active {
    my ($site, $id, $token) = @_;
    my $answer = ask($site, 'introspect', $id, $token);
    return $answer->{json}{active} ? 1 : 0;
}

sub jti { return Jwt::decode($_[0])->{claims}{jti} }

# The claims of the list in the file.
sub claims {
    my ($file) = @_;
    my $jwt = Jwt::decode(Serve::slurp($file) // '');
    return $jwt ? $jwt->{claims} : {};
}

#
# Each web server shows the file.
#

# The shipped text with the lines that its comment says to write.
sub with_list {
    my ($kind, $dir, $text) = @_;
    my ($lines) = grep {/revocations\.jwt/} Serve::Server::quoted_lines($text);
    my $both = !defined $lines ? $text
        : $kind eq 'apache-fcgid' ? "$lines\n$text" : "$text\n$lines";
    return $both =~ s{/var/lib/ccgrant-public}{$dir/public}gr;
}

sub shows {
    my ($kind) = @_;
    my $file = $kind =~ /^htaccess/ ? 'web/oauth2/v1/revocations.jwt'
        : 'public/revocations.jwt';
    my $site = new_site($file);
    my $dir  = $site->dir;
    $site->start($kind, edit => sub { with_list($kind, $dir, $_[0]) });
    my ($token, $kept) = map { issue($site, 'app') } 1 .. 2;

    # It is written when the first request has been answered.
    my $seen = Serve::wait_for(sub {
        my $now = $site->get('/oauth2/v1/revocations');
        return $now->{status} == 200 && $now }) || {status => 404};
    is $seen->{status}, 200, 'a list is there since the first request';
    is_deeply Jwt::decode($seen->{body})->{claims}{tokens}, {},
        'nothing is on it';
    is ask($site, 'revoke', 'app', $token)->{status}, 200, 'revoked';
    # lighttpd looks at a file again after two seconds.
    $seen = Serve::wait_for(sub {
        my $now = $site->get('/oauth2/v1/revocations');
        return index($now->{body}, $seen->{body}) != 0 && $now }) || $seen;
    like $seen->{header}{'content-type'}[0], qr{^application/jwt\b},
        'its media type';
    is_deeply $seen->{header}{'cache-control'}, ['max-age=60'],
        'how long it may be kept';
    my $jwt = Jwt::decode($seen->{body});
    ok Jwt::verify($jwt, $site->get('/oauth2/v1/keys')->{json}),
        'a key of the JWK Set signed it';
    is $jwt->{header}{typ}, 'revocations+jwt', 'its typ';
    is $jwt->{claims}{iss}, $site->{issuer}, 'its issuer';
    is_deeply [keys %{ $jwt->{claims}{tokens} }], [jti($token)],
        'the token is on it, and no other';
    is $site->get('/oauth2/v1/revocations.part')->{status}, 404,
        'nothing else is shown';
    is $site->get('/oauth2/v1/health')->{status}, 200,
        'the responder still has the rest';
    $site->stop;

    my $old = time - 50_000;
    utime $old, $old, "$dir/$file" or die "$file: $!\n";
    Time::HiRes::sleep(0.02) until time > claims("$dir/$file")->{iat};
    $site->start($kind, edit => sub { with_list($kind, $dir, $_[0]) });
    ok Serve::wait_for(sub {
        claims("$dir/$file")->{iat} > $jwt->{claims}{iat} }),
        'an old list is renewed in passing';
    is_deeply [keys %{ claims("$dir/$file")->{tokens} }], [jti($token)],
        'with what was on it';
    is is_active($site, 'app', $kept), 1, 'the other token is active';
    $site->finish;
    return;
}

for my $kind (qw(lighttpd nginx apache-fcgid apache-proxy-fcgi
    htaccess-fcgid htaccess-cgid)) {
    my $missing = Serve->missing($kind);
    subtest $kind => sub {
        plan skip_all => $missing if $missing;
        shows($kind);
    };
}

#
# The command.
#

my $site = new_site('public/list.jwt');
my $list = $site->dir . '/public/list.jwt';
$site->{kind} = 'cgi';

sub says {
    my ($name, $status, $expected, @words) = @_;
    my ($seen, $out, $err) = $site->try_ctl(@words);
    ok $seen == $status && "$out$err" =~ $expected, $name
        or diag "status $seen: $out$err";
    return;
}

my $token = issue($site, 'app');
my $text  = "$token\n";
my $name  = jti($token);
says 'a token from standard input', 0, qr/^app: revoked the token \Q$name\E$/,
    \$text, qw(token revoke -);
says 'a second time', 1, qr/^not active: it was revoked$/, \$text,
    qw(token revoke -);
is_deeply $site->ctl(\issue($site, 'app'), qw(token revoke -))->{revoked},
    JSON::PP::true(), 'in JSON';
is is_active($site, 'app', $token), 0, 'it is not active';
says 'inspect says so', 1, qr/^inactive: it was revoked\n.*"jti"/s, \$text,
    qw(token inspect -);
is keys %{ claims($list)->{tokens} }, 2, 'the list has both';

my $opaque = issue($site, 'app', 'bills.read');
like $opaque, qr/^ccga_/, 'token issue: an opaque one where the resource has';
is is_active($site, 'app', $opaque), 1, 'it is active';
says 'inspect knows it', 0, qr/^valid: until.*"scope": "bills.read"/s,
    \$opaque, qw(token inspect -);
says 'it is revoked', 0, qr/^app: revoked the token/, \$opaque,
    qw(token revoke -);
is is_active($site, 'app', $opaque), 0, 'it is not active';
says 'inspect has lost it', 1, qr/^inactive: /, \$opaque,
    qw(token inspect -);
is keys %{ claims($list)->{tokens} }, 2, 'it is on no list';

my $foreign = "$token" =~ s/.$/A/r =~ s/^./A/r;
says 'no token', 1, qr/neither a JWT/, qw(token revoke garbage);
says 'a changed token', 1, qr/^not active: /, qw(token revoke), $foreign;
says 'nothing', 1, qr/standard input is empty$/, \'', qw(token revoke -);
says 'neither token nor client nor time', 2, qr/TOKEN is missing/,
    qw(token revoke);
says 'both', 2, qr/not both/, qw(token revoke x --client app);
says 'without a terminal', 1, qr/--yes/, qw(token revoke --client app);
says 'an unknown client', 1, qr/there is no client/,
    qw(token revoke --client nosuch --yes);
says 'a time to come', 1, qr/--before: .*come/,
    qw(token revoke --before 2999-01-01 --yes);
says 'a time that never comes', 1, qr/--before: /,
    qw(token revoke --before never --yes);
says 'no time', 1, qr/--before: /, qw(token revoke --before soon --yes);

# Both formats of one client, before and after a change.
sub ends {
    my ($name, $client, @words) = @_;
    my @old  = map { issue($site, 'app', $_) } qw(orders.read bills.read);
    my $else = issue($site, 'other');
    $site->ctl(@$_) for @words;
    $site->{secret}{app} = $site->ctl(qw(secret add app))->{client_secret}
        if $name =~ /again/;
    my @new = map { issue($site, 'app', $_) } qw(orders.read bills.read);
    is join(' ', map { is_active($site, 'app', $_) } @old), '0 0',
        "$name: neither of its tokens is active";
    is is_active($site, 'other', $else), $client, "$name: that of another";
    is join(' ', map { is_active($site, 'app', $_) } @new), '1 1',
        "$name: new ones are, at once";
    my ($first, $second) = map { Jwt::decode($_)->{claims}{iat} }
        $old[0], $new[0];
    my $until = $client ? claims($list)->{clients}{app}
        : claims($list)->{all};
    ok $first <= $until && $until < $second,
        "$name: the list tells them apart"
        or diag "$first <= $until < $second";
    return;
}

ends('of a client', 1, [qw(token revoke --client app --yes)]);
ends('disabled', 1, [qw(client disable app)], [qw(client enable app)]);
ends('made again', 1, [qw(client delete app --yes)],
    [qw(client add app --role batch)]);
ends('all', 0, [qw(token revoke --before now --yes)]);

$token = issue($site, 'app');
$site->ctl(qw(client disable app));
says 'inspect tells of a disabled client', 1, qr/^inactive: .*disabled/,
    \$token, qw(token inspect -);
cmp_ok claims($list)->{clients}{app}, '>=',
    Jwt::decode($token)->{claims}{iat}, 'its tokens are on the list';
is $site->ctl(qw(client disable app))->{changed}, JSON::PP::false(),
    'disabled already';
$site->ctl(qw(client enable app));
says 'it stays revoked', 1, qr/^inactive: .*all tokens of its client/,
    \$token, qw(token inspect -);
$token = issue($site, 'app');
$site->ctl(qw(token revoke --client app --before 2020-01-01 --yes));
is is_active($site, 'app', $token), 1, 'a time before it changes nothing';

# Many at once: the last list has them all.
my @many = map { issue($site, 'app') } 1 .. 12;
my @pids = map {
    my $mine = $_;
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        my $ok = !grep { ($site->try_ctl(\$_, qw(token revoke -)))[0] }
            @many[3 * $mine .. 3 * $mine + 2];
        POSIX::_exit($ok ? 0 : 1);
    }
    $pid;
} 0 .. 3;
is scalar(grep { waitpid($_, 0) == $_ && $? == 0 } @pids), 4,
    'four processes revoke three tokens each';
my $tokens = claims($list)->{tokens};
is scalar(grep { $tokens->{ jti($_) } } @many), 12,
    'all of them are on the list';

# Where the list cannot be written.
rename $site->dir . '/public', $site->dir . '/elsewhere' or die "$!\n";
$token = issue($site, 'app');
says 'a list that cannot be written', 1,
    qr/the token is revoked: the list .* was not written: .*list\.jwt/,
    \$token, qw(token revoke -);
is is_active($site, 'app', $token), 0, 'the token is not active all the same';
says 'policy check', 1, qr/: revocations\.file: .*its directory must be there/,
    qw(policy check);
says 'init', 0, qr/^(?:ccgrant: )?note: .*list\.jwt: its directory/m, 'init';
rename $site->dir . '/elsewhere', $site->dir . '/public' or die "$!\n";
my $retry = issue($site, 'app');
rename $site->dir . '/public', $site->dir . '/elsewhere' or die "$!\n";
is ask($site, 'revoke', 'app', $retry)->{status}, 200,
    'a client revokes while the list cannot be written';
like $site->log_text, qr/endpoint="revoke" outcome="revoked".*not written/,
    'and the log of the responder says so';
my $lines = () = $site->log_text =~ /endpoint="revocations"/g;
$site->get('/oauth2/v1/nothing') for 1 .. 4;
is scalar(() = $site->log_text =~ /endpoint="revocations"/g), $lines,
    'requests of anybody do not try again within a minute';
rename $site->dir . '/elsewhere', $site->dir . '/public' or die "$!\n";
ask($site, 'revoke', 'app', $retry);
ok claims($list)->{tokens}{ jti($retry) },
    'when it can be, the same request puts the token on it';
says 'given again', 1, qr/^not active/, \$token, qw(token revoke -);
ok claims($list)->{tokens}{ jti($token) }, 'it puts the token on the list';

# A server that nobody has asked anything yet.
{
    my $new = Serve->new(resources => $resources, init => 0,
        policy => "revocations : { file = \"public/list.jwt\"; };\n");
    my ($first, $copy) = ($new->dir . '/public/list.jwt', $new->dir . '/copy');
    $new->make_dir('public');
    ok grep({ $_ eq 'revocations' } @{ $new->ctl('init')->{made} }),
        'init makes the first list';
    is_deeply claims($first)->{tokens}, {}, '  with nothing on it';
    is_deeply $new->ctl('init')->{made}, [], '  once';
    is_deeply [($new->try_ctl(qw(policy check)))[0, 1]],
        [0, $new->policy . ": ok\n"], 'policy check finds its directory';
    SKIP: {
        skip 'not root', 1 if $>;
        chown 0, 0, $new->dir . '/public';
        like +($new->try_ctl(qw(policy check)))[2],
            qr/: revocations\.file: .*must be able to write in it/,
            '  and that the owner of the state cannot write in it';
        $new->own($new->dir . '/public');
    }
    $new->ctl('backup', $copy);
    unlink $first;
    rename $new->dir . '/state', $new->dir . '/old' or die "$!\n";
    $new->ctl('restore', $copy, '--yes');
    is_deeply claims($first)->{tokens}, {}, 'so does restore';
}

#
# The resource server of the example.
#

my ($to, $from);

sub verdict {
    my ($text) = @_;
    print $to "$text\n";
    return scalar <$from> // 'nothing';
}

sub example {
    my ($kind) = grep { !Serve->missing($_) } qw(nginx apache-fcgid);
    plan skip_all => 'neither nginx nor Apache is installed' unless $kind;
    system('/usr/bin/python3 -c "import jwcrypto" 2>/dev/null') == 0
        or plan skip_all => 'python3-jwcrypto is not installed';
    my $site = new_site('public/revocations.jwt');
    my $dir  = $site->dir;
    $site->start($kind, edit => sub { with_list($kind, $dir, $_[0]) });
    my @args = ($site->{issuer},
        "http://127.0.0.1:$site->{port}/oauth2/v1", $audience, 0);
    delete local @ENV{qw(http_proxy HTTP_PROXY)};
    my $pid = open2($from, $to, 'timeout', 600, '/usr/bin/python3',
        "$Serve::srcdir/etc/revocations.py", @args);
    $to->autoflush(1);

    my ($token, $kept) = map { issue($site, 'app') } 1 .. 2;
    my $else = issue($site, 'other');
    like verdict($token), qr/^good .*"client_id": "app"/, 'a token';
    ask($site, 'revoke', 'app', $token);
    like verdict($token), qr/^bad .*revoked/, 'it was revoked';
    like verdict($kept), qr/^good/, 'another is good';
    $site->ctl(qw(client disable app));
    like verdict($kept), qr/^bad .*revoked/, 'its client is disabled';
    $site->ctl(qw(client enable app));
    like verdict($kept), qr/^bad .*revoked/, 'which ended it for good';
    like verdict(issue($site, 'app')), qr/^good/, 'a new one is good';
    like verdict($else), qr/^good/, 'so is that of another client';
    $site->ctl(qw(client delete other --yes));
    like verdict($else), qr/^bad .*revoked/, 'whose client is deleted';
    my $new = issue($site, 'app');
    $site->ctl(qw(token revoke --before now --yes));
    like verdict($new), qr/^bad .*revoked/, 'all were revoked';
    $new = issue($site, 'app');
    like verdict($new), qr/^good/, 'one of later is good';

    like verdict('garbage'), qr/^bad/, 'no token';
    like verdict($new =~ s/\.[^.]*$/.AAAA/r), qr/^bad/, 'another signature';
    like verdict(issue($site, 'app', 'bills.read')), qr/^bad/,
        'an opaque token';
    my $file = "$dir/public/revocations.jwt";
    my $jwt  = Serve::slurp($file);
    like verdict($jwt), qr/^bad/, 'the list is no token';
    unlink $file;
    $site->put('public/revocations.jwt', $new);
    like verdict($new), qr/^bad .*type/, 'a token is no list';
    $site->put('public/revocations.jwt', $jwt =~ s/\.[^.]*$/.AAAA/r);
    like verdict($new), qr/^bad/, 'a list that nobody signed';
    unlink $file or die "$file: $!\n";
    like verdict($new), qr/^bad .*404/, 'no list, no good token';
    close $to;
    waitpid $pid, 0;
    $site->finish;
    return;
}
subtest 'etc/revocations.py' => \&example;

done_testing();
