# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# ccgrant in a private directory, made with the real command, and served as a
# web server serves it.
#
#     my $site   = Serve->new;
#     my $secret = $site->client('demo', '--role', 'order-batch');
#     $site->start('lighttpd');        # or cgi, or another of Serve::Server
#     my $answer = $site->token(basic => ['demo', $secret]);
#     is $answer->{json}{token_type}, 'Bearer';
#
# As root, all but the test itself runs as www-data, as in earnest.
# TRACEME=valgrind, strace or gdb wraps the responder.

package Serve;

use strict;
use warnings;
use File::Copy ();
use File::Temp ();
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use POSIX ();
use Scalar::Util qw(weaken);
use Test::More ();
use Time::HiRes ();
use Http;
use Serve::Server;

our @ISA = ('Serve::Server');
our $builddir = $ENV{BUILDDIR} // '.';
our $srcdir   = $ENV{SRCDIR}   // '.';
my @sites;    # of this test, to be stopped at its end

# A test that is told to end stops what it started.
$SIG{$_} //= sub { exit 1 } for qw(INT TERM HUP);

my $policy = <<'END';
resources = (
  { audience = "https://api.example.org/orders";
    scopes = [ "orders.read", "orders.write" ]; },
  { audience = "https://api.example.org/bills";
    scopes = [ "bills.read" ]; lifetime = 600; alg = "RS256"; },
  { audience = "https://api.example.org/search?v=2"; scopes = [ "search" ]; }
);
roles = ( { name = "order-batch"; scopes = [ "orders.read", "orders.write" ]; },
          { name = "bill-batch"; scopes = [ "bills.read" ]; },
          { name = "searcher"; scopes = [ "search" ]; } );
END

