#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# The administrator's command: what it makes, what it refuses, what it says.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;
use Ctl;

plan skip_all => "no $Ctl::program" unless -x $Ctl::program;

my $root = tempdir(CLEANUP => 1);
chdir $root or die "$root: $!\n";
delete @ENV{qw(CCGRANT_CONFIG NO_COLOR)};
my $issuer = $Ctl::issuer;

#
# init
#

{
    my $dir = 'new';
    mkdir $dir;
    my @c = ('-c', "$dir/ccgrant.conf");
    refused 'init without a policy wants --issuer', 1,
        qr/no policy file new\/ccgrant\.conf: say --issuer/, @c, 'init';
    refused 'init wants a good issuer', 1, qr/--issuer: /, @c, 'init',
        '--issuer', 'as.example.org';
    ok !-e "$dir/ccgrant.conf", 'and made nothing';
    my $first = json 'init makes all', @c, '--json', 'init', '--issuer',
        $issuer;
    is_deeply $first->{made}, [qw(policy state master.key databases)],
        'and says what';
    is mode("$dir/state"), '0700', 'the state directory is for its owner';
    is mode("$dir/state/master.key"), '0600', 'master.key too';
    is -s "$dir/state/master.key", 32, 'it holds 32 bytes';
    is mode("$dir/ccgrant.conf"), '0644', 'all can read the policy';
    is_deeply [grep { (stat)[2] & 07 } glob "$dir/state/*"], [],
        'nothing in the state directory is open to others';
    my $key    = slurp("$dir/state/master.key");
    my $second = json 'init again is no error', @c, '--json', 'init';
    is_deeply $second->{made}, [], 'and makes nothing';
    is_deeply [map { $_->{made} } @{ $second->{keys} }], [JSON::PP::false],
        'no second key either';
    is $second->{keys}[0]{kid}, $first->{keys}[0]{kid}, 'the key is the same';
    ok slurp("$dir/state/master.key") eq $key, 'so is master.key';
    succeeds 'init with the issuer of the policy', @c, 'init', '--issuer',
        $issuer;
    refused 'init with another issuer', 1, qr/has another issuer, \Q$issuer/,
        @c, 'init', '--issuer', 'https://other.example.org';
    like succeeds('the policy is good', @c, 'policy', 'check'),
        qr/^new\/ccgrant\.conf: ok$/, 'and check says so';

    rename "$dir/state/master.key", "$dir/kept" or die;
    refused 'without master.key nothing opens', 1, qr/master\.key is missing/,
        @c, 'client', 'list';
    refused 'init makes no new one for databases with keys', 1,
        qr/master\.key is missing.*put it back from a backup/, @c, 'init';
    symlink "$root/$dir/kept", "$dir/state/master.key" or die;
    refused 'master.key is no symbolic link', 1, qr/symbolic link/, @c,
        'client', 'list';
    refused 'for init neither', 1, qr/symbolic link/, @c, 'init';
    unlink "$dir/state/master.key";
    spew("$dir/state/master.key", 'x' x 32);
    chmod 0600, "$dir/state/master.key";
    refused 'another master.key is refused', 1,
        qr/not the one that the records were made with/, @c, 'init';
    spew("$dir/state/master.key", 'short');
    refused 'master.key of another length', 1, qr/has 5 bytes instead of 32/,
        @c, 'client', 'list';
    rename "$dir/kept", "$dir/state/master.key" or die;
    chmod 0640, "$dir/state/master.key";
    refused 'master.key with a bit too many', 1,
        qr/open to other users \(mode 640\): chmod 600/, @c, 'client', 'list';
    chmod 0600, "$dir/state/master.key";
    succeeds 'and all is well again', @c, 'client', 'list';
}

