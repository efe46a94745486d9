#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Opaque access tokens: their text, who gets them, and what is stored of them.
# The ids are those of the catalogue that cases.t has; OPQ-03 is in
# introspect.t.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256 sha256_hex);
use File::Find;
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;
use Jwt;
use Rows;
use Serve;

my $resources = <<'END';
resources = (
  { audience = "https://api.example.org/vague";
    scopes = [ "vague.read" ]; format = "opaque"; lifetime = 1200; },
  { audience = "https://api.example.org/plain"; scopes = [ "plain.read" ];
    format = "jwt"; },
  { audience = "https://api.example.org/usual"; scopes = [ "usual.read" ]; }
);
roles = ( { name = "all";
            scopes = [ "vague.read", "plain.read", "usual.read" ]; } );
END

my %secret;

sub new_site {
    my ($policy) = @_;
    my $site = Serve->new(resources => $resources, policy => $policy);
    my @role = ('--role', 'all');
    $secret{$site}{anybody} = $site->client('anybody', @role);
    $secret{$site}{opaque} = $site->client('opaque', @role, '--format',
        'opaque');
    $secret{$site}{jwt} = $site->client('jwt', @role, '--format', 'jwt');
    $secret{$site}{rs} = $site->client('rs', '--permit', 'introspect');
    return $site;
}

my $site = new_site("log : { issued = true; };\n");
my $dir  = $site->dir;

sub ask {
    my ($where, $id, $scope) = @_;
    return $where->token(basic => [$id, $secret{$where}{$id}],
        form => [grant_type => 'client_credentials', scope => $scope]);
}

sub introspect {
    my ($where, $token) = @_;
    return $where->token(basic => ['rs', $secret{$where}{rs}],
        path => '/oauth2/v1/introspect', form => [token => $token])->{json};
}

my $form = qr/^ccga_[A-Za-z0-9_-]{43}[A-Za-z0-9_-]{6}$/;

sub format_of {
    my ($answer) = @_;
    my $token = $answer->{json}{access_token} // return 'none';
    return $token =~ $form ? 'opaque' : Jwt::decode($token) ? 'jwt' : 'odd';
}

#
# Who gets one.
#

sub formats {
    my ($where, $name, %want) = @_;
    for my $id (sort keys %want) {
        for my $scope (sort keys %{ $want{$id} }) {
            is format_of(ask($where, $id, $scope)), $want{$id}{$scope},
                "$name: $scope for a client of format $id";
        }
    }
    return;
}

$site->start('cgi');
my %forced = (jwt => { map { $_ => 'jwt' } qw(vague.read plain.read) },
    opaque => { map { $_ => 'opaque' } qw(vague.read plain.read) });
formats($site, 'the policy says nothing', %forced, anybody => {
    'vague.read' => 'opaque', 'plain.read' => 'jwt', 'usual.read' => 'jwt' });
{
    my $other = new_site("token : { format = \"opaque\"; durable = false; };\n"
    )->start('cgi');
    formats($other, 'the policy says opaque', %forced, anybody => {
        'vague.read' => 'opaque', 'plain.read' => 'jwt',
        'usual.read' => 'opaque' });
    ok introspect($other, ask($other, 'anybody', 'usual.read')
        ->{json}{access_token})->{active},
        '  one that does not wait for the disk is active';
}

#
# Its text.
#

my $answer = ask($site, 'anybody', 'vague.read');
is_deeply [Rows::shape_faults($answer)], [], 'the answer has the usual form';
is_deeply [sort keys %{ $answer->{json} }],
    [qw(access_token expires_in scope token_type)], '  and members';
is $answer->{json}{expires_in}, 1200, '  the lifetime of the resource';

my @tokens = map { ask($site, 'anybody', 'vague.read')->{json}{access_token} }
    1 .. 64;
