# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The web server's end of FastCGI, byte by byte, so that a test can also do
# what no web server does.
#
#     my $responder = Fcgi->start($program, { NAME => 'value' });
#     my $conn = $responder->connect;
#     $conn->send(Fcgi::request({ keep => 1, body => 'a=b' },
#         REQUEST_METHOD => 'POST', CONTENT_LENGTH => 3));
#     my $answer = $conn->answer;      # { status, header, body, stderr, ... }
#     is $responder->stop, 0;

package Fcgi;

use strict;
use warnings;
use Fcntl qw(F_SETFD);
use File::Temp ();
use IO::Socket::UNIX;
use POSIX ();

use constant {
    BEGIN_REQUEST => 1, ABORT_REQUEST     => 2, END_REQUEST  => 3,
    PARAMS        => 4, STDIN_RECORD      => 5, STDOUT_RECORD => 6,
    STDERR_RECORD => 7, DATA              => 8, GET_VALUES   => 9,
    GET_VALUES_RESULT => 10, UNKNOWN_TYPE => 11,
    RESPONDER => 1, AUTHORIZER => 2, FILTER => 3,
};

# Seconds after which a test fails instead of hanging.
our $patience = 60;

sub record {
    my ($type, $id, $content, $padding) = @_;
    $content //= '';
    $padding //= 0;
    return pack('CCnnCC', 1, $type, $id, length $content, $padding, 0)
        . $content . "\0" x $padding;
}

