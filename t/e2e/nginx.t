#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# nginx with etc/nginx.conf, as it is and with connections that are kept.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Serve::Checks;

my $missing = Serve->missing('nginx');
plan skip_all => $missing if $missing;

# What the comment says to write, of the snippet with its paths.
my $upstream;

sub keep {
    my ($text) = @_;
    ($upstream) = $text =~ /^#\s+(upstream .*)/m or die "no upstream\n";
    my ($pass) = $text =~ /^# and below "(.*)"/m or die "no fastcgi_pass\n";
    $text =~ s/^ +fastcgi_pass .*/    $pass/mg;
    return $text;
}

subtest 'as it is' => sub { Serve::Checks::run('nginx') };
subtest 'kept connections' => sub {
    Serve::Checks::run('nginx', edit => \&keep, http => \$upstream);
};
done_testing();
