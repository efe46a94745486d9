# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Apache as a resource server, with a module that others wrote, in two virtual
# hosts beside ccgrant.
#
#     my $rs = Protected->new('oauth2', sub { my ($base, $secret) = @_;
#         return '<Location "/jwt">...</Location>' });
#     $rs->check;
#
# The first function has the lines for all: it is given where ccgrant is, the
# secret of the client "rs" and the file of the certificate to trust.  The
# second, which may be missing, has those for the virtual host of a path, /jwt
# or /ask, which is one argument more.
# Paths: /jwt verifies by the JWK Set, /ask by introspection, /aud wants
# $Protected::audience too, and /bound a certificate, at the port with TLS.

package Protected;

use strict;
use warnings;
use Test::More;
use Time::HiRes ();
use Ca;
use Jwt;
use Serve;

my $orders = 'https://api.example.org/orders';
my $policy = <<"END";
resources = (
  { audience = "$orders"; scopes = [ "orders.read" ]; },
  { audience = "https://api.example.org/bills"; scopes = [ "bills.read" ];
    format = "opaque"; },
  { audience = "https://api.example.org/rsa"; scopes = [ "rsa.read" ];
    alg = "RS256"; } );
roles = ( { name = "batch";
    scopes = [ "orders.read", "bills.read", "rsa.read" ]; } );
END
our $audience = $orders;

# Skips the test where something is missing.
sub new {
    my ($class, $module, $lines, $host) = @_;
    my $modules = $Serve::Server::modules;
    my $missing = Serve->missing('apache-fcgid');
    $missing //= "Apache's mod_$module is not installed"
        unless -e "$modules/mod_$module.so";
    plan skip_all => $missing if $missing;
    my $site = Serve->new(resources => $policy);
    my $self = bless { site => $site }, $class;
    my @paths = qw(jwt ask aud bound);
    $site->ctl(qw(key add --alg RS256 --now));
    $site->make_dir('protected');
    $site->make_dir("protected/$_") for @paths;
    $site->put("protected/$_/index.html", "kept from others\n") for @paths;
    $self->{secret}{app} = $site->client('app', '--role', 'batch');
    $self->{secret}{rs} = $site->client('rs', '--permit', 'introspect');
    $self->certificate;
    # Others each time: a port that was free may be taken when it is wanted.
    $site->start('apache-fcgid', tls => 1, edit => sub {
        @{ $self->{ports} }{qw(/jwt /ask)} = Serve::Server::free_ports(2);
        return $_[0] . $self->vhosts($module, $lines, $host) });
    return $self;
}

# A client whose tokens are bound, and another certificate.
sub certificate {
    my ($self) = @_;
    my $ca = $self->{ca} = Ca->new($self->{site}->dir . '/run');
    $self->{site}->put('client-cas.pem', $ca->pem('root'));
    $self->{site}->client('bound', '--role', 'batch', '--auth',
        'self_signed_tls_client_auth', '--cert', $ca->cert('self'));
    return;
}

sub vhosts {
    my ($self, $module, $lines, $host) = @_;
    my ($dir, $modules) = ($self->{site}->dir, $Serve::Server::modules);
    my @args = ("https://127.0.0.1:$self->{site}{tls_port}/oauth2/v1",
        $self->{secret}{rs}, "$dir/run/localhost.crt");
    my $own  = $lines->(@args);
    my $load = join "\n", map {
        "LoadModule ${_}_module $modules/mod_$_.so" } qw(authn_core
        authz_user), $module;
    my $text = <<"END";

$load
<Directory "$dir/protected">
    Require all granted
</Directory>
AliasMatch "^/(jwt|ask|aud|bound)/(.*)" "$dir/protected/\$1/\$2"
$own
END
    for my $path (sort keys %{ $self->{ports} }) {
        my $more = $host ? $host->(@args, $path) : '';
        $text .= <<"END";
Listen 127.0.0.1:$self->{ports}{$path}
<VirtualHost 127.0.0.1:$self->{ports}{$path}>
    $more
</VirtualHost>
END
    }
    return $text;
}

sub token {
    my ($self, $scope, @more) = @_;
    return $self->{site}->ctl(qw(token issue app --scope), $scope,
        @more)->{access_token};
}

sub bound_token {
    my ($self) = @_;
    my $ca = $self->{ca};
    my $answer = $self->{site}->token(form => [
            grant_type => 'client_credentials', client_id => 'bound',
            scope => 'orders.read'],
        tls => { cert => $ca->cert('self'), key => $ca->key('self') });
    return $answer->{json}{access_token};
}

