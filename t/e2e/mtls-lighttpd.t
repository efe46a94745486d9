#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Client certificates through lighttpd, with what etc/lighttpd.conf says to
# write.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mtls;

Mtls::run('lighttpd', alone => 1);
