# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Clients of every method of authentication, and what each of them sends.
#
#     my $site    = Serve->new(policy => Callers::policy());
#     my $callers = Callers->new($site);
#     $callers->add('rs', 'private_key_jwt', '--permit', 'introspect');
#     $site->start($kind, Callers::tls($kind));
#     $site->token($callers->rq('rs', path => $path, form => [token => $t]));

package Callers;

use strict;
use warnings;
use Ca;
use Dpop;
use Jwt;
use Serve;

my @methods = qw(client_secret_basic client_secret_post client_secret_jwt
    private_key_jwt tls_client_auth self_signed_tls_client_auth);
sub methods { return @methods }

# More lines for the policy.
sub policy { return "mtls : { ca = [ \"client-cas.pem\" ]; };\n" }

# What start() of a kind of server wants for certificates.
sub tls { return $_[0] eq 'cgi' ? () : (tls => 1) }

sub new {
    my ($class, $site) = @_;
    my $dir = $site->dir;
    my $ca  = Ca->new("$dir/run/ca");
    Ca::more(caller => { subject => '/CN=caller' });
    $site->put('client-cas.pem', $ca->pem('root'));
    $site->put('web-cas.pem', $ca->pem('root') . $ca->pem('self'));
    my $key = Jwt::make_key("$dir/run/caller.key", 'P-256');
    my $jwks = $site->put('run/caller.jwks', Jwt::json(Jwt::jwk($key)));
    return bless { site => $site, ca => $ca, key => $key, jwks => $jwks },
        $class;
}

sub add {
    my ($self, $id, $method, @options) = @_;
    my %more = (private_key_jwt => ['--jwks', $self->{jwks}],
        tls_client_auth => ['--tls-subject-dn', 'CN=caller'],
        self_signed_tls_client_auth => ['--cert', $self->{ca}->cert('self')]);
    my $secret = $self->{site}->client($id, '--auth', $method,
        @{ $more{$method} // [] }, @options);
    my $file = 'run/' . ($id =~ tr/A-Za-z0-9-/_/cr) . '.secret';
    $self->{client}{$id} = { method => $method, secret => $secret,
        hmac => $method eq 'client_secret_jwt'
            && $self->{site}->put($file, $secret, 0600) };
    return;
}

sub secrets {
    my ($self) = @_;
    return grep { defined } map { $_->{secret} } values %{ $self->{client} };
}

sub assertion {
    my ($self, $id) = @_;
    my $hmac = $self->{client}{$id}{hmac};
    my $alg = $hmac ? 'HS256' : 'ES256';
    return Jwt::make($hmac || $self->{key}, $alg, { alg => $alg },
        { iss => $id, sub => $id, aud => $self->{site}{issuer},
            exp => time + 120, jti => Dpop::fresh() });
}

# What Serve::token() wants: the form with who sends it.  Options: assertion,
# one that is made already; and those of Serve::token().
sub rq {
    my ($self, $id, %rq) = @_;
    my ($method, $secret) = @{ $self->{client}{$id} }{qw(method secret)};
    my @form = @{ $rq{form} // [] };
    my $assertion = delete $rq{assertion};
    if ($method eq 'client_secret_basic') {
        $rq{basic} = [$id, $secret];
    } elsif ($method eq 'client_secret_post') {
        push @form, client_id => $id, client_secret => $secret;
    } elsif ($method =~ /_jwt$/) {
        push @form, client_assertion => $assertion // $self->assertion($id),
            client_assertion_type =>
            'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    } else {
        my $name = $method eq 'tls_client_auth' ? 'caller' : 'self';
        push @form, client_id => $id;
        $rq{tls} = { cert => $self->{ca}->cert($name),
            key => $self->{ca}->key($name) };
    }
    return (%rq, form => \@form);
}

1;