# The status with that token, or without one.  tls is that of Serve::Tls.
sub get {
    my ($self, $path, $token, $tls) = @_;
    my %rq = (path => "$path/index.html", host => 'localhost',
        header => [defined $token ? (Authorization => "Bearer $token") : ()]);
    my $conn = $tls ? Serve::Tls->connect($self->{site}, %$tls)
        : Http->connect($self->{ports}{$path} // $self->{ports}{'/jwt'});
    $conn->send(Http::request(%rq));
    return $conn->answer // { status => 0, header => {}, body => '' };
}

sub is_let_in {
    my ($self, $name, @request) = @_;
    my $answer = $self->get(@request);
    is "$answer->{status} $answer->{body}", "200 kept from others\n", $name;
    return;
}

sub is_kept_out {
    my ($self, $name, $status, @request) = @_;
    my $answer = $self->get(@request);
    is $answer->{status}, $status, $name;
    unlike $answer->{body}, qr/kept from/, "  and sees nothing";
    return;
}

# What every resource server must do.
sub check {
    my ($self) = @_;
    my $jwt = $self->token('orders.read');
    my ($opaque, $new) = map { $self->token('bills.read') } 1 .. 2;
    my $other = Jwt::make_key($self->{site}->dir . '/run/other.pem', 'P-256');
    my $made = Jwt::decode($jwt);
    my $forged = Jwt::make($other, 'ES256', $made->{header}, $made->{claims});

    $self->is_let_in('a JWT', '/jwt', $jwt);
    $self->is_let_in('a JWT of RS256', '/jwt', $self->token('rsa.read'));
    $self->is_let_in('a JWT, by introspection', '/ask', $jwt);
    $self->is_let_in('an opaque token', '/ask', $opaque);
    for my $path ('/jwt', '/ask') {
        $self->is_kept_out("$path: no token", 401, $path);
        $self->is_kept_out("$path: garbage", 401, $path, 'garbage');
        $self->is_kept_out("$path: another's signature", 401, $path, $forged);
        $self->is_kept_out("$path: a signature cut off", 401, $path,
            $jwt =~ s/[^.]*$//r);
    }
    # mod_oauth2 would know again one that was asked about.
    $self->is_kept_out('an opaque token where JWTs are wanted', 401, '/jwt',
        $new);
    $self->is_kept_out('a mistyped opaque token', 401, '/ask',
        $opaque =~ s/.$/_/r);
    my @short = map { $self->token($_, '--lifetime', 1) }
        qw(orders.read bills.read);
    my $issued = time;    # the second of them too, at the latest
    Time::HiRes::sleep(0.05) until time > $issued + 1;
    $self->is_kept_out('an expired JWT', 401, '/jwt', $short[0]);
    $self->is_kept_out('an expired JWT, by introspection', 401, '/ask',
        $short[0]);
    $self->is_kept_out('an expired opaque token', 401, '/ask', $short[1]);
    return;
}

# status: of a good token for another.
sub check_audience {
    my ($self, $status) = @_;
    $self->is_let_in('a token for it', '/aud', $self->token('orders.read'));
    $self->is_kept_out('a token for another resource', $status, '/aud',
        $self->token('rsa.read'));
    $self->is_kept_out('none', 401, '/aud');
    return;
}

sub check_bound {
    my ($self) = @_;
    my $ca = $self->{ca};
    my ($own, $else) = map { +{ cert => $ca->cert($_), key => $ca->key($_) } }
        qw(self self-p384);
    my $token = $self->bound_token;
    my $cnf = Jwt::decode($token)->{claims}{cnf};
    is $cnf->{'x5t#S256'}, $ca->thumbprint('self'), 'a token is bound';
    $self->is_let_in('with its certificate', '/bound', $token, $own);
    $self->is_kept_out('with another', 401, '/bound', $token, $else);
    $self->is_kept_out('with none', 401, '/bound', $token, {});
    $self->is_kept_out('one that is not bound', 401, '/bound',
        $self->token('orders.read'), $own);
    return;
}

# after: what passes before a token is asked about again.
sub check_revoked {
    my ($self, $after) = @_;
    my $site = $self->{site};
    for my $scope ('orders.read', 'bills.read') {
        my ($token, $kept) = map { $self->token($scope) } 1 .. 2;
        my $name = $scope =~ /^bills/ ? 'an opaque token' : 'a JWT';
        $self->is_let_in("$name that is to be revoked", '/ask', $token);
        $site->token(path => '/oauth2/v1/revoke', form => [token => $token],
            basic => ['app', $self->{secret}{app}]);
        $after->();
        $self->is_kept_out("$name that was revoked", 401, '/ask', $token);
        $self->is_let_in("$name that was not", '/ask', $kept);
    }
    my @all = map { $self->token($_) } qw(orders.read bills.read);
    $self->is_let_in('a token of the client', '/ask', $_) for @all;
    $site->ctl(qw(client disable app));
    $after->();
    $self->is_kept_out('a token of a disabled client', 401, '/ask', $_)
        for @all;
    $site->ctl(qw(client enable app));
    $self->is_kept_out('it stays so', 401, '/ask', $_) for @all;
    $self->is_let_in('a new one', '/ask', $self->token('bills.read'));
    return;
}

1;
