#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Client certificates through Apache, with what etc/apache.conf and
# etc/apache-proxy-fcgi.conf say to write.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Mtls;

for my $kind (qw(apache-fcgid apache-proxy-fcgi)) {
    subtest $kind => sub { Mtls::run($kind) };
}
done_testing();
