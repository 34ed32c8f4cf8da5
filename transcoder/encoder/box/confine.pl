# Confines itself and then becomes the given program, so that the program keeps this process id.
#
#   perl confine.pl parent=PID memory=BYTES cpu=SECONDS nice=N guards=NAMES PROGRAM ARGUMENT...
#
# `guards` names what must hold, separated by commas: limits, files, calls, parent. If one cannot be had, the
# program is not started. Without PROGRAM it prints the guards that this system has. It is Perl because every
# Debian and Ubuntu has it, it starts within milliseconds, and it can make system calls without a compiler.
use strict;
use warnings;
use POSIX ();

my %option;
while (@ARGV && $ARGV[0] =~ /^([a-z]+)=([\w,]*)$/) { $option{$1} = $2; shift }
my @program = @ARGV;

# Numbers of system calls: of x86-64, then of arm64. -1: it has none.
my $column = { 'x86_64' => 0, 'aarch64' => 1, 'arm64' => 1 }->{ (POSIX::uname())[4] };
my $is_supported = $^O eq 'linux' && defined $column;
my %number = (
  prctl => [157, 167], capset => [126, 91], prlimit => [302, 261],
  landlock_create_ruleset => [444, 444], landlock_add_rule => [445, 445],
  landlock_restrict_self => [446, 446],
);
# Refused: network, other processes and their scheduling, mounts, metadata of files (Landlock does not protect
# it), and parts of the kernel that no encoder uses. io_uring could otherwise open sockets.
my %refused = (
  socket => [41, 198], fork => [57, -1], vfork => [58, -1], tkill => [200, 130],
  ptrace => [101, 117], process_vm_readv => [310, 270], process_vm_writev => [311, 271],
  rt_sigqueueinfo => [129, 138], rt_tgsigqueueinfo => [297, 240],
  sched_setscheduler => [144, 119], sched_setparam => [142, 118], sched_setattr => [314, 274],
  sched_setaffinity => [203, 122], ioprio_set => [251, 30], migrate_pages => [256, 238],
  move_pages => [279, 239], process_madvise => [440, 440], process_mrelease => [448, 448],
  kcmp => [312, 272], pidfd_send_signal => [424, 424], pidfd_open => [434, 434], pidfd_getfd => [438, 438],
  io_uring_setup => [425, 425], io_uring_enter => [426, 426], io_uring_register => [427, 427],
  unshare => [272, 97], setns => [308, 268], mount => [165, 40], umount2 => [166, 39],
  pivot_root => [155, 41], chroot => [161, 51], open_tree => [428, 428], move_mount => [429, 429],
  fsopen => [430, 430], mount_setattr => [442, 442], open_by_handle_at => [304, 265],
  bpf => [321, 280], perf_event_open => [298, 241], userfaultfd => [323, 282],
  add_key => [248, 217], request_key => [249, 218], keyctl => [250, 219],
  truncate => [76, 45], chmod => [90, -1], fchmod => [91, 52], fchmodat => [268, 53],
  fchmodat2 => [452, 452], chown => [92, -1], fchown => [93, 55], lchown => [94, -1],
  fchownat => [260, 54], utime => [132, -1], utimes => [235, -1], futimesat => [261, -1],
  utimensat => [280, 88], setxattr => [188, 5], lsetxattr => [189, 6], fsetxattr => [190, 7],
  removexattr => [197, 14], lremovexattr => [198, 15], fremovexattr => [199, 16],
);

sub call {
  my ($name, @arguments) = @_;
  my $result = syscall($number{$name}[$column], @arguments);
  die "$name: $!\n" if $result == -1;
  return $result;
}

sub write_file {
  my ($path, $text) = @_;
  open(my $file, '>', $path) or return;
  syswrite($file, $text);
}

# Limits of memory, CPU time, files and core dumps. The process gets a lower priority, also among the
# sessions of processes between which Linux shares the CPU (autogroup), and is the first to go when the
# machine runs out of memory. A process of root gives up its capabilities.
sub limits {
  my $set = sub { call('prlimit', 0, $_[0], pack('QQ', $_[1], $_[1]), 0) };
  setpriority(0, 0, $option{nice});
  write_file('/proc/self/autogroup', $option{nice});
  write_file('/proc/self/oom_score_adj', 800);
  $set->(9, $option{memory} + 0);  # RLIMIT_AS
  $set->(0, $option{cpu} + 0);     # RLIMIT_CPU
  $set->(1, 0);                    # RLIMIT_FSIZE; pipes are not files
  $set->(4, 0);                    # RLIMIT_CORE
  $set->(7, 256);                  # RLIMIT_NOFILE
  call('capset', pack('Ll', 0x20080522, 0), pack('L6', (0) x 6));
}

