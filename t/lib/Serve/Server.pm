# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The part of Serve that starts and stops: plain CGI without a server, and the
# real web servers with the snippets that are shipped, in which nothing but
# paths is replaced.

package Serve::Server;

use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(WNOHANG);
use Time::HiRes ();
use Serve::Tls;

# kind => [program, snippet, main configuration, signal that reloads, modules]
my @apache = qw(authz_core alias dir headers mime);
my %server = (
    'lighttpd'     => ['lighttpd', 'lighttpd.conf', \&lighttpd_conf, 'USR1'],
    'nginx'        => ['nginx', 'nginx.conf', \&nginx_conf, 'HUP'],
    'apache-fcgid' => ['apache2', 'apache.conf', \&apache_conf, 'USR1',
        @apache, qw(mpm_event fcgid)],
    'apache-proxy-fcgi' => ['apache2', 'apache-proxy-fcgi.conf',
        \&apache_conf, 'USR1', @apache, qw(mpm_event proxy proxy_fcgi)],
    'htaccess-fcgid' => ['apache2', 'htaccess', \&htaccess_conf, 'USR1',
        @apache, qw(mpm_event setenvif rewrite fcgid)],
    'htaccess-cgid' => ['apache2', 'htaccess-cgi', \&htaccess_conf, 'USR1',
        @apache, qw(mpm_event setenvif rewrite cgid)],
    'htaccess-cgi' => ['apache2', 'htaccess-cgi', \&htaccess_conf, 'USR1',
        @apache, qw(mpm_prefork setenvif rewrite cgi)],
);
our $modules = '/usr/lib/apache2/modules';

sub find_program {
    my ($name) = @_;
    my ($found) = grep { -x } map {"$_/$name"} split(/:/, $ENV{PATH}),
        qw(/usr/sbin /sbin);
    return $found;
}

# Why this kind of server cannot be had here, or undef.
sub missing {
    my ($class, $kind) = @_;
    return if $kind eq 'cgi';
    my ($program, undef, undef, undef, @modules) = @{ $server{$kind} };
    return "$program is not installed" unless find_program($program);
    for my $module (@modules) {
        return "Apache's mod_$module is not installed"
            unless -e "$modules/mod_$module.so";
    }
    return;
}

# The first that can be had, for tests that need some server; or undef.
sub any {
    my ($class) = @_;
    my ($kind) = grep { !$class->missing($_) }
        qw(lighttpd nginx apache-fcgid);
    return $kind;
}

# The shipped file with the paths of this site.  edit, a function, may change
# the text further.
sub snippet {
    my ($self, $name, $edit) = @_;
    my $dir  = $self->{dir};
    my $text = Serve::slurp("$Serve::srcdir/etc/$name");
    $text =~ s{/usr/local/libexec/ccgrant}{$dir/bin}g;
    $text =~ s{/usr/local/etc/ccgrant}{$dir}g;
    $text =~ s{/usr/local/share/ccgrant}{$dir}g;
    $text =~ s{/run/(?:lighttpd|ccgrant)/}{$dir/run/}g;
    $text =~ s{/home/me/ccgrant/ccgrant\.fcgi}{$dir/bin/ccgrant.fcgi}g;
    $text =~ s{/home/me/ccgrant}{$dir}g;
    $text = $edit->($text) if $edit;
    return $self->put("run/$name", $text);
}

sub lighttpd_conf {
    my ($self, $snippet) = @_;
    my $dir = $self->{dir};
    my $tls = $self->{tls_port} ? Serve::Tls::lighttpd($self, $snippet) : '';
    $self->put('run/server.conf', <<"END");
server.bind = "127.0.0.1"
server.port = $self->{port}
server.document-root = "$dir/web"
server.errorlog = "$dir/log/lighttpd"
server.modules = ( "mod_alias", "mod_fastcgi" )
${tls}include "$snippet"
END
    return ('-D', '-f', "$dir/run/server.conf");
}

