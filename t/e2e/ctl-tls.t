#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The administrator's command for certificates, bound tokens and profiles: what
# a record says of them, what the policy's authorities are, and the commands of
# README as they stand there.

use strict;
use warnings;
use Cwd qw(abs_path);
use Digest::SHA qw(sha256);
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use MIME::Base64 qw(decode_base64 encode_base64url);
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

sub openssl {
    my (@words) = @_;
    system('sh', '-c', 'exec openssl "$@" >/dev/null 2>&1', 'sh', @words)
        == 0 or die "openssl @words failed\n";
    return;
}

# A self-signed certificate, NAME.pem, and its key; ca: 'TRUE' or 'FALSE'.
sub make_cert {
    my ($name, $ca) = @_;
    spew("$name.cnf", "[req]\nprompt = no\ndistinguished_name = dn\n"
        . "x509_extensions = ext\n[dn]\nO = Example\nCN = $name\n"
        . "[ext]\nbasicConstraints = critical, CA:$ca\n"
        . ($ca eq 'TRUE' ? "keyUsage = critical, keyCertSign\n" : ''));
    openssl(qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes
        -days 30), '-config', "$name.cnf", '-keyout', "$name.key", '-out',
        "$name.pem");
    return "$name.pem";
}

make_cert($_, 'TRUE') for qw(ca other);
make_cert('client', 'FALSE');

# A site with more lines in its policy; CA files stand in cas/.
sub tls_site {
    my ($lines) = @_;
    my ($dir, @words) = site();
    mkdir "$dir/cas" or die "$dir/cas: $!\n";
    spew("$dir/cas/$_.pem", slurp("$_.pem")) for qw(ca other);
    change($dir, $lines);
    return ($dir, @words);
}

my %bare;    # the policies without them

sub change {
    my ($dir, $lines) = @_;
    $bare{$dir} //= slurp("$dir/ccgrant.conf");
    return spew("$dir/ccgrant.conf", $bare{$dir}, $lines);
}

my $cas = "mtls : { ca = [ \"cas/ca.pem\", \"cas/other.pem\" ]; };\n";
my ($dir, @c) = tls_site($cas);
my $where = abs_path($dir);
my @add = (@c, 'client', 'add');
my @set = (@c, 'client', 'set', 'x');
my @tls = ('--auth', 'tls_client_auth');
my @own = ('--auth', 'self_signed_tls_client_auth');
sub record { return json('the record', @c, 'client', 'show', $_[0], '--json') }

like succeeds('the policy', @c, 'policy', 'check'), qr/\A\S+: ok\n\z/,
    'has nothing to warn of';

#
# What a certificate is known by
#

my @subjects = (
    ['dn', 'subject-dn', 'subject_dn', 'CN=batch,O=Example\, Inc.,C=DE'],
    ['dns', 'san-dns', 'san_dns', 'batch.example.org'],
    ['uri', 'san-uri', 'san_uri', 'spiffe://example.org/batch'],
    ['ip', 'san-ip', 'san_ip', '2001:db8::1'],
    ['email', 'san-email', 'san_email', 'Batch@example.org'],
);
for my $row (@subjects) {
    my ($kind, $option, $member, $value) = @$row;
    is_deeply json("tls_client_auth by $kind", @add, $kind, @tls,
        "--tls-$option", $value, '--json'),
        { client_id => $kind, token_endpoint_auth_method => 'tls_client_auth',
        "tls_client_auth_$member" => $value },
        'is told by the names of RFC 8705, and has no secret';
    my $cl = record($kind);
    is_deeply [@$cl{qw(auth subject subject_value tls_ca)},
        scalar @{ $cl->{secrets} }], ['tls_client_auth', $kind, $value, '', 0],
        'and so is the record';
    like succeeds('shown', @c, 'client', 'show', $kind),
        qr/^\Q@{[$member =~ tr{_}{ }r]}\E +\Q$value\E\ntls ca +any of the/m,
        'with its subject';
}
{
    my $out = succeeds 'made', @add, 'x', @tls, '--tls-subject-dn', 'CN=x';
    like $out, qr/\Aclient_id +x\nauth +tls_client_auth\nsubject dn +CN=x\n/,
        'and told, for people';
    unlike $out, qr/secret/, 'without a word of secrets';
    like succeeds('listed', @c, 'client', 'list'),
        qr/^x +- +yes +tls_client_auth +none +0 +0 +subject +never$/m,
        'it has a subject';
    unlike succeeds('shown', @c, 'client', 'show', 'x'), qr/^SECRET /m,
        'and no table of secrets';
    succeeds 'another subject', @set, '--tls-san-dns', 'x.example.org';
    is_deeply [@{ record('x') }{qw(subject subject_value)}],
        ['dns', 'x.example.org'], 'is in the place of the first';
    succeeds 'an empty one of another kind', @set, '--tls-san-ip', '';
    is record('x')->{subject}, 'dns', 'changes nothing';
    succeeds 'an empty one beside a full one', @set, '--tls-san-dns', '',
        '--tls-san-uri', 'https://x.example.org/';
    is record('x')->{subject}, 'uri', 'is the full one';
    refused 'none at all', 1, qr/needs the subject.*--tls-subject-dn/, @set,
        '--tls-san-uri', '';
    is record('x')->{subject}, 'uri', 'changes nothing either';
}

