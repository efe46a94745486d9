#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Programs that others wrote get tokens: curl, requests-oauthlib, Authlib.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use Test::More;
use Jwt;
use Serve;

my $kind = Serve->any or plan skip_all => 'no web server is installed';
my $site = Serve->new;
my %secret = (demo => $site->client('demo', '--role', 'order-batch'),
    post => $site->client('post', '--role', 'order-batch',
        '--auth', 'client_secret_post'));
$site->start($kind);
my $url = "http://127.0.0.1:$site->{port}/oauth2/v1/token";
my $python = '/usr/bin/python3';

# What the program prints, and nothing of its errors.
sub out {
    my (@command) = @_;
    local @ENV{qw(OAUTHLIB_INSECURE_TRANSPORT AUTHLIB_INSECURE_TRANSPORT
        NO_PROXY PYTHONWARNINGS)} = (1, 1, '*', 'ignore');
    open my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command
        or die "$command[0]: $!\n";
    local $/;
    return <$pipe> // '';
}

sub gives_token {
    my ($name, @command) = @_;
    my $text = out(@command);
    my $json = eval { JSON::PP->new->decode($text) };
    my $jwt  = $json && Jwt::decode($json->{access_token});
    ok $jwt && $jwt->{claims}{scope} eq 'orders.read', $name or diag $text;
    return;
}

sub says {
    my ($name, $want, @command) = @_;
    like out(@command), $want, $name;
    return;
}

SKIP: {
    my $curl = Serve::Server::find_program('curl')
        or skip 'curl is not installed', 6;
    my @curl = ($curl, qw(-q -s -m 60 --noproxy *));
    my @form = ('-d', 'grant_type=client_credentials', '-d',
        'scope=orders.read', $url);
    my @user = ('--user', "demo:$secret{demo}");
    gives_token('curl --user', @curl, @user, @form);
    gives_token('curl --user --anyauth', @curl, '--anyauth', @user, @form);
    gives_token('curl -0', @curl, '-0', @user, @form);
    gives_token('curl --data-urlencode', @curl,
        '--data-urlencode', 'client_id=post', '--data-urlencode',
        "client_secret=$secret{post}", @form);
    gives_token('curl and Expect: 100-continue', @curl, @user, '-H',
        'Expect: 100-continue', @form);
    says('curl and a wrong secret', qr/"error":"invalid_client".* 401$/s,
        @curl, '-w', ' %{http_code}', '--user', 'demo:wrong', @form);
}

my $requests = <<'END';
import json, sys
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session
url, method, client, secret = sys.argv[1:]
session = OAuth2Session(client=BackendApplicationClient(client_id=client))
more = {'include_client_id': True} if method == 'post' else {}
print(json.dumps(session.fetch_token(url, client_id=client,
    client_secret=secret, scope=['orders.read'], **more)))
END

my $authlib = <<'END';
import json, sys
from authlib.integrations.requests_client import OAuth2Session
url, method, client, secret = sys.argv[1:]
session = OAuth2Session(client, secret, scope='orders.read',
    token_endpoint_auth_method='client_secret_' + method)
print(json.dumps(session.fetch_token(url, grant_type='client_credentials')))
END

for my $library (['requests_oauthlib', $requests],
    ['authlib.integrations.requests_client', $authlib]) {
    my ($name, $script) = @$library;
    SKIP: {
        skip "$python has no $name", 4
            if system("$python -c 'import $name' 2>/dev/null");
        my @run = ($python, '-c', $script, $url);
        gives_token("$name: Basic", @run, 'basic', 'demo', $secret{demo});
        gives_token("$name: in the body", @run, 'post', 'demo',
            $secret{demo});
        gives_token("$name: registered for the body", @run, 'post', 'post',
            $secret{post}) if $name =~ /authlib/;
        says("$name: a wrong secret", qr/invalid_client/, @run, 'basic',
            'demo', 'wrong');
    }
}
done_testing();
