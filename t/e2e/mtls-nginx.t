#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Client certificates through nginx, with what etc/nginx.conf says to write.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mtls;

Mtls::run('nginx');
