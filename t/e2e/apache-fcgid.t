#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Apache and mod_fcgid with etc/apache.conf, for the whole server and in one
# virtual host.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Serve::Checks;

my $missing = Serve->missing('apache-fcgid');
plan skip_all => $missing if $missing;

subtest 'for the whole server' => sub {
    Serve::Checks::run('apache-fcgid', large => 500);
};
subtest 'in a virtual host' => sub {
    Serve::Checks::run('apache-fcgid', large => 500, vhost => 1,
        edit => sub { return $_[0] =~ s/^(?:Mutex|FcgidSpawn).*//gmr });
};
done_testing();
