# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Programs of Node.js with the libraries of t/e2e/npm, clients, or with those
# of a directory in it, of the versions and hashes that are written there.
#
#     my $npm  = Npm->new("$dir/npm");
#     my $npm  = Npm->new("$dir/npm", 'servers');
#     my $why  = $npm->missing;
#     my $text = $npm->run('oauth4webapi', $file);

package Npm;

use strict;
use warnings;
use File::Copy qw(copy);
use JSON::PP ();
use Serve;

sub new {
    my ($class, $dir, $set) = @_;
    return bless { dir => $dir, set => $set // '.' }, $class;
}

# What the command prints, errors too.
sub _out {
    my (@command) = @_;
    local @ENV{qw(NO_PROXY NODE_NO_WARNINGS)} = ('*', 1);
    delete local @ENV{qw(http_proxy https_proxy HTTP_PROXY HTTPS_PROXY)};
    open my $pipe, '-|', 'sh', '-c', 'exec timeout 300 "$@" 2>&1', 'sh',
        @command or die "$command[0]: $!\n";
    local $/;
    my $said = <$pipe> // '';
    close $pipe;
    return $said;
}

# Installs; returns why there is no Node.js with the libraries, or undef.
sub missing {
    my ($self) = @_;
    my $dir = $self->{dir};
    for (qw(node npm)) {
        return "$_ is not installed" unless Serve::Server::find_program($_);
    }
    my ($major) = _out(qw(node --version)) =~ /^v(\d+)/;
    return 'node is older than 18' if ($major // 0) < 18;
    mkdir $dir or die "$dir: $!\n";
    my $from = "$Serve::srcdir/t/e2e/npm";
    for my $file (glob "$from/*.mjs $from/$self->{set}/*.json") {
        copy($file, $dir) or die "$file: $!\n";
    }
    my $said = _out('npm', 'ci', '--prefix', $dir, qw(--ignore-scripts
        --no-audit --no-fund --no-update-notifier --fetch-retries=0
        --fetch-timeout=20000));
    my $wanted = JSON::PP->new->utf8->decode(
        Serve::slurp("$dir/package.json"))->{dependencies};
    return unless $? != 0 || grep { !-d "$dir/node_modules/$_" } keys %$wanted;
    my ($reason) = $said =~ /^npm (?:ERR!|error) (.*)/m ? $1
        : $said =~ /(.+)/;
    return 'npm ci failed: ' . ($reason // 'it did not end in time');
}

sub run {
    my ($self, $name, @args) = @_;
    return _out('node', "$self->{dir}/$name.mjs", @args);
}

1;
