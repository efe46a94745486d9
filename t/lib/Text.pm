# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Whole texts: of a file, and of what a program prints.

package Text;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(output slurp);

# What the program of these arguments prints; its exit status is not looked at.
sub output {
    open my $fh, '-|', @_ or die "$_[0]: $!\n";
    local $/;
    my $text = <$fh> // '';
    close $fh;
    return $text;
}

sub slurp {
    my ($file) = @_;
    open my $fh, '<', $file or die "$file: $!\n";
    local $/;
    return <$fh>;
}

1;