{
    my ($dir, @c) = site();
    unlink glob "$dir/state/*.db $dir/state/__db* $dir/state/log.*";
    refused 'a state directory without databases', 1,
        qr/holds no database: make it with ccgrant init/, @c, 'key', 'list';
    succeeds 'init completes what is half there', @c, 'init';
    my $keys = json 'the keys are there', @c, '--json', 'key', 'list';
    is @$keys, 1, 'there is one';
    rename "$dir/state", "$dir/elsewhere" or die;
    refused 'no state directory', 1, qr/make it with ccgrant init/, @c, 'key',
        'list';
    spew("$dir/state", '');
    refused 'a file in its place', 1, qr/is not a directory/, @c, 'key',
        'list';
    refused 'for init too', 1, qr/is not a directory/, @c, 'init';
    refused 'no policy file', 1, qr/\Q$dir\E\/none/, '-c', "$dir/none", 'key',
        'list';
    refused 'a directory as policy', 1, qr/\Q$dir/, '-c', $dir, 'key', 'list';
    spew("$dir/bad.conf", slurp("$dir/ccgrant.conf"), "isuer = \"x\";\n");
    refused 'an unknown key in it, with its line and the nearest', 1,
        qr/bad\.conf:\d+: .*isuer.*issuer/, '-c', "$dir/bad.conf", 'policy',
        'check';
}

SKIP: {
    skip 'only root can give files away', 9 unless $> == 0;
    my ($uid, $gid) = (getpwnam 'www-data')[2, 3];
    skip 'no user www-data', 9 unless defined $uid;
    my ($dir, @c) = site();
    chmod 0755, $root;
    chown 12345, -1, "$dir/state/master.key";
    refused 'master.key of another user', 1, qr/belongs to another user/, @c,
        'client', 'list';
    chown $uid, $gid, "$dir/state", glob "$dir/state/*";
    succeeds 'root becomes the owner of the state directory', @c, 'client',
        'add', 'one';
    is_deeply [grep { (stat)[4] != $uid } glob "$dir/state/*"], [],
        'and leaves no file of its own there';
    spew("$dir/secret", "a chosen secret\n");
    chmod 0600, "$dir/secret";
    succeeds 'a secret in a file of root\'s can be read', @c, 'secret', 'add',
        'one', '--secret-file', "$dir/secret";
    chmod 0755, $dir;
    system 'cp', $Ctl::program, "$root/ccgrant";
    {
        local ($Ctl::program, $Ctl::as) = ("$root/ccgrant", 12345);
        refused 'another user is told whom to ask', 1,
            qr/belongs to www-data.*run it as www-data or as root/, '-c',
            "$root/$dir/ccgrant.conf", 'client', 'list';
    }
    mkdir 'theirs';
    chown $uid, $gid, 'theirs';
    spew('theirs.conf', slurp("$dir/ccgrant.conf") =~ s/"state"/"theirs"/r);
    succeeds 'init in a directory of www-data', '-c', 'theirs.conf', 'init';
    is_deeply [grep { (stat)[4] != $uid } glob 'theirs/*'], [],
        'makes all of it that user\'s';
    like succeeds('and again', '-c', 'theirs.conf', 'init'),
        qr/there already/, 'without a word about chown';
}

SKIP: {
    my ($load) = grep { -x } map {"$_/db5.3_load"} split /:/, $ENV{PATH};
    skip 'no db5.3_load', 3 unless defined $load;
    my ($dir, @c) = site();
    open my $fh, '|-', $load, '-h', "$dir/state", 'meta.db' or die;
    print $fh "VERSION=3\nformat=print\ntype=btree\nHEADER=END\n schema\n",
        " 99\nDATA=END\n";
    close $fh or die "db5.3_load failed\n";
    for my $words (['client', 'list'], ['init'], ['key', 'add']) {
        refused "a newer schema: @$words", 1, qr/schema 99.*upgrade ccgrant/,
            @c, @$words;
    }
}

#
# The command line
#

my ($dir, @c) = site();
my $program = $Ctl::program;

