# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# DPoP proofs (RFC 9449) and thumbprints of keys (RFC 7638), for tests.
#
#     my $proof = Dpop::proof($key, claims => { htu => $url });

package Dpop;

use strict;
use warnings;
use Digest::SHA qw(sha256);
use MIME::Base64 qw(encode_base64url);
use Jwt;

my $count = 0;

sub fresh { return "proof-$$-" . ++$count }

# Options: alg; sign, the algorithm to sign with when the header says another;
# by, another key that signs; jwk, to say another; header and claims, members
# that differ: those that are undef are left out; or all of it as text, or a
# function of the text; input and edit, functions of the text before and after
# it is signed.
sub proof {
    my ($key, %o) = @_;
    my $alg = $o{alg} // 'ES256';
    my %header = (typ => 'dpop+jwt', alg => $alg,
        jwk => $o{jwk} // Jwt::jwk($key));
    my %claims = (jti => fresh(), htm => 'POST', iat => time);
    my $text = join '.', map { encode_base64url($_) }
        differing(\%header, $o{header}), differing(\%claims, $o{claims});
    $text = $o{input}->($text) if $o{input};
    $text = Jwt::sign($o{by} // $key, $o{sign} // $alg, $text);
    return $o{edit} ? $o{edit}->($text) : $text;
}

# JSON of the members with others in their place.
sub differing {
    my ($members, $others) = @_;
    $others = $others->(Jwt::json($members)) if ref $others eq 'CODE';
    return $others if defined $others && !ref $others;
    my %all = (%$members, %{ $others // {} });
    delete @all{ grep { !defined $all{$_} } keys %all };
    return Jwt::json(\%all);
}

# RFC 7638, 3.
sub thumbprint {
    my ($jwk) = @_;
    my %names = (EC => [qw(crv kty x y)], RSA => [qw(e kty n)],
        OKP => [qw(crv kty x)]);
    return encode_base64url(sha256(Jwt::json({
        map { $_ => $jwk->{$_} } @{ $names{ $jwk->{kty} } } })));
}

1;