# Only programs and their libraries can be read, and nothing can be written (Landlock, Linux 5.13).
sub files {
  my $version = call('landlock_create_ruleset', 0, 0, 1);
  # The access rights that this version knows.
  my $all = $version >= 5 ? 0xffff : $version >= 3 ? 0x7fff : $version == 2 ? 0x3fff : 0x1fff;
  my $rules = call('landlock_create_ruleset', pack('Q', $all), 8, 0);
  my $allow = sub {
    my ($path, $rights) = @_;
    # O_PATH | O_CLOEXEC
    sysopen(my $file, $path, 012000000) or return;
    call('landlock_add_rule', $rules, 1, pack('Ql', $rights, fileno $file), 0);
  };
  my ($execute, $write, $read, $list) = (1, 2, 4, 8);
  my @folders = map { ("/usr/$_", "/usr/local/$_", "/$_") } qw(bin lib lib32 lib64 libexec);
  $allow->($_, $execute | $read | $list) for grep { -d } @folders, qw(/nix/store /gnu/store);
  $allow->($_, $read) for grep { -e } qw(/etc/ld.so.cache /dev/urandom /sys/devices/system/cpu/online);
  $allow->('/dev/null', $read | $write);
  if (@program && -f $program[0]) {
    $allow->($program[0], $execute | $read);
    (my $libraries = $program[0]) =~ s{bin/[^/]+$}{lib};
    $allow->($libraries, $execute | $read | $list) if -d $libraries;
  }
  call('prctl', 38, 1, 0, 0, 0);  # PR_SET_NO_NEW_PRIVS
  call('landlock_restrict_self', $rules, 0);
}

# A filter of system calls (seccomp). It refuses processes, but allows threads.
sub calls {
  my ($load, $equal, $any_bit, $at_least, $end) = (0x20, 0x15, 0x45, 0x35, 0x06);
  my ($allow, $kill, $refuse, $unknown) = (0x7fff0000, 0x80000000, 0x00050001, 0x00050026);
  my $step = sub { pack('SCCL', $_[0], $_[2] // 0, $_[3] // 0, $_[1]) };
  # Offsets of struct seccomp_data: number of the call, architecture, lower halves of the arguments.
  my ($number, $architecture, $first, $second) = (0, 4, 16, 24);
  my @filter = (
    $step->($load, $architecture), $step->($equal, $column == 0 ? 0xc000003e : 0xc00000b7, 1, 0),
    $step->($end, $kill), $step->($load, $number),
    # The x32 calls of x86-64 have numbers of their own.
    $step->($at_least, 0x40000000, 0, 1), $step->($end, $refuse),
    # The flags of clone3 are out of sight. Without it, libraries use clone.
    $step->($equal, 435, 0, 1), $step->($end, $unknown),
  );
  # A call that is allowed if conditions hold, each of an argument, an operation and a value.
  my $only = sub {
    my ($numbers, @conditions) = @_;
    my $left = 2 * @conditions + 2;
    push @filter, $step->($equal, $numbers->[$column], 0, $left);
    for my $condition (@conditions) {
      my ($argument, $operation, $value) = @$condition;
      $left -= 2;
      push @filter, $step->($load, $argument), $step->($operation, $value, 0, $left - 1);
    }
    push @filter, $step->($end, $allow), $step->($end, $refuse);
  };
  # clone is allowed with CLONE_THREAD, kill and tgkill for this process itself. So are limits and the
  # priority: another process of the same user could otherwise be stopped by them.
  $only->([56, 220], [$first, $any_bit, 0x10000]);
  $only->([62, 129], [$first, $equal, $$]);
  $only->([234, 131], [$first, $equal, $$]);
  $only->($number{prlimit}, [$first, $equal, 0]);
  $only->([141, 140], [$first, $equal, 0], [$second, $equal, 0]);
  # PR_SET_PDEATHSIG
  push @filter, $step->($equal, (157, 167)[$column], 0, 4), $step->($load, $first),
    $step->($equal, 1, 0, 1), $step->($end, $refuse), $step->($end, $allow);
  for my $call (grep { $_ >= 0 } map { $_->[$column] } values %refused) {
    push @filter, $step->($equal, $call, 0, 1), $step->($end, $refuse);
  }
  push @filter, $step->($end, $allow);
  call('prctl', 38, 1, 0, 0, 0);
  my $code = join('', @filter);
  call('prctl', 22, 2, pack('Sx![P]P', scalar @filter, $code), 0, 0);  # PR_SET_SECCOMP
}

# The program is killed when its parent ends, even while it is stopped.
sub parent {
  call('prctl', 1, 9, 0, 0, 0);  # PR_SET_PDEATHSIG, SIGKILL
  die "the parent has ended\n" if getppid() != $option{parent};
}

my %guard = (limits => \&limits, files => \&files, calls => \&calls, parent => \&parent);
# The filter of calls is last: it keeps the process from taking back `parent`.
my @order = qw(limits files parent calls);

if (@program) {
  for my $name (grep { ",$option{guards}," =~ /,$_,/ } @order) {
    $guard{$name}->();
  }
  exec { $program[0] } @program;
  die "$program[0]: $!\n";
}
exit 0 unless $is_supported;
print join(' ', grep { eval { $guard{$_}->(); 1 } } @order), "\n";