sub begin {
    my ($id, %option) = @_;
    return record(BEGIN_REQUEST, $id,
        pack 'nCx5', $option{role} // RESPONDER, $option{keep} ? 1 : 0);
}

sub pair_length {
    my ($n) = @_;
    return $n < 128 ? chr $n : pack 'N', $n | 1 << 31;
}

# NAME, VALUE, ... in this order, repeated names too.
sub pairs {
    my @pairs = @_;
    my $bytes = '';
    while (my ($name, $value) = splice @pairs, 0, 2) {
        $bytes .= pair_length(length $name) . pair_length(length $value)
            . $name . $value;
    }
    return $bytes;
}

# A stream in records of at most $size bytes, and the empty one at its end.
sub stream {
    my ($type, $id, $bytes, $size) = @_;
    $size ||= 65535;
    my $records = '';
    for (my $at = 0; $at < length $bytes; $at += $size) {
        $records .= record($type, $id, substr $bytes, $at, $size);
    }
    return $records . record($type, $id);
}

# Options: id, keep, role, body, size (of the records of a stream).
sub request {
    my ($option, @pairs) = @_;
    my $id = $option->{id} // 1;
    return begin($id, %$option)
        . stream(PARAMS, $id, pairs(@pairs), $option->{size})
        . stream(STDIN_RECORD, $id, $option->{body} // '', $option->{size});
}

# Starts the program with a listening socket as its standard input.  The
# environment is the given one alone, with the PATH.
sub start {
    my ($class, $program, $env) = @_;
    my $dir    = File::Temp->newdir('fcgi-XXXXXX', TMPDIR => 1);
    my $socket = IO::Socket::UNIX->new(Local => "$dir/s", Listen => 512)
        or die "$dir/s: $!\n";
    my $self = bless { dir => $dir, path => "$dir/s" }, $class;
    $self->{pid} = _spawn($program, $env, fileno $socket, "$dir/stderr");
    return $self;
}

# Starts one more worker on a socket of any kind.
sub start_on {
    my ($class, $program, $env, $socket) = @_;
    my $dir  = File::Temp->newdir('fcgi-XXXXXX', TMPDIR => 1);
    my $self = bless { dir => $dir }, $class;
    $self->{pid} = _spawn($program, $env, fileno $socket, "$dir/stderr");
    return $self;
}

sub _spawn {
    my ($program, $env, $fd, $stderr) = @_;
    my $pid = fork // die "fork: $!\n";
    return $pid if $pid;
    POSIX::dup2($fd, 0);
    open STDERR, '>>', $stderr or POSIX::_exit(126);
    open STDOUT, '>', '/dev/null' or POSIX::_exit(126);
    %ENV = (PATH => $ENV{PATH}, %{ $env // {} });
    my @command = ref $program ? @$program : ($program);
    { no warnings 'exec'; exec { $command[0] } @command }
    POSIX::_exit(127);
}

sub pid { return $_[0]{pid} }

# What it wrote to its standard error.
sub stderr {
    my ($self) = @_;
    open my $fh, '<', "$self->{dir}/stderr" or return '';
    local $/;
    return <$fh> // '';
}

sub connect {
    my ($self) = @_;
    my $socket = IO::Socket::UNIX->new(Peer => $self->{path})
        or die "$self->{path}: $!\n";
    return Fcgi::Conn->new($socket);
}

sub signal { my ($self, $name) = @_; return kill $name, $self->{pid} }

# Waits for its end.  Returns the wait status, or undef when it does not end.
sub wait {
    my ($self) = @_;
    return $self->{status} if exists $self->{status};
    local $SIG{ALRM} = sub { die "alarm\n" };
    my $ended = eval {
        alarm $patience;
        waitpid $self->{pid}, 0;
        alarm 0;
        1;
    };
    return unless $ended;
    return $self->{status} = $?;
}

sub stop {
    my ($self, $name) = @_;
    $self->signal($name // 'TERM') unless exists $self->{status};
    return $self->wait;
}

sub alive { my ($self) = @_; return kill 0, $self->{pid} }

sub DESTROY {
    my ($self) = @_;
    return if exists $self->{status} || !$self->{pid};
    local ($?, $!);
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    return;
}

package Fcgi::Conn;

use strict;
use warnings;
use IO::Select;
use Time::HiRes ();

sub new {
    my ($class, $socket) = @_;
    $socket->blocking(0);
    return bless { socket => $socket, in => '' }, $class;
}

sub socket { return $_[0]{socket} }

# Sends all, reading meanwhile what comes back.  Returns whether it all went.
sub send {
    my ($self, $bytes, $size) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $select = IO::Select->new($self->{socket});
    for (my $at = 0; $at < length $bytes;) {
        my $n = syswrite $self->{socket}, $bytes, $size // 65536, $at;
        if (defined $n) { $at += $n; next }
        return 0 unless $!{EAGAIN};
        return 0 unless $select->can_write($Fcgi::patience);
    }
    return 1;
}

sub half_close { return shutdown $_[0]{socket}, 1 }
sub close { my ($self) = @_; return CORE::close delete $self->{socket} }

# Returns whether there was more to read, in time.
sub fill {
    my ($self, $patience) = @_;
    return 0 if $self->{eof};
    IO::Select->new($self->{socket})->can_read($patience // $Fcgi::patience)
        or return 0;
    my $n = sysread $self->{socket}, $self->{in}, 65536, length $self->{in};
    return 1 if $n;
    $self->{eof} = 1;
    return 0;
}

# Returns [type, id, content], or undef at the end of the connection.
sub record {
    my ($self) = @_;
    while (1) {
        my $have = length $self->{in};
        if ($have >= 8) {
            my (undef, $type, $id, $len, $padding) =
                unpack 'CCnnC', $self->{in};
            if ($have >= 8 + $len + $padding) {
                my $bytes = substr $self->{in}, 0, 8 + $len + $padding, '';
                return [$type, $id, substr $bytes, 8, $len];
            }
        }
        $self->fill or return;
    }
}

# Reads to the end of one request.  Returns undef when the connection ends
# before; else a hash with the id, the application's and the protocol's
# status, stderr, and the HTTP answer taken apart: status, header, body.
sub answer {
    my ($self) = @_;
    my %seen = (stdout => '', stderr => '');
    while (my $record = $self->record) {
        my ($type, $id, $content) = @$record;
        $seen{stdout} .= $content if $type == Fcgi::STDOUT_RECORD;
        $seen{stderr} .= $content if $type == Fcgi::STDERR_RECORD;
        next unless $type == Fcgi::END_REQUEST;
        @seen{qw(id app protocol)} = ($id, unpack 'NC', $content);
        return http(\%seen);
    }
    return;
}

sub http {
    my ($seen) = @_;
    my ($head, $body) = split /\r\n\r\n/, $seen->{stdout}, 2;
    for my $line (split /\r\n/, $head // '') {
        my ($name, $value) = split /:\s*/, $line, 2;
        push @{ $seen->{header}{ lc $name } }, $value;
    }
    $seen->{status} = ($seen->{header}{status}[0] // '') =~ /^(\d{3})/
        ? $1 : undef;
    $seen->{body} = $body // '';
    return $seen;
}

# Whether the other side closed, with nothing more to read.
sub ended {
    my ($self) = @_;
    my $until = Time::HiRes::time() + $Fcgi::patience;
    while (Time::HiRes::time() < $until) {
        return $self->{in} eq '' if $self->{eof};
        $self->fill;
    }
    return 0;
}

1;
