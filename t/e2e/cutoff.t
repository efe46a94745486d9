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
use POSIX qw(:sys_wait_h);
use Test::More;
use Time::HiRes ();
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
# Times are as everywhere: numbers for programs, and named when they are wrong.
my $began = time;
my $until = $site->ctl(qw(token revoke --client other --yes))->{revoked_until};
ok $until =~ /\A\d+\z/ && $until >= $began && $until < time,
    'token revoke --json has the time in seconds' or diag $until;
is $site->ctl(qw(client show other))->{revoked_until}, $until,
    '  the same as client show';
for my $when (qw(tomorrow never 90d 2999-01-01), '', '-5m') {
    my ($status, $out, $err) = $site->try_ctl(qw(token revoke --client other
        --yes), "--before=$when");
    ok $status == 1 && $out eq '' && $err =~ /\Accgrant:\ --before:\ "\Q$when\E"
        \ is\ no\ time\ that\ has\ come:\ say\ now,\ 2026/x,
        "--before '$when' is refused with what could be said"
        or diag "$status $out$err";
}

#
# In that second nobody is given a token that is revoked.
#

sub asks {
    return $site->token(basic => ['app', $secret{app}]);
}

sub is_active {
    my ($token) = @_;
    return $site->token(basic => ['rs', $secret{rs}],
        path => '/oauth2/v1/introspect', form => [token => $token])
        ->{json}{active} ? 1 : 0;
}

# The first refusal while tokens are revoked; what token issue says then; and
# the tokens that were given out later.
sub during {
    my @options = @_;
    wait_until(time);
    my $pid = $site->spawn('revoke', undef, "$dir/bin/ccgrant", '-c',
        $site->policy, qw(token revoke --yes), @options);
    my ($refused, $status, @after);
    while (waitpid($pid, WNOHANG) == 0) {
        my $answer = asks();
        if    ($answer->{status} == 503) { $refused //= $answer }
        elsif ($refused) { push @after, $answer->{json}{access_token} }
        $status = ($site->try_ctl(qw(token issue app)))[0]
            if $refused && !defined $status;
    }
    return ($refused, $status, @after);
}

$site->start('cgi');
for my $row ([qw(--client app)], [qw(--before now)]) {
    my ($refused, $status, @after);
    for (1 .. 40) {    # A slow machine may need longer than the second.
        ($refused, $status, @after) = during(@$row);
        last if $refused && $status;
    }
    is $refused->{header}{'retry-after'}[0], 1,
        "@$row: in its second the server says to come again";
    is $status, 1, '  and token issue does';
    push @after, asks()->{json}{access_token};
    is_deeply [grep { !is_active($_) } @after], [],
        '  what was issued after it is active';
}
done_testing();
