# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# A host on loopback that publishes the keys of clients over HTTPS, with
# certificates of its own, good and bad; and does what hosts should not do.
#
#     my $host = KeyHost->new($directory);         # made, and still empty
#     $host->publish('set', '{"keys":[]}');
#     $host->url('good', '/set');      # kind of certificate, path
#     $host->ca;                       # file of the authority of the good ones
#     $host->count;                    # requests since the last time
#     $host->behave('down');           # or slow, or ''
#
# Where a piece is missing, new() dies: ask missing() before.

package KeyHost;

use strict;
use warnings;
use IPC::Open2 qw(open2);
use JSON::PP ();

my $python = '/usr/bin/python3';

# What is at each path: a file of the directory, or one of these.
my $program = <<'END';
import http.server, json, os, socket, ssl, sys, threading, time

top = sys.argv[1]
LIMIT = 49152

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *arguments):
        pass

    def behaviour(self):
        with open(os.path.join(top, 'behaviour')) as file:
            return file.read()

    def send(self, status, body=b'', more=()):
        self.send_response(status)
        for name, value in more:
            self.send_header(name, value)
        self.send_header('Content-Type', 'application/jwk-set+json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def endless(self):
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b' ')
            time.sleep(0.1)

    def chunks(self, n):
        self.send_response(200)
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        for _ in range(n // 1024):
            self.wfile.write(b'400\r\n' + b' ' * 1024 + b'\r\n')
        self.wfile.write(b'0\r\n\r\n')

    def special(self, name):
        here = '%s:%d' % (self.headers['Host'].rsplit(':', 1)[0],
                          self.server.server_address[1])
        if name.startswith('to/'):
            _, status, url = name.split('/', 2)
            self.send(int(status), b'x' * 60000,
                      [('Location', url.replace('HERE', here))])
        elif name.startswith('status/'):
            self.send(int(name[7:]), b'{"keys":[]}')
        elif name.startswith('bytes/'):
            self.send(200, b' ' * int(name[6:]))
        elif name.startswith('chunks/'):
            self.chunks(int(name[7:]))
        elif name == 'endless':
            self.endless()
        elif name == 'nowhere':
            self.send(302)
        elif name == 'request':
            self.send(200, self.raw_requestline + str(self.headers).encode())
        elif name == 'cut':
            self.send_response(200)
            self.send_header('Content-Length', '100')
            self.end_headers()
            self.wfile.write(b'{"keys":[')
            self.close_connection = True
        elif name == 'garbage':
            self.wfile.write(b'\0\1\2\r\n\r\n')
            self.close_connection = True
        else:
            return False
        return True

    def do_GET(self):
        name = self.path[1:]
        with open(os.path.join(top, 'requests'), 'a') as file:
            file.write(self.path + '\n')
        behaviour = self.behaviour()
        if behaviour == 'slow':
            time.sleep(0.2)
        if behaviour == 'down':
            self.close_connection = True
        elif not self.special(name):
            try:
                with open(os.path.join(top, name), 'rb') as file:
                    self.send(200, file.read())
            except OSError:
                self.send(404)

class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *arguments):
        pass

class Server6(Server):
    address_family = socket.AF_INET6

