#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The web adapter as plain CGI: environment, standard input, standard output.

use strict;
use warnings;
use File::Temp ();
use POSIX ();
use Socket;
use Test::More;

my $echo  = ($ENV{BUILDDIR} // '.') . '/t/e2e/echo_responder';
my $limit = 2000;
plan skip_all => "$echo is not built" unless -x $echo;

my $dir = File::Temp->newdir('cgi-XXXXXX', TMPDIR => 1);

# Runs the program with $in as its standard input.  Returns the wait status,
# what it wrote, and what it logged.
sub run {
    my ($in, %vars) = @_;
    pipe my $out, my $out_child or die "pipe: $!\n";
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        POSIX::dup2(fileno $in, 0);
        POSIX::dup2(fileno $out_child, 1);
        open STDERR, '>', "$dir/stderr" or POSIX::_exit(126);
        %ENV = (ECHO_BODY_MAX => $limit);
        defined $vars{$_} and $ENV{$_} = $vars{$_} for keys %vars;
        { no warnings 'exec'; exec { $echo } $echo }
        POSIX::_exit(127);
    }
    close $out_child;
    close $in;
    local $/;
    my $text = <$out>;
    waitpid $pid, 0;
    open my $fh, '<', "$dir/stderr" or die "stderr: $!\n";
    return ($?, $text, scalar <$fh>);
}

sub piped {
    my ($bytes) = @_;
    pipe my $in, my $feed or die "pipe: $!\n";
    syswrite $feed, $bytes;
    return ($in, $feed);
}

sub ask {
    my ($in, %vars) = @_;
    my ($status, $text) = run($in, REQUEST_METHOD => 'POST', %vars);
    my ($head, $body) = split /\r\n\r\n/, $text, 2;
    my ($seen, $rest) = split /\n\n/, $body // '', 2;
    my %saw = map { split /=/, $_, 2 } split /\n/, $seen // '';
    my %header = map { split /:\s*/, $_, 2 } split /\r\n/, $head // '';
    return { %saw, body => $rest, exit => $status, header => \%header,
        sent => length($body // '') };
}

my ($in, $feed) = piped('a=b');
my $saw = ask($in, CONTENT_LENGTH => 3, PATH_INFO => '/token',
    SCRIPT_NAME => '/oauth2', CONTENT_TYPE => 'a/b',
    REMOTE_ADDR => '192.0.2.1', HTTP_AUTHORIZATION => 'Basic x');
is $saw->{exit}, 0, 'one request, then it ends well';
is $saw->{body}, 'a=b', 'the body, though the input has not ended';
is $saw->{method}, 'POST', 'the method';
is "$saw->{script}$saw->{path}", '/oauth2/token', 'the path';
is $saw->{type}, 'a/b', 'the media type';
is $saw->{authorization}, 'Basic x', 'the authorization';
is $saw->{addr}, '192.0.2.1', 'the address';
is $saw->{header}{'Content-Length'}, $saw->{sent}, 'Content-Length is right';
close $feed;

my @rows = (
    # sentence, body, CONTENT_LENGTH, whether the input ends, fault
    ['no body, an open input',         '',          0,     0, 'none'],
    ['the limit',                      'b' x 2000,  2000,  0, 'none'],
    ['the limit, undeclared',          'b' x 2000,  undef, 1, 'none'],
    ['undeclared',                     'abc',       undef, 1, 'none'],
    ['an empty length',                'abc',       '',    1, 'none'],
    ['more than declared is not read', 'abcdef',    3,     0, 'none'],
    ['shorter than declared',          'ab',        3,     1, 'incomplete'],
    ['no body, but declared',          '',          7,     1, 'incomplete'],
    ['a malformed length',             'abc',       'x3',  1, 'incomplete'],
    ['a negative length',              'abc',       '-3',  1, 'incomplete'],
    ['declared over the limit',        '',          2001,  1, 'too large'],
    ['over the limit, undeclared',     'b' x 2001,  undef, 1, 'too large'],
    ['declared beyond every number',   '',          '9' x 30, 1, 'too large'],
);
for my $row (@rows) {
    my ($sentence, $body, $length, $ends, $fault) = @$row;
    my ($input, $feeder) = piped($body);
    close $feeder if $ends;
    my $answer = ask($input, CONTENT_LENGTH => $length);
    my $want = $fault ne 'none' ? ''
        : $length ? substr $body, 0, $length : $body;
    is "$answer->{fault} $answer->{exit}", "$fault 0", "$sentence: $fault";
    is $answer->{body}, $want, "$sentence: the body";
}

for my $method (qw(GET HEAD)) {
    my ($input, $feeder) = piped('');
    my $answer = ask($input, REQUEST_METHOD => $method);
    is $answer->{exit}, 0, "$method waits for no body";
    next unless $method eq 'HEAD';
    is $answer->{sent}, 0, 'HEAD has none in its answer';
    cmp_ok $answer->{header}{'Content-Length'}, '>', 50, 'but its length';
}

open my $null, '<', '/dev/null' or die "/dev/null: $!\n";
is ask($null)->{fault}, 'none', 'no input at all';

socketpair my $near, my $far, AF_UNIX, SOCK_STREAM, PF_UNSPEC
    or die "socketpair: $!\n";
syswrite $far, 'over a socket';
is ask($near, CONTENT_LENGTH => 13)->{body}, 'over a socket',
    'a connected socket, as mod_cgid has it';

($in, $feed) = piped('abcdef');
is ask($in, CONTENT_LENGTH => 6, LISTEN_FDS => 1, LISTEN_PID => $$)->{body},
    'abcdef', "somebody else's listening socket is none";

my (undef, $text, $log) = run((piped(''))[0], REQUEST_METHOD => 'GET',
    PATH_INFO => '/log');
is $log, "a line for the log\n", 'a log line goes to standard error';
unlike $text, qr/a line for the log/, 'and not into the answer';

# mod_cgid writes all of the body before it reads, to and from one socket.
socketpair $near, $far, AF_UNIX, SOCK_STREAM, PF_UNSPEC
    or die "socketpair: $!\n";
my $large = fork // die "fork: $!\n";
if (!$large) {
    close $far;
    POSIX::dup2(fileno $near, $_) for 0, 1;
    %ENV = (ECHO_BODY_MAX => $limit, REQUEST_METHOD => 'POST',
        CONTENT_LENGTH => 2_000_000);
    { no warnings 'exec'; exec { $echo } $echo }
    POSIX::_exit(127);
}
close $near;
{
    local $SIG{PIPE} = 'IGNORE';
    my $written = 0;
    while ($written < 2_000_000) {
        $written += syswrite($far, 'b' x 50_000) // last;
    }
    is $written, 2_000_000, 'a body over the limit is taken to its end';
    shutdown $far, 1;
    my $answer = do { local $/; <$far> } // '';
    like $answer, qr/^Status: \d+.*too large/s, '  and the answer arrives';
}
waitpid $large, 0;

# A server that has gone: nothing is left but to end.
my $pid = fork // die "fork: $!\n";
if (!$pid) {
    pipe my $gone, my $out or POSIX::_exit(126);
    close $gone;
    POSIX::dup2(fileno $out, 1);
    %ENV = (REQUEST_METHOD => 'GET', PATH_INFO => '/big');
    { no warnings 'exec'; exec { $echo } $echo }
    POSIX::_exit(127);
}
waitpid $pid, 0;
is $?, 0, 'a closed output does not kill it';

done_testing();