my %seen = map { $_ => 1 } @tokens;
is scalar(keys %seen), 64, 'OPQ-01 64 tokens';
is scalar(grep { $_ =~ $form } @tokens), 64, '  of 256 bits each';
is scalar(grep {
    my $check = encode_base64url(substr sha256(substr $_, 0, 48), 0, 4);
    substr($_, 48) eq $check;
} @tokens), 64, '  with the checksum of what stands before it';
my @body = map { substr $_, 5, 43 } @tokens;
my %first = map { substr($_, 0, 4) => 1 } @body;
cmp_ok scalar(keys %first), '>=', 63, '  without a common prefix';
my %n;
$n{$_}++ for map { split // } map { substr $_, 0, 42 } @body;
my ($least, $most) = (sort { $a <=> $b } map { $n{$_} // 0 } 'A' .. 'Z',
    'a' .. 'z', 0 .. 9, '-', '_')[0, -1];
# 42 of each are expected, with a deviation of 6.5.
ok $least > 8 && $most < 84, "  no character stands out: $least to $most";
my $bits = join '', map { unpack 'B*', decode_base64url($_) } @body;
my $ones = $bits =~ tr/1//;
# 8192 of 16384 are expected, with a deviation of 64.
cmp_ok abs($ones - 8192), '<', 512, '  nor do bits';
is scalar(grep { Jwt::decode($_) } @tokens), 0, 'OPQ-02 none is a JWT';
is scalar(grep { decode_base64url(substr $_, 5) =~ /anybody|vague|as\.example/ }
    @tokens), 0, '  and none says for whom it is';

#
# What is stored of it.
#

my $token = $tokens[0];
my $said  = introspect($site, $token);
ok $said->{active}, 'a token is active';
is $said->{aud}, 'https://api.example.org/vague', '  for its resource';
is $said->{exp} - $said->{iat}, 1200, '  for the lifetime of the answer';
like $site->log_text, qr/outcome="issued" .*jti="\Q$said->{jti}\E"/,
    '  the log has its jti';
my %secrets = (text => $token, body => substr($token, 5, 43),
    random => decode_base64url(substr $token, 5, 43),
    hex => unpack 'H*', decode_base64url(substr $token, 5, 43));
my (%in, %has);
find({ no_chdir => 1, wanted => sub {
    return unless -f;
    my $bytes = Serve::slurp($_) // '';
    $in{$_}++ for grep { index($bytes, $secrets{$_}) >= 0 } keys %secrets;
    $has{jti}++ if index($bytes, $said->{jti}) >= 0;
    $has{name}++ if index($bytes, sha256($token)) >= 0;
} }, "$dir/state", "$dir/log");
is join(' ', sort keys %in), '',
    'nothing that makes it is in the state directory or in a log';
is join(' ', sort keys %has), 'jti name', '  where its SHA-256 is';
SKIP: {
    my $dump = Serve::Server::find_program('db5.3_dump');
    skip 'db5.3_dump is not installed', 2 unless $dump;
    open my $fh, '-|', $site->command($dump, '-h', "$dir/state", 'tokens.db')
        or die "$dump: $!\n";
    my $text = do { local $/; <$fh> };
    close $fh;
    my $name = sha256_hex($token);
    like $text, qr/$name/, 'tokens.db has the SHA-256 of the token';
    my @told = grep { $text =~ /\Q$_\E/i } unpack('H*', $token),
        $secrets{hex}, unpack('H*', $secrets{body});
    is scalar(@told), 0, '  and nothing that it is made of';
}

#
# It is there before it is given: all that has been written by then is enough
# for another machine, and no process is needed.
#

{
    my $copy = new_site('');
    $secret{$copy}{rs} = $secret{$site}{rs};
    my $last = ask($site, 'anybody', 'vague.read')->{json}{access_token};
    system('cp', '-a', '--no-target-directory', "$dir/state", "$dir/copy")
        == 0 or die "cp failed\n";
    unlink glob "$dir/copy/__db.*";
    $copy->put('ccgrant.conf', Serve::slurp($site->policy)
        =~ s{"state"}{"$dir/copy"}r);
    $copy->start('cgi');
    ok introspect($copy, $last)->{active},
        'a token is in the files when it is given';
    ok introspect($copy, $tokens[5])->{active}, '  and so are older ones';
}
SKIP: {
    my $kind = Serve->any;
    skip 'no web server is installed', 2 unless $kind;
    $site->start($kind);
    my $program = "$dir/bin/ccgrant.fcgi";
    my $given = ask($site, 'anybody', 'vague.read')->{json}{access_token};
    my @pids = map { m{/(\d+)/exe$} && (readlink($_) // '') eq $program ? $1
        : () } glob '/proc/[0-9]*/exe';
    cmp_ok kill('KILL', @pids), '>=', 1, 'workers are killed';
    my $found;
    Serve::wait_for(sub {
        ($found = introspect($site, $given)) && $found->{active} });
    ok $found->{active}, '  and those that come after know the token';
}
done_testing();