# Options: issuer; resources, instead of those above and their roles; policy,
# more lines for the end of the policy file; limits, in place of none on who
# fails to authenticate, as tests do; init, 0 for a site without state.
sub new {
    my ($class, %option) = @_;
    my $root = $> == 0;
    my $dir  = File::Temp->newdir('ccgrant-XXXXXX',
        $root ? (DIR => '/tmp') : (TMPDIR => 1));
    my $self = bless { dir => "$dir", temp => $dir, owner => $$,
        issuer => $option{issuer} // 'https://as.example.org' }, $class;
    weaken($sites[@sites] = $self);
    ($self->{uid}, $self->{gid}) = (getpwnam 'www-data')[2, 3] if $root;
    $self->own($self->{dir});
    $self->make_dir($_) for qw(bin www run log web);
    $self->put_programs;
    $self->put('ccgrant.conf', "issuer = \"$self->{issuer}\";\n"
        . "state = \"state\";\n" . ($option{resources} // $policy)
        . ($option{policy} // '')
        . ($option{limits} // "limits : { lockout = false; };\n"));
    $self->ctl('init') unless defined $option{init} && !$option{init};
    return $self;
}

sub dir    { return $_[0]{dir} }
sub policy { return "$_[0]{dir}/ccgrant.conf" }

sub own {
    my ($self, @files) = @_;
    return unless defined $self->{uid};
    chown $self->{uid}, $self->{gid}, @files or die "chown @files: $!\n";
    return;
}

sub make_dir {
    my ($self, $name) = @_;
    mkdir "$self->{dir}/$name" or die "$self->{dir}/$name: $!\n";
    return $self->own("$self->{dir}/$name");
}

sub put {
    my ($self, $name, $text, $mode) = @_;
    my $file = "$self->{dir}/$name";
    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $text;
    close $fh or die "$file: $!\n";
    chmod $mode // 0644, $file;
    $self->own($file);
    return $file;
}

sub slurp {
    my ($file) = @_;
    open my $fh, '<:raw', $file or return;
    local $/;
    return <$fh>;
}

sub put_programs {
    my ($self) = @_;
    for my $name (qw(ccgrant ccgrant.fcgi ccgrant-fetch)) {
        my $to = "$self->{dir}/bin/$name";
        File::Copy::copy("$builddir/$name", $to)
            or die "$builddir/$name: $!\n";
        chmod 0755, $to;
    }
    for my $name (qw(index.html .htaccess)) {
        $self->put("www/$name", slurp("$srcdir/www/$name"));
    }
    return unless $ENV{TRACEME};
    my $program = "$self->{dir}/bin/ccgrant.fcgi";
    rename $program, "$program.real" or die "$program: $!\n";
    $self->put('bin/ccgrant.fcgi', _wrapper($ENV{TRACEME}, $self->{dir}), 0755);
    return;
}

sub _wrapper {
    my ($tool, $dir) = @_;
    my %tool = (
        valgrind => "valgrind --quiet --leak-check=full"
            . " --errors-for-leak-kinds=definite --log-file=$dir/log/trace.%p",
        strace => "strace -D -ff -o $dir/log/trace",
        gdb    => 'gdb -batch -ex run -ex bt --args',
    );
    my $command = $tool{$tool} or die "TRACEME is valgrind, strace or gdb\n";
    my $out = $tool eq 'gdb' ? " >$dir/log/trace 2>&1" : '';
    return "#!/bin/sh\nexec $command $dir/bin/ccgrant.fcgi.real$out\n";
}

# For a child: become the owner of the directory.
sub become {
    my ($self) = @_;
    return unless defined $self->{uid};
    local $!;
    $) = "$self->{gid} $self->{gid}";
    POSIX::setgid($self->{gid});
    POSIX::setuid($self->{uid});
    POSIX::_exit(126) if $< != $self->{uid} || $> != $self->{uid};
    return;
}

# The same as words before a command.
sub command {
    my ($self, @command) = @_;
    return @command unless defined $self->{uid};
    return ('setpriv', "--reuid=$self->{uid}", "--regid=$self->{gid}",
        '--clear-groups', '--', @command);
}

# Starts a process in the directory; its output goes to log/NAME.
sub spawn {
    my ($self, $name, $stdin, @command) = @_;
    my $log = "$self->{dir}/log/$name";
    my $pid = fork // die "fork: $!\n";
    if ($pid) {
        push @{ $self->{pids} }, $pid;
        return $pid;
    }
    # Apache's prefork tells its whole process group to end.
    POSIX::setpgid(0, 0);
    if (defined $stdin) { POSIX::dup2($stdin, 0) }
    else                { open STDIN, '<', '/dev/null' }
    $self->become;
    open STDOUT, '>>', $log or POSIX::_exit(126);
    open STDERR, '>&', \*STDOUT or POSIX::_exit(126);
    chdir $self->{dir};
    %ENV = (PATH => "$ENV{PATH}:/usr/sbin:/sbin",
        $self->{env} ? %{ $self->{env} } : ());
    { no warnings 'exec'; exec { $command[0] } @command }
    POSIX::_exit(127);
}

# Runs ccgrant.  Returns exit status, output, errors.
sub try_ctl {
    my ($self, @args) = @_;
    my $input = ref $args[0] ? ${ shift @args } : undef;
    my $file  = File::Temp->new(TEMPLATE => 'ctl-XXXXXX', TMPDIR => 1);
    print $file $input // '';
    $file->flush;
    my $name = 'ctl.' . ++$self->{calls};
    open my $stdin, '<', "$file" or die "$file: $!\n";
    my $out = "$self->{dir}/run/$name";
    my $pid = $self->spawn('ctl', fileno $stdin, 'sh', '-c',
        'out=$1; shift; exec "$@" >"$out" 2>"$out.err"', 'sh', $out,
        "$self->{dir}/bin/ccgrant", '-c', $self->policy, @args);
    waitpid $pid, 0;
    my $status = $?;
    @{ $self->{pids} } = grep { $_ != $pid } @{ $self->{pids} };
    my @said = map { slurp($_) // '' } $out, "$out.err";
    unlink $out, "$out.err";
    return ($status >> 8, @said);
}

# The same with --json, decoded; dies when it is refused.
sub ctl {
    my ($self, @args) = @_;
    my @input = ref $args[0] ? shift @args : ();
    my ($status, $out, $err) = $self->try_ctl(@input, '--json', @args);
    die "ccgrant @args: exit status $status: $out$err\n" if $status != 0;
    return $out =~ /\S/ ? JSON::PP->new->utf8->decode($out) : undef;
}

# Makes a client; returns its secret.
sub client {
    my ($self, $id, @options) = @_;
    return $self->ctl('client', 'add', $id, @options)->{client_secret};
}

# Makes a client with a secret that somebody chose.
sub client_with {
    my ($self, $id, $secret, @options) = @_;
    $self->ctl(\$secret, 'client', 'add', $id, '--secret-file', '-',
        @options);
    return $secret;
}

sub escape {
    my ($text) = @_;
    utf8::encode($text) if utf8::is_utf8($text);
    $text =~ s/([^A-Za-z0-9._~ -])/sprintf '%%%02X', ord $1/ge;
    $text =~ tr/ /+/;
    return $text;
}

sub form {
    my @pairs = @_;
    my @text;
    while (my ($name, $value) = splice @pairs, 0, 2) {
        push @text, escape($name) . '=' . escape($value);
    }
    return join '&', @text;
}

sub basic {
    my ($id, $secret) = @_;
    return 'Basic ' . encode_base64(escape($id) . ':' . escape($secret), '');
}

# What request() wants for a token request.  Options: basic => [id, secret],
# auth (the header as it is), form => [...] or body (as it is), type, header,
# method, path, and those of connect().
sub token_request {
    my (%rq) = @_;
    my @header = @{ $rq{header} // [] };
    my $auth = $rq{basic} ? basic(@{ $rq{basic} }) : $rq{auth};
    my $type = exists $rq{type} ? $rq{type}
        : 'application/x-www-form-urlencoded';
    unshift @header, Authorization  => $auth if defined $auth;
    unshift @header, 'Content-Type' => $type if defined $type;
    my $body = exists $rq{body} ? $rq{body}
        : form(@{ $rq{form} // [grant_type => 'client_credentials'] });
    return (method => $rq{method} // 'POST',
        path => $rq{path} // '/oauth2/v1/token',
        body => $body, header => \@header,
        map { exists $rq{$_} ? ($_ => $rq{$_}) : () }
            qw(host version env tls from));
}

sub token {
    my ($self, %rq) = @_;
    return $self->request(token_request(%rq));
}

sub get {
    my ($self, $path, @more) = @_;
    return $self->request(method => 'GET', path => $path, @more);
}

# The answer with its body decoded, in json, when it is an object of JSON.
sub request {
    my ($self, %rq) = @_;
    my $answer = $self->{kind} eq 'cgi'
        ? $self->cgi(Serve::Tls::cgi(%rq)) : do {
        my $conn = $self->connect(%rq);
        $conn && ($conn->send(Http::request(%rq)),
            $conn->answer($rq{method}))[1];
    };
    return decode($answer // { status => 0, header => {}, body => '' });
}

sub decode {
    my ($answer) = @_;
    my $json = eval { JSON::PP->new->utf8->decode($answer->{body}) };
    $answer->{json} = $json if ref $json eq 'HASH';
    return $answer;
}

# Options: tls, a reference to those of Serve::Tls::connect(), for the port of
# that kind; from, the address to come from.
sub connect {
    my ($self, %rq) = @_;
    return Serve::Tls->connect($self, %{ $rq{tls} }) if $rq{tls};
    return Http->connect($self->{port}) unless $rq{from};
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $self->{port}, LocalAddr => $rq{from},
        Timeout => $Http::patience) or return;
    return bless { socket => $socket, in => '' }, 'Http';
}

# Waits until the code is true; returns what it returned, or false.  A machine
# that others use, too, can stand still for many seconds.
sub wait_for {
    my ($code, $seconds) = @_;
    my $until = Time::HiRes::time() + ($seconds // 60);
    while (1) {
        my $value = $code->();
        return $value if $value || Time::HiRes::time() > $until;
        Time::HiRes::sleep(0.02);
    }
}

# What the servers, the responder and the command wrote.
sub log_text {
    my ($self) = @_;
    return join '', map { slurp($_) // '' } sort glob "$self->{dir}/log/*";
}

sub show_logs {
    my ($self) = @_;
    for my $file (sort glob "$self->{dir}/log/*") {
        my @lines = split /\n/, slurp($file) // '';
        next unless @lines;
        splice @lines, 0, @lines - 40 if @lines > 40;
        Test::More::diag(join "\n", "-- the end of $file", @lines);
    }
    return;
}

sub finish {
    my ($self) = @_;
    return if $self->{owner} != $$ || $self->{finished}++;
    local ($?, $!, $@);
    $self->stop;
    $self->show_logs if !Test::More->builder->is_passing || $ENV{TRACEME};
    return;
}

sub DESTROY { my ($self) = @_; return $self->finish }

END { $_->finish for grep { defined } @sites }

1;
