# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The administrator's command in the current directory: runs, and what is
# expected of them.
#
#     my ($dir, @c) = site();               # a new one; @c chooses it
#     succeeds 'a client', @c, 'client', 'add', 'x';
#     refused 'it is there', 1, qr/already/, @c, 'client', 'add', 'x';
#     my $list = json 'the clients', @c, 'client', 'list', '--json';
#
# A reference to text, before the words, is standard input.

package Ctl;

use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use JSON::PP qw(decode_json);
use Test::More;

our @EXPORT = qw(slurp spew run site succeeds refused noted json mode
    state_bytes decode_json);
our $program = abs_path($ENV{BUILDDIR} // '.') . '/ccgrant';
our $as;    # a user's number, to run it as
our $issuer = 'https://as.example.org';
my $made = 0;

sub slurp {
    my ($file) = @_;
    open my $fh, '<:raw', $file or die "$file: $!\n";
    local $/;
    return scalar <$fh>;
}

sub spew {
    my ($file, @text) = @_;
    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh @text;
    close $fh or die "$file: $!\n";
    return $file;
}

# Returns a hash: status, out, err.
sub run {
    my @words = @_;
    my $input = ref $words[0] ? ${ shift @words } : '';
    spew('in', $input);
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        open STDIN,  '<', 'in'  or die;
        open STDOUT, '>', 'out' or die;
        open STDERR, '>', 'err' or die;
        ($(, $)) = ($as, $as), ($<, $>) = ($as, $as) if defined $as;
        exec $program, @words or die "$program: $!\n";
    }
    waitpid $pid, 0;
    return { status => $? & 127 ? "signal $?" : $? >> 8,
        out => slurp('out'), err => slurp('err'), words => "@words" };
}

# A new site in a directory of its own: that, and the words that choose it.
sub site {
    my $dir = 'site' . ++$made;
    mkdir $dir or die "$dir: $!\n";
    my $ran = run('-c', "$dir/ccgrant.conf", 'init', '--issuer', $issuer);
    $ran->{status} == 0 or die $ran->{err};
    return ($dir, '-c', "$dir/ccgrant.conf");
}

sub _explain {
    my ($ran) = @_;
    return diag "$ran->{words}: $ran->{status}\n$ran->{out}$ran->{err}";
}

# Returns standard output.
sub succeeds {
    my ($name, @words) = @_;
    my $ran = run(@words);
    ok $ran->{status} == 0 && $ran->{err} eq '', $name or _explain($ran);
    return $ran->{out};
}

# The same with a note on standard error that matches.
sub noted {
    my ($name, $text, @words) = @_;
    my $ran = run(@words);
    ok $ran->{status} == 0 && $ran->{err} =~ /\Accgrant: note: [^\n]+\n\z/
        && $ran->{err} =~ $text, $name or _explain($ran);
    return $ran->{out};
}

# The status, nothing on standard output, one line that matches (and, of a
# wrong command line, a second one with the usage).
sub refused {
    my ($name, $status, $text, @words) = @_;
    my $ran = run(@words);
    my $lines = $status == 2 ? qr/\Accgrant: [^\n]+\nusage: [^\n]+\n\z/
        : qr/\Accgrant: [^\n]+\n\z/;
    return ok($ran->{status} eq $status && $ran->{out} eq ''
        && $ran->{err} =~ $lines && $ran->{err} =~ $text, $name)
        || _explain($ran);
}

sub json { return decode_json(succeeds($_[0], @_[1 .. $#_])) }
sub mode { return sprintf '%04o', (stat $_[0])[2] & 07777 }

# All bytes of all files of the state directory.
sub state_bytes {
    my ($dir) = @_;
    return join '', map { slurp($_) } grep { -f } glob "$dir/state/*";
}

1;
