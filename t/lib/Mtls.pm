# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Clients with certificates (RFC 8705), case by case, behind a real web server
# with TLS and the lines that its snippet says to write.  The ids are those of
# the catalogue that cases.t has; OWN are cases beside it.
#
#     Mtls::run('nginx');
#
# Options: alone, whether a certificate that the web server cannot verify
# reaches the responder only when it is in the server's own file; and those of
# Serve::Server::start.

package Mtls;

use strict;
use warnings;
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Ca;
use Dpop;
use Jwt;
use Rows;
use Serve;

my ($site, $ca, %option, %secret, $sign, @rows);
my $bad = '400 invalid_request';
my $no  = '401 invalid_client';

# The web server, TLS or ccgrant may refuse it, in this order.
my $any = qr/^(?:0|400|401 invalid_client) /;

sub run {
    (my $kind, %option) = @_;
    my $missing = Serve->missing($kind);
    plan skip_all => $missing if $missing;
    @rows = ();
    $site = Serve->new(policy => <<'END');
mtls : { ca = [ "client-cas.pem", "other-cas.pem" ];
         base = "https://mtls.as.example.org"; };
END
    certificates();
    clients();
    $site->start($kind, tls => 1, %option);
    all_rows();
    my @tokens = map { Rows::run($_, $kind, \&send_row) } @rows;
    one_connection();
    resumption($_) for '1.2', '1.3';
    versions();
    spoofed($kind);
    documentation();
    metadata();
    check_log(@tokens);
    undef $site;
    return done_testing();
}

#
# Certificates.
#

my @leaf = ('basicConstraints = critical, CA:false',
    'keyUsage = critical, digitalSignature');
my @signs = ('basicConstraints = critical, CA:true',
    'keyUsage = critical, keyCertSign, cRLSign');
my $one = '/C=DE/O=Example, Inc./OU=Dev/CN=Client One';
my $one_dn = 'CN=Client One,OU=Dev,O=Example\\, Inc.,C=DE';
my %san = (dns => 'DNS:api.client.example', ip4 => 'IP:192.0.2.7',
    ip6 => 'IP:2001:db8::7', email => 'email:Batch@Client.example',
    uri => 'URI:https://client.example/Batch',
    svid => 'URI:spiffe://example.org/ns/batch');

# Certificates that are nearly for the client of the kind: kind and number,
# subject alternative name, subject.
my @near = (['dns1', 'DNS:*.client.example'],
    ['dns2', 'DNS:api.client.example.'], ['dns3', 'DNS:client.example'],
    ['dns4', 'DNS:x.example', '/CN=api.client.example'],
    ['dns5', 'URI:api.client.example'], ['dns6', 'email:api.client.example'],
    ['dns7', 'DNS:api.client.example.evil.example'],
    ['ip41', 'DNS:192.0.2.7'], ['ip42', 'IP:192.0.2.8'],
    ['ip43', 'IP:::ffff:192.0.2.7'], ['ip61', 'IP:2001:db8::8'],
    ['ip62', 'DNS:2001-db8--7'], ['email1', 'email:batch@client.example'],
    ['email2', 'email:Batch@client.example.org'],
    ['email3', 'DNS:x', '/CN=x/emailAddress=Batch@client.example'],
    ['email4', 'URI:Batch@client.example'],
    ['uri1', 'URI:https://client.example/batch'],
    ['uri2', 'URI:https://client.example/Batch/'],
    ['uri3', 'URI:https://CLIENT.example/Batch'],
    ['uri4', 'DNS:x', '/CN=https:\\/\\/client.example\\/Batch'],
    ['svid1', "$san{svid}, $san{uri}"]);