def listen(kind, server, address, certificate=None, old=False):
    server = server((address, 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if old:
            context.set_ciphers('DEFAULT:@SECLEVEL=0')
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.load_cert_chain(os.path.join(top, certificate + '.pem'),
                                os.path.join(top, certificate + '.key'))
        # The handshake is the thread's.
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]

ports = {kind: listen(kind, Server, '127.0.0.1', kind)
         for kind in ('good', 'other', 'expired', 'early', 'stranger')}
ports['second'] = listen('second', Server, '127.0.0.1', 'good')
ports['plain'] = listen('plain', Server, '127.0.0.1')
ports['old'] = listen('old', Server, '127.0.0.1', 'good', old=True)
try:
    ports['six'] = listen('six', Server6, '::1', 'good')
except OSError:
    pass
print(json.dumps(ports), flush=True)
sys.stdin.read()
END

# Why there can be no such host here, or undef.
sub missing {
    return "no $python" unless -x $python;
    return "$python has no ssl" if system("$python -c 'import ssl'") != 0;
    return 'no openssl' if system('openssl version >/dev/null 2>&1') != 0;
    return;
}

sub _put {
    my ($file, $text) = @_;
    open my $fh, '>:raw', "$file.new" or die "$file: $!\n";
    print $fh $text;
    close $fh or die "$file: $!\n";
    rename "$file.new", $file or die "$file: $!\n";
    return $file;
}

sub _openssl {
    my ($dir, @args) = @_;
    open my $out, '-|', 'sh', '-c', 'cd "$0" && exec openssl "$@" 2>&1', $dir,
        @args or die "openssl: $!\n";
    my $said = do { local $/; <$out> } // '';
    close $out or die "openssl @args: $said\n";
    return;
}

my $request = <<'END';
[req]
prompt = no
distinguished_name = dn
[dn]
CN = %s
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:false
subjectAltName = %s
[own]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
x509_extensions = leaf
[any]
commonName = supplied
END

# A certificate of the authority for these names, between two times.
sub _certify {
    my ($dir, $name, $ca, $for, $from, $to) = @_;
    _put("$dir/$name.cnf", sprintf $request, $name, $for);
    _put("$dir/index", '');
    _put("$dir/serial", "01\n") unless -e "$dir/serial";
    _openssl($dir, qw(req -new -nodes -newkey ec -pkeyopt
        ec_paramgen_curve:P-256 -config), "$name.cnf", '-keyout',
        "$name.key", '-out', "$name.csr");
    _openssl($dir, qw(ca -batch -name own -config), "$name.cnf", '-in',
        "$name.csr", '-cert', "$ca.pem", '-keyfile', "$ca.key", '-out',
        "$name.pem", '-notext', '-startdate', $from, '-enddate', $to);
    return;
}

sub _authority {
    my ($dir, $name) = @_;
    _put("$dir/$name.cnf", sprintf $request, $name, 'DNS:none');
    _openssl($dir, qw(req -x509 -nodes -newkey ec -pkeyopt
        ec_paramgen_curve:P-256 -days 2 -extensions ca -config), "$name.cnf",
        '-keyout', "$name.key", '-out', "$name.pem");
    return;
}

my $names = 'DNS:localhost, IP:127.0.0.1, IP:::1';

sub new {
    my ($class, $dir) = @_;
    my @now = ('20200101000000Z', '20491231235959Z');
    my $self = bless { dir => $dir, owner => $$, seen => 0 }, $class;
    _authority($dir, $_) for qw(ca stranger-ca);
    _certify($dir, 'good', 'ca', $names, @now);
    _certify($dir, 'other', 'ca', 'DNS:other.example', @now);
    _certify($dir, 'expired', 'ca', $names, $now[0], '20200102000000Z');
    _certify($dir, 'early', 'ca', $names, '20490101000000Z', $now[1]);
    _certify($dir, 'stranger', 'stranger-ca', $names, @now);
    $self->behave('');
    _put("$dir/requests", '');
    my $file = _put("$dir/host.py", $program);
    $self->{pid} = open2(my $from, my $to, $python, '-W', 'ignore',
        $file, $dir);
    $self->{to}  = $to;
    $self->{ports} = JSON::PP::decode_json(<$from> // die "$file ended\n");
    return $self;
}

sub ca { return "$_[0]{dir}/ca.pem" }

sub port { my ($self, $kind) = @_; return $self->{ports}{$kind} }

# The host's name is localhost unless another is given.
sub url {
    my ($self, $kind, $path, $name) = @_;
    return 'https://' . ($name // 'localhost') . ":$self->{ports}{$kind}$path";
}

sub publish {
    my ($self, $name, $text) = @_;
    _put("$self->{dir}/$name", $text);
    return $self->url('good', "/$name");
}

sub behave {
    my ($self, $how) = @_;
    return _put("$self->{dir}/behaviour", $how);
}

# How many requests there were since the last time.
sub count {
    my ($self) = @_;
    open my $fh, '<', "$self->{dir}/requests" or die "requests: $!\n";
    my $all = () = <$fh>;
    my $new = $all - $self->{seen};
    $self->{seen} = $all;
    return $new;
}

# At the end of its input it ends.
sub DESTROY {
    my ($self) = @_;
    return if $self->{owner} != $$ || !$self->{pid};
    local ($?, $!, $@);
    close $self->{to};
    kill 'TERM', $self->{pid};
    waitpid $self->{pid}, 0;
    return;
}

1;
