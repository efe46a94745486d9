# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# Cases of the protocol as rows: what is sent and what must come back.
#
# A row has an id; says, a sentence; send, what is sent; and want, "200" or
# status and error as "400 invalid_request", or a pattern of that.  It may have
# check, a function that gets a right answer; allow, the Allow header; same,
# what else must get the same answer; and control, what is sent to show that a
# refusal is about the defect: it must get 200.

package Rows;

use strict;
use warnings;
use Test::More ();

# What every answer of the endpoint has to be.
sub shape_faults {
    my ($answer, $method) = @_;
    my ($header, $json) = @$answer{qw(header json)};
    my %want = ('cache-control' => qr/^no-store$/, 'pragma' => qr/^no-cache$/,
        'content-type' => qr{^application/json\b},
        'x-content-type-options' => qr/^nosniff$/,
        'content-length' => qr/^@{[length $answer->{body}]}$/);
    $want{'www-authenticate'} = qr/^Basic realm="[^"\\]+", charset="UTF-8"$/
        if $answer->{status} == 401;
    my @faults = map {"the header $_"} grep {
        my $got = $header->{$_} // [];
        @$got != 1 || $got->[0] !~ $want{$_} } sort keys %want;
    push @faults, 'a body that is no JSON' unless $json;
    push @faults, 'a member too many' if $json->{refresh_token}
        || $answer->{status} != 200 && $json->{access_token};
    push @faults, 'the error_description' if $answer->{status} != 200
        && ($json->{error_description} // '')
            !~ /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;
    return @faults;
}

sub summary {
    my ($answer) = @_;
    return join ' ', $answer->{status}, $answer->{json}{error} // ();
}

# All of an answer that does not change by itself.
sub text {
    my ($answer) = @_;
    my $header = $answer->{header};
    return join "\n", $answer->{status}, $answer->{body},
        map {"$_: @{ $header->{$_} }"} grep { !/^(?:date|server)$/ }
        sort keys %$header;
}

# One row as one test; send is called with what the row sends and returns the
# answer.  Returns the access token, if there is one.
sub run {
    my ($row, $where, $send) = @_;
    my $want   = $row->{want};
    my $answer = $send->($row->{send});
    my $got    = summary($answer);
    my @faults;
    push @faults, "answer $got instead of $want"
        if ref $want ? "$got " !~ $want : $got ne $want;
    push @faults, shape_faults($answer) if !ref $want;
    push @faults, "Allow is not $row->{allow}" if $row->{allow}
        && ($answer->{header}{allow}[0] // '') ne $row->{allow};
    push @faults, 'what it says' if !@faults && $row->{check}
        && !$row->{check}->($answer);
    push @faults, 'another answer than that of an unknown client'
        if $row->{same} && text($answer) ne text($send->($row->{same}));
    if ($want ne '200') {
        my $control = summary($send->($row->{control} // {}));
        push @faults, "its control is $control" if $control ne '200';
    }
    Test::More::ok(!@faults, "$where: $row->{id} $row->{says}")
        or Test::More::diag(join "\n", @faults, text($answer));
    return $answer->{json}{access_token} // ();
}

1;