sub nginx_conf {
    my ($self, $snippet) = @_;
    my $dir  = $self->{dir};
    my $http = ${ $self->{option}{http} // \'' };
    my $tls  = $self->{tls_port} ? Serve::Tls::nginx($self, $snippet) : '';
    my $temp = join ' ', map {"${_}_temp_path $dir/run/$_;"}
        qw(client_body fastcgi proxy scgi uwsgi);
    $self->put('run/server.conf', <<"END");
daemon off;
worker_processes 2;
pid $dir/run/nginx.pid;
error_log $dir/log/nginx notice;
events { worker_connections 512; }
http {
    access_log off;
    $temp
    $http
    server {
        listen 127.0.0.1:$self->{port};
        server_name localhost;
        root $dir/web;
        $tls
        include $snippet;
    }
}
END
    return ('-e', "$dir/log/nginx", '-c', "$dir/run/server.conf");
}

sub apache_main {
    my ($self, $text) = @_;
    my $dir  = $self->{dir};
    my $load = join "\n", map {"LoadModule ${_}_module $modules/mod_$_.so"}
        @{ $server{ $self->{kind} } }[4 .. $#{ $server{ $self->{kind} } }];
    my $own = $load =~ /fcgid/
        ? "FcgidIPCDir $dir/run\nFcgidProcessTableFile $dir/run/fcgid\n"
            . "Mutex pthread fcgid-pipe\nMutex pthread fcgid-proctbl\n"
        : $load =~ /cgid/ ? "ScriptSock $dir/run/cgid.sock\n" : '';
    $self->put('run/server.conf', <<"END");
ServerRoot $dir
ServerName localhost
Listen 127.0.0.1:$self->{port}
PidFile $dir/run/apache.pid
DefaultRuntimeDir $dir/run
$load
Mutex file:$dir/run default
TypesConfig /etc/mime.types
ErrorLog $dir/log/apache
DocumentRoot $dir/web
$own
<Directory />
    Require all denied
    AllowOverride None
</Directory>
<Directory $dir/web>
    Require all granted
</Directory>
$text
END
    return ('-D', 'FOREGROUND', '-f', "$dir/run/server.conf");
}

sub apache_conf {
    my ($self, $snippet) = @_;
    my $tls = $self->{tls_port} ? Serve::Tls::apache($self, $snippet) : '';
    return apache_main($self, "Include $snippet\n$tls") unless
        $self->{option}{vhost};
    return apache_main($self, $tls . <<"END");
<VirtualHost 127.0.0.1:$self->{port}>
Include $snippet
</VirtualHost>
END
}

# The lines that the comment of the file says to write elsewhere: paragraphs
# that are indented.
sub quoted_lines {
    my ($text) = @_;
    my @paragraph = ('');
    for my $line (split /\n/, $text) {
        if ($line =~ /^# {5}(.*)/) { $paragraph[-1] .= "$1\n" }
        elsif ($paragraph[-1] ne '') { push @paragraph, '' }
    }
    return @paragraph;
}

# Somebody's web space: nothing but what the comment of the file says.
sub htaccess_conf {
    my ($self, $snippet) = @_;
    my $text = Serve::slurp($snippet);
    my ($script, $top) = quoted_lines($text);
    -d "$self->{dir}/$_" or $self->make_dir($_)
        for qw(web/oauth2 web/oauth2/v1);
    $self->put('web/.htaccess', $top);
    $self->put('web/oauth2/v1/.htaccess', $text);
    $self->put('web/oauth2/v1/ccgrant.fcgi', $script, 0755);
    $self->put('web/oauth2/v1/index.html',
        Serve::slurp("$self->{dir}/www/index.html"));
    return apache_main($self, <<"END");
<Directory $self->{dir}/web>
    AllowOverride FileInfo Options
</Directory>
END
}

sub free_ports {
    my ($n) = @_;
    my @sockets = map { IO::Socket::INET->new(Listen => 1,
        LocalAddr => '127.0.0.1') || die "no port: $!\n" } 1 .. $n;
    return map { $_->sockport } @sockets;
}

# Two workers on one socket, as spawn-fcgi or systemd would have them.
sub start_workers {
    my ($self, $n) = @_;
    my $path = "$self->{dir}/run/ccgrant.sock";
    unlink $path;
    my $socket = IO::Socket::UNIX->new(Local => $path, Listen => 512)
        or die "$path: $!\n";
    chmod 0660, $path;
    $self->own($path);
    local $self->{env} = { CCGRANT_CONFIG => $self->policy };
    return map { $self->spawn('responder', fileno $socket,
        "$self->{dir}/bin/ccgrant.fcgi") } 1 .. $n;
}

# Options: workers; edit, of the snippet; vhost, to include it in one; http, a
# reference to lines for nginx's http block, read when edit is done; tls, for
# a second port that asks for certificates (Serve::Tls).
sub start {
    my ($self, $kind, %option) = @_;
    $self->stop;
    @$self{qw(kind option)} = ($kind, \%option);
    return $self if $kind eq 'cgi';
    my ($program, $snippet, $conf) = @{ $server{$kind} };
    $self->{workers} = [$self->start_workers($option{workers} // 2)]
        if $kind =~ /^(?:nginx|apache-proxy-fcgi)$/;
    for my $try (1 .. 5) {
        @$self{qw(port tls_port)} = free_ports($option{tls} ? 2 : 1);
        my @args = $conf->($self, $self->snippet($snippet, $option{edit}));
        $self->{server} = $self->spawn("$kind.out", undef,
            find_program($program), @args);
        my $end = Serve::wait_for(sub { $self->look }) || 'no answer';
        return $self if $end eq 'ready';
        my $why = $self->log_text;
        $self->end_process($self->{server});
        next if $why =~ /already in use/i;
        $self->show_logs;
        die "$program did not come up: $end\n";
    }
    die "no free port for $program\n";
}

sub look {
    my ($self) = @_;
    return 'it ended' if waitpid($self->{server}, WNOHANG) != 0;
    my $conn = $self->connect or return;
    $conn->send(Http::request(path => '/oauth2/v1/health'));
    my $answer = $conn->answer or return;
    return 'ready' if $answer->{status} == 200;
    return "health is $answer->{status}: $answer->{body}";
}

# Restart gracefully, as an administrator does after a change.
sub reload {
    my ($self) = @_;
    return kill $server{ $self->{kind} }[3], $self->{server};
}

# Ask a process to end; after ten seconds, make it.
sub end_process {
    my ($self, $pid) = @_;
    @{ $self->{pids} } = grep { $_ != $pid } @{ $self->{pids} };
    return if waitpid($pid, WNOHANG) != 0;
    kill 'TERM', $pid;
    return if Serve::wait_for(sub { waitpid($pid, WNOHANG) != 0 }, 10);
    kill 'KILL', $pid;
    waitpid $pid, 0;
    return;
}

sub stop {
    my ($self) = @_;
    $self->end_process($_) for reverse @{ $self->{pids} // [] };
    delete @$self{qw(server workers port tls_port)};
    return;
}

# The variables of a request as a web server sets them (RFC 3875, 4.1).
sub cgi_environment {
    my (%rq) = @_;
    my ($path, $query) = split /\?/, $rq{path}, 2;
    my $script = $path =~ s{^(/oauth2/v1)(?=/)}{} ? $1 : '';
    my @header = (Host => 'localhost', @{ $rq{header} // [] });
    my %env;
    while (my ($name, $value) = splice @header, 0, 2) {
        my $var = 'HTTP_' . uc $name =~ tr/-/_/r;
        $env{$var} = defined $env{$var} ? "$env{$var}, $value" : $value;
    }
    my $type = delete $env{HTTP_CONTENT_TYPE};
    my $length = delete $env{HTTP_CONTENT_LENGTH}
        // (defined $rq{body} ? length $rq{body} : undef);
    return (%env, GATEWAY_INTERFACE => 'CGI/1.1', REMOTE_ADDR => '127.0.0.1',
        REQUEST_METHOD => $rq{method}, QUERY_STRING => $query // '',
        SERVER_PROTOCOL => 'HTTP/1.1', SERVER_NAME => 'localhost',
        SERVER_PORT => 80, SERVER_SOFTWARE => 'test',
        SCRIPT_NAME => $script eq '' ? $path : $script,
        PATH_INFO => $script eq '' ? '' : $path,
        defined $type   ? (CONTENT_TYPE   => $type)   : (),
        defined $length ? (CONTENT_LENGTH => $length) : ());
}

# One request by plain CGI.  env adds variables.
sub cgi {
    my ($self, %rq) = @_;
    my $dir = $self->{dir};
    open my $body, '+>', undef or die "no file: $!\n";
    print $body $rq{body} // '';
    $body->flush;
    sysseek $body, 0, 0;
    my $out = "$dir/run/cgi." . ++$self->{calls};
    local $self->{env} = { cgi_environment(%rq), %{ $rq{env} // {} },
        CCGRANT_CONFIG => $self->policy };
    my $pid = $self->spawn('cgi', fileno $body, 'sh', '-c', 'exec "$0" >"$1"',
        "$dir/bin/ccgrant.fcgi", $out);
    waitpid $pid, 0;
    @{ $self->{pids} } = grep { $_ != $pid } @{ $self->{pids} };
    my ($head, $text) = split /\r\n\r\n/, Serve::slurp($out) // '', 2;
    unlink $out;
    my %answer = (header => {}, body => $text // '');
    for my $line (split /\r\n/, $head // '') {
        my ($name, $value) = split /:\s*/, $line, 2;
        push @{ $answer{header}{ lc $name } }, $value;
    }
    ($answer{status}) = (delete($answer{header}{status}) // [0])->[0]
        =~ /^(\d+)/;
    return \%answer;
}

1;
