#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The second up to which tokens are revoked together: what is issued later is
# good, and in that second nothing is issued.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Time::HiRes ();
use Jwt;
use Serve;

my $rounds = 8;
my $site   = Serve->new;
my $dir    = $site->dir;
my @order  = ('--role', 'order-batch');
my %secret = map { $_ => $site->client($_, @order) } qw(app other);
$secret{rs} = $site->client('rs', '--permit', 'introspect');

sub wait_until { Time::HiRes::sleep(0.0005) until time > $_[0]; return }

#
# The command ends when the second has passed by the clock of all others.
#

# A pipe is ready as soon as the command has closed its end.
sub ends_at {
    my (@words) = @_;
    open my $out, '-|', $site->command("$dir/bin/ccgrant", '-c',
        $site->policy, '--json', @words) or die "ccgrant: $!\n";
    my $text = do { local $/; <$out> };
    my $at = time;
    close $out or die "ccgrant @words failed\n";
    return $at;
}

for my $row (['token revoke --client', qw(token revoke --client app --yes)],
    ['token revoke --before now', qw(token revoke --before now --yes)],
    ['client delete', qw(client delete nobody --yes)]) {
    my ($says, @words) = @$row;
    my $early = 0;
    for (1 .. $rounds) {
        $site->client('nobody', @order) if $words[2] eq 'nobody';
        my $began = time;
        $early++ if ends_at(@words) <= $began;
    }
    is $early, 0, "$says: its second is over when it ends";
}
done_testing();
