# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The part of Serve that has to do with TLS: a listener whose lines about
# client certificates are those that the comment of the shipped snippet says to
# write, and connections to it through "openssl s_client", which a test can
# use as those of Http.
#
#     $site->start('nginx', tls => 1);
#     $site->token(basic => [...], tls => { cert => $pem, key => $key });

package Serve::Tls;

use strict;
use warnings;
use POSIX ();
use Socket;
use Http;

our @ISA = ('Http');

#
# The listener.
#

# A key and a certificate for localhost; returns their files.
sub server_files {
    my ($site) = @_;
    my @file = map {"$site->{dir}/run/localhost.$_"} qw(key crt);
    return @file if -e $file[1];
    my @command = (qw(openssl req -x509 -newkey ec -pkeyopt
        ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext),
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
        -keyout => $file[0], -out => $file[1]);
    my $log = "$site->{dir}/log/openssl";
    system('sh', '-c', 'log=$1; shift; exec "$@" 2>"$log"', 'sh', $log,
        @command) == 0 or die "openssl req failed: see $log\n";
    $site->own(@file);
    return @file;
}

# What the snippet says to write; the option tls may be a function that
# changes it.
sub quoted {
    my ($site, $snippet) = @_;
    my ($lines) = grep {/verify_?client/i} Serve::Server::quoted_lines(
        Serve::slurp($snippet)) or die "$snippet tells of no certificates\n";
    my $edit = $site->{option}{tls};
    return ref $edit ? $edit->($lines) : $lines;
}

sub lighttpd {
    my ($site, $snippet) = @_;
    my ($key, $crt) = server_files($site);
    my $lines = quoted($site, $snippet);
    return <<"END";
server.modules += ( "mod_openssl" )
\$SERVER["socket"] == "127.0.0.1:$site->{tls_port}" {
ssl.engine = "enable"
ssl.pemfile = "$crt"
ssl.privkey = "$key"
$lines
}
END
}

sub nginx {
    my ($site, $snippet) = @_;
    my ($key, $crt) = server_files($site);
    my $lines = quoted($site, $snippet);
    return <<"END";
listen 127.0.0.1:$site->{tls_port} ssl;
ssl_certificate $crt;
ssl_certificate_key $key;
$lines
END
}

sub apache {
    my ($site, $snippet) = @_;
    my ($key, $crt) = server_files($site);
    my $lines = quoted($site, $snippet);
    my $load = join "\n",
        map {"LoadModule ${_}_module $Serve::Server::modules/mod_$_.so"}
        qw(socache_shmcb ssl);
    return <<"END";
$load
SSLSessionCache shmcb:$site->{dir}/run/ssl_scache(512000)
Listen 127.0.0.1:$site->{tls_port}
<VirtualHost 127.0.0.1:$site->{tls_port}>
SSLEngine on
SSLCertificateFile $crt
SSLCertificateKeyFile $key
$lines
</VirtualHost>
END
}

# The same request for plain CGI, with variables as a server sets them.
sub cgi {
    my (%rq) = @_;
    my ($tls, $from) = @rq{qw(tls from)};
    my $cert = $tls && $tls->{cert};
    $rq{env} = { $tls ? (HTTPS => 'on') : (),
        $cert ? (SSL_CLIENT_VERIFY => 'SUCCESS',
            SSL_CLIENT_CERT => Serve::slurp($cert)) : (),
        $from ? (REMOTE_ADDR => $from) : (), %{ $rq{env} // {} } };
    return %rq;
}

#
# Connections.
#

# Options: cert and key, files; chain, a file of intermediates to send;
# version, "1.2" or "1.3"; session_in and session_out, files of sessions; told,
# for version() and is_resumed() after the first and only answer.
sub connect {
    my ($class, $site, %option) = @_;
    socketpair my $here, my $there, AF_UNIX, SOCK_STREAM, PF_UNSPEC
        or die "socketpair: $!\n";
    my @args = ('-connect', "127.0.0.1:$site->{tls_port}",
        $option{told} ? '-ign_eof' : '-quiet', qw(-servername localhost
        -verify_return_error -CAfile), (server_files($site))[1],
        $option{version} ? '-tls' . $option{version} =~ tr/./_/r : (),
        map { my $name = $_ eq 'chain' ? 'cert_chain' : $_ =~ s/ion_/_/r;
            defined $option{$_} ? ("-$name", $option{$_}) : () }
            qw(cert key chain session_in session_out));
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        POSIX::dup2(fileno $there, $_) for 0, 1;
        open STDERR, '>>', "$site->{dir}/log/s_client" or POSIX::_exit(126);
        { no warnings 'exec'; exec 'openssl', 's_client', @args }
        POSIX::_exit(127);
    }
    return bless { socket => $here, in => '', pid => $pid, owner => $$,
        told => '', talks => $option{told} }, $class;
}

# What s_client tells comes before the answer, or in part behind it.
sub line {
    my ($self) = @_;
    while ($self->{talks}) {
        $self->{talks} = 0, $self->{told} = $1
            if $self->{in} =~ s{\A(.*?)(?=HTTP/1\.1 \d)}{}s;
        last if !$self->{talks};
        $self->fill or return;
    }
    return $self->SUPER::line;
}

# "TLSv1.3".
sub version { return $_[0]{told} =~ /^(?:New|Reused), (TLSv1\.\d)/m && $1 }
sub is_resumed { return $_[0]{told} =~ /^Reused, /m ? 1 : 0 }

sub DESTROY {
    my ($self) = @_;
    return if $self->{owner} != $$;
    local ($?, $!, $@);
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    return;
}

1;
