# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# An HTTP client that sends the bytes it is given, so that a test can also say
# what no HTTP library would.
#
#     my $conn = Http->connect($port);
#     $conn->send(Http::request(method => 'POST', path => '/x', body => 'a=b'));
#     my $answer = $conn->answer;    # { status, header, body, continued }
#
# A header is a list, since one may come twice: $answer->{header}{allow}[0].

package Http;

use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

# Seconds after which a test fails instead of hanging.
our $patience = 60;

sub connect {
    my ($class, $port) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $port, Timeout => $patience) or return;
    return bless { socket => $socket, in => '' }, $class;
}

# Options: method, path, version, host, header => [NAME, VALUE, ...], body.
# Content-Length is added to a body unless header has it or a transfer coding.
sub request {
    my %rq = (method => 'GET', path => '/', version => '1.1',
        host => 'localhost', header => [], @_);
    my @header = @{ $rq{header} };
    my %given = map { $_ % 2 ? () : (lc $header[$_] => 1) } 0 .. $#header;
    unshift @header, Host => $rq{host}
        if defined $rq{host} && !$given{host};
    push @header, 'Content-Length' => length $rq{body}
        if defined $rq{body} && !$given{'content-length'}
        && !$given{'transfer-encoding'};
    my $text = "$rq{method} $rq{path} HTTP/$rq{version}\r\n";
    while (my ($name, $value) = splice @header, 0, 2) {
        $text .= "$name: $value\r\n";
    }
    return "$text\r\n" . ($rq{body} // '');
}

# What arrives while sending is kept for answer().
sub send {
    my ($self, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $write = IO::Select->new($self->{socket});
    for (my $at = 0; $at < length $bytes;) {
        return 0 unless $write->can_write($patience);
        my $n = syswrite $self->{socket}, $bytes, 65536, $at;
        return 0 unless defined $n;
        $at += $n;
    }
    return 1;
}

sub half_close { my ($self) = @_; return shutdown $self->{socket}, 1 }
sub close { my ($self) = @_; return CORE::close delete $self->{socket} }

# Returns whether there was more to read, in time.
sub fill {
    my ($self) = @_;
    return 0 unless IO::Select->new($self->{socket})->can_read($patience);
    return sysread $self->{socket}, $self->{in}, 65536, length $self->{in};
}

# Take so many bytes, or all to the end; undef when they do not come.
sub take {
    my ($self, $len) = @_;
    while (!defined $len || length $self->{in} < $len) {
        next if $self->fill;
        return if defined $len;
        $len = length $self->{in};
    }
    return substr $self->{in}, 0, $len, '';
}

sub line {
    my ($self) = @_;
    until ($self->{in} =~ /\n/) { $self->fill or return }
    $self->{in} =~ s/^(.*?)\r?\n//s;
    return $1;
}

sub head {
    my ($self) = @_;
    my $line = $self->line;
    return unless defined $line && $line =~ m{^HTTP/1\.[01] (\d{3})};
    my %answer = (status => $1, header => {});
    while (defined($line = $self->line) && $line ne '') {
        my ($name, $value) = $line =~ /^([^:]+):\s*(.*?)\s*$/ or return;
        push @{ $answer{header}{ lc $name } }, $value;
    }
    return \%answer;
}

sub chunks {
    my ($self) = @_;
    my $body = '';
    while (1) {
        my $len = hex($self->line // return);
        $body .= $self->take($len) // return;
        $self->line;
        return $body if $len == 0;
    }
}

# Returns undef when none comes.  To HEAD there is an answer without a body.
sub answer {
    my ($self, $method) = @_;
    my ($answer, $continued);
    while ($answer = $self->head) {
        last if $answer->{status} >= 200;
        $continued = 1;
    }
    return unless $answer;
    $answer->{continued} = $continued;
    my $header = $answer->{header};
    if (($method // '') eq 'HEAD' || $answer->{status} == 204) {
        $answer->{body} = '';
    } elsif (lc($header->{'transfer-encoding'}[0] // '') eq 'chunked') {
        $answer->{body} = $self->chunks;
    } else {
        $answer->{body} = $self->take($header->{'content-length'}[0]);
    }
    return defined $answer->{body} ? $answer : undef;
}

1;