refused "$_->[0]", 1, $_->[1], @add, 'y', @tls, @{$_}[2 .. $#$_] for
    ['no subject', qr/needs the subject.*--tls-subject-dn.*--tls-san-dns/],
    ['an empty subject', qr/needs the subject/, '--tls-subject-dn', ''],
    ['two subjects', qr/one subject alone.*--tls-subject-dn or --tls-san-ip/,
        '--tls-subject-dn', 'CN=y', '--tls-san-ip', '192.0.2.1'],
    ['a name with slashes', qr/--tls-subject-dn: .*slashes.*CN=batch/,
        '--tls-subject-dn', '/O=Example/CN=y'],
    ['a name that is none', qr/--tls-subject-dn: /, '--tls-subject-dn', 'y'],
    ['an attribute that is none', qr/--tls-subject-dn: /, '--tls-subject-dn',
        'CN=y,XYZZY=1'],
    ['a wildcard', qr/--tls-san-dns: .*wildcard/, '--tls-san-dns',
        '*.example.org'],
    ['an address as DNS name', qr/--tls-san-dns: .*IP/, '--tls-san-dns',
        '192.0.2.1'],
    ['a URI that is none', qr/--tls-san-uri: /, '--tls-san-uri', 'batch'],
    ['a SPIFFE ID that is none', qr/--tls-san-uri: .*SPIFFE/, '--tls-san-uri',
        'spiffe://Example.org/y'],
    ['a network', qr/--tls-san-ip: /, '--tls-san-ip', '192.0.2.0/24'],
    ['an address with a leading zero', qr/--tls-san-ip: /, '--tls-san-ip',
        '192.0.2.01'],
    ['a mail address without host', qr/--tls-san-email: /, '--tls-san-email',
        'y'],
    ['a label for a secret', qr/--secret-label: tls_client_auth has no secret/,
        '--tls-subject-dn', 'CN=y', '--secret-label', 'first'];

#
# Which authority
#

for my $row (['its name', 'ca.pem'], ['what the policy has', 'cas/ca.pem'],
    ['the whole name', "$where/cas/ca.pem"]) {
    succeeds "an authority by $row->[0]", @set, '--tls-ca', $row->[1];
    is record('x')->{tls_ca}, "$where/cas/ca.pem", 'is the file';
    like succeeds('shown', @c, 'client', 'show', 'x'),
        qr/^tls ca +\Q$where\E\/cas\/ca\.pem$/m, 'by its whole name';
    succeeds 'any of them again', @set, '--tls-ca', '';
    is record('x')->{tls_ca}, '', 'is none of them';
}
refused "an authority: $_->[0]", 1, $_->[1], @set, '--tls-ca', $_->[2] for
    ['another file', qr/--tls-ca: .*no such file; its first is .*ca\.pem/,
        'mine.pem'],
    ['a part of a name', qr/no such file/, 'a.pem'],
    ['a directory', qr/no such file/, 'cas'];
{
    mkdir "$dir/more";
    spew("$dir/more/ca.pem", slurp('other.pem'));
    change($dir, 'mtls : { ca = [ "cas/ca.pem", "more/ca.pem" ]; };' . "\n");
    refused 'a name that two files have', 1, qr/can be .*cas.*or .*more/, @set,
        '--tls-ca', 'ca.pem';
    succeeds 'more of it', @set, '--tls-ca', 'more/ca.pem';
    change($dir, $cas);
    noted 'a change when the policy has the file no more',
        qr/under .*more\/ca\.pem, which is not in .*mtls\.ca/, @set, '--name',
        'X';
    like succeeds('the policy', @c, 'policy', 'check'),
        qr/^warning: client x: .*more\/ca\.pem.*--tls-ca$/m, 'warns of it';
    succeeds 'given up', @set, '--tls-ca', '';
}

#
# Certificates that the client has made
#

{
    my $out = succeeds 'self_signed_tls_client_auth', @add, 'own', @own,
        '--cert', 'client.pem';
    like $out, qr/^auth +self_signed_tls_client_auth\n\nKEY .*client\.pem/ms,
        'has a key, which is printed';
    unlike $out, qr/secret/, 'and no secret';
    is scalar @{ record('own')->{keys} }, 1, 'it is in the record';
    succeeds 'as a JWK', \Jwt::json(Jwt::jwk('client.key')), @add, 'jwk',
        @own, '--jwks', '-';
    is record('jwk')->{keys}[0]{id}, record('own')->{keys}[0]{id},
        'it is the same';
    like succeeds('listed', @c, 'client', 'list'),
        qr/^own +- +yes +self_signed_tls_client_auth +none +0 +0 +1 +never$/m,
        'it has one credential';
    refused 'no key', 1, qr/self_signed_tls_client_auth needs a key: --jwks/,
        @add, 'y', @own;
    refused 'no key any more', 1, qr/needs a key/, @c, 'client', 'set', 'own',
        '--cert', '';
    succeeds 'a secret, for a client that then shows a certificate', @add,
        'was';
    my $json = json 'it gets a certificate', @c, 'client', 'set', 'was', @own,
        '--cert', 'client.pem', '--json';
    is_deeply $json, { client_id => 'was', changed => JSON::PP::true },
        'and no secret';
    $json = json 'and back', @c, 'client', 'set', 'was', '--auth',
        'client_secret_basic', '--json';
    is $json->{client_secret}, undef, 'it still has its first one';
    $json = json 'one that has none', @c, 'client', 'set', 'jwk', '--auth',
        'client_secret_basic', '--json';
    like $json->{client_secret}, qr/^ccgs_/, 'gets one';
}

# Within a second the records do not differ.
succeeds 'a client', @add, 'dupe', @tls, '--tls-subject-dn', 'CN=x';
refused 'the same once more', 1, qr/there is a client "dupe" already/, @add,
    'dupe', @tls, '--tls-subject-dn', 'CN=x' for 1 .. 3;

noted $_->[0], $_->[1], @{$_}[2 .. $#$_] for
    ['a subject without its method',
        qr/certificate is stored, but not used.*client_secret_basic/, @add,
        'note1', '--tls-subject-dn', 'CN=y'],
    ['keys for tls_client_auth', qr/keys are stored, but not used/, @add,
        'note2', @tls, '--tls-subject-dn', 'CN=y', '--cert', 'client.pem'],
    ['rules of assertions', qr/rules of assertions are stored, but not/, @add,
        'note3', @own, '--cert', 'client.pem', '--assertion-alg', 'ES256'],
    ['a secret', qr/secret is stored, but not used.*tls_client_auth/,
        \'a secret of mine', @add, 'note4', @tls, '--tls-subject-dn', 'CN=y',
        '--secret-file', '-'],
    ['a secret later', qr/secret is stored, but not used.*tls_client_auth/, @c,
        'secret', 'add', 'note2'];

#
# What tokens must be bound to, and profiles
#

for my $row (['bind', 'bind', 'none', qw(mtls dpop any)],
    ['dpop-nonce', 'dpop_nonce', 'default', qw(off on required)],
    ['profile', 'profile', 'none', 'fapi2']) {
    my ($option, $member, $preset, @words) = @$row;
    is record('own')->{$member}, $preset, "--$option: $preset by default";
    for my $word (@words) {
        succeeds $word, @c, 'client', 'set', 'own', "--$option", $word;
        is record('own')->{$member}, $word, 'is in the record';
    }
    succeeds 'nothing', @c, 'client', 'set', 'own', "--$option", '';
    is record('own')->{$member}, $preset, 'is the default again';
    refused 'something else', 1, qr/--$option: say $preset/, @c, 'client',
        'set', 'own', "--$option", 'maybe';
}
{
    my @x = (@c, 'client', 'set', 'own');
    succeeds 'all of it', @x, '--bind', 'any', '--dpop-nonce', 'required';
    like succeeds('shown', @c, 'client', 'show', 'own'),
        qr/^bind +any\ndpop nonce +required\nprofile +none$/m, 'is there';
    like succeeds('listed', @c, 'client', 'list'),
        qr/^own +- +yes +self_signed_tls_client_auth +any /m, 'and here';
    refused 'a token from the command', 1, qr/must be bound \(any\)/, @c,
        'token', 'issue', 'own';
    succeeds 'FAPI 2.0', @x, '--bind', '', '--profile', 'fapi2';
    like succeeds('shown', @c, 'client', 'show', 'own'),
        qr/^bind +none \(fapi2: any\)\n.*^profile +fapi2$/ms, 'demands it, too';
    refused 'a token then', 1, qr/must be bound \(any\)/, @c, 'token', 'issue',
        'own';
    succeeds 'neither', @x, '--profile', '', '--role', 'order-batch';
    like succeeds('a token at last', @c, 'token', 'issue', 'own', '--json'),
        qr/"token_type": ?"Bearer"/, 'is of the kind Bearer';

    refused "FAPI 2.0: $_->[0]", 1, $_->[1], @add, 'y', '--profile', 'fapi2',
        @{$_}[2 .. $#$_] for
        ['a secret', qr/FAPI 2\.0.*no shared secret.*private_key_jwt/],
        ['a secret that signs', qr/FAPI 2\.0.*no shared secret/, '--auth',
            'client_secret_jwt'],
        ['another audience', qr/FAPI 2\.0.*strict/, '--auth',
            'private_key_jwt', '--cert', 'client.pem', '--assertion-aud',
            'legacy'];
    succeeds 'a client of FAPI 2.0', @add, 'fapi', '--profile', 'fapi2', @own,
        '--cert', 'client.pem';
    refused 'a secret for it', 1, qr/no shared secret/, @c, 'client', 'set',
        'fapi', '--auth', 'client_secret_basic';
}

#
# What a token says
#

{
    my $cnf = { 'x5t#S256' => 'A' x 43, jkt => 'B' x 43 };
    my $key = Jwt::make_key('strange.key', 'P-256');
    my $out = run(\Jwt::make($key, 'ES256', { alg => 'ES256', kid => 'none' },
        { iss => 'x', cnf => $cnf }), @c, 'token', 'inspect', '-')->{out};
    like $out, qr/^bound to the certificate .* A{43}$/m,
        'inspect: the certificate';
    like $out, qr/^bound to the DPoP key .* B{43}$/m, 'and the key';
    $out = run(\Jwt::make($key, 'ES256', { alg => 'ES256', kid => 'none' },
        { iss => 'x', cnf => 'bogus' }), @c, 'token', 'inspect', '-')->{out};
    unlike $out, qr/^bound/m, 'or none of them';
}

#
# The policy
#

spew("$dir/cas/empty.pem", '');
spew("$dir/cas/leaf.pem",  slurp('client.pem'));
for my $row (['missing', qr/cannot read .*none\.pem/, 'none.pem'],
    ['empty', qr/empty\.pem/, 'empty.pem'],
    ['no authority', qr/leaf\.pem.*authority/, 'leaf.pem']) {
    my ($name, $text, $file) = @$row;
    change($dir, "mtls : { ca = [ \"cas/ca.pem\",\n\"cas/$file\" ]; };\n");
    my $line = slurp("$dir/ccgrant.conf") =~ tr/\n//;
    refused "a file that is $name", 1,
        qr/ccgrant\.conf:$line: mtls\.ca: .*$text/, @c, 'policy', 'check';
    refused 'in JSON too', 1, $text, @c, '--json', 'policy', 'check';
    run(@c, 'init')->{status} == 0 or fail 'init works nevertheless';
}

for my $row (['missing', qr/cannot read .*none\.pem/, 'none.pem'],
    ['empty', qr/empty\.pem: there is no certificate/, 'empty.pem'],
    ['a directory', qr/cannot read /, '.']) {
    my ($name, $text, $file) = @$row;
    change($dir, "jwks : { ca = \"cas/$file\"; };\n");
    refused "authorities of hosts: $name", 1,
        qr/ccgrant\.conf:\d+: jwks\.ca: .*$text/, @c, 'policy', 'check';
}
change($dir, "$cas jwks : { ca = \"cas/leaf.pem\"; };\n");
is succeeds('the certificate of a host', @c, 'policy', 'check'),
    "$dir/ccgrant.conf: ok\n", 'is as good as an authority';

my $header = 'mtls : { ca = [ "cas/ca.pem" ]; header = "Client-Cert"; };';
for my $row (
    ['a header that nobody may send', qr/mtls\.header .*without proxies/,
        $header],
    ['proxies without a header', qr/proxies .*without mtls\.header/,
        "$cas proxies = [ \"127.0.0.1\" ];"],
    ['proxies anywhere', qr/proxies .*any certificate/,
        "$header proxies = [ \"0.0.0.0/0\" ];"],
    ['proxies anywhere in IPv6', qr/proxies .*any certificate/,
        "$header proxies = [ \"::1\", \"2000::/3\" ];"],
    ['proxies without a header, and networks',
        qr/networks .*addresses of proxies/, "$cas proxies = "
            . '[ "::1" ]; networks = [ "10.0.0.0/8" ];'],
    ['addresses that nobody may send', qr/forwarded .*without proxies/,
        "$cas forwarded = \"forwarded\";"],
    ['proxies anywhere that tell addresses', qr/proxies .*from anywhere/,
        "$cas forwarded = \"forwarded\"; proxies = [ \"::/0\" ];"],
    ['no authority any more', qr/client x: .*mtls\.ca/, ''],
    ['a profile that clients do not fit',
        qr/^warning: client note1: FAPI 2\.0/m, "$cas profile = \"fapi2\";"],
) {
    my ($name, $text, $lines) = @$row;
    change($dir, "$lines\n");
    my $out = succeeds $name, @c, 'policy', 'check';
    like $out, $text, 'is warned of';
}
change($dir, "$header proxies = [ \"127.0.0.1\", \"2001:db8:1::/48\" ];\n");
is succeeds('a header and whose', @c, 'policy', 'check'),
    "$dir/ccgrant.conf: ok\n", 'is nothing to warn of';
change($dir, "$cas proxies = [ \"127.0.0.1\" ]; networks = [ \"::1\" ];\n"
    . "forwarded = \"x-forwarded-for\";\n");
is succeeds('addresses and whose', @c, 'policy', 'check'),
    "$dir/ccgrant.conf: ok\n", 'is nothing to warn of';

change($dir, '');
noted 'tls_client_auth without an authority', qr/names no certificate autho/,
    @add, 'early', @tls, '--tls-subject-dn', 'CN=early';
refused 'one by name', 1, qr/--tls-ca: .*names no certificate authority/,
    @set, '--tls-ca', 'ca.pem';
change($dir, "mtls : { required = true; };\n");
succeeds 'a client', @add, 'any', '--bind', 'dpop';
refused 'with a certificate for everybody', 1, qr/bound \(mtls and dpop\)/,
    @c, 'token', 'issue', 'any';
like succeeds('shown', @c, 'client', 'show', 'any'),
    qr/^bind +dpop \(mtls\.required: mtls and dpop\)$/m,
    'is demanded beside what the record says';
change($dir, "profile = \"fapi2\";\n");
like succeeds('shown', @c, 'client', 'show', 'any'),
    qr/^bind +dpop\n.*^profile +none \(the policy: fapi2\)$/ms,
    'so is the profile of the policy';
refused 'a secret where the policy has FAPI 2.0', 1, qr/no shared secret/,
    @add, 'y';
{
    my ($more, @words) = tls_site('');
    succeeds "client $_", @words, 'client', 'add', "c$_" for 10 .. 33;
    change($more, "profile = \"fapi2\";\n");
    my $out = succeeds 'many that do not fit', @words, 'policy', 'check';
    is scalar(() = $out =~ /^warning: client c/mg), 20, 'are not all named';
    like $out, qr/^warning: 4 more clients do not fit/m, 'but counted';
}

#
# The commands of README, as they stand there, against a server
#

SKIP: {
    my ($kind) = grep { !Serve->missing($_) }
        qw(nginx apache-proxy-fcgi);
    my ($curl) = grep { -x } map {"$_/curl"} split /:/, $ENV{PATH};
    skip 'neither nginx nor Apache, or no curl', 4 unless $kind && $curl;
    my ($part) = slurp($readme)
        =~ /^CERTIFICATES AND BOUND TOKENS\n(.*?)^[A-Z]/ms;
    my ($lines) = $part =~ /^    (mtls : .*)$/m;
    my $commands = join "\n", grep { !/^mtls : / }
        $part =~ /^    (\S.*|    .*)$/mg;
    my ($make, $use) = $commands =~ /\A(.*?)^(ccgrant .*)\z/ms;
    is scalar(() = $commands =~ /^(?:ccgrant|openssl|curl|\w+=)/mg), 12,
        'README has the whole round';

    mkdir "$root/$_" or die for qw(bin round);
    my $sh = sub {
        spew("$root/round.sh", "set -e\numask 077\n$_[0]\n");
        local $ENV{PATH} = "$root/bin:$ENV{PATH}";
        return scalar qx(cd "$root/round" && bash -o pipefail ../round.sh 2>&1);
    };
    my $said = $sh->($make);
    is $?, 0, 'certificates are made' or diag $said;
    my $site = Serve->new(policy => "$lines\n");
    my $ca = $site->put('client-cas.pem', slurp('round/client-cas.pem'));
    $site->start($kind, tls => sub {
        return $_[0] =~ s{/\S+/client-cas\.pem}{$ca}gr;
    });
    spew('round/ca.crt', slurp($site->dir . '/run/localhost.crt'));
    my $url = "https://localhost:$site->{tls_port}";
    spew("$root/bin/ccgrant", "#!/bin/sh\nexec $ENV{BUILDDIR}/ccgrant -c '"
        . $site->policy . "' \"\$@\"\n");
    spew("$root/bin/curl", <<"END");
#!/bin/bash
exec $curl -q -sS -f --noproxy '*' -m 60 -w '\\n' --cacert ca.crt \\
    --resolve 'localhost:$site->{tls_port}:127.0.0.1' \\
    "\${@/#https:\\/\\/mtls.example.org/$url}"
END
    chmod 0755, map {"$root/bin/$_"} qw(ccgrant curl);
    $said = $sh->($use);
    is $?, 0, 'all of it works' or diag $said;
    my $thumb = sub {
        my ($der) = slurp("round/$_[0].crt") =~ /-----\n(.*?)-----/s;
        return encode_base64url(sha256(decode_base64($der)));
    };
    my @claims = map { Jwt::decode($_)->{claims} }
        $said =~ /"access_token": ?"([\w.-]+)"/g;
    is_deeply [map { [@$_{qw(client_id cnf)}] } @claims],
        [map { [$_->[0], { 'x5t#S256' => $thumb->($_->[1]) }] }
            [qw(batch batch)], [qw(probe probe)], [qw(monthly batch)]],
        'and gives bound tokens' or diag $said;
}

done_testing();
