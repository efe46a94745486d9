# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# JSON Web Tokens taken apart, and verified with the openssl command, and made,
# signed by t/e2e/sign: nothing here knows the code under test.
#
#     my $jwt = Jwt::decode($token);        # { header, claims, signed, sig }
#     ok Jwt::verify($jwt, $jwks);
#
#     my $key = Jwt::make_key($file, 'P-256');      # a private key, in PEM
#     my $jwk = Jwt::jwk($key, kid => '1');         # its public part
#     my $new = Jwt::make($key, 'ES256', { alg => 'ES256' }, { iss => 'x' });

package Jwt;

use strict;
use warnings;
use File::Temp ();
use IPC::Open2 qw(open2);
use JSON::PP ();
use MIME::Base64 qw(decode_base64url encode_base64url);

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

# Ends with an error unless the command does well; returns what it prints.
sub _openssl {
    my (@args) = @_;
    open my $out, '-|', 'sh', '-c', 'exec openssl "$@" 2>/dev/null',
        'openssl', @args or die "openssl: $!\n";
    binmode $out;
    my $bytes = do { local $/; <$out> };
    close $out or die "openssl @args failed\n";
    return $bytes;
}

# A new private key in the file, which is returned: of a curve, or RSA-BITS.
sub make_key {
    my ($file, $kind) = @_;
    my @kind = $kind =~ /^RSA-(\d+)$/
        ? ('RSA', '-pkeyopt', "rsa_keygen_bits:$1")
        : $kind =~ /^Ed/i ? $kind
        : ('EC', '-pkeyopt', "ec_paramgen_curve:$kind");
    _openssl('genpkey', '-out', $file, '-algorithm', @kind);
    return $file;
}

# Of each length of SubjectPublicKeyInfo: the curve and a coordinate's width.
my %curve = (91 => ['P-256', 32], 120 => ['P-384', 48], 158 => ['P-521', 66],
    88 => ['secp256k1', 32], 44 => ['Ed25519', 32], 69 => ['Ed448', 57]);

# Modulus and exponent of a file.
sub _rsa_numbers {
    my ($der) = @_;
    my $modulus = _openssl(qw(rsa -pubin -inform DER -modulus -noout -in),
        $der);
    my $text = _openssl(qw(rsa -pubin -inform DER -text -noout -in), $der);
    my ($n) = $modulus =~ /^Modulus=([0-9A-F]+)/ or die "no modulus\n";
    my ($e) = $text =~ /^Exponent: (\d+)/m or die "no exponent\n";
    return map { s/^\0+//r } pack('H*', $n), pack 'N', $e;
}

# The public JWK of a private key, with more members; one that is undef is
# left out.
sub jwk {
    my ($file, %more) = @_;
    my $temp = File::Temp->new(TEMPLATE => 'jwt-XXXXXX', TMPDIR => 1);
    my $der  = _openssl(qw(pkey -pubout -outform DER -in), $file);
    _write("$temp", $der);
    my %jwk = (kty => 'RSA');
    if (my $curve = $curve{ length $der }) {
        my ($crv, $width) = @$curve;
        my $pair = $crv !~ /^Ed/;
        my $point = substr $der, -($pair ? 2 * $width : $width);
        %jwk = (kty => $pair ? 'EC' : 'OKP', crv => $crv,
            x => encode_base64url(substr $point, 0, $width),
            $pair ? (y => encode_base64url(substr $point, $width)) : ());
    } else {
        @jwk{qw(n e)} = map { encode_base64url($_) } _rsa_numbers("$temp");
    }
    %jwk = (%jwk, %more);
    return { map { defined $jwk{$_} ? ($_ => $jwk{$_}) : () } keys %jwk };
}

# A reference to a text stands for that text, as \'1e400' or \'true'.
sub json {
    my ($value) = @_;
    my $kind = ref $value;
    return 'null'  if !defined $value;
    return $$value if $kind eq 'SCALAR';
    return '[' . join(',', map { json($_) } @$value) . ']'
        if $kind eq 'ARRAY';
    return '{' . join(',', map { json("$_") . ':' . json($value->{$_}) }
        sort keys %$value) . '}' if $kind eq 'HASH';
    return JSON::PP->new->utf8->allow_nonref->encode($value);
}

my ($signer, $owner, $to, $from);

# TEXT.SIGNATURE, whatever the text, which has no line end.
sub sign {
    my ($key, $alg, $text) = @_;
    if (!$signer || $owner != $$) {
        $owner  = $$;
        $signer = open2($from, $to, sign_program());
    }
    local $SIG{PIPE} = 'IGNORE';
    print {$to} "$key $alg $text\n";
    $to->flush;
    my $line = <$from> // die "sign ended: $key $alg\n";
    chomp $line;
    return $line;
}

sub sign_program { return ($ENV{BUILDDIR} // '.') . '/t/e2e/sign' }

# A JWS of header and payload, each as it is or to be made JSON of.
sub make {
    my ($key, $alg, @parts) = @_;
    return sign($key, $alg, join '.',
        map { encode_base64url(ref $_ ? json($_) : $_) } @parts);
}

END {
    if ($signer && $owner == $$) {
        local $?;
        close $to;
        waitpid $signer, 0;
    }
}

1;
