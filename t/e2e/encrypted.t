#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Tokens that are encrypted to their resource (RFC 7516; RFC 9068, 4): jwcrypto
# and jose open them with the private key, and nobody opens a changed one;
# which resources can be in one token; what the other endpoints and the command
# say of an encrypted token; and keys that cannot be used, or change.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Jwt;
use Serve;

my $kind    = Serve->any or plan skip_all => 'no web server is installed';
my $openssl = Serve::Server::find_program('openssl')
    or plan skip_all => 'no openssl';
my $jose    = Serve::Server::find_program('jose');
# The system's own: another one in PATH has not the system's packages.
my $python = '/usr/bin/python3';
my $no_jwcrypto = system("$python -c 'import jwcrypto' 2>/dev/null");
my $json = JSON::PP->new->utf8->canonical;

# name => [kind of key, alg, enc]; the key is in PEM when there is no JWK.
my @resources = (
    [rsa   => 'rsa:2048', 'auto',         'A256GCM'],
    [rsa3  => 'rsa:3072', 'RSA-OAEP-256', 'A128CBC-HS256'],
    [p256  => 'P-256',    'auto',         'A256GCM'],
    [p384  => 'P-384',    'ECDH-ES',      'A256CBC-HS512'],
    [p521  => 'P-521',    'ECDH-ES+A256KW', 'A128GCM'],
    [kw    => 'P-256',    'ECDH-ES+A256KW', 'A256CBC-HS512'],
    [okp   => 'X25519',   'auto',         'A128CBC-HS256'],
);

sub audience { return "https://api.example.org/$_[0]" }

sub policy_of {
    my ($name, undef, $alg, $enc) = @{ $_[0] };
    my $audience = audience($name);
    my $more = $alg eq 'auto' ? '' : " encryption_alg = \"$alg\";";
    $more .= " encryption_enc = \"$enc\";" if $enc ne 'A256GCM';
    return "{ audience = \"$audience\"; scopes = [ \"s.$name\" ];"
        . " encryption_key = \"$name.pub\";$more }";
}

my @all = (map({ policy_of($_) } @resources),
    '{ audience = "' . audience('plain') . '"; scopes = [ "s.plain" ]; }',
    '{ audience = "' . audience('same') . '"; scopes = [ "s.same" ];'
        . ' encryption_key = "rsa.pub"; }',
    '{ audience = "' . audience('gone') . '"; scopes = [ "s.gone" ];'
        . ' encryption_key = "gone.pub"; }');
my $site = Serve->new(resources => 'resources = (' . join(",\n", @all)
    . ");\ntoken : { multiple_audiences = true; };\n"
    . 'log : { issued = true; };');
my %private;

sub generate {
    my ($name, $what) = @_;
    my $file = "$site->{dir}/$name.key";
    my @how = $what =~ /^rsa:(\d+)/ ? ('RSA', '-pkeyopt', "rsa_keygen_bits:$1")
        : $what =~ /^P-/ ? ('EC', '-pkeyopt', "ec_paramgen_curve:$what")
        : ($what);
    system($openssl, 'genpkey', '-quiet', '-algorithm', @how, '-out', $file)
        == 0 or system("$openssl genpkey -algorithm @how -out $file"
        . ' 2>/dev/null') == 0 or die "no key of $what\n";
    my $public = `$openssl pkey -in $file -pubout`;
    $site->put("$name.pub", $public);
    $private{$name} = Serve::slurp($file);
    return $public;
}
generate(@$_[0, 1]) for @resources;

my @names  = map { $_->[0] } @resources;
my $secret = $site->client('demo',
    map { ('--scope', "s.$_") } @names, qw(plain same gone));
my $opaque = $site->client('opaque', qw(--scope s.rsa --format opaque));
my $old    = $site->client('old', qw(--scope s.p256 --token-typ JWT));
my $probe  = $site->client('probe', qw(--scope s.plain --permit introspect));
$site->start($kind);

sub ask {
    my (%option) = @_;
    my $client = $option{client} // ['demo', $secret];
    return $site->token(basic => $client, form => [
        grant_type => 'client_credentials',
        map({ (resource => audience($_)) } @{ $option{resources} })]);
}

