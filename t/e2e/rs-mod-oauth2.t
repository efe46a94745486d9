#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Apache with mod_oauth2 takes tokens: JWTs by the JWK Set, all by
# introspection.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Time::HiRes ();
use Protected;

my $rs = Protected->new('oauth2', sub {
    my ($base, $secret) = @_;
    my $ask = "introspect.auth=client_secret_basic&client_id=rs"
        . "&client_secret=$secret&expiry=1&introspect.ssl_verify=false";
    # This version cannot be told which certificate to trust.
    my $keys = 'verify.exp=required&verify.iat=required&expiry=1'
        . '&jwks_uri.ssl_verify=false';
    return <<"END";
<Location "/jwt">
    AuthType oauth2
    OAuth2TokenVerify jwks_uri $base/keys $keys
    Require valid-user
</Location>
<Location "/ask">
    AuthType oauth2
    OAuth2TokenVerify introspect $base/introspect $ask
    Require valid-user
</Location>
<Location "/aud">
    AuthType oauth2
    OAuth2TokenVerify jwks_uri $base/keys $keys
    Require oauth2_claim "aud:$Protected::audience"
</Location>
<Location "/bound">
    AuthType oauth2
    OAuth2TokenVerify jwks_uri $base/keys $keys&type=mtls&mtls.policy=required
    Require valid-user
</Location>
END
});
$rs->check;
$rs->check_audience(401);
$rs->check_bound;
# What was asked is kept for a second, by a clock of whole ones.
$rs->check_revoked(sub { Time::HiRes::sleep(2.05) });
done_testing();
