# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# JSON Web Tokens taken apart, and verified with the openssl command: nothing
# here knows the code under test.
#
#     my $jwt = Jwt::decode($token);        # { header, claims, signed, sig }
#     ok Jwt::verify($jwt, $jwks);

package Jwt;

use strict;
use warnings;
use File::Temp ();
use JSON::PP ();
use MIME::Base64 qw(decode_base64url);

sub _part {
    my ($part) = @_;
    return unless $part =~ /^[A-Za-z0-9_-]+$/;
    my $value = eval { JSON::PP->new->utf8->decode(decode_base64url($part)) };
    return ref $value eq 'HASH' ? $value : undef;
}

# Returns undef when it is none.
sub decode {
    my ($token) = @_;
    my @part = split /\./, $token // '', -1;
    return unless @part == 3 && $part[2] =~ /^[A-Za-z0-9_-]+$/;
    my ($header, $claims) = (_part($part[0]), _part($part[1]));
    return unless $header && $claims;
    return { header => $header, claims => $claims,
        signed => "$part[0].$part[1]", sig => decode_base64url($part[2]) };
}

# The claims as they were written.
sub text { return decode_base64url((split /\./, $_[0]{signed})[1]) }

sub _der {
    my ($tag, $content) = @_;
    my $n = length $content;
    return chr($tag) . ($n < 128 ? chr $n
        : $n < 256 ? "\x81" . chr $n : "\x82" . pack 'n', $n) . $content;
}

# An unsigned number of big-endian bytes.
sub _number {
    my ($bytes) = @_;
    $bytes =~ s/^\0+(?=.)//s;
    return _der(2, (ord $bytes >= 128 ? "\0" : '') . $bytes);
}

my %spki = (
    'P-256'   => '3059301306072a8648ce3d020106082a8648ce3d03010703420004',
    'P-384'   => '3076301006072a8648ce3d020106052b8104002203620004',
    'Ed25519' => '302a300506032b6570032100',
);

# SubjectPublicKeyInfo of a JWK.
sub public_key {
    my ($jwk) = @_;
    my %of = map { $_ => decode_base64url($jwk->{$_} // '') } qw(n e x y);
    return pack('H*', $spki{ $jwk->{crv} }) . $of{x} . $of{y}
        if $jwk->{kty} ne 'RSA';
    my $key = _der(0x30, _number($of{n}) . _number($of{e}));
    my $rsa = pack 'H*', '300d06092a864886f70d0101010500';
    return _der(0x30, $rsa . _der(3, "\0$key"));
}

my @pss = qw(-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32);
my %command = (
    ES256 => [qw(dgst -sha256)], ES384 => [qw(dgst -sha384)],
    RS256 => [qw(dgst -sha256)], PS256 => [qw(dgst -sha256), @pss],
);

sub _write {
    my ($file, $bytes) = @_;
    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $bytes;
    close $fh or die "$file: $!\n";
    return $file;
}

# Whether the key of the set that the header names verifies it.
sub verify {
    my ($jwt, $jwks) = @_;
    my $alg = $jwt->{header}{alg};
    my ($jwk) = grep { $_->{kid} eq ($jwt->{header}{kid} // '') }
        @{ $jwks->{keys} };
    return 0 unless $jwk && ($jwk->{alg} // $alg) eq $alg;
    my $sig = $jwt->{sig};
    if ($alg =~ /^ES/) {
        my $half = length($sig) / 2;
        $sig = _der(0x30, _number(substr $sig, 0, $half)
            . _number(substr $sig, $half));
    }
    my $dir  = File::Temp->newdir('jwt-XXXXXX', TMPDIR => 1);
    my $key  = _write("$dir/key", public_key($jwk));
    my @file = (_write("$dir/sig", $sig), _write("$dir/in", $jwt->{signed}));
    my @run = $alg eq 'EdDSA'
        ? (qw(pkeyutl -verify -rawin -pubin -keyform DER -inkey), $key,
            '-sigfile', $file[0], '-in', $file[1])
        : (@{ $command{$alg} }, qw(-keyform DER -verify), $key,
            '-signature', @file);
    open my $out, '-|', 'sh', '-c', 'exec openssl "$@" 2>&1', 'openssl', @run
        or die "openssl: $!\n";
    my $said = do { local $/; <$out> };
    return close($out) && $said =~ /OK|Successfully/ ? 1 : 0;
}

1;