# Beside those of Ca: fake has the name of root, and another key.
sub kinds {
    my ($kind, @by) = ('subject', by => 'root');
    my @san = map { ["san-$_", $san{$_}] } sort keys %san;
    return (
        fake => { by => 'fake', subject => '/O=Example/CN=Root',
            extensions => \@signs },
        second => { by => 'second', subject => '/CN=Second',
            extensions => \@signs },
        unknown => { by => 'root', subject => '/CN=Unknown',
            extensions => \@signs },
        one   => { subject => $one },
        onersa => { subject => $one, key => 'rsa:2048' },
        onetext => { subject => $one, strings => 'MASK:0x2' },
        blanks => { subject => $one =~ s/Client One/client  ONE/r },
        two   => { subject => $one =~ s/One/Two/r },
        more  => { subject => "$one/CN=x" },
        less  => { subject => $one =~ s{/OU=Dev}{}r },
        order => { subject => '/CN=Client One/OU=Dev/O=Example, Inc./C=DE' },
        joined => { subject => $one =~ s{/CN}{+CN}r },
        text  => { subject => '/C=DE/O=Example, Inc./CN=Client One,OU=Dev' },
        via   => { subject => $one, by => 'inter' },
        lost  => { subject => $one, by => 'unknown' },
        other => { subject => $one, by => 'second' },
        faked => { subject => $one, by => 'fake' },
        own   => { subject => $one, by => 'own' },
        stale => { subject => $one,
            times => ['20200101000000Z', '20200102000000Z'] },
        early1 => { subject => $one,
            times => ['20900101000000Z', '20991231235959Z'] },
        serves => { subject => $one, extensions => [@leaf,
            'extendedKeyUsage = serverAuth'] },
        stranger => { by => 'stranger' },
        'san-many' => { san => [@san{qw(dns ip4 uri)}] },
        'san-svidca' => { extensions => [@signs,
            "subjectAltName = $san{svid}"] },
        map { $_->[0] => { subject => $_->[2] // '/CN=San',
            san => [$_->[1]] } } @san, @near,
    );
}

sub certificates {
    $ca = Ca->new($site->dir . '/run/ca');
    Ca::more(kinds());
    $site->put('client-cas.pem', join '', map { $ca->pem($_) }
        qw(root inter));
    $site->put('other-cas.pem', $ca->pem('second'));
    $site->put('web-cas.pem', join '', map { $ca->pem($_) }
        qw(root inter second self self-rsa own));
    return;
}

#
# Clients.
#

sub add {
    my ($id, @options) = @_;
    $secret{$id} = $site->client($id, '--role', 'order-batch', @options);
    return;
}

sub clients {
    my @tls = ('--auth', 'tls_client_auth');
    my @own = ('--auth', 'self_signed_tls_client_auth');
    add('dn', @tls, '--tls-subject-dn', $one_dn);
    add('issuer', @tls, '--tls-subject-dn', 'CN=Test Root,C=DE');
    add('tied', @tls, '--tls-subject-dn', $one_dn, '--tls-ca',
        'client-cas.pem');
    add('dns', @tls, '--tls-san-dns', 'API.client.example');
    add('ip4', @tls, '--tls-san-ip', '192.0.2.7');
    add('ip6', @tls, '--tls-san-ip', '2001:DB8:0:0::7');
    add('email', @tls, '--tls-san-email', 'Batch@client.EXAMPLE');
    add('uri', @tls, '--tls-san-uri', 'https://client.example/Batch');
    add('svid', @tls, '--tls-san-uri', 'spiffe://example.org/ns/batch');
    add('near', @tls, '--tls-subject-dn', $one_dn, '--network',
        '127.0.0.0/8');
    add('far', @tls, '--tls-subject-dn', $one_dn, '--network',
        '192.0.2.0/24');
    add('off', @tls, '--tls-subject-dn', $one_dn);
    $site->ctl(qw(client disable off));
    add('self', @own, '--cert', $ca->cert('self'));
    add('selfrsa', @own, '--cert', $ca->cert('self-rsa'));
    add('selfjwk', @own, '--jwks', $site->put('run/self.jwks',
        Jwt::json(Jwt::jwk($ca->key('self')))));
    add('basic');
    add('bound', '--bind', 'mtls');
    add('either', '--bind', 'any');
    $sign = Jwt::make_key($site->dir . '/run/sign.key', 'P-256');
    my $jwks = $site->put('run/sign.jwks', Jwt::json(Jwt::jwk($sign)));
    add('signs', '--auth', 'private_key_jwt', '--jwks', $jwks, '--bind',
        'mtls');
    return;
}