refused $_->[0], 2, $_->[1], @{$_}[2 .. $#$_] for
    ['nothing at all', qr/noun is missing.*init, client, secret, key/],
    ['a noun alone', qr/verb is missing.*add, list, show, set/, 'client'],
    ['an unknown noun', qr/did you mean client\?/, 'clinet', 'list'],
    ['a noun of a later version', qr/unknown noun "doctor"; there are init, /,
        'doctor'],
    ['an unknown verb', qr/did you mean list\?/, 'client', 'lsit'],
    ['a verb that no noun has', qr/unknown verb "destroy"; key has list, /,
        'key', 'destroy', 'x'],
    ['an unknown option', qr/--naem; did you mean --name\?/, 'client', 'add',
        'x', '--naem', 'y'],
    ['an unknown option with its value', qr/--rloe; did you mean --role\?/,
        'client', 'add', 'x', '--rloe=y'],
    ['an option of no command', qr/unknown option --quota/, 'client', 'add',
        'x', '--quota', '100/hour'],
    ['an option that nothing is like', qr/see ccgrant client add --help/,
        'client', 'add', 'x', '--quite-another-thing'],
    ['an option of another command', qr/unknown option --overlap/, 'secret',
        'add', 'x', '--overlap', '1d'],
    ['an unknown short option', qr/unknown option -x/, '-x'],
    ['an option before its command', qr/unknown option --name/, '--name', 'y',
        'client', 'add', 'x'],
    ['a value that is missing', qr/--name needs a value: --name TEXT/,
        'client', 'add', 'x', '--name'],
    ['a value that is not wanted', qr/--json takes no value/, '--json=yes',
        'key', 'list'],
    ['an option twice', qr/--name was given twice/, 'client', 'add', 'x',
        '--name', 'a', '--name', 'b'],
    ['an argument that is missing', qr/ID is missing/, 'client', 'show'],
    ['the second argument missing', qr/SECRET-ID is missing/, 'secret',
        'delete', 'x'],
    ['an argument too many', qr/"b" is one argument too many/, 'client',
        'show', 'a', 'b'],
    ['an argument where there is none', qr/one argument too many/, 'key',
        'list', 'x'],
    ['no file behind -c', qr/--config needs the name of a file/, '-c', '',
        'key', 'list'],
    ['nothing to set', qr/nothing is to be set/, @c, 'client', 'set', 'x'],
    ['text that would forge a second line', qr/unknown noun "a\?ccgrant: b"/,
        "a\nccgrant: b"];

for my $words ([], ['client'], ['client', 'add'], ['init'], ['key', 'list']) {
    my $out = succeeds "@$words --help", @$words, '--help';
    like $out, qr/\Ausage: ccgrant .*--version /s, 'has usage and options';
    like succeeds("@$words --version", @$words, '--version'),
        qr/\Accgrant \d+\.\d+\.\d+\n\z/, 'is one line';
}
succeeds '--help asks for no policy', '-c', '/none', 'client', 'show', '-h';
{
    my ($long) = grep { length > 79 } split /\n/, run('--help')->{out};
    is $long, undef, 'no line of the help is over 79 columns';
}

#
# Clients and their secrets
#

{
    my $out = succeeds 'a client', @c, 'client', 'add', 'demo', '--role',
        'order-batch', '--name', "D\xc3\xa9mo";
    my ($secret) = $out =~ /\b(ccgs_[\w-]{49})\b/;
    ok defined $secret, 'its secret is printed' or diag $out;
    like $out, qr/will not be shown again/, 'with a warning';
    my $json = json 'one in JSON', @c, '--json', 'client', 'add', 'other',
        '--secret-expires', '90d', '--secret-label', 'first';
    is $json->{client_id}, 'other', 'client_id';
    like $json->{client_secret}, qr/^ccgs_[\w-]{49}$/, 'client_secret';
    cmp_ok abs($json->{client_secret_expires_at} - time - 90 * 86400), '<',
        60, 'client_secret_expires_at';
    my $added = json 'a second secret', @c, 'secret', 'add', 'demo',
        '--label', 'two', '--json';
    my $rotated = json 'a rotation', @c, 'secret', 'rotate', 'demo', '--json',
        '--overlap', '1h';
    my @secrets = ($secret, map { $_->{client_secret} } $json, $added,
        $rotated);
    my %different = map { $_ => 1 } @secrets;
    is keys %different, 4, 'all secrets differ';

    my $state = state_bytes($dir);
    is_deeply [grep { index($state, substr $_, 5, 43) >= 0
            || index($state, decode_base64url(substr $_, 5, 43)) >= 0 }
            @secrets], [], 'no secret is in a file of the state directory';
    my $shown = join '', map { run(@c, @$_)->{out} } ['client', 'list'],
        ['client', 'show', 'demo'], ['client', 'show', 'demo', '--json'],
        ['client', 'list', '--json'], ['secret', 'list', 'demo'],
        ['secret', 'list', 'demo', '--json'];
    unlike $shown, qr/ccgs_|digest/, 'none is ever shown again';

    my $list = json 'the secrets', @c, '--json', 'secret', 'list', 'demo';
    is @$list, 3, 'there are three';
    is $list->[1]{label}, 'two', 'with their labels';
    is $list->[2]{id}, $rotated->{secret_id}, 'the new one is the last';
    is $list->[2]{not_after}, 0, 'and has no end';
    is_deeply [grep { abs($_->{not_after} - time - 3600) > 60 }
            @$list[0, 1]], [], 'the old ones end after the overlap';
    json 'a rotation at once', @c, 'secret', 'rotate', 'demo', '--json',
        '--overlap', '0';
    $list = json 'the secrets', @c, '--json', 'secret', 'list', 'demo';
    is grep({ $_->{live} } @$list), 1, 'one is live';
    json 'one more', @c, 'secret', 'rotate', 'demo', '--json';
    $list = json 'the secrets', @c, '--json', 'secret', 'list', 'demo';
    is @$list, 2, 'those that have ended are gone';

    refused 'a secret is not deleted without a question', 1, qr/use --yes/,
        @c, 'secret', 'delete', 'demo', $list->[0]{id};
    succeeds 'but with --yes', @c, 'secret', 'delete', 'demo', $list->[0]{id},
        '--yes';
    refused 'it is gone', 1, qr/has no secret/, @c, 'secret', 'delete',
        'demo', $list->[0]{id}, '--yes';

    refused 'a client that is there', 1, qr/"demo" already/, @c, 'client',
        'add', 'demo';
    is @{ json('the clients', @c, 'client', 'list', '--json') }, 2,
        'there are two';
    refused 'a client is not deleted without a question', 1, qr/use --yes/,
        @c, 'client', 'delete', 'other';
    succeeds 'but with --yes', @c, 'client', 'delete', 'other', '--yes';
    refused "$_->[0] of one that is not there", 1, qr/no client "other"/, @c,
        @{$_}[0, 1], 'other', @{$_}[2 .. $#$_] for ['client', 'show'],
        ['client', 'set', '--name', 'x'], ['client', 'disable'],
        ['client', 'enable'], ['client', 'delete'],
        ['client', 'delete', '--yes'], ['secret', 'add'], ['secret', 'list'],
        ['secret', 'rotate'], ['secret', 'delete', 'x', '--yes'],
        ['token', 'issue'];
    succeeds 'an id that begins with a dash', @c, 'client', 'add', '--', '-x';
    succeeds 'is deleted the same way', @c, 'client', 'delete', '--yes', '--',
        '-x';
    for my $n (2 .. 32) {
        my $ran = run(@c, 'secret', 'add', 'demo');
        die $ran->{err} if $ran->{status} != 0;
    }
    refused 'no more than 32 secrets', 1, qr/has 32 secrets/, @c, 'secret',
        'add', 'demo';
}

SKIP: {
    my ($script) = grep { -x } map {"$_/script"} split /:/, $ENV{PATH};
    skip 'no script', 4 unless defined $script;
    local $ENV{TERM} = 'xterm';
    for my $row (['n', 1, 'nothing was changed'], ['', 1, 'nothing was'],
        ['y', 0, 'asked: deleted'])
    {
        run(@c, 'client', 'add', 'asked');
        spew('in', "$row->[0]\n");
        my $said = qx($script -qec "$program @c client delete asked" /dev/null <in);
        ok $? >> 8 == $row->[1] && $said =~ /and its 1 secrets\? \[y\/N\]/
            && $said =~ /$row->[2]/, "on a terminal the answer is '$row->[0]'"
            or diag $said;
    }
    my $said = qx($script -qec "$program @c client list" /dev/null <in);
    my $plain = do {
        local $ENV{NO_COLOR} = 1;
        qx($script -qec "$program @c client list" /dev/null <in);
    };
    ok $said =~ /\033/ && $plain !~ /\033/,
        'colours are for a terminal, and not with NO_COLOR'
        or diag $said;
}

refused $_->[0], 1, $_->[1], @c, 'client', 'add', @{$_}[2 .. $#$_] for
    ['an empty id', qr/1 to 255 characters/, ''],
    ['an id with a space', qr/visible ASCII/, 'a b'],
    ['an id beyond ASCII', qr/visible ASCII/, "\xc3\xa9"],
    ['an id of 256 characters', qr/1 to 255/, 'x' x 256],
    ['an undefined role', qr/no role "order-bach"; did you mean "order-batch"/,
        'x', '--role', 'order-bach'],
    ['an undefined scope', qr/did you mean "orders\.read"/, 'x', '--scope',
        'orders.raed'],
    ['an undefined resource', qr/no resource "https:\/\/other/, 'x',
        '--resource', 'https://other.example.com'],
    ['an undefined default scope', qr/did you mean "orders\.read"/, 'x',
        '--default-scope', 'orders.reads'],
    ['a default scope that it may not have', qr/not among the scopes/, 'x',
        '--default-scope', 'orders.read'],
    ['a default scope with two spaces', qr/one space/, 'x', '--default-scope',
        'orders.read  orders.write'],
    ['an unknown method', qr/did you mean client_secret_post/, 'x', '--auth',
        'client_secret_pots'],
    ['an unknown format', qr/say jwt, opaque or default/, 'x', '--format',
        'saml'],
    ['a permission to come', qr/--permit: registration .* not in this version/,
        'x', '--permit', 'register'],
    ['an unknown permission', qr/--permit: say introspect/, 'x', '--permit',
        'all'],
    ['an unknown excess', qr/reject or narrow/, 'x', '--excess-scope', 'on'],
    ['a lifetime of nothing', qr/1 second or more/, 'x', '--lifetime', '0'],
    ['a lifetime that is no time', qr/--lifetime: .*not a duration/, 'x',
        '--lifetime', '-1'],
    ['a lifetime over the limit', qr/86400 seconds/, 'x', '--lifetime', '2d'],
    ['a greatest one over the limit', qr/max_lifetime/, 'x',
        '--max-lifetime', '2d'],
    ['a network that is none', qr/--network: /, 'x', '--network', '10.0.0'],
    ['a network with bits beyond', qr/beyond its prefix/, 'x', '--network',
        '10.0.0.1/8'],
    ['a time that is none', qr/--expires: .*2027-01-31/, 'x', '--expires',
        'tomorrow'],
    ['a secret that has ended', qr/--secret-expires: .*past/, 'x',
        '--secret-expires', '2020-01-01'],
    ['a name with a control character', qr/control character/, 'x', '--name',
        "a\033[31m"],
    ['a name that is not UTF-8', qr/not UTF-8/, 'x', '--name', "\xff"],
    ['a name of 256 bytes', qr/255 bytes/, 'x', '--name', 'x' x 256],
    ['a secret file that is missing', qr/--secret-file: .*none/, 'x',
        '--secret-file', 'none'];

for my $row (['empty', '', qr/empty/], ['a line end alone', "\n", qr/empty/],
    ['too short', "1234567\n", qr/shorter than 8/],
    ['short in characters', "\xc3\xa9" x 7, qr/shorter than 8/],
    ['NUL', "12345678\0", qr/control character/],
    ['two lines', "12345678\n\n", qr/control character/],
    ['not UTF-8', "12345678\xff", qr/not UTF-8/],
    ['too long', 'x' x 1025, qr/1024|1025|1026/],
    ['much too long', 'x' x 100_000, qr/larger than|over/])
{
    my ($name, $text, $expected) = @$row;
    refused "a chosen secret: $name", 1, $expected, \$text, @c, 'client',
        'add', 'x', '--secret-file', '-';
}
refused 'nothing of all that was made', 1, qr/no client "x"/, @c, 'client',
    'show', 'x';

{
    my $json = json 'a chosen secret', \"correct horse battery\n", @c,
        'client', 'add', 'chosen', '--secret-file', '-', '--json';
    ok !exists $json->{client_secret}, 'is not printed';
    ok index(state_bytes($dir), 'correct horse') < 0, 'nor stored';
    refused 'and is taken once', 1, qr/has this secret already/,
        \'correct horse battery', @c, 'secret', 'add', 'chosen',
        '--secret-file', '-';
    is json('its list', @c, 'secret', 'list', 'chosen', '--json')->[0]{kind},
        'chosen', 'and called what it is';
    succeeds 'the longest one', \('x' x 1024), @c, 'secret', 'add', 'chosen',
        '--secret-file', '-';
    my $had = json 'two now', @c, 'secret', 'list', 'chosen', '--json';
    refused 'a short one in their place', 1, qr/shorter than 8/, \'short', @c,
        'client', 'set', 'chosen', '--name', 'x', '--secret-file', '-';
    refused 'one for nobody', 1, qr/no client "nobody"/,
        \'another battery', @c, 'client', 'set', 'nobody', '--secret-file',
        '-';
    is_deeply json('those stay', @c, 'secret', 'list', 'chosen', '--json'),
        $had, 'as they were';
    succeeds 'one in their place', \"another battery\n", @c, 'client', 'set',
        'chosen', '--name', 'renamed', '--secret-file', '-';
    my $cl = json 'the record then', @c, 'client', 'show', 'chosen', '--json';
    is $cl->{name}, 'renamed', 'has the other option too';
    is scalar @{ $cl->{secrets} }, 1, 'and one secret';
    is scalar(grep { $_->{id} eq $cl->{secrets}[0]{id} } @$had), 0,
        'which is new';
}

{
    my @show = (@c, '--json', 'client', 'show', 'set');
    succeeds 'a client with everything', @c, 'client', 'add', 'set', '--name',
        'n', '--description=d', '--auth', 'client_secret_post', '--role',
        'order-batch', '--scope', 'orders.read', '--scope', 'orders.write',
        '--scope', 'orders.read', '--resource',
        'https://api.example.org/orders', '--default-scope', 'orders.read',
        '--excess-scope', 'narrow', '--lifetime', '10m', '--max-lifetime',
        '3600', '--format', 'jwt', '--network', '10.0.0.0/8', '--network',
        '2001:db8::/32', '--expires', '2099-01-01';
    my $cl = json 'has it', @show;
    is_deeply [@$cl{qw(name description auth roles scopes resources
            default_scope default_scopes excess_scope lifetime max_lifetime
            format networks expires)}],
        ['n', 'd', 'client_secret_post', ['order-batch'],
        ['orders.read', 'orders.write'], ['https://api.example.org/orders'],
        'default', ['orders.read'], 'narrow', 600, 3600, 'jwt',
        ['10.0.0.0/8', '2001:db8::/32'], 4070908800], 'as it was given';
    succeeds 'a list is replaced', @c, 'client', 'set', 'set', '--scope',
        'orders.write', '--network', '192.0.2.1';
    $cl = json 'the record', @show;
    is_deeply [@$cl{qw(scopes networks name)}],
        [['orders.write'], ['192.0.2.1/32'], 'n'], 'and nothing else changes'
        or diag explain $cl;
    succeeds 'an empty value', @c, 'client', 'set', 'set', map { ($_, '') }
        qw(--name --description --scope --resource --default-scope
        --excess-scope --lifetime --max-lifetime --format --network
        --expires);
    $cl = json 'the record', @show;
    is_deeply [@$cl{qw(name description auth roles scopes resources
            default_scope default_scopes excess_scope lifetime max_lifetime
            format networks expires)}],
        ['', '', 'client_secret_post', ['order-batch'], [], [], 'all', [],
        'reject', 0, 0, 'default', [], 0], 'empties, or goes back';
    refused 'what is wrong changes nothing', 1, qr/no role/, @c, 'client',
        'set', 'set', '--name', 'new', '--role', 'nobody';
    is json('the record', @show)->{name}, '', 'the name is the old one';
    like succeeds('the record for people', @c, 'client', 'show', 'set'),
        qr/^may have +orders\.read orders\.write$/m, 'shows what it may have';
    succeeds 'disable', @c, 'client', 'disable', 'set';
    like succeeds('again', @c, 'client', 'disable', 'set'), qr/already/,
        'says so';
    refused 'no token for a disabled client', 1, qr/disabled/, @c, 'token',
        'issue', 'set';
    like succeeds('list', @c, 'client', 'list'), qr/^set +- +no /m,
        'the list shows it';
    succeeds 'enable', @c, 'client', 'enable', 'set';
    succeeds 'a token', @c, 'token', 'issue', 'set';
    succeeds 'an end', @c, 'client', 'set', 'set', '--expires', '2020-01-01';
    refused 'no token for an expired client', 1, qr/expired/, @c, 'token',
        'issue', 'set';
    spew("$dir/less.conf", slurp("$dir/ccgrant.conf") =~ s/order-batch/other/r);
    my @less = ('-c', "$dir/less.conf");
    refused 'a role that the policy has no more', 1, qr/no role "order-batch"/,
        @less, 'client', 'set', 'set', '--name', 'x';
    succeeds 'does not keep a client from being disabled', @less, 'client',
        'disable', 'set';
    succeeds 'nor from a new secret', @less, 'secret', 'rotate', 'set';
}

#
# Keys and tokens
#

{
    my $token = succeeds 'a token', @c, 'token', 'issue', 'demo', '--scope',
        'orders.read', '--lifetime', '5m';
    like $token, qr/\A[\w-]+\.[\w-]+\.[\w-]+\n\z/, 'is alone on a line';
    chomp $token;
    my $json = json 'as the endpoint answers', @c, '--json', 'token', 'issue',
        'demo', '--scope', 'orders.read', '--scope', 'orders.write',
        '--resource', 'https://api.example.org/orders';
    is_deeply [@$json{qw(token_type expires_in)}], ['Bearer', 3600],
        'with its members';
    my $seen = json 'inspect', \"$token\n", @c, 'token', 'inspect', '-',
        '--json';
    is_deeply [$seen->{status}, @{ $seen->{claims} }{qw(iss client_id scope)}],
        ['valid', $issuer, 'demo', 'orders.read'], 'shows what is in it';
    is $seen->{claims}{exp} - $seen->{claims}{iat}, 300, 'for five minutes';
    like succeeds('for people', @c, 'token', 'inspect', $token),
        qr/\Avalid: until /, 'says it first';

    my ($head, $claims, $sig) = split /\./, $token;
    my $forged = encode_base64url(
        decode_base64url($claims) =~ s/"demo"/"admin"/gr);
    my $none = encode_base64url('{"alg":"none"}');
    my $late = encode_base64url(
        decode_base64url($head) =~ s/ES256/RS256/r);
    my $alien = encode_base64url(
        decode_base64url($head) =~ s/"kid":"./"kid":"!/r);
    for my $row (['changed claims', 'bad_signature', "$head.$forged.$sig"],
        ['no signature', 'bad_signature', "$head.$claims."],
        ['another alg', 'bad_signature', "$late.$claims.$sig"],
        ['alg none', 'foreign', "$none.$claims."],
        ['an unknown kid', 'foreign', "$alien.$claims.$sig"])
    {
        my $ran = run(\$row->[2], @c, 'token', 'inspect', '-', '--json');
        my $said = eval { decode_json($ran->{out}) } // {};
        ok $ran->{status} == 1 && ($said->{status} // '') eq $row->[1]
            && !$said->{valid}, "$row->[0]: $row->[1]"
            or diag $ran->{out}, $ran->{err};
    }
    my $short = succeeds 'a token for a second', @c, 'token', 'issue', 'demo',
        '--lifetime', '1';
    my ($second) = decode_json(decode_base64url((split /\./, $short)[1]))
        ->{exp};
    select undef, undef, undef, 0.05 while time < $second;
    my $ran = run(\$short, @c, 'token', 'inspect', '-');
    ok $ran->{status} == 1 && $ran->{out} =~ /\Aexpired: it ended /,
        'an expired token' or diag $ran->{out}, $ran->{err};
    refused "inspect $_->[0]", 1, qr/no JWT/, \$_->[1], @c, 'token',
        'inspect', '-' for ['no base64url', 'e30.e=0.e30'], ['no object', 'MQ.e30.'],
        ['a long signature', 'e30.e30.' . 'A' x 4096];
    for my $verb (qw(inspect revoke)) {
        refused "$verb $_->[0]", 1,
            qr/neither a JWT.*nor an opaque token \(ccga_\.\.\.\)/, \$_->[1],
            @c, 'token', $verb, '-' for ['a word', 'token'],
            ['two parts', 'e30.e30'], ['four parts', 'e30.e30.e30.e30'];
        refused "$verb what is empty", 1, qr/: standard input is empty$/,
            \$_, @c, 'token', $verb, '-' for '', " \n";
        refused "$verb an empty argument", 1, qr/: TOKEN is empty$/, @c,
            'token', $verb, '';
    }

    refused $_->[0], 1, $_->[1], @c, 'token', 'issue', 'demo', @{$_}[2, 3] for
        ['an unknown scope', qr/invalid_scope/, '--scope', 'nope'],
        ['a scope of two spaces', qr/invalid_scope/, '--scope',
            'orders.read  orders.write'],
        ['an unknown resource', qr/invalid_target/, '--resource', 'urn:x'],
        ['a lifetime over the limit', qr/from 1 to 86400/, '--lifetime', '2d'];

    my $key = json 'a key of a second algorithm', @c, 'key', 'add', '--alg',
        'EdDSA', '--json';
    is $key->{state}, 'signing', 'signs at once';
    $key = json 'a second key of the first', @c, 'key', 'add', '--json';
    is $key->{state}, 'published', 'is published';
    is $key->{signs_from} - $key->{created}, 14 * 86400, 'for two weeks';
    $key = json 'one that is to sign now', @c, 'key', 'add', '--now',
        '--json';
    is json('inspect', \run(@c, 'token', 'issue', 'demo')->{out}, @c,
        'token', 'inspect', '-', '--json')->{header}{kid}, $key->{kid},
        'signs now';
    is_deeply [sort map { $_->{state} } @{ json('the keys', @c, 'key', 'list',
            '--json') }], [qw(published retiring signing signing)],
        'one key of each algorithm signs';
    my $set = json 'the key set', @c, 'key', 'export';
    is @{ $set->{keys} }, 4, 'has all';
    is_deeply [grep { exists $_->{d} } @{ $set->{keys} }], [],
        'but no private part';
    refused 'an unknown algorithm', 1, qr/did you mean ES256/, @c, 'key',
        'add', '--alg', 'ES265';
    refused 'no algorithm', 1, qr/--alg/, @c, 'key', 'add', '--alg', 'none';
    refused "an algorithm of clients alone: $_", 1, qr/--alg: /, @c, 'key',
        'add', '--alg', $_ for qw(ES512 RS512 HS256);

    spew("$dir/rs.conf", slurp("$dir/ccgrant.conf"),
        "token : { alg = \"PS256\"; };\n");
    my $check = json 'a policy with an algorithm that has no key', '-c',
        "$dir/rs.conf", 'policy', 'check', '--json';
    ok $check->{ok} && @{ $check->{warnings} } == 1
        && $check->{warnings}[0] =~ /ccgrant key add --alg PS256/,
        'is warned of' or diag explain $check;
    refused 'and has no tokens', 1, qr/ccgrant key add --alg PS256/, '-c',
        "$dir/rs.conf", 'token', 'issue', 'demo';
    json 'init makes the key', '-c', "$dir/rs.conf", 'init', '--json';
    succeeds 'then there are tokens', '-c', "$dir/rs.conf", 'token', 'issue',
        'demo';
}

#
# Standard streams
#

{
    my $said = qx($program @c client list 2>&1 >/dev/full);
    ok $? >> 8 == 1 && $said =~ /could not be written/,
        'an answer that cannot be written is an error' or diag $said;
    $said = qx($program @c client add lost 2>&1 >&-);
    ok $? >> 8 == 1 && $said =~ /secret add/, 'so it is when it is closed'
        or diag $said;
    qx($program @c client list <&- >/dev/null 2>&-);
    is $? >> 8, 0, 'closed standard streams harm nothing';
    succeeds 'nor the databases', @c, 'client', 'show', 'lost';
    local $ENV{CCGRANT_CONFIG} = "$dir/ccgrant.conf";
    succeeds 'the policy by the environment', 'client', 'show', 'lost';
    refused '-c is stronger', 1, qr/none\.conf/, '-cnone.conf', 'client',
        'list';
}

done_testing();
