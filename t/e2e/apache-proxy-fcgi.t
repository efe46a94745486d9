#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Apache and mod_proxy_fcgi with etc/apache-proxy-fcgi.conf.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Serve::Checks;

Serve::Checks::run('apache-proxy-fcgi');
