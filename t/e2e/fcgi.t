#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The web adapter under FastCGI, byte by byte: what servers do, what they do
# when they are interrupted, and what nobody should.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", ($ENV{SRCDIR} // '.') . '/t/lib';
use IO::Socket::INET;
use Test::More;
use Fcgi;

my $echo  = ($ENV{BUILDDIR} // '.') . '/t/e2e/echo_responder';
my $limit = 2000;
plan skip_all => "$echo is not built" unless -x $echo;

my $main = Fcgi->start($echo, { ECHO_BODY_MAX => $limit });

# The usual variables, and those given instead or besides.
sub vars {
    my (%more) = @_;
    my %vars = (
        REQUEST_METHOD => 'POST', SCRIPT_NAME => '/oauth2', PATH_INFO => '/v1',
        CONTENT_TYPE => 'a/b', REMOTE_ADDR => '192.0.2.1',
        SERVER_SOFTWARE => 'test', %more,
    );
    return map { ($_ => $vars{$_}) } grep { defined $vars{$_} } sort keys %vars;
}

sub post {
    my ($body, %option) = @_;
    return Fcgi::request({ %option, body => $body },
        vars(CONTENT_LENGTH => length $body));
}

# What the responder says that it saw.
sub saw {
    my ($answer) = @_;
    return {} unless $answer;
    my ($head, $body) = split /\n\n/, $answer->{body}, 2;
    my %saw = map { split /=/, $_, 2 } split /\n/, $head // '';
    return { %saw, body => $body };
}

sub ask {
    my ($bytes, $responder) = @_;
    my $conn = ($responder // $main)->connect;
    $conn->send($bytes);
    return saw($conn->answer);
}

# That the one worker is still the same one and at work.
sub works {
    my ($name) = @_;
    my $saw = ask(post('still here'));
    is "$saw->{pid} $saw->{body}", $main->pid . ' still here', $name;
    return;
}

sub answers {
    my $conn   = $main->connect;
    my $answer = do { $conn->send(post('a=b')); $conn->answer };
    my $saw    = saw($answer);
    is $answer->{status}, 200, 'the status comes through';
    like $answer->{stdout}, qr/\AStatus: 200/, 'the status line is the first';
    is $answer->{header}{'content-length'}[0], length $answer->{body},
        'Content-Length is right';
    is $answer->{app}, 0, 'the application ends well';
    is $answer->{protocol}, 0, 'the request is complete';
    is $saw->{method}, 'POST', 'the method';
    is $saw->{script}, '/oauth2', 'the mount point';
    is $saw->{path}, '/v1', 'the path';
    is $saw->{type}, 'a/b', 'the media type';
    is $saw->{addr}, '192.0.2.1', 'the address';
    is $saw->{fault}, 'none', 'no fault';
    is $saw->{body}, 'a=b', 'the body';
    ok $conn->ended, 'the connection is closed';

    $conn = $main->connect;
    $conn->send(Fcgi::request({}, vars(REQUEST_METHOD => 'HEAD')));
    $answer = $conn->answer;
    is $answer->{body}, '', 'HEAD has no body';
    cmp_ok $answer->{header}{'content-length'}[0], '>', 100,
        'but its Content-Length';

    $conn = $main->connect;
    $conn->send(Fcgi::request({}, vars(PATH_INFO => '/log')));
    $answer = $conn->answer;
    is $answer->{stderr}, "a line for the log\n", 'a log line goes with it';
    is $answer->{status}, 200, 'and the answer too';

    $conn = $main->connect;
    $conn->send(Fcgi::request({ keep => 1 }, vars(PATH_INFO => '/big')));
    $answer = $conn->answer;
    is $answer->{header}{'content-length'}[0], length $answer->{body},
        'a large answer is whole';
    $conn->send(post('after', keep => 1));
    is saw($conn->answer)->{body}, 'after', 'and its connection is kept';
    return;
}

sub kept_connections {
    my @conns = map { $main->connect } 1 .. 100;
    my $good  = 0;
    for my $round (1 .. 3) {
        $_->send(post("round $round", keep => 1)) for @conns;
        for my $conn (reverse @conns) {
            $good++ if saw($conn->answer)->{body} eq "round $round";
        }
    }
    is $good, 300, 'a hundred kept connections, three requests on each';
    works('idle kept connections hold up nobody');

    my $conn = $conns[0];
    $conn->send(post('one', keep => 1, id => 1) . post('two', keep => 1,
        id => 65535) . post('three', keep => 0, id => 2));
    my @two = map { $conn->answer } 1 .. 3;
    is join(' ', map { saw($_)->{body} } @two), 'one two three',
        'requests sent in one go are answered in turn';
    is join(' ', map { $_->{id} } @two), '1 65535 2', 'each with its id';
    ok $conn->ended, 'the last of them ended the connection';

    my @many = map { $main->connect } 1 .. 300;
    $_->send(post('many', keep => 1)) for @many;
    is scalar(grep { saw($_->answer)->{body} eq 'many' } @many), 300,
        'more connections than are kept open';
    works('and then one more');
    return;
}

sub split_requests {
    my $bytes = Fcgi::request({ body => 'grant=x' x 20, size => 30 },
        vars(CONTENT_LENGTH => 140));
    my $good = 0;
    for my $at (1 .. length($bytes) - 1) {
        my $conn = $main->connect;
        $conn->send(substr $bytes, 0, $at);
        $good++ if ask(post('x'))->{body} eq 'x';
        $conn->send(substr $bytes, $at);
        $good++ if saw($conn->answer)->{body} eq 'grant=x' x 20;
    }
    is $good, 2 * (length($bytes) - 1),
        'a request cut anywhere is whole in the end, and holds up nobody';

    my $long = post('b' x 1500);
    my $conn = $main->connect;
    ok $conn->send($long, 1), 'byte by byte, more than a socket queues';
    is saw($conn->answer)->{length}, 1500, 'is whole too';

    is ask(post('tiny' x 100, size => 1))->{length}, 400,
        'records of one byte';
    my $padded = Fcgi::begin(1)
        . Fcgi::record(Fcgi::PARAMS, 1, Fcgi::pairs(vars()), 255)
        . Fcgi::record(Fcgi::PARAMS, 1, '', 7)
        . join('', map { Fcgi::record(Fcgi::STDIN_RECORD, 1, 'p', $_) } 0 .. 255)
        . Fcgi::record(Fcgi::STDIN_RECORD, 1, '', 255);
    is ask($padded)->{body}, 'p' x 256, 'padding of any length';

    my @half = map { $main->connect } 1 .. 100;
    $_->send(substr $long, 0, 700) for @half;
    works('a hundred half-sent requests hold up nobody');
    $_->send(substr $long, 700) for @half;
    is scalar(grep { saw($_->answer)->{length} == 1500 } @half), 100,
        'and are answered when the rest has come';
    return;
}

# F1: what an unread body holds must never become a request.
sub forged_requests {
    my $forged = Fcgi::request({ keep => 1 }, vars(REQUEST_METHOD => 'FORGED',
        SSL_CLIENT_VERIFY => 'SUCCESS'));
    my %found;
    for my $shift (0 .. length($forged) - 1) {
        my $body = 'x' x $shift . $forged x 200;
        my $conn = $main->connect;
        $conn->send(Fcgi::request({ keep => 1, body => $body },
            vars($shift % 2 ? (CONTENT_LENGTH => length $body) : ())));
        my $answer = $conn->answer;
        $found{ saw($answer)->{fault} // 'none' }++;
        $conn->send(post('mine', keep => 1));
        $found{ saw($conn->answer)->{body} }++;
    }
    is_deeply \%found,
        { 'too large' => length $forged, mine => length $forged },
        'a forged request at every alignment of a body over the limit: '
        . 'one answer, and then that of the next request';

    %found = ();
    for my $shift (0 .. 63) {
        my $body = 'x' x $shift . $forged x int(($limit - 64) / length $forged);
        my $conn = $main->connect;
        $conn->send(Fcgi::request({ keep => 1, body => $body },
            vars(CONTENT_LENGTH => 1)));
        $found{ saw($conn->answer)->{fault} }++;
        $conn->send(post('mine', keep => 1));
        $found{ saw($conn->answer)->{body} }++;
    }
    is_deeply \%found, { incomplete => 64, mine => 64 },
        'nor in a body of another length than declared';
    return;
}

sub signals {
    for my $name (qw(TERM USR1 HUP INT)) {
        my $responder = Fcgi->start($echo, {});
        my ($half, $other) = map { $responder->connect } 1 .. 2;
        my $bytes = post('y' x 30000, keep => 1);
        $half->send(substr $bytes, 0, 10000);
        $other->send(post('first', keep => 1));
        is saw($other->answer)->{body}, 'first', "SIG$name: before it";
        $responder->signal($name);
        $half->send(substr $bytes, 10000);
        is saw($half->answer)->{length}, 30000,
            "SIG$name while a body arrives: it is whole, and answered";
        is $responder->wait, 0, "SIG$name: then the responder ends well";
        ok $other->ended, "SIG$name: a kept connection is closed";
    }
    my $responder = Fcgi->start($echo, {});
    my $idle = $responder->connect;
    $idle->send(post('x', keep => 1));
    $idle->answer;
    $responder->signal($_) for qw(TERM TERM USR1 TERM);
    is $responder->wait, 0, 'signals in a row while idle: it ends well';
    return;
}

sub bodies {
    my @rows = (
        # sentence, body, CONTENT_LENGTH, fault
        ['no body',                          '',             undef,  'none'],
        ['an empty length',                  '',             '',     'none'],
        ['length 0',                         '',             '0',    'none'],
        ['no declared length, with a body',  'abc',          undef,  'none'],
        ['an empty length, with a body',     'abc',          '',     'none'],
        ['leading zeros',                    'abc',          '003',  'none'],
        ['exactly the limit',                'b' x $limit,   $limit, 'none'],
        ['the limit, undeclared',            'b' x $limit,   undef,  'none'],
        ['shorter than declared',            'ab',           3,   'incomplete'],
        ['empty, but declared',              '',             7,   'incomplete'],
        ['longer than declared',             'abcd',         3,   'incomplete'],
        ['a body that is declared as none',  'abcd',         0,   'incomplete'],
        ['a negative length',                'abc',          -3,  'incomplete'],
        ['a length with a sign',             'abc',        '+3',  'incomplete'],
        ['a length with a blank',            'abc',        ' 3',  'incomplete'],
        ['a length with something after it', 'abc',        '3x',  'incomplete'],
        ['a hexadecimal length',             'abc',       '0x3',  'incomplete'],
        ['two lengths',                      'abc',      '3, 3',  'incomplete'],
        ['declared over the limit',          '',     $limit + 1,   'too large'],
        ['declared beyond every number',     '',       '9' x 40,   'too large'],
        ['2^64 more than sent',              'abc', '18446744073709551619',
            'too large'],
        ['one over the limit', 'b' x ($limit + 1), undef, 'too large'],
        ['one over the limit, declared', 'b' x ($limit + 1), $limit + 1,
            'too large'],
        ['far over the limit', 'b' x 200_000, undef, 'too large'],
    );
    for my $row (@rows) {
        my ($sentence, $body, $length, $fault) = @$row;
        my $saw = ask(Fcgi::request({ body => $body },
            vars(CONTENT_LENGTH => $length)));
        is $saw->{fault}, $fault, "$sentence: $fault";
        is $saw->{body}, $fault eq 'none' ? $body : '', "$sentence: the body";
    }
    my $conn = $main->connect;
    for my $size ($limit + 1, 200_000, 10_000_000) {
        ok $conn->send(post('b' x $size, keep => 1)), "$size bytes are taken";
        is saw($conn->answer)->{fault}, 'too large', '  and answered';
        $conn->send(post('next', keep => 1));
        is saw($conn->answer)->{body}, 'next', '  and the connection is kept';
    }
    ok $conn->send(post('b' x 34_000_000, keep => 1)),
        '34 million bytes are taken';
    is saw($conn->answer)->{fault}, 'too large', '  and answered';
    ok $conn->ended, '  and the connection is given up';
    $conn = $main->connect;
    ok $conn->send(post('b' x 10_000_000)), 'ten million, not to be kept';
    is saw($conn->answer)->{fault}, 'too large', '  are answered';
    ok $conn->ended, '  and the connection is closed';

    my $roomy = Fcgi->start($echo, { ECHO_BODY_MAX => 1 << 20 });
    $conn = $roomy->connect;
    for my $size (60_000, 70_000, 1 << 20, 3, (1 << 20) + 1) {
        $conn->send(post('m' x $size, keep => 1));
        my $saw = saw($conn->answer);
        is "$saw->{fault} $saw->{length}",
            $size > 1 << 20 ? 'too large 0' : "none $size",
            "$size bytes where a megabyte is allowed";
    }
    is $roomy->stop, 0, 'it ends well';

    $conn = $main->connect;
    $conn->send(Fcgi::begin(1, keep => 1) . Fcgi::stream(Fcgi::PARAMS, 1,
        Fcgi::pairs(vars(CONTENT_LENGTH => 10)))
        . Fcgi::record(Fcgi::STDIN_RECORD, 1, 'only'));
    $conn->half_close;
    my $saw = saw($conn->answer);
    is $saw->{fault}, 'incomplete', 'a body that broke off';
    is $saw->{body}, '', 'of it nothing is used';
    ok $conn->ended, 'and the connection is closed';
    return;
}

sub variables {
    for my $name (qw(REQUEST_METHOD CONTENT_TYPE CONTENT_LENGTH
        HTTP_AUTHORIZATION REMOTE_ADDR SCRIPT_NAME PATH_INFO
        REDIRECT_HTTP_AUTHORIZATION)) {
        my $saw = ask(Fcgi::request({}, vars($name => ''), $name => ''));
        is "$saw->{fault} $saw->{repeated}", "duplicate $name",
            "$name twice is a fault, and named";
    }
    is ask(Fcgi::request({}, vars(), X => 1, X => 2))->{fault}, 'none',
        'another variable may come twice';
    my @rows = (
        # as it came, after one redirect, after two, what is taken
        [undef, undef, undef, ''],     ['',    '',    '',    ''],
        ['a',   undef, undef, 'a'],    [undef, 'b',   undef, 'b'],
        [undef, undef, 'c',   'c'],    ['a',   'b',   'c',   'a'],
        ['',    'b',   'c',   'b'],    ['',    '',    'c',   'c'],
    );
    for my $row (@rows) {
        my $saw = ask(Fcgi::request({}, vars(
            HTTP_AUTHORIZATION => $row->[0],
            REDIRECT_HTTP_AUTHORIZATION => $row->[1],
            REDIRECT_REDIRECT_HTTP_AUTHORIZATION => $row->[2])));
        is $saw->{authorization}, $row->[3], 'authorization "'
            . join('" "', map { $_ // 'absent' } @$row[0 .. 2])
            . qq(": "$row->[3]");
    }
    for my $name (qw(HTTP_REQUEST_METHOD REQUEST_METHODS REQUEST_METHO
        request_method HTTP_X_AUTHORIZATION REQUEST_METHOD_)) {
        my $saw = ask(Fcgi::request({}, vars(REQUEST_METHOD => undef),
            $name => 'EVIL'));
        is "$saw->{method}$saw->{authorization}", '',
            "$name is another variable";
    }
    my $saw = ask(Fcgi::request({}, '' => 'no name', 'NOVALUE' => '',
        '' => '', vars(PATH_INFO => undef, CONTENT_TYPE => undef)));
    is "$saw->{path}$saw->{type}$saw->{fault}", 'none',
        'empty names, absent variables';
    is ask(Fcgi::request({}))->{method}, '', 'no variables at all';
    is ask(Fcgi::request({ size => 7 }, vars(X => 'x' x 60_000)))->{fault},
        'none', 'sixty thousand bytes of variables, seven a record';
    is ask(Fcgi::request({}, vars(X => 'x' x 65_537)))->{fault}, 'too large',
        'more than 64 KB of variables';
    is ask(Fcgi::request({}, map { ("HTTP_X_$_" => 'x' x 8000) } 1 .. 100))
        ->{fault}, 'too large', 'a hundred long headers';
    my @rows_of_lengths = (
        ['a value of 2 GB',               "\1\xff\xff\xff\xffA"],
        ['lengths whose sum is negative', "\x04\xff\xff\xff\xfcABCD"],
        ['two lengths of 1 GB',           "\xc0\0\0\0\xc0\0\0\0A"],
        ['a name of 2 GB less 2',         "\xff\xff\xff\xfe\1A"],
    );
    for my $row (@rows_of_lengths) {
        my $saw = ask(Fcgi::begin(1)
            . Fcgi::stream(Fcgi::PARAMS, 1, $row->[1])
            . Fcgi::record(Fcgi::STDIN_RECORD, 1));
        is "$saw->{fault} $saw->{pid}", 'too large ' . $main->pid, $row->[0];
    }
    return;
}

sub protocol {
    my $conn = $main->connect;
    $conn->send(Fcgi::begin(1, keep => 1)
        . Fcgi::stream(Fcgi::PARAMS, 1, Fcgi::pairs(vars()))
        . Fcgi::record(Fcgi::STDIN_RECORD, 1, 'half')
        . Fcgi::record(Fcgi::ABORT_REQUEST, 1));
    my $answer = $conn->answer;
    is "$answer->{id} $answer->{protocol} $answer->{stdout}", '1 0 ',
        'a request that is taken back ends without an answer';
    $conn->send(Fcgi::record(Fcgi::STDIN_RECORD, 1, 'trailing')
        . Fcgi::record(Fcgi::STDIN_RECORD, 1));
    $conn->send(post('next', keep => 1, id => 2));
    is saw($conn->answer)->{body}, 'next',
        'what trails in of it is dropped, and the next one answered';

    $conn = $main->connect;
    $conn->send(Fcgi::begin(9) . Fcgi::record(Fcgi::ABORT_REQUEST, 9));
    is $conn->answer->{id}, 9, 'taken back at once';
    ok $conn->ended, 'with its connection, unless that is kept';

    for my $role (0, Fcgi::AUTHORIZER, Fcgi::FILTER, 4, 257) {
        $conn = $main->connect;
        $conn->send(post('refused', keep => 1, role => $role)
            . post('taken', keep => 1));
        is $conn->answer->{protocol}, 3, "role $role is unknown";
        is saw($conn->answer)->{body}, 'taken', 'the next request is taken';
        $conn->send(post('refused', role => $role));
        is $conn->answer->{protocol}, 3, "role $role again";
        ok $conn->ended, 'with a connection that is not kept';
    }

    $conn = $main->connect;
    my $mine = post('mine', keep => 1, id => 1);
    $conn->send(substr($mine, 0, 16) . post('other', id => 2)
        . substr $mine, 16);
    $answer = $conn->answer;
    is "$answer->{id} $answer->{protocol}", '2 1', 'no second request within';
    is saw($conn->answer)->{body}, 'mine', 'the first is answered';

    $conn->send(Fcgi::record(Fcgi::GET_VALUES, 0, Fcgi::pairs(
        FCGI_MPXS_CONNS => '', FCGI_MAX_REQS => '', OTHER => '')));
    is_deeply $conn->record, [Fcgi::GET_VALUES_RESULT, 0, Fcgi::pairs(
        FCGI_MAX_REQS => 256, FCGI_MPXS_CONNS => 0)], 'values are given';
    $conn->send(Fcgi::record(Fcgi::GET_VALUES, 0));
    is_deeply $conn->record, [Fcgi::GET_VALUES_RESULT, 0, ''],
        'none, if none is asked for';
    $conn->send(Fcgi::record(77, 0, 'what'));
    is_deeply $conn->record, [Fcgi::UNKNOWN_TYPE, 0, "\115" . "\0" x 7],
        'an unknown type is told';
    $conn->send(substr($mine, 0, 30));
    $conn->send(substr($mine, 30) . Fcgi::record(Fcgi::GET_VALUES, 0));
    is saw($conn->answer)->{body}, 'mine', 'the connection goes on';
    return;
}

sub garbage {
    my $begin  = Fcgi::begin(1, keep => 1);
    my $vars   = Fcgi::stream(Fcgi::PARAMS, 1, Fcgi::pairs(vars()));
    my $end    = Fcgi::record(Fcgi::STDIN_RECORD, 1);
    my $params = sub { $begin . Fcgi::stream(Fcgi::PARAMS, 1, $_[0]) . $end };
    my @rows = (
        ['HTTP',                         "GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
        ['zeros',                        "\0" x 64],
        ['another version',              "\2" . substr $begin, 1],
        ['a BEGIN of id 0',              Fcgi::begin(0)],
        ['a short BEGIN',                Fcgi::record(1, 1, 'short')],
        ['a long BEGIN',                 Fcgi::record(1, 1, 'far too long')],
        ['a second BEGIN of this id',    $begin . $begin],
        ['a body before the variables',  $begin . $end],
        ['a body within the variables',  $begin
            . Fcgi::record(Fcgi::PARAMS, 1, Fcgi::pairs(vars())) . $end],
        ['variables after variables',    $begin . $vars . $vars],
        ['a FILTER\'s data',             $begin . $vars
            . Fcgi::record(Fcgi::DATA, 1, 'data')],
        ['an answer',                    $begin . $vars
            . Fcgi::record(Fcgi::STDOUT_RECORD, 1, 'data')],
        ['a pair that ends early',       $params->("\3\3AB")],
        ['a length that ends early',     $params->("\x80\0\0")],
        ['one length',                   $params->("\3")],
    );
    for my $row (@rows) {
        my ($sentence, $bytes) = @$row;
        my $conn = $main->connect;
        $conn->send($bytes);
        is $conn->answer, undef, "$sentence: no answer";
        ok $conn->ended, "$sentence: closed";
    }
    works('the worker is still the same one');
    like $main->stderr, qr/speaks no FastCGI/, 'the log says it';
    my $conn = $main->connect;
    $conn->close;
    $conn = $main->connect;
    $conn->send(substr post('x'), 0, 50);
    $conn->close;
    $conn = $main->connect;
    $conn->send(post('x' x 1000));
    $conn->close;
    works('connections that end at any moment');
    return;
}

# The same random bytes in each run.
sub fuzz {
    my $seed = 20260101;
    my $next = sub {
        $seed = ($seed * 1103515245 + 12345) % 2**31;
        return ($seed >> 8) % $_[0];
    };
    my $good = 0;
    for (1 .. 1500) {
        my $bytes = post('f' x $next->(300), keep => $next->(2),
            size => 1 + $next->(200));
        for (0 .. $next->(4)) {
            my $at = $next->(length $bytes);
            my $kind = $next->(3);
            substr $bytes, $at, 1, chr $next->(256) if $kind == 0;
            substr $bytes, $at, 1 + $next->(9), '' if $kind == 1;
            substr $bytes, $at, 0, chr($next->(256)) x $next->(40)
                if $kind == 2;
        }
        my $conn = $main->connect;
        $conn->send($bytes);
        $conn->half_close;
        1 while $conn->fill;
        $good++ if $conn->ended || length $conn->{in};
    }
    is $good, 1500, 'changed requests are answered or closed';
    works('and the worker is still the same one');
    return;
}

sub listening {
    my $tcp = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5)
        or return fail("127.0.0.1: $!");
    my $responder = Fcgi->start_on($echo, {}, $tcp);
    my $conn = Fcgi::Conn->new(IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $tcp->sockport));
    $conn->send(post('over TCP', keep => 1));
    is saw($conn->answer)->{body}, 'over TCP', 'a loopback peer is served';
    my $second = Fcgi->start_on($echo, {}, $tcp);
    is $responder->stop, 0, 'one of two workers ends';
    $conn = Fcgi::Conn->new(IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $tcp->sockport));
    $conn->send(post('to the other'));
    is saw($conn->answer)->{pid}, $second->pid, 'the other goes on';
    is $second->stop, 0, 'and ends';

    my $systemd = 'exec 3<&0 </dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; '
        . 'exec "$0"';
    $responder = Fcgi->start(['/bin/sh', '-c', $systemd, $echo], {});
    is ask(post('fd 3'), $responder)->{body}, 'fd 3', "systemd's descriptor";
    is $responder->stop, 0, 'it ends well';

    open my $null, '<', '/dev/null' or return fail("/dev/null: $!");
    for my $env ({}, { LISTEN_PID => 1, LISTEN_FDS => 1 }) {
        $responder = Fcgi->start_on($echo, $env, $null);
        is $responder->wait >> 8, 1, 'no socket, no request: it refuses';
        like $responder->stderr, qr/started by a web server/, 'and says why';
    }
    return;
}

answers();
kept_connections();
split_requests();
forged_requests();
signals();
bodies();
variables();
protocol();
garbage();
fuzz();
listening();
is $main->stop, 0, 'the worker of all this ends well';

done_testing();