sub token_of { return ask(resources => [@_])->{json}{access_token} // '' }

# Another implementation: its output, or undef when it refuses.
sub output {
    my ($input, @command) = @_;
    my $in = $site->put('run/in', $input);
    my $out = `exec 2>/dev/null; @{[join ' ', map {"'$_'"} @command]} <$in`;
    return $? == 0 ? $out : undef;
}

my $open = <<'END';
import json, sys
from cryptography.hazmat.primitives import serialization as ser
from jwcrypto import jwe, jwk
from jwcrypto.common import base64url_encode as b64

def load(name):
    pem = open(name, "rb").read()
    key = ser.load_pem_private_key(pem, None)
    if "X25519" in type(key).__name__:
        raw, none = ser.Encoding.Raw, ser.NoEncryption()
        return jwk.JWK(kty="OKP", crv="X25519",
            d=b64(key.private_bytes(raw, ser.PrivateFormat.Raw, none)),
            x=b64(key.public_key().public_bytes(raw, ser.PublicFormat.Raw)))
    return jwk.JWK.from_pem(pem)

def payload(token, key):
    try:
        box = jwe.JWE(algs=sys.argv[2:])
        box.deserialize(token, key)
        return box.payload.decode()
    except Exception:
        return None

key = load(sys.argv[1])
print(json.dumps([payload(token, key) for token in json.load(sys.stdin)]))
END
my $script = $site->put('run/open.py', $open);

# What is inside each of the tokens, or undef.
sub jwcrypto {
    my ($name, $alg, $enc, @tokens) = @_;
    return @{ $json->decode(output($json->encode(\@tokens), $python, $script,
        "$site->{dir}/$name.key", $alg, $enc)) };
}

sub header_of {
    my ($token) = @_;
    return $json->decode(decode_base64url((split /\./, $token)[0]));
}

# The same with one bit of that part turned.
sub tampered {
    my ($token, $number) = @_;
    my @part = split /\./, $token, -1;
    return if $part[$number] eq '';
    substr($part[$number], 5, 1) =~ tr/A-Za-z0-9_-/B-ZAb-za1-90\-_/;
    return join '.', @part;
}

my $jwks = $site->get('/oauth2/v1/keys')->{json};
for my $resource (@resources) {
    my ($name, $key, $alg, $enc) = @$resource;
    my $token = token_of($name);
    is scalar(split /\./, $token, -1), 5, "$name: a token of five parts";
    my $header = header_of($token);
    $alg = $key =~ /rsa/ ? 'RSA-OAEP-256' : 'ECDH-ES' if $alg eq 'auto';
    is_deeply [@$header{qw(typ cty alg enc kid)}],
        ['at+jwt', 'JWT', $alg, $enc, undef],
        "$name: $alg and $enc, and that a JWT is inside";
    is exists $header->{epk}, $alg =~ /^ECDH/, "$name: epk where it is due";
    SKIP: {
        skip 'python3-jwcrypto is not installed', 6 if $no_jwcrypto;
        my @how = ($name, $alg, $enc);
        my ($inner, $short, @changed) = jwcrypto(@how, $token,
            substr($token, 0, -6),
            grep {defined} map { tampered($token, $_) } 0 .. 4);
        my $jwt = Jwt::decode($inner);
        ok Jwt::verify($jwt, $jwks), "$name: a signed token is inside";
        is $jwt->{claims}{aud}, audience($name), "$name: it is for it";
        is $jwt->{header}{typ}, 'at+jwt', "$name: it is an access token";
        ok !(grep {defined} @changed), "$name: no part of it can be changed";
        is $short, undef, "$name: nor its end be cut off";
        my ($other) = grep { $_ ne $name && ($key =~ /rsa/) == /rsa/ } @names;
        is +(jwcrypto($other, $alg, $enc, $token))[0], undef,
            "$name: no other key opens it";
    }
}
isnt token_of('p256') =~ s/\..*//sr, token_of('p256') =~ s/\..*//sr,
    'the ephemeral key is another each time';

# A JWK Set, of several keys, and latchset's jose.
SKIP: {
    skip 'jose is not installed', 6 unless $jose;
    my @keys = map { $json->decode(scalar `$jose jwk gen -i '$_'`) }
        '{"kty":"EC","crv":"P-256"}', '{"kty":"EC","crv":"P-384"}';
    @$_{qw(use kid key_ops)} = ('enc', "key $_->{crv}", undef) for @keys;
    delete $_->{key_ops} for @keys;
    my @public = map { my %key = %$_; delete $key{d}; \%key } @keys;
    my $sig = { %{ $jwks->{keys}[0] }, kid => 'sig' };
    my $write = sub {
        $site->put('p256.pub', $json->encode({ keys => [$sig, @_] }));
    };
    my $read = sub {
        my ($kid) = @_;
        return Serve::wait_for(sub {
            my $token = token_of('p256');
            return (header_of($token)->{kid} // '') eq $kid && $token;
        }) || '';
    };
    $write->(@public);
    my $token = $read->('key P-256');
    ok $token ne '', 'a JWK Set: the first key to encrypt to, by its kid';
    my $file = $site->put('run/jwk', $json->encode($keys[0]));
    my $inner = output($token, $jose, qw(jwe dec -i - -k), $file) // '';
    ok Jwt::verify(Jwt::decode($inner), $jwks), 'jose opens it';
    ok !defined output(tampered($token, 4), $jose, qw(jwe dec -i - -k),
        $file), 'but not with another tag';
    ok !defined output(tampered($token, 3), $jose, qw(jwe dec -i - -k),
        $file), 'nor with another content';
    $write->(reverse @public);
    ok $read->('key P-384') ne '', 'another key in the file is taken';
    $site->put('p256.pub', '{}');
    select undef, undef, undef, 1.1;
    is header_of(token_of('p256'))->{kid}, 'key P-384',
        'what was there serves on while the file is broken';
    $site->put('p256.pub',
        scalar `$openssl pkey -in $site->{dir}/p256.key -pubout`);
}

# One that is given again (--reuse) is for the key that is in the file now.
my $again = $site->client('again', qw(--scope s.kw --reuse 50));
my $given = sub {
    return ask(resources => ['kw'], client => ['again', $again])
        ->{json}{access_token} // '';
};
my $same = Serve::wait_for(sub {
    my @tokens = ($given->(), $given->());
    return $tokens[0] ne '' && $tokens[0] eq $tokens[1] && $tokens[0];
});
ok $same, 'an encrypted token is given again';
generate('kw', 'P-256');
select undef, undef, undef, 1.1;
my @next = map { $given->() } 1 .. 10;
ok !(grep { $_ eq $same } @next),
    'but not when its key has gone from the file';
SKIP: {
    skip 'python3-jwcrypto is not installed', 1 if $no_jwcrypto;
    ok !(grep {!defined} jwcrypto('kw', 'ECDH-ES+A256KW', 'A256CBC-HS512',
        @next)), '  and the new key opens the next';
}

my $answer = ask(resources => ['gone']);
is "$answer->{status} $answer->{json}{error}", '503 temporarily_unavailable',
    'no token goes out as it is when the key is not there';
like $site->log_text, qr/gone\.pub/, 'and the log names the file';
generate('gone', 'P-256');
ok Serve::wait_for(sub { ask(resources => ['gone'])->{status} == 200 }),
    'until it is';

for my $row (
    [[qw(rsa same)], '200', 'two resources with one key are in one token'],
    [[qw(rsa p256)], '400 invalid_target', 'two keys: one at a time'],
    [[qw(rsa plain)], '400 invalid_target', 'nor one that wants none'],
) {
    my ($names, $want, $says) = @$row;
    my $got = ask(resources => $names);
    is join(' ', $got->{status}, $got->{json}{error} // ()), $want, $says;
}
is scalar(split /\./, token_of('plain')), 3, 'another resource is untouched';
like ask(resources => ['rsa'], client => ['opaque', $opaque])
    ->{json}{access_token}, qr/^ccga_/, 'an opaque token is not encrypted';
is header_of(ask(resources => ['p256'], client => ['old', $old])
    ->{json}{access_token})->{typ}, 'JWT', 'its typ is that of what is inside';

# The other endpoints, which do not have the private key either.
my $token = token_of('rsa');
my ($inner) = $no_jwcrypto ? ()
    : jwcrypto('rsa', 'RSA-OAEP-256', 'A256GCM', $token);
my $about = sub {
    my ($path, $text, $client) = @_;
    return $site->token(path => "/oauth2/v1/$path", basic => $client,
        form => [token => $text]);
};
is $about->('introspect', $token, ['probe', $probe])->{body},
    '{"active":false}', 'introspection: it could be anybody\'s';
$answer = $about->('revoke', $token, ['demo', $secret]);
is "$answer->{status} $answer->{json}{error}", '400 unsupported_token_type',
    'revocation: it is said that it cannot be (RFC 7009, 2.2.1)';
SKIP: {
    skip 'python3-jwcrypto is not installed', 3 if $no_jwcrypto;
    ok $about->('introspect', $inner, ['probe', $probe])->{json}{active},
        'what is inside is active';
    is $about->('revoke', $inner, ['demo', $secret])->{status}, 200,
        'and can be revoked';
    ok !$about->('introspect', $inner, ['probe', $probe])->{json}{active},
        'and is so then';
}

# The command.
my $issued = $site->ctl(qw(token issue demo --resource), audience('p384'))
    ->{access_token};
is header_of($issued)->{alg}, 'ECDH-ES', 'token issue encrypts, too';
my ($status, $out) = $site->try_ctl('token', 'inspect', $issued);
is $status, 1, 'token inspect: not known to be valid';
like $out, qr/^encrypted: its resource alone.*"enc": "A256CBC-HS512"/s,
    'and its header says how it is encrypted';
($status, $out, my $err) = $site->try_ctl('token', 'revoke', $issued,
    '--yes');
like "$status $out$err", qr/^1 .*encrypted/s, 'token revoke says why not';

sub check_of {
    my ($file, $text, $more) = @_;
    $site->put('try.pub', $text) if defined $text;
    $site->put('try.conf', "issuer = \"https://as.example.org\";\n"
        . "state = \"state\";\nresources = (\n{ audience = \"urn:x:y\";\n"
        . "scopes = [ \"a\" ];\n$file$more } );\n");
    my $said = `cd $site->{dir} && bin/ccgrant -c try.conf policy check 2>&1`;
    return $said =~ s/\Q$site->{dir}\E\///gr;
}
my $key  = "encryption_key = \"try.pub\";\n";
my $good = Serve::slurp("$site->{dir}/rsa.pub");
my $weak = `$openssl genrsa -traditional 1024 2>/dev/null`;
$weak = output($weak, $openssl, 'pkey', '-pubout');
my $jwk = '{"kty":"EC","crv":"P-256",'
    . '"x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",'
    . '"y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"}';
for my $row (
    [$good, '', qr/: ok$/, 'a good key'],
    [$jwk, '', qr/: ok$/, 'a good JWK'],
    ["{\"keys\":[$jwk]}", '', qr/: ok$/, 'a good set'],
    [$private{rsa}, '', qr/:6: resources\.encryption_key: .*private key/,
        'a private key in PEM'],
    [$jwk =~ s/\}/,"d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}/r, '',
        qr/:6: .*private or secret.*public key alone/, 'a private JWK'],
    [$weak, '', qr/:6: .*RSA key of 1024 bits/, 'a weak RSA key'],
    ["{\"keys\":[$jwk,$jwk]}", '', qr/several keys.*without kid/,
        'two keys without kid'],
    [$jwk =~ s/"e8/"f8/r, '', qr/not a public key/, 'a point off its curve'],
    [$jwk =~ s/\}/,"use":"sig"}/r, '', qr/its use is not "enc"/,
        'a key for signatures'],
    [$good, "encryption_alg = \"ECDH-ES\";\n", qr/not a key for ECDH-ES/,
        'an alg that is not for the key'],
    ['nonsense', '', qr/:6: resources\.encryption_key: .*try\.pub/,
        'no key at all'],
    [$good, "format = \"opaque\";\n",
        qr/:6: resources\.encryption_key: .*opaque/, 'a key and opaque'],
) {
    my ($text, $more, $want, $says) = @$row;
    like check_of($key, $text, $more), $want, "policy check: $says";
}
unlink "$site->{dir}/try.pub";
like check_of($key, undef, ''), qr/:6: .*cannot read/,
    'policy check: no such file';
like check_of('', undef, "encryption_enc = \"A128GCM\";\n"),
    qr/:6: resources\.encryption_enc: .*without a key/,
    'policy check: what is said of a key that is not there';
like check_of($key, undef, "encryption_alg = \"RSA1_5\";\n"),
    qr/:7: resources\.encryption_alg: .*RSA-OAEP-256/,
    'policy check: an algorithm that is broken';

done_testing();
