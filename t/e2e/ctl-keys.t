#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The administrator's command for clients that sign: their keys, their secrets,
# the assertions that it makes, and the commands of README as they stand there.

use strict;
use warnings;
use Cwd qw(abs_path);
use Digest::SHA qw(sha256 hmac_sha256 hmac_sha384 hmac_sha512);
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;
use Ctl;
use Jwt;
use Serve;

plan skip_all => "no $Ctl::program" unless -x $Ctl::program;

my $readme = abs_path(($ENV{SRCDIR} // '.') . '/README');
$ENV{BUILDDIR} = abs_path($ENV{BUILDDIR} // '.');
$Serve::builddir = $ENV{BUILDDIR};
$Serve::srcdir   = abs_path($ENV{SRCDIR} // '.');
my $root = tempdir(CLEANUP => 1);
chdir $root or die "$root: $!\n";
delete @ENV{qw(CCGRANT_CONFIG NO_COLOR)};

#
# Keys as clients make them: KIND.key, KIND.crt, KIND.pub and KIND.jwk.
#

my %type = ('P-256' => 'P-256', 'P-384' => 'P-384', 'P-521' => 'P-521',
    'Ed25519' => 'Ed25519', 'RSA-2048' => 'RSA 2048',
    'RSA-3072' => 'RSA 3072');
my @bad = qw(RSA-1024 secp256k1 Ed448);

sub openssl {
    my (@words) = @_;
    system('sh', '-c', 'exec openssl "$@" >/dev/null 2>&1', 'sh', @words)
        == 0 or die "openssl @words failed\n";
    return;
}

sub set { return Jwt::json({ keys => [@_] }) }

for my $kind (sort(keys %type), @bad) {
    my $key = Jwt::make_key("$kind.key", $kind);
    openssl(qw(req -new -x509 -subj /CN=client -days 3650 -key), $key,
        '-out', "$kind.crt");
    openssl(qw(pkey -pubout -in), $key, '-out', "$kind.pub");
    spew("$kind.jwk", Jwt::json(Jwt::jwk($key)));
}
my %jwk = map { $_ => decode_json(slurp("$_.jwk")) } keys %type, @bad;

# RFC 7638, 3.
sub thumbprint {
    my ($jwk) = @_;
    my %of = %$jwk;
    my @names = grep { exists $of{$_} } qw(crv e kty n x y);
    return encode_base64url(sha256('{'
        . join(',', map {"\"$_\":\"$of{$_}\""} @names) . '}'));
}

my ($dir, @c) = site();
my @add = (@c, 'client', 'add');
my @pkj = ('--auth', 'private_key_jwt');
sub record { return json($_[1] // 'the record', @c, 'client', 'show', $_[0],
    '--json') }

#
# Keys of every type, as a JWK, in a set, and by certificate
#

for my $kind (sort keys %type) {
    my $id = substr thumbprint($jwk{$kind}), 0, 12;
    my $made = json "$kind: a JWK", @add, "jwk-$kind", @pkj, '--jwks',
        "$kind.jwk", '--json';
    is_deeply $made, { client_id => "jwk-$kind",
        token_endpoint_auth_method => 'private_key_jwt',
        keys => [{ id => $id, kid => '', type => $type{$kind}, alg => '',
            label => "$kind.jwk" }] },
        'has a key of that type, and no secret' or diag explain $made;
    $made = json 'its certificate', @add, "cert-$kind", @pkj, '--cert',
        "$root/$kind.crt", '--json';
    is_deeply [@{ $made->{keys}[0] }{qw(id type label)}],
        [$id, $type{$kind}, "$kind.crt"], 'has the same key';
    is_deeply record("cert-$kind")->{keys}[0]{jwk},
        { %{ $jwk{$kind} }, use => 'sig' }, 'and only its public part';
}

{
    my $set = set({ %{ $jwk{'P-256'} }, kid => 'one', alg => 'ES256',
            exp => 4070908800, x5t => 'ignored' },
        { %{ $jwk{'RSA-2048'} }, kid => 'one', use => 'sig',
            key_ops => ['verify'] },
        { %{ $jwk{'P-384'} }, use => 'enc' });
    my $out = succeeds 'a set on standard input', \$set, @add, 'set', @pkj,
        '--jwks', '-', '--role', 'order-batch';
    like $out, qr/^client_id +set\nauth +private_key_jwt\n\n/,
        'is answered for people';
    like $out, qr/^KEY +KID +TYPE +ALG +LABEL +CREATED +EXPIRES +LAST USE +FROM$/m,
        'with a table';
    like $out, qr/^[\w-]{12} +one +P-256 +ES256 +standard input +\d\S+ +2099-/m,
        'which says all of a key';
    like $out, qr/^[\w-]{12} +one +RSA 2048 +- +standard input +\d\S+ +never +- +-$/m,
        'and what is not said of one';
    unlike $out, qr/P-384|secret/, 'a key for encryption is left out';
    $out = succeeds 'shown', @c, 'client', 'show', 'set';
    like $out, qr/^assertion aud +strict\nassertion alg +any that fits\n/m,
        'the rules of its assertions are there';
    like $out, qr/^KEY .*^[\w-]{12} +one +P-256/ms, 'and the same table';
    unlike $out, qr/^SECRET /m, 'but none of secrets';
    my $cl = record('set');
    is_deeply $cl->{keys}[0]{jwk}, { %{ $jwk{'P-256'} }, kid => 'one',
        alg => 'ES256', use => 'sig', exp => 4070908800 },
        'members that are not read are not kept';
    like succeeds('listed', @c, 'client', 'list'),
        qr/CREDENTIALS.*^set +- +yes +private_key_jwt +none +1 +2 +2 +never$/ms,
        'it has two credentials';
}

#
# What is no key
#

# The certificate as a member of a JWK has it.
sub x5c {
    my ($kind) = @_;
    my ($base64) = slurp("$kind.crt") =~ /-----\n(.*?)-----END/s;
    return $base64 =~ tr/\n//dr;
}

sub private { return { %{ $jwk{ $_[0] } }, d => 'AQAB' } }

my $good = $jwk{'P-256'};
my $x    = decode_base64url($good->{x});
spew('both.pem', slurp('P-256.crt'), slurp('P-256.key'));
spew('old.key', slurp('RSA-2048.key') =~ s/BEGIN PRIVATE/BEGIN RSA PRIVATE/r);

for my $row (
    ['a file that is missing', qr/cannot read none: /, 'none'],
    ['a directory', qr/cannot read \.: /, '.'],
    ['a URL in place of a file', qr/URL, not a file: --jwks-uri/,
        'https://client.example.com/jwks'],
    ['nothing', qr/empty, not JSON/, \''],
    ['a comma too many', qr/it is not JSON: line 3, column 3$/m,
        \"{\n  \"keys\": [],\n  }"],
    ['JSON that ends', qr/line 2, column \d+: .*ends too early/,
        \"{\n\"keys\": ["],
    ['a member twice', qr/line 1, column \d+: .*comes twice/,
        \'{"keys":[],"keys":[]}'],
    ['keys of unknown types alone', qr/no key.*key 2.*type/,
        \set({ kty => 'XY' }, $jwk{Ed448})],
    ['a key without a curve', qr/key 2: .*type/, \set($good,
        { kty => 'EC' })],
    ['a private key of an unknown type', qr/key 2 is a private key/,
        \set($good, { %{ $jwk{secp256k1} }, d => 'AQAB' })],
    ['the certificate of another key', qr/key 2: .*x5c is of another key/,
        \set($jwk{'P-384'}, { %$good, x5c => [x5c('RSA-2048')] })],
    ['a certificate that is none', qr/key 1: x5c: /,
        \set({ %$good, x5c => ['AAAA'] })],
    ['a certificate in base64url', qr/key 1: x5c is not base64/,
        \set({ %$good, x5c => ['A-_A'] })],
    ['a certificate that is no string', qr/key 1: x5c is not an array/,
        \set({ %$good, x5c => [1] })],
    ['certificates that are no list', qr/key 1: x5c is not an array/,
        \set({ %$good, x5c => x5c('P-256') })],
    ['no JSON', qr/JSON/, \'key'],
    ['an array', qr/JSON/, \'[]'],
    ['two documents', qr/JSON/, \'{"keys":[]}{}'],
    ['NUL', qr/no text/, \"{}\0"],
    ['no key', qr/key/, \set()],
    ['keys that are no array', qr/keys/, \'{"keys":{}}'],
    ['keys for encryption alone', qr/key/, \set({ %$good, use => 'enc' })],
    ['another kty', qr/key 1.*type/, \set({ kty => 'XY' })],
    ['another curve', qr/key 1/, \set($jwk{secp256k1})],
    ['Ed448', qr/key 1/, \set($jwk{Ed448})],
    ['RSA of 1024 bits', qr/key 1.*2048/, \set($jwk{'RSA-1024'})],
    ['a point that is not on the curve', qr/key 1: /,
        \set({ %$good, y => $good->{x} })],
    ['a coordinate that is too short', qr/key 1.*\bx\b/,
        \set({ %$good, x => encode_base64url(substr $x, 1) })],
    ['an alg of another type', qr/key 2.*alg/,
        \set($jwk{'P-384'}, { %$good, alg => 'RS256' })],
    ['a kid that is no string', qr/key 1.*kid/, \set({ %$good, kid => 1 })],
    ['a key that comes twice', qr/key 2/, \set($good, $good)],
    ['a kid that comes twice', qr/key 2.*kid/, \set({ %$good, kid => 'a' },
        { %{ Jwt::jwk(Jwt::make_key('more.key', 'P-256')) }, kid => 'a' })],
    ['a set of 50 kB', qr/larger than 49152/, \set({ %$good,
        junk => 'x' x 50_000 })],
    ['a private key', qr/key 1 is a private key.*without d, p, q.*jose jwk pub/,
        \Jwt::json(private('P-256'))],
    ['a private key among others', qr/key 2 is a private key/,
        \set($jwk{'RSA-2048'}, private('Ed25519'))],
    ['a private RSA key', qr/key 1 is a private key/,
        \set({ %{ $jwk{'RSA-2048'} }, q => 'AQAB' })],
    ['a private key for encryption', qr/key 1 is a private key/,
        \set({ %{ private('P-256') }, use => 'enc' }, $good)],
    ['a secret', qr/key 1 is a secret.*client_secret_jwt and --secret-file/,
        \set({ kty => 'oct', k => 'A' x 43 })],
    ['a private key in PEM', qr/is a private key.*openssl req -new -x509/,
        'P-256.key'],
    ['a certificate', qr/PEM.*--cert/, 'P-256.crt'],
) {
    my ($name, $text, $file) = @$row;
    my @input = ref $file ? $file : ();
    $file = '-' if ref $file;
    refused "--jwks: $name", 1, qr/^ccgrant: --jwks \Q$file\E: .*$text/,
        @input, @add, 'x', @pkj, '--jwks', $file;
}

openssl(qw(req -new -subj /CN=client -key P-256.key -out P-256.csr));
openssl(qw(crl2pkcs7 -nocrl -certfile P-256.crt -out P-256.p7));
openssl(qw(crl2pkcs7 -nocrl -certfile P-256.crt -outform DER -out P-256.p7d));
openssl(qw(pkcs12 -export -passout pass:x -inkey P-256.key -in P-256.crt -out
    P-256.p12));
openssl(qw(x509 -trustout -in P-256.crt -out P-256.trusted));
openssl(qw(x509 -outform DER -in P-256.crt -out P-256.der));
openssl(qw(pkey -outform DER -in RSA-2048.key -out RSA-2048.keyder));

for my $row (
    ['a file that is missing', qr/cannot read none: /, 'none'],
    ['nothing', qr/\bcertificate/, \''],
    ['no PEM', qr/\bcertificate/, \'certificate'],
    ['a block that is none', qr/certificate/,
        \"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
    ['JSON', qr/JSON.*--jwks/, 'P-256.jwk'],
    ['a key of RSA with 1024 bits', qr/1024 bits, not of 2048/,
        'RSA-1024.crt'],
    ['another curve', qr/P-256, P-384, P-521, Ed25519 or RSA/,
        'secp256k1.crt'],
    ['Ed448', qr/P-256, P-384, P-521, Ed25519 or RSA/, 'Ed448.crt'],
    ['a public key alone', qr/public key alone.*openssl req -new -x509/,
        'P-256.pub'],
    ['a private key', qr/is a private key.*openssl req -new -x509 -key/,
        'P-256.key'],
    ['a private key in an older form', qr/is a private key/, 'old.key'],
    ['a request', qr/is a request.*openssl x509 -req -in/, 'P-256.csr'],
    ['PKCS #7', qr/PKCS #7.*openssl pkcs7 -in FILE -print_certs/, 'P-256.p7'],
    ['PKCS #7 in DER', qr/PKCS #7 in DER.*openssl pkcs7 -inform DER/,
        'P-256.p7d'],
    ['PKCS #12', qr/PKCS #12.*openssl pkcs12 -in FILE -clcerts -nokeys/,
        'P-256.p12'],
    ['a certificate with trust', qr/whom to trust: openssl x509 -in/,
        'P-256.trusted'],
    ['a certificate in DER', qr/in DER.*openssl x509 -inform DER/,
        'P-256.der'],
    ['a key in DER', qr/something else in DER/, 'RSA-2048.keyder'],
    ['a private key beside the certificate',
        qr/private key beside.*openssl x509 -in/, 'both.pem'],
) {
    my ($name, $text, $file) = @$row;
    my @input = ref $file ? $file : ();
    $file = '-' if ref $file;
    refused "--cert: $name", 1, qr/^ccgrant: --cert \Q$file\E: .*$text/,
        @input, @add, 'x', @pkj, '--cert', $file;
}

spew('four', 'four');
# RFC 7517, 5.
like noted('keys of unknown types among others',
    qr/--jwks -: key 2 \(kid odd\) is left out: .*type that is known/,
    \set($good, { %{ $jwk{secp256k1} }, kid => 'odd' },
        $jwk{'RSA-2048'}), @add, 'some', @pkj, '--jwks', '-'),
    qr/ P-256 .* RSA 2048 /s, 'do not keep those out';
refused 'the number of a fault behind one', 1, qr/key 3: /,
    \set($jwk{'P-384'}, { kty => 'RSA', use => 'enc' },
        { %$good, y => $good->{x} }), @add, 'x', @pkj, '--jwks', '-';
# RFC 7517, 4.7.
succeeds 'a key with its certificate', \set({ %$good, x5c => [x5c('P-256'),
    x5c('RSA-2048')] }), @add, 'chain', @pkj, '--jwks', '-';
succeeds 'a set behind a byte order mark', \("\xef\xbb\xbf" . set($good)),
    @add, 'mark', @pkj, '--jwks', '-';

refused $_->[0], 1, $_->[1], @add, 'x', @{$_}[2 .. $#$_] for
    ['no key at all', qr/needs a key: --jwks, --cert or --jwks-uri/, @pkj],
    ['an empty list of keys', qr/needs a key/, @pkj, '--jwks', '', '--cert',
        ''],
    ['an empty URL', qr/needs a key/, @pkj, '--jwks-uri', ''],
    ['a key twice, in two files', qr/--cert.*key 1.*already, in P-256\.jwk/,
        @pkj, '--jwks', 'P-256.jwk', '--cert', 'P-256.crt'],
    ['standard input twice', qr/standard input.*once/, @pkj, '--jwks', '-',
        '--cert', '-'],
    ['standard input for key and secret', qr/standard input.*once/, '--jwks',
        '-', '--secret-file', '-'],
    ['a label for no secret', qr/--secret-label: private_key_jwt has no/,
        @pkj, '--cert', 'P-256.crt', '--secret-label', 'x'],
    ['an end for no secret', qr/--secret-expires: private_key_jwt has no/,
        @pkj, '--cert', 'P-256.crt', '--secret-expires', '1d'],
    ['keys and a URL', qr/either.*--jwks.*--jwks-uri/, @pkj, '--cert',
        'P-256.crt', '--jwks-uri', 'https://client.example.com/jwks'],
    ['a URL without TLS', qr/--jwks-uri: .*https/, @pkj, '--jwks-uri',
        'http://client.example.com/jwks'],
    ['a URL without a host', qr/--jwks-uri: /, @pkj, '--jwks-uri',
        'https:///jwks'],
    ['a URL with a password', qr/--jwks-uri: /, @pkj, '--jwks-uri',
        'https://a:b@client.example.com/jwks'],
    ['an algorithm that is none', qr/--assertion-alg: .*did you mean ES256/,
        @pkj, '--cert', 'P-256.crt', '--assertion-alg', 'ES265'],
    ['no algorithm', qr/--assertion-alg: .*: say ES256, .* or HS512$/m, @pkj, '--cert', 'P-256.crt',
        '--assertion-alg', 'none'],
    ['an HMAC with keys', qr/HS256 is not an algorithm of private_key_jwt/,
        @pkj, '--cert', 'P-256.crt', '--assertion-alg', 'HS256'],
    ['an algorithm that no key is for', qr/none of the client's keys.*RS256/,
        @pkj, '--cert', 'P-256.crt', '--assertion-alg', 'RS256'],
    ['a signature with a secret', qr/RS256 is not.*client_secret_jwt: HS256/,
        '--auth', 'client_secret_jwt', '--assertion-alg', 'RS256'],
    ['another audience', qr/--assertion-aud: say strict or legacy/, @pkj,
        '--cert', 'P-256.crt', '--assertion-aud', 'loose'],
    ['a method that is none',
        qr/--auth: there is no "magic": say .*, private_key_jwt, .* or self_/,
        '--auth', 'magic'],
    ['a secret that is far too short', qr/8 characters.*client_secret_jwt.* 32/,
        '--auth', 'client_secret_jwt', '--secret-file', 'four'],
    ['a method with a slip', qr/did you mean private_key_jwt/, '--auth',
        'private_key_jtw'];
refused 'nothing of all that was made', 1, qr/no client "x"/, @c, 'client',
    'show', 'x';

{
    my @keys = map { my $n = $_; { kty => 'EC', crv => 'P-256', kid => "$n" } }
        1 .. 33;
    my $point = sub {
        my ($key) = @_;
        my $jwk = Jwt::jwk(Jwt::make_key('one.key', 'P-256'));
        return { %$key, x => $jwk->{x}, y => $jwk->{y} };
    };
    @keys = map { $point->($_) } @keys;
    refused '33 keys in a set', 1, qr/32/, \set(@keys), @add, 'x', @pkj,
        '--jwks', '-';
    spew('half', set(@keys[0 .. 16]));
    refused '33 keys in two', 1, qr/may have 32 keys/, \set(@keys[17 .. 32]),
        @add, 'x', @pkj, '--jwks', 'half', '--jwks', '-';
    succeeds '32 keys', \set(@keys[17 .. 31]), @add, 'many', @pkj, '--jwks',
        'half', '--jwks', '-';
    is @{ record('many')->{keys} }, 32, 'are all there';
}

#
# Keys and methods that change
#

{
    my @set = (@c, 'client', 'set', 'turn');
    spew('other.jwk', Jwt::json({ %{ $jwk{'P-256'} }, kid => 'new',
        alg => 'ES256' }));
    succeeds 'a client', @add, 'turn', @pkj, '--cert', 'P-256.crt';
    my ($first) = @{ record('turn')->{keys} };
    succeeds 'both lists', @set, '--jwks', 'other.jwk', '--cert',
        'Ed25519.crt';
    my $keys = record('turn')->{keys};
    is_deeply [map { $_->{label} } @$keys], ['P-256.crt', 'Ed25519.crt'],
        'are one; what was there keeps its label';
    is $keys->[0]{id}, $first->{id}, 'and its id';
    is $keys->[0]{jwk}{kid}, 'new', 'but not what else was said of it';
    succeeds 'an option of another kind', @set, '--name', 'x';
    is @{ record('turn')->{keys} }, 2, 'leaves the keys alone';
    refused 'the last key cannot go', 1, qr/needs a key/, @set, '--jwks', '';
    refused 'a private key', 1, qr/is a private key/, @set, '--cert',
        'P-256.key';
    refused 'an algorithm that no key is for', 1, qr/none of the client's/,
        @set, '--assertion-alg', 'PS256';
    succeeds 'one that a key is for', @set, '--assertion-alg', 'EdDSA',
        '--assertion-aud', 'legacy';
    my $cl = record('turn');
    is_deeply [@$cl{qw(assertion_alg assertion_aud)}], ['EdDSA', 'legacy'],
        'is in the record';
    refused 'then its key cannot go', 1, qr/none of the client's keys.*EdDSA/,
        @set, '--jwks', 'P-256.jwk';
    refused 'nor comes a method that it is not for', 1,
        qr/EdDSA, which is not for client_secret_jwt: .*--assertion-alg/,
        @set, '--auth', 'client_secret_jwt';
    succeeds 'empty values', @set, '--assertion-alg', '', '--assertion-aud',
        '';
    $cl = record('turn');
    is_deeply [@$cl{qw(assertion_alg assertion_aud)}], ['', 'strict'],
        'go back to the defaults';

    my $url = 'https://127.0.0.1:1/jwks';
    refused 'a URL beside keys', 1, qr/give them up with --jwks ""/, @set,
        '--jwks-uri', $url;
    noted 'a URL in their place',
        qr/client is changed; its keys could not be fetched: .+; they are/,
        @set, '--jwks-uri', $url, '--jwks', '';
    $cl = record('turn');
    is_deeply [$cl->{keys}, $cl->{jwks_uri}], [[], $url], 'is there';
    is $cl->{jwks_uri_state}{keys}, 0, 'with what is known of it';
    isnt $cl->{jwks_uri_state}{trouble}, '', 'the trouble too';
    my $out = succeeds 'for people', @c, 'client', 'show', 'turn';
    like $out, qr/^jwks uri +\Q$url\E\nits keys +never fetched\nits trouble +\S/m,
        'the same';
    like run(@c, 'client', 'list')->{out}, qr/^turn .* URL +never$/m,
        'the list says where the keys are';
    refused 'keys beside the URL', 1, qr/give that up with --jwks-uri ""/,
        @set, '--cert', 'P-256.crt';
    succeeds 'keys in its place', @set, '--cert', 'P-256.crt', '--jwks-uri',
        '';
    is record('turn')->{jwks_uri}, '', 'it is gone';

    my $json = json 'a method with secrets', @set, '--auth',
        'client_secret_basic', '--json';
    like $json->{client_secret}, qr/^ccgs_[\w-]{49}$/, 'makes one';
    ok $json->{changed}, 'and says that the client is changed';
    is_deeply json('back again', @set, @pkj, '--json'),
        { client_id => 'turn', changed => JSON::PP::true }, 'makes none';
    is_deeply json('and again', @set, '--auth', 'client_secret_post',
        '--json'), { client_id => 'turn', changed => JSON::PP::true },
        'nor when there is one';

    noted 'a URL that does not answer', qr/the client is made; its keys/,
        @add, 'nowhere', @pkj, '--jwks-uri', $url;
    is record('nowhere')->{jwks_uri}, $url, 'makes a client nevertheless';
    noted 'keys without the method',
        qr/keys are stored, but not used: .* is client_secret_basic/, @add,
        'basic', '--cert', 'P-256.crt';
    noted 'a URL without the method', qr/keys are stored, but not used/, @add,
        'basic-url', '--jwks-uri', $url;
    noted 'an audience without the method', qr/rules of assertions/, @c,
        'client', 'set', 'basic', '--assertion-aud', 'legacy';
    noted 'a secret with keys', qr/secret is stored, but not used/,
        \'correct horse battery', @set, @pkj, '--secret-file', '-';
    noted 'one more', qr/secret is stored, but not used/, @c, 'secret', 'add',
        'turn';
}

#
# Secrets that sign
#

{
    my @set = (@c, 'client', 'set', 'hs');
    my @jwt = ('--auth', 'client_secret_jwt');
    my $json = json 'client_secret_jwt', @add, 'hs', @jwt, '--json', '--role',
        'order-batch';
    like $json->{client_secret}, qr/^ccgs_[0-9a-f]{64}[\w-]{6}$/,
        'has a secret that is long enough for every HMAC';
    like succeeds('for people', @add, 'hs2', @jwt),
        qr/^client_secret +ccgs_.*^Keep the secret now: it will not/ms,
        'it is not said that it is not stored';
    my $list = sub { json 'the secrets', @c, 'secret', 'list', 'hs',
        '--json' };
    is $list->()[0]{kind}, 'sealed', 'it is of a kind of its own';
    my @secrets = $json->{client_secret};
    push @secrets, json('another', @c, 'secret', 'add', 'hs',
        '--json')->{client_secret};
    push @secrets, json('in their place', @c, 'secret', 'rotate', 'hs',
        '--json')->{client_secret};
    is_deeply [map { $_->{kind} } @{ $list->() }], [('sealed') x 3],
        'so are all of the client';
    is scalar(grep {/^ccgs_[0-9a-f]{64}/} @secrets), 3, 'and as long';

    refused 'a short one', 1, qr/shorter than 32 bytes, the least for HS256/,
        \('x' x 31), @c, 'secret', 'add', 'hs', '--secret-file', '-';
    refused 'for a new client too', 1, qr/shorter than 32 bytes/,
        \('x' x 31), @add, 'x', @jwt, '--secret-file', '-';
    refused 'or 47 for HS384', 1, qr/shorter than 48 bytes.*HS384/,
        \('x' x 47), @add, 'x', @jwt, '--secret-file', '-',
        '--assertion-alg', 'HS384';
    refused 'or 63 for HS512', 1, qr/shorter than 64 bytes.*HS512/,
        \('x' x 63), @add, 'x', @jwt, '--secret-file', '-',
        '--assertion-alg', 'HS512';
    succeeds 'one of 32', \('y' x 32), @c, 'secret', 'add', 'hs',
        '--secret-file', '-';
    is $list->()[3]{kind}, 'sealed', 'is sealed though it was chosen';
    refused 'and taken once', 1, qr/has this secret already/, \('y' x 32),
        @c, 'secret', 'add', 'hs', '--secret-file', '-';
    succeeds 'one of 32 in place of all', \('z' x 32), @set, '--secret-file',
        '-';
    refused 'then nothing is for HS512', 1,
        qr/none of the client's secrets.*HS512.*ccgrant secret add/, @set,
        '--assertion-alg', 'HS512';
    succeeds 'with one that is long enough', @c, 'secret', 'add', 'hs';
    succeeds 'there is', @set, '--assertion-alg', 'HS512';
    refused 'then a short one is not taken', 1, qr/shorter than 64.*HS512/,
        \('q' x 63), @c, 'secret', 'rotate', 'hs', '--secret-file', '-';
    like run(@c, 'client', 'list')->{out},
        qr/^hs +- +yes +client_secret_jwt +none +1 +2 +1 +never$/m,
        'the list counts what can be used';

    $json = json 'client_secret_basic', @add, 'was', '--json';
    push @secrets, $json->{client_secret};
    $json = json 'then client_secret_jwt', @c, 'client', 'set', 'was', @jwt,
        '--json';
    like $json->{client_secret} // '', qr/^ccgs_[0-9a-f]{64}/,
        'makes a secret that can sign';
    push @secrets, $json->{client_secret};
    is_deeply json('again', @c, 'client', 'set', 'was', @jwt, '--json'),
        { client_id => 'was', changed => JSON::PP::true }, 'makes none';
    is_deeply json('back', @c, 'client', 'set', 'was', '--auth',
        'client_secret_basic', '--json'),
        { client_id => 'was', changed => JSON::PP::true }, 'nor that';
    refused 'a short one that comes with the method', 1, qr/than 32 bytes/,
        \'correct horse battery', @c, 'client', 'set', 'was', @jwt,
        '--secret-file', '-';
    is record('was')->{auth}, 'client_secret_basic', 'changes nothing';

    my $state = state_bytes($dir);
    is_deeply [grep { index($state, $_) >= 0
            || index($state, substr $_, 5, 64) >= 0
            || index($state, pack 'H*', substr $_, 5, 64) >= 0 }
            @secrets, 'y' x 32, 'z' x 32], [],
        'no secret is in a file of the state directory';
    my $shown = join '', map { run(@c, @$_)->{out} } ['client', 'list'],
        ['client', 'show', 'hs'], ['client', 'show', 'hs', '--json'],
        ['client', 'list', '--json'], ['secret', 'list', 'hs'],
        ['secret', 'list', 'hs', '--json'];
    unlike $shown, qr/ccgs_|"digest"|"sealed":|z{32}/,
        'none is ever shown again, sealed or not';
    like $shown, qr/^[0-9a-f]{8} +- +sealed +yes /m, 'the table has the kind';
}

SKIP: {
    my ($script) = grep { -x } map {"$_/script"} split /:/, $ENV{PATH};
    skip 'no script', 1 unless defined $script;
    spew('in', "n\n");
    my $said = qx($script -qec "$Ctl::program @c client delete set" /dev/null <in);
    like $said, qr/its 0 secrets and 2 keys\? \[y\/N\]/,
        'who deletes a client is told of its keys';
}

#
# Assertions
#

my @make = (@c, 'assertion', 'make', 'partner');

# An ECDSA signature as openssl wants it: both numbers in DER.
sub der {
    my ($sig) = @_;
    my $half = length($sig) / 2;
    my $two = join '', map {
        my $n = s/^\0+(?=.)//sr;
        $n = "\0$n" if ord $n >= 128;
        "\2" . chr(length $n) . $n } substr($sig, 0, $half),
        substr($sig, $half);
    return "\x30" . (length $two > 127 ? "\x81" : '') . chr(length $two)
        . $two;
}

sub verifies {
    my ($jwt, $public) = @_;
    my ($family, $bits) = $jwt->{header}{alg} =~ /^(..)(\d*)/;
    spew('signed', $jwt->{signed});
    spew('sig', $family eq 'ES' ? der($jwt->{sig}) : $jwt->{sig});
    my @pss = $family ne 'PS' ? () : (qw(-sigopt rsa_padding_mode:pss
        -sigopt), 'rsa_pss_saltlen:' . $bits / 8);
    my @words = $bits eq ''
        ? (qw(pkeyutl -verify -rawin -pubin -inkey), $public,
            qw(-sigfile sig -in signed))
        : ('dgst', "-sha$bits", @pss, '-verify', $public,
            qw(-signature sig signed));
    return eval { openssl(@words); 1 };
}

my %usual = ('P-256' => 'ES256', 'P-384' => 'ES384', 'P-521' => 'ES512',
    Ed25519 => 'EdDSA', 'RSA-2048' => 'RS256', 'RSA-3072' => 'RS256');
for my $row (map({ [$_, $usual{$_}] } sort keys %usual),
    map { ['RSA-2048', $_, '--alg', $_] }
        qw(RS384 RS512 PS256 PS384 PS512))
{
    my ($kind, $alg, @more) = @$row;
    my $out = succeeds "$kind signs with $alg", @make, '--key', "$kind.key",
        '--kid', 'k1', @more;
    like $out, qr/\A[\w-]+\.[\w-]+\.[\w-]+\n\z/, 'one line';
    chomp $out;
    my $jwt = Jwt::decode($out);
    is_deeply $jwt->{header}, { alg => $alg, kid => 'k1',
        typ => 'client-authentication+jwt' }, 'its header';
    ok verifies($jwt, "$kind.pub"), 'openssl verifies it';
    my $claims = $jwt->{claims};
    is_deeply [sort keys %$claims], [qw(aud exp iat iss jti sub)],
        'its claims';
    is_deeply [@$claims{qw(iss sub aud)}], ['partner', 'partner',
        $Ctl::issuer], 'who, and for whom';
    ok abs($claims->{iat} - time) < 60
        && $claims->{exp} - $claims->{iat} == 60, 'for a minute';
    like $claims->{jti}, qr/^[\w-]{22}$/, 'jti of 128 bits';
}

{
    my %seen = map { Jwt::decode(run(@make, '--key',
        'P-256.key')->{out} =~ s/\n//r)->{claims}{jti} => 1 } 1 .. 3;
    is keys %seen, 3, 'no jti comes twice';
    my $plain = Jwt::decode(succeeds('no kid', \slurp('P-256.key'), @make,
        '--key', '-') =~ s/\n//r);
    is_deeply $plain->{header}, { alg => 'ES256',
        typ => 'client-authentication+jwt' },
        'is no kid, and the key can come from standard input';
    my $json = json 'as JSON', @make, '--key', 'P-256.key', '--lifetime',
        '5m', '--json';
    is_deeply [sort keys %$json],
        [qw(client_assertion client_assertion_type expires_at)],
        'has the names of the request';
    is $json->{client_assertion_type},
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', 'the type';
    my $claims = Jwt::decode($json->{client_assertion})->{claims};
    is $claims->{exp}, $json->{expires_at}, 'and the end';
    is $claims->{exp} - $claims->{iat}, 300, 'as it was asked for';
    my $endpoint = 'https://as.example.org/oauth2/v1/token';
    my $other = Jwt::decode(succeeds('another audience', @make, '--key',
        'P-256.key', '--aud', $endpoint) =~ s/\n//r);
    is_deeply [$other->{claims}{aud}, $other->{header}{typ}],
        [$endpoint, 'JWT'], 'has the general typ';
    my $same = Jwt::decode(succeeds('the issuer by name', @make, '--key',
        'P-256.key', '--aud', $Ctl::issuer) =~ s/\n//r);
    is $same->{header}{typ}, 'client-authentication+jwt', 'has its own';
    my $quote = Jwt::decode(succeeds('a kid with a quotation mark', @make,
        '--key', 'P-256.key', '--kid', 'a"\\b') =~ s/\n//r);
    is $quote->{header}{kid}, 'a"\\b', 'is itself';
    my $alone = Jwt::decode(succeeds('without a policy', '-c', 'none',
        'assertion', 'make', 'partner', '--key', 'P-256.key', '--aud',
        $Ctl::issuer) =~ s/\n//r);
    is_deeply [$alone->{claims}{aud}, $alone->{header}{typ}],
        [$Ctl::issuer, 'JWT'], 'an audience is enough';
    like succeeds('a form', @make, '--key', 'P-256.key', '--form'),
        qr/\Agrant_type=client_credentials
            &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth
            %3Aclient-assertion-type%3Ajwt-bearer
            &client_assertion=[\w-]+\.[\w-]+\.[\w-]+\n\z/x, 'is a body';
    refused 'a form in JSON', 2, qr/either --form or --json/, @make, '--key',
        'P-256.key', '--form', '--json';
    noted 'one that the server refuses', qr/assertions\.max_lifetime/, @make,
        '--key', 'P-256.key', '--lifetime', '2d';
}

spew('secret', 's' x 64, "\n");
for my $row (['HS256', \&hmac_sha256], ['HS384', \&hmac_sha384],
    ['HS512', \&hmac_sha512])
{
    my ($alg, $hmac) = @$row;
    my $jwt = Jwt::decode(succeeds("a secret signs with $alg", @make,
        '--secret-file', 'secret', $alg eq 'HS256' ? () : ('--alg', $alg))
        =~ s/\n//r);
    is $jwt->{header}{alg}, $alg, 'which its header says';
    ok $jwt->{sig} eq $hmac->($jwt->{signed}, 's' x 64), 'and it is right';
}

spew('short', 's' x 31);
spew('in32', 's' x 32);
spew('long', 'x' x 20_000);
system 'sh', '-c', 'openssl pkey -in P-256.key -aes128 -passout pass:x '
    . '-out locked.key 2>/dev/null';
refused $_->[0], 1, $_->[1], @make, @{$_}[2 .. $#$_] for
    ['no key', qr/either --key.*or --secret-file/],
    ['key and secret', qr/either --key/, '--key', 'P-256.key',
        '--secret-file', 'secret'],
    ['a key that is missing', qr/--key none: cannot read none/, '--key',
        'none'],
    ['a certificate', qr/--key P-256\.crt: /, '--key', 'P-256.crt'],
    ['a public key', qr/--key P-256\.pub: /, '--key', 'P-256.pub'],
    ['a JWK', qr/--key P-256\.jwk: /, '--key', 'P-256.jwk'],
    ['a key with a password', qr/--key locked\.key: /, '--key',
        'locked.key'],
    ['a small key', qr/--key RSA-1024\.key: .*1024/, '--key',
        'RSA-1024.key'],
    ['a key of another curve', qr/--key secp256k1\.key: /, '--key',
        'secp256k1.key'],
    ['a key of 20 kB', qr/larger than 16384/, '--key', 'long'],
    ['an algorithm of another type', qr/--key P-256\.key: .*RS256/, '--key',
        'P-256.key', '--alg', 'RS256'],
    ['an algorithm of another curve', qr/--key P-256\.key: .*ES384/, '--key',
        'P-256.key', '--alg', 'ES384'],
    ['an HMAC with a key', qr/HS256 is for --secret-file/, '--key',
        'P-256.key', '--alg', 'HS256'],
    ['a signature with a secret', qr/ES256 is for --key/, '--secret-file',
        'secret', '--alg', 'ES256'],
    ['no algorithm', qr/--alg: /, '--key', 'P-256.key', '--alg', 'none'],
    ['an algorithm with a slip', qr/did you mean ES256/, '--key',
        'P-256.key', '--alg', 'ES265'],
    ['a short secret', qr/--secret-file: .*RFC 7518, 3\.2/, '--secret-file',
        'short'],
    ['a secret that is short for HS384', qr/--secret-file: .*HS384/,
        '--secret-file', 'in32', '--alg', 'HS384'],
    ['an empty kid', qr/--kid is empty/, '--key', 'P-256.key', '--kid', ''],
    ['a kid of 256 bytes', qr/--kid: .*255/, '--key', 'P-256.key', '--kid',
        'k' x 256],
    ['an empty audience', qr/--aud: /, '--key', 'P-256.key', '--aud', ''],
    ['an audience that is not UTF-8', qr/--aud: /, '--key', 'P-256.key',
        '--aud', "https://\xff"],
    ['no lifetime', qr/--lifetime: from 1 second/, '--key', 'P-256.key',
        '--lifetime', '0'],
    ['a lifetime without end', qr/--lifetime: /, '--key', 'P-256.key',
        '--lifetime', '4000d'];
refused 'an id that is none', 1, qr/visible ASCII/, @c, 'assertion', 'make',
    'a b', '--key', 'P-256.key';
refused 'no policy, and no audience', 1, qr/--aud is not given.*none/, '-c',
    'none', 'assertion', 'make', 'partner', '--key', 'P-256.key';
refused 'no id', 2, qr/ID is missing/, @c, 'assertion', 'make';

SKIP: {
    skip 'only root can be another user', 2 unless $> == 0;
    chmod 0755, $root, $dir;
    spew('their.key', slurp('P-256.key'));
    chmod 0400, 'their.key';
    chown 12345, 12345, 'their.key', 'out', 'err';
    system 'cp', $Ctl::program, "$root/ccgrant";
    local ($Ctl::program, $Ctl::as) = ("$root/ccgrant", 12345);
    my $jwt = Jwt::decode(succeeds('a user who has the key', '-c',
        "$root/$dir/ccgrant.conf", 'assertion', 'make', 'partner', '--key',
        "$root/their.key") =~ s/\n//r);
    is $jwt->{claims}{aud}, $Ctl::issuer, 'needs no right to the state';
}

#
# The commands of README, as they stand there, against a server
#

SKIP: {
    my $kind = Serve->any;
    my ($curl) = grep { -x } map {"$_/curl"} split /:/, $ENV{PATH};
    skip 'no web server, or no curl', 3 unless $kind && $curl;
    my ($part) = slurp($readme) =~ /^CLIENTS THAT SIGN\n(.*?)^[A-Z]/ms;
    my $commands = join "\n", $part =~ /^    (\S.*|    .*)$/mg;
    is scalar(() = $commands =~ /^(?:ccgrant|openssl|curl|\w+=)/mg), 13,
        'README has the whole round';

    my $site = Serve->new;
    $site->start($kind);
    my $url = "http://127.0.0.1:$site->{port}";
    mkdir "$root/$_" or die for qw(bin round);
    spew("$root/bin/ccgrant", "#!/bin/sh\nexec $ENV{BUILDDIR}/ccgrant -c '"
        . $site->policy . "' \"\$@\"\n");
    spew("$root/bin/curl", <<"END");
#!/bin/bash
exec $curl -q -sS -f --noproxy '*' -m 60 -w '\\n' \\
    "\${@/#https:\\/\\/as.example.org/$url}"
END
    chmod 0755, map {"$root/bin/$_"} qw(ccgrant curl);
    spew("$root/round.sh", "set -e\numask 077\n$commands\n");
    my $said = do {
        local $ENV{PATH} = "$root/bin:$ENV{PATH}";
        qx(cd "$root/round" && bash -o pipefail ../round.sh 2>&1);
    };
    is $?, 0, 'all of it works' or diag $said;
    my @tokens = $said =~ /"access_token": ?"([\w.-]+)"/g;
    is_deeply [map { Jwt::decode($_)->{claims}{client_id} } @tokens],
        [qw(partner partner legacy)], 'and gives a token each time'
        or diag $said;
}

done_testing();
