#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Apache with mod_auth_openidc takes tokens as an OAuth 2.0 resource server:
# JWTs by the JWK Set, all by introspection.  One virtual host does either.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Protected;

my $rs = Protected->new('auth_openidc', sub {
    my ($base, $secret) = @_;
    my $location = sub { my ($path, $require) = @_; return <<"END" };
<Location "$path">
    AuthType oauth20
    # Nothing is kept of what was asked.
    OIDCOAuthTokenIntrospectionInterval -1
    Require $require
</Location>
END
    return $location->('/jwt', 'valid-user')
        . $location->('/aud', "claim aud:$Protected::audience")
        . $location->('/ask', 'valid-user');
}, sub {
    my ($base, $secret, $trusted, $path) = @_;
    return "OIDCCryptoPassphrase unused\nOIDCCABundlePath $trusted\n"
        . ($path eq '/ask'
        ? "OIDCOAuthIntrospectionEndpoint $base/introspect\n"
            . "OIDCOAuthClientID rs\nOIDCOAuthClientSecret $secret\n"
        : "OIDCOAuthVerifyJwksUri $base/keys\n");
});
$rs->check;
$rs->check_audience(401);
$rs->check_revoked(sub { });
done_testing();
