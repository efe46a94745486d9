# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Certificate authorities and the certificates of clients, good and bad, made
# with openssl(1) when first wanted.
#
#     my $ca = Ca->new($directory);
#     $ca->cert('leaf');                   # file, in PEM
#     $ca->key('leaf');                    # file of its private key
#     $ca->pem('leaf');                    # text
#     $ca->subject('leaf');                # "CN=app.example.org,..."
#     $ca->thumbprint('leaf');             # x5t#S256 (RFC 8705, 3.1)
#     $ca->file('ca.pem', 'root', 'inter');   # several in one file
#     Ca::names();                         # all there are
#
# t/data/certs.pem is what this module made once.
#
# Where a piece is missing, cert() dies: ask missing() before.

package Ca;

use strict;
use warnings;
use Digest::SHA qw(sha256);
use MIME::Base64 qw(decode_base64 encode_base64url);

my $client = '/C=DE/O=Example, Inc./OU=Dev+UID=u1/CN=app.example.org';
my @times  = ('20200101000000Z', '20991231235959Z');

my @authority = (
    'basicConstraints = critical, CA:true',
    'keyUsage = critical, keyCertSign, cRLSign',
    'subjectKeyIdentifier = hash',
);
my @signs  = ('keyUsage = critical, digitalSignature');
my @client = ('basicConstraints = CA:false', @signs,
    'extendedKeyUsage = clientAuth');

sub san { return 'subjectAltName = ' . join ', ', @_ }

# A name with a NUL within, which openssl(1) does not write otherwise.
my $nul = "app.example.org\0.example.net";
my $with_nul = 'subjectAltName = DER:' . join ':', map { sprintf '%02x', $_ }
    0x30, 2 + length $nul, 0x82, length $nul, unpack 'C*', $nul;

my $svid = 'URI:spiffe://example.org/app';

# by: its issuer, or itself; key: EC on P-256 unless said.
my %kinds = (
    root => { by => 'root', subject => '/O=Example/CN=Root',
        extensions => \@authority },
    inter => { by => 'root', subject => '/O=Example/CN=Issuing',
        times => ['20200101000000Z', '20981231235959Z'],
        extensions => \@authority },
    'inter-expired' => { by => 'root', subject => '/O=Example/CN=Old',
        times => ['20200101000000Z', '20200102000000Z'],
        extensions => \@authority },
    foreign => { by => 'foreign', subject => '/O=Example/CN=Root',
        extensions => \@authority },
    'root-weak' => { by => 'root-weak', subject => '/O=Example/CN=Weak',
        key => 'rsa:1024', extensions => \@authority },

    leaf => {},
    rsa  => { key => 'rsa:2048' },
    bare => { extensions => [] },
    printable => { strings => 'MASK:0x2' },
    bmp  => { subject => '/CN=Client Öne', strings => 'MASK:0x800' },
    utf8 => { subject => '/CN=Client Öne' },
    long => { subject => '/O=Example/serialNumber=12/2.5.4.12=Dr/CN='
        . 'C' x 64 . '/emailAddress=Ops@Example.org' },
    comma => { subject => '/C=DE/CN=app,OU=Dev' },
    'inter-leaf'   => { by => 'inter' },
    'expired-leaf' => { by => 'inter-expired' },
    'foreign-leaf' => { by => 'foreign' },
    'weak-leaf'    => { by => 'root-weak' },
    expired => { times => ['20200101000000Z', '20200102000000Z'] },
    early   => { times => ['20900101000000Z', $times[1]] },
    server  => { extensions => ['basicConstraints = CA:false', @signs,
        'extendedKeyUsage = serverAuth'] },
    weak => { key => 'rsa:1024' },
    sha1 => { digest => 'sha1' },
    'ca-leaf' => { extensions => ['basicConstraints = CA:true', @signs] },

    self           => { by => 'self' },
    'self-rsa'     => { by => 'self-rsa', key => 'rsa:2048' },
    'self-p384'    => { by => 'self-p384', key => 'P-384' },
    'self-ed25519' => { by => 'self-ed25519', key => 'ed25519' },
    'self-expired' => { by => 'self-expired',
        times => ['20200101000000Z', '20200102000000Z'] },
    'self-early' => { by => 'self-early',
        times => ['20900101000000Z', $times[1]] },

    dns => { san => ['DNS:app.example.org', 'DNS:second.example.org'] },
    'dns-wild' => { san => ['DNS:*.example.org'] },
    'dns-dot'  => { san => ['DNS:app.example.org.'] },
    'dns-nul'  => { extensions => [@client, $with_nul] },
    'dns-ip'   => { san => ['DNS:192.0.2.1'] },
    uri   => { san => ['URI:https://app.example.org/id'] },
    ip    => { san => ['IP:192.0.2.1'] },
    ip6   => { san => ['IP:2001:db8::1'] },
    email => { san => ['email:Ops@Example.org'] },
    all   => { san => ['DNS:app.example.org', 'IP:192.0.2.1',
        'IP:2001:db8::1', 'email:Ops@Example.org', $svid,
        'otherName:1.3.6.1.4.1.311.20.2.3;UTF8:ops@example.org'] },

    svid       => { san => [$svid, 'DNS:app.example.org'] },
    'svid-two' => { san => [$svid, 'URI:spiffe://example.org/other'] },
    'svid-ca'  => { extensions =>
        ['basicConstraints = CA:true', @signs, san($svid)] },
    'svid-sign' => { extensions =>
        ['keyUsage = digitalSignature, keyCertSign', san($svid)] },
    'svid-crl' => { extensions =>
        ['keyUsage = digitalSignature, cRLSign', san($svid)] },
    'svid-bare' => { extensions => [san($svid)] },
    'svid-encipher' => { extensions =>
        ['keyUsage = keyAgreement', san($svid)] },
);