#
# What is sent.
#

my $jti = 0;
sub fresh { return "$$-" . ++$jti }

sub assertion {
    my ($id) = @_;
    return Jwt::make($sign, 'ES256', { alg => 'ES256' }, { iss => $id,
        sub => $id, aud => $site->{issuer}, exp => time + 120,
        jti => fresh() });
}

sub proof {
    my ($claims) = @_;
    return Dpop::proof($sign, claims => {
        htu => "$site->{issuer}/oauth2/v1/token", %$claims });
}

sub tls {
    my ($name, %more) = @_;
    return { $name ? (cert => $ca->cert($name), key => $ca->key($name)) : (),
        %more };
}

# What a row sends: by, the certificate, or undef for none; client, sent as
# client_id; secret_of, sent by Basic; jwt_of, sent by an assertion; dpop, a
# proof with its options; chain and version, of TLS; plain, not by TLS; form,
# more pairs; header, more fields.
sub token_row {
    my ($rq) = @_;
    my @form = (grant_type => 'client_credentials',
        defined $rq->{client} ? (client_id => $rq->{client}) : (),
        $rq->{jwt_of} ? (client_assertion => assertion($rq->{jwt_of}),
            client_assertion_type => 'urn:ietf:params:oauth:'
                . 'client-assertion-type:jwt-bearer') : (),
        @{ $rq->{form} // [] });
    my %more = map { defined $rq->{$_} ? ($_ => $rq->{$_}) : () }
        qw(version);
    $more{chain} = $ca->cert($rq->{chain}) if $rq->{chain};
    my $id = $rq->{secret_of};
    return (form => \@form, $id ? (basic => [$id, $secret{$id}]) : (),
        header => [@{ $rq->{header} // [] },
            $rq->{dpop} ? (DPoP => proof($rq->{dpop})) : ()],
        $rq->{plain} ? () : (tls => tls($rq->{by}, %more)),
        $rq->{from} ? (from => $rq->{from}) : ());
}

# mod_proxy_fcgi hands on in chunks what has a length.
sub send_row {
    my ($rq) = @_;
    my $answer = $site->token(token_row($rq));
    my $header = $answer->{header};
    $header->{'content-length'} = [length $answer->{body}]
        if delete $header->{'transfer-encoding'};
    return $answer;
}

sub claims { return (Jwt::decode($_[0]{json}{access_token}) // {})->{claims} }

# Whether the token is bound to the certificate, and to nothing else.
sub bound_to {
    my ($name) = @_;
    return sub {
        my ($answer) = @_;
        return $answer->{json}{token_type} eq 'Bearer'
            && Jwt::json(claims($answer)->{cnf} // {})
            eq Jwt::json({ 'x5t#S256' => $ca->thumbprint($name) });
    };
}

sub is_unbound { return !exists claims($_[0])->{cnf} }

#
# The rows.
#

sub row {
    my ($id, $says, $send, $want, %more) = @_;
    push @rows, { id => $id, says => $says, send => $send, want => $want,
        %more };
    return;
}

# A client gets a token with this certificate.
sub good {
    my ($id, $says, $client, $by, %more) = @_;
    row($id, $says, { client => $client, by => $by, %more }, '200',
        check => bound_to($by));
    return;
}

# It gets none; with the certificate that control names it does.
sub wrong {
    my ($id, $says, $client, $by, $control, %more) = @_;
    my $want = delete $more{want} // $no;
    row($id, $says, { client => $client, by => $by, %more }, $want,
        control => { client => $client, by => $control });
    return;
}

sub all_rows {
    subject_rows();
    authority_rows();
    san_rows();
    self_signed_rows();
    binding_rows();
    return;
}

sub subject_rows {
    good('TLS-01', "by its subject, $_", 'dn', $_)
        for qw(one onersa onetext blanks);
    good('TLS-01', "in TLS $_", 'dn', 'one', version => $_)
        for '1.2', '1.3';
    wrong('TLS-02', 'no certificate', 'dn', undef, 'one');
    wrong('TLS-02', 'no TLS', 'dn', undef, 'one', plain => 1);
    wrong('TLS-08', 'a secret in its place', 'dn', undef, 'one',
        form => [client_secret => 'x' x 43]);
    wrong('TLS-08', 'a secret beside it', 'dn', 'one', 'one',
        form => [client_secret => 'x' x 43]);
    wrong('TLS-11', "$_->[1]", 'dn', $_->[0], 'one') for
        ['two', 'another CN'], ['more', 'an RDN more'],
        ['less', 'an RDN less'], ['order', 'the RDNs in another order'],
        ['joined', 'two RDNs joined in one'],
        ['text', 'a CN that holds the OU as text'];
    row('TLS-12', "the issuer's name is registered", { client => 'issuer',
        by => 'one' }, $no, control => { client => 'dn', by => 'one' });
    wrong('TLS-20', 'client_id twice', 'dn', 'one', 'one',
        form => [client_id => 'dn'], want => $bad);
    row('OWN', 'a certificate without client_id', { by => 'one' }, $no,
        control => { client => 'dn', by => 'one' });
    row('OWN', 'an unknown client', { client => 'nosuch', by => 'one' }, $no,
        control => { client => 'dn', by => 'one' });
    row('OWN', "client $_", { client => $_, by => 'one' }, $no,
        control => { client => 'near', by => 'one' }) for 'off', 'far';
    row('OWN', "a certificate for a client of $_", { client => $_,
        by => 'one' }, $no, control => { client => 'dn', by => 'one' })
        for 'basic', 'bound', 'signs';
    return;
}

sub authority_rows {
    good('TLS-19', 'an intermediate that is in the file, not sent', 'dn',
        'via');
    good('TLS-19', 'an intermediate that is sent', 'dn', 'via',
        chain => 'inter');
    wrong('TLS-19', 'an unknown intermediate, not sent', 'dn', 'lost', 'one',
        want => $any);
    wrong('OWN', 'an authority of the same name', 'dn', 'faked', 'one',
        want => $any);
    wrong('OWN', 'the same, sent too', 'dn', 'faked', 'one',
        chain => 'fake', want => $any);
    good('OWN', 'the other authority', 'dn', 'other')
        if $option{alone};
    wrong('OWN', 'another authority than that of the record', 'tied',
        'other', 'one', want => $any);
    wrong('OWN', 'self-signed with the same subject', 'dn', 'own', 'one');
    wrong('OWN', 'self-signed with the same subject, TLS 1.2', 'dn', 'own',
        'one', version => '1.2');
    wrong('OWN', 'expired', 'dn', 'stale', 'one', want => $any);
    wrong('OWN', 'not yet valid', 'dn', 'early1', 'one', want => $any);
    wrong('OWN', 'for servers', 'dn', 'serves', 'one', want => $any);
    return;
}

sub san_rows {
    for my $kind (sort keys %san) {
        good('TLS-09', "by its name, $kind", $kind, "san-$kind");
        wrong('TLS-09', "$kind, and none in the certificate", $kind, 'one',
            "san-$kind");
    }
    good('TLS-09', "one name of many, $_", $_, 'san-many')
        for qw(dns ip4 uri);
    for (@near) {
        my ($name, $san, $subject) = @$_;
        my $kind = $name =~ s/\d\z//r;
        wrong('TLS-10', $san . ($subject ? " and $subject" : ''), $kind,
            $name, "san-$kind");
    }
    wrong('TLS-10', 'SPIFFE: a CA', 'svid', 'san-svidca', 'san-svid',
        want => $any);
    return;
}

sub self_signed_rows {
    good('TLS-13', 'self-signed, EC', 'self', 'self');
    good('TLS-13', 'self-signed, RSA', 'selfrsa', 'self-rsa');
    good('TLS-13', 'self-signed, by its JWK', 'selfjwk', 'self');
    good('TLS-13', 'self-signed, TLS 1.2', 'self', 'self', version => '1.2');
    wrong('TLS-13', 'no certificate', 'self', undef, 'self');
    wrong('TLS-13', 'the same subject, another key', 'self', 'stranger',
        'self');
    wrong('TLS-13', 'of an authority, another key', 'self', 'one', 'self');
    wrong('TLS-13', 'that of another client', 'self', 'self-rsa', 'self');
    return;
}

sub binding_rows {
    row('MTB-04', 'Basic and a certificate', { secret_of => 'bound',
        by => 'one' }, '200', check => bound_to('one'));
    row('MTB-04', 'an assertion and a certificate', { jwt_of => 'signs',
        by => 'one' }, '200', check => bound_to('one'));
    row('MTB-04', 'an assertion and a self-signed one', { jwt_of => 'signs',
        by => 'self' }, '200', check => bound_to('self'));
    row('MTB-05', 'a client that need not', { secret_of => 'basic',
        by => 'one' }, '200', check => bound_to('one'));
    row('MTB-05', 'and does not', { secret_of => 'basic' }, '200',
        check => \&is_unbound);
    row('MTB-06', "certificate $_", { secret_of => 'bound', by => $_ }, '200',
        check => bound_to($_)) for qw(one two onersa);
    row('MTB-06', 'an authority and a client in between', {
        secret_of => 'bound', by => 'via', chain => 'inter' }, '200',
        check => bound_to('via'));
    row('OWN', "$_->[0], where one is demanded", { @$_[1, 2] }, $bad,
        control => { @$_[1, 2], by => 'one' })
        for ['Basic without a certificate', secret_of => 'bound'],
        ['an assertion without a certificate', jwt_of => 'signs'],
        ['Basic, plain,', secret_of => 'either'];
    row('OWN', 'a certificate where either is demanded', {
        secret_of => 'either', by => 'two' }, '200',
        check => bound_to('two'));
    row('OWN', 'a wrong secret beside a certificate', { client => 'basic',
        by => 'one', form => [client_secret => 'x' x 43] }, $no,
        control => { secret_of => 'basic', by => 'one' });
    dpop_rows();
    return;
}

# Whether the token is bound to the key of the proofs, and to the certificate
# if one is named.
sub bound_to_proof {
    my ($name) = @_;
    my $jkt = Dpop::thumbprint(Jwt::jwk($sign));
    return sub {
        my ($answer) = @_;
        return $answer->{json}{token_type} eq 'DPoP'
            && Jwt::json(claims($answer)->{cnf} // {}) eq Jwt::json({
                jkt => $jkt,
                $name ? ('x5t#S256' => $ca->thumbprint($name)) : () });
    };
}

sub dpop_rows {
    row('MTB-07', 'a certificate and a proof bind both', { by => 'one',
        secret_of => 'bound', dpop => {} }, '200',
        check => bound_to_proof('one'));
    row('MTB-07', 'a proof in place of the certificate', {
        secret_of => 'bound', dpop => {} }, $bad,
        control => { secret_of => 'bound', by => 'one', dpop => {} });
    row('DPP-39', 'a proof and tls_client_auth', { client => 'dn',
        by => 'one', dpop => {} }, '200', check => bound_to_proof('one'));
    row('DPP-39', 'a proof and self_signed_tls_client_auth', {
        client => 'self', by => 'self', dpop => {} }, '200',
        check => bound_to_proof('self'));
    row('OWN', 'the URL of the other host', { secret_of => 'basic',
        by => 'one', dpop => {
            htu => 'https://mtls.as.example.org/oauth2/v1/token' } }, '200',
        check => bound_to_proof('one'));
    row('OWN', 'the URL of no host of the policy', { secret_of => 'basic',
        by => 'one', dpop => {
            htu => 'https://localhost/oauth2/v1/token' } },
        '400 invalid_dpop_proof',
        control => { secret_of => 'basic', by => 'one', dpop => {} });
    row('OWN', 'two DPoP headers', { secret_of => 'basic', by => 'one',
        dpop => {}, header => [DPoP => proof({})] }, qr/^400 /,
        control => { secret_of => 'basic', by => 'one', dpop => {} });
    return;
}

#
# What is no row.
#

sub one_connection {
    my $conn = $site->connect(tls => tls('one'));
    my @got = map {
        $conn->send(Http::request(Serve::token_request(
            token_row({ client => 'dn', by => 'one' }))));
        my $answer = Serve::decode($conn->answer
            // { status => 0, body => '' });
        Rows::summary($answer) . ' ' . (bound_to('one')->($answer) ? 1 : 0);
    } 1 .. 3;
    is "@got", '200 1 200 1 200 1',
        'TLS-16 three requests on one connection';
    return;
}

# The answer to what a row sends in a session that is saved or taken up, and
# whether it was.
sub in_session {
    my ($row, $version, %session) = @_;
    my %rq = token_row({ %$row, version => $version });
    my $conn = $site->connect(tls => { %{ $rq{tls} }, %session, told => 1 });
    $conn->send(Http::request(Serve::token_request(%rq)));
    my $answer = Serve::decode($conn->answer // { status => 0,
        body => '' });
    return ($answer, $conn->is_resumed);
}

# webservers have been seen to vouch for what they could not verify before.
sub resumption {
    my ($version) = @_;
    my @cases = (['one', 'dn', '200'], ['via', 'dn', '200'],
        ['own', 'dn', $no], ['self', 'self', '200'], ['own', 'self', $no]);
    for my $case (@cases) {
        my ($by, $client, $want) = @$case;
        my $file = $site->dir . "/run/session-$by-$client-$version";
        my $row = { client => $client, by => $by };
        my ($first) = in_session($row, $version, session_out => $file);
        is Rows::summary($first), $want,
            "TLS-16 TLS $version, $by for $client";
        SKIP: {
            skip 'there is no session to take up', 2 unless -s $file;
            my ($then, $resumed) = in_session($row, $version,
                session_in => $file);
            ok $resumed, "  it is resumed";
            is Rows::summary($then), $want, '  with the same answer';
            next unless $want eq '200';
            ok bound_to($by)->($then), '  and the same thumbprint';
        }
    }
    return;
}

sub versions {
    my $version = sub {
        my $conn = $site->connect(tls => { told => 1, @_ });
        $conn->send(Http::request(path => '/oauth2/v1/health'));
        return $conn->answer ? $conn->version : 'none';
    };
    is $version->(), 'TLSv1.3', 'FAP-07 TLS 1.3 is preferred';
    is $version->(version => '1.2'), 'TLSv1.2', '  TLS 1.2 can be had';
    is $version->(version => '1.1'), 'none', '  nothing older';
    return;
}

# A header that looks like a variable is a header: for who shows no
# certificate, and for who shows another.
sub spoofed {
    my ($kind) = @_;
    my %pem = (line => $ca->pem('one') =~ s/\n(?!\z)/ /gr =~ s/\n//gr);
    $pem{escaped} = $ca->pem('one') =~ s/([^A-Za-z0-9-])/sprintf '%%%02X',
        ord $1/ger;
    ($pem{base64}) = ':' . ($ca->pem('one') =~ s/-----[^-]+-----|\n//gr) . ':';
    my @faults;
    for my $by (undef, 'two') {
        for my $sep ('-', '_') {
            for my $form (sort keys %pem) {
                my @header = map { tr/-/_/ if $sep eq '_'; $_ } map {"$_"}
                    qw(SSL-Client-Cert SSL-Client-Verify X-SSL-Client-Cert
                    X-SSL-Client-Verify HTTP-SSL-Client-Cert
                    HTTP-SSL-Client-Verify Client-Cert X-Client-Cert
                    REDIRECT-SSL-Client-Cert REDIRECT-SSL-Client-Verify);
                my @field = map { $_ => /verify$/i ? 'SUCCESS'
                    : $pem{$form} } @header;
                my $got = Rows::summary(send_row({ client => 'dn',
                    by => $by, header => \@field }));
                push @faults, "$form with '$sep': $got" if $got ne $no;
                $got = Rows::summary(send_row({ client => 'dn', plain => 1,
                    header => \@field }));
                push @faults, "$form with '$sep', plain: $got" if $got ne $no;
            }
        }
    }
    ok !@faults, "$kind: headers that look like variables authenticate nobody"
        or diag join "\n", @faults;
    my $answer = send_row({ secret_of => 'basic', header => [
        'SSL-Client-Cert' => $pem{line}, 'SSL-Client-Verify' => 'SUCCESS',
        'Client-Cert' => $pem{base64}] });
    is Rows::summary($answer), '200', '  nor do they harm';
    ok is_unbound($answer), '  and they bind nothing';
    return;
}

# What the documentation of the model system has people write.
sub documentation {
    my $curl = Serve::Server::find_program('curl');
    SKIP: {
        skip 'curl is not installed', 4 unless $curl;
        for my $by ('one', 'onersa') {
            open my $out, '-|', 'sh', '-c', 'exec "$@" 2>/dev/null', 'sh',
                $curl, '-v', '--max-time', 60, '--noproxy', '*',
                '--cert', $ca->cert($by), '--key', $ca->key($by),
                '--cacert', (Serve::Tls::server_files($site))[1],
                '--location',
                "https://localhost:$site->{tls_port}/oauth2/v1/token",
                '--resolve', "localhost:$site->{tls_port}:127.0.0.1",
                '--header',
                'Authorization: ' . Serve::basic('bound', $secret{bound}),
                '--header',
                'Content-Type: application/x-www-form-urlencoded',
                '--data-urlencode', 'grant_type=client_credentials',
                '--data-urlencode', 'client_id=bound',
                '--data-urlencode', 'scope=urn:opc:idm:__myscopes__'
                or die "$curl: $!\n";
            my $text = do { local $/; <$out> };
            my $answer = Serve::decode({ status => 200,
                body => $text // '' });
            is $answer->{json}{scope}, 'orders.read orders.write',
                "curl as the documentation has it, $by" or diag $text;
            ok $answer->{json} && bound_to($by)->($answer),
                '  bound to the certificate';
        }
    }
    return;
}

sub metadata {
    my $json = $site->get('/.well-known/oauth-authorization-server')->{json};
    my $at = 'https://mtls.as.example.org/oauth2/v1';
    is $json->{mtls_endpoint_aliases}{token_endpoint}, "$at/token",
        'metadata: the endpoint at the other host';
    is $json->{token_endpoint}, "$site->{issuer}/oauth2/v1/token",
        '  and the usual one';
    ok $json->{tls_client_certificate_bound_access_tokens},
        '  tokens are bound to certificates';
    my %has = map { $_ => 1 }
        @{ $json->{token_endpoint_auth_methods_supported} };
    ok $has{tls_client_auth} && $has{self_signed_tls_client_auth},
        '  with both methods';
    return;
}

sub check_log {
    my (@tokens) = @_;
    my $log  = $site->log_text;
    my @told = grep { defined && index($log, $_) >= 0 } @tokens,
        values %secret;
    is scalar @told, 0, 'no secret and no token is logged';
    unlike $log, qr/BEGIN CERTIFICATE|CERTIFICATE%20/,
        '  and no certificate';
    return;
}

1;
