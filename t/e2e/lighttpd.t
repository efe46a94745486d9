#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# lighttpd with etc/lighttpd.conf.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Serve::Checks;

Serve::Checks::run('lighttpd');