my $config = <<'END';
[req]
prompt = no
utf8 = yes
distinguished_name = dn
string_mask = %s
[dn]
[own]
database = index
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = %s
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
%s
END

# Why there can be no such thing here, or undef.
sub missing {
    return 'no openssl' if system('openssl version >/dev/null 2>&1') != 0;
    return;
}

sub names { return sort keys %kinds }

# Kinds that one test wants beside these.
sub more { my %more = @_; @kinds{ keys %more } = values %more; return }

sub new {
    my ($class, $dir) = @_;
    mkdir $dir;
    die "$dir: $!\n" unless -d $dir;
    return bless { dir => $dir, made => {} }, $class;
}

sub _put {
    my ($file, $text) = @_;
    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $text;
    close $fh or die "$file: $!\n";
    return $file;
}

# What it says.
sub _openssl {
    my ($self, @args) = @_;
    open my $out, '-|', 'sh', '-c', 'cd "$0" && exec openssl "$@" 2>&1',
        $self->{dir}, @args or die "openssl: $!\n";
    my $said = do { local $/; <$out> } // '';
    close $out or die "openssl @args: $said\n";
    return $said;
}

# Arguments that make a key of that kind.
sub _key {
    my ($kind) = @_;
    return ('-newkey', $kind) if $kind !~ /^P-/;
    return ('-newkey', 'ec', '-pkeyopt', "ec_paramgen_curve:$kind");
}

sub _make {
    my ($self, $name) = @_;
    my $kind = $kinds{$name} or die "no certificate is called $name\n";
    my $by   = $kind->{by} // 'root';
    my @issuer = $by eq $name ? ('-selfsign', '-keyfile', "$name.key")
        : ('-cert', "$by.pem", '-keyfile', "$by.key");
    my ($from, $to) = @{ $kind->{times} // \@times };
    my $extensions = $kind->{extensions}
        // [@client, $kind->{san} ? san(@{ $kind->{san} }) : ()];
    $self->cert($by) if $by ne $name;
    _put("$self->{dir}/index", '');
    _put("$self->{dir}/$name.cnf", sprintf $config,
        $kind->{strings} // 'utf8only', $kind->{digest} // 'sha256',
        join "\n", @$extensions);
    $self->_openssl(qw(req -new -nodes -utf8), _key($kind->{key} // 'P-256'),
        '-subj', $kind->{subject} // $client, '-config', "$name.cnf",
        '-keyout', "$name.key", '-out', "$name.csr");
    $self->_openssl(qw(ca -batch -notext -utf8 -preserveDN -name own),
        '-config', "$name.cnf", @issuer, '-in', "$name.csr",
        '-out', "$name.pem", '-startdate', $from, '-enddate', $to);
    $self->{made}{$name} = 1;
    return;
}

sub cert {
    my ($self, $name) = @_;
    $self->_make($name) unless $self->{made}{$name};
    return "$self->{dir}/$name.pem";
}

sub key { my ($self, $name) = @_; return $self->cert($name) =~ s/pem$/key/r }

sub pem {
    my ($self, $name) = @_;
    open my $fh, '<', $self->cert($name) or die "$name: $!\n";
    local $/;
    return <$fh>;
}

# As a record has it (RFC 4514).
sub subject {
    my ($self, $name) = @_;
    $self->cert($name);
    my $said = $self->_openssl(qw(x509 -noout -subject -nameopt RFC2253),
        '-in', "$name.pem");
    return $said =~ s/^subject=\s*|\n\z//gr;
}

sub thumbprint {
    my ($self, $name) = @_;
    my ($base64) = $self->pem($name) =~ /-----\n(.*?)-----/s;
    return encode_base64url(sha256(decode_base64($base64)));
}

sub file {
    my ($self, $file, @names) = @_;
    return _put("$self->{dir}/$file", join '', map { $self->pem($_) } @names);
}

# All of them, each behind its name.
sub write_all {
    my ($self, $file) = @_;
    return _put($file, join '', map { "# $_\n" . $self->pem($_) } names());
}

1;
