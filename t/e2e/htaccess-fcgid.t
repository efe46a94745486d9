#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Apache, where only a .htaccess can be written: mod_fcgid.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Serve::Checks;

Serve::Checks::run('htaccess-fcgid', large => 500);
