#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Apache, where only a .htaccess can be written, with plain CGI: mod_cgid,
# whose daemon is away for a moment at each reload, and mod_cgi, which goes with
# another way of Apache to make processes.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Serve::Checks;

my $missing = Serve->missing('htaccess-cgid');
plan skip_all => $missing if $missing;

subtest cgid => sub { Serve::Checks::run('htaccess-cgid', lossy => 1) };
subtest cgi => sub { Serve::Checks::run('htaccess-cgi') };
done_testing();
