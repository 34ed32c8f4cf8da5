import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import { openFfmpegBox } from './ffmpeg-box.ts'

let dir: ReturnType<typeof makeTempDir>
beforeEach(() => {
  dir = makeTempDir()
})
afterEach(() => dir.remove())

const environment = { PATH: process.env.PATH ?? '' }
const open = (path: string) => openFfmpegBox({ path, memoryMb: 1024, environment })

/**
 * Runs a program in place of ffmpeg that attempts what no encoder does. Returns its environment and what
 * succeeded.
 */
async function attack() {
  const secret = join(dir.path, 'cluster-secret')
  writeFileSync(secret, 'a secret')
  const program = join(dir.path, 'ffmpeg')
  writeFileSync(
    program,
    `#!/usr/bin/env perl
use POSIX ();
if ("@ARGV" =~ /-version/) { print "ffmpeg version 6.1\\n"; exit }
print join(',', sort keys %ENV), "\\n";
print "thread of control\\n";
sub attempt { print "$_[0]\\n" if $_[1] }
attempt('secret', open(my $a, '<', '${secret}'));
attempt('passwd', open(my $b, '<', '/etc/passwd'));
attempt('environment of the parent', open(my $c, '<', '/proc/' . getppid() . '/environ'));
attempt('write', open(my $d, '>', '${join(dir.path, 'written')}'));
attempt('mode', chmod(0666, '${secret}'));
attempt('network', socket(my $e, 2, 1, 0));
attempt('signal', kill(0, getppid()));
attempt('own priority', setpriority(0, 0, 19));
attempt('priority of the parent', setpriority(0, getppid(), getpriority(0, getppid())));
attempt('priority of the user', setpriority(2, 0, 19));
my $column = (POSIX::uname())[4] eq 'x86_64' ? 0 : 1;
sub call { my $number = shift; syscall($number->[$column], @_) }
my $limits = pack('QQ', 0, 0);
attempt('death of the parent', call([157, 167], 1, 0, 0, 0, 0) == 0);
attempt('own limits', call([302, 261], 0, 7, 0, $limits) == 0);
attempt('limits of the parent', call([302, 261], getppid(), 7, 0, $limits) == 0);
my $cores = pack('Q16');
my $length = call([204, 123], getppid(), 128, $cores);
attempt('cores of the parent', call([203, 122], getppid(), $length, $cores) == 0);
attempt('scheduling of the parent', call([144, 119], getppid(), 0, pack('l', 0)) == 0);
attempt('I/O priority of the parent', call([251, 30], 1, getppid(), 0) == 0);
my $child = fork();
exit if defined $child && $child == 0;
attempt('process', defined $child);
$| = 1;
my $gigabytes = 2;
my $memory = 'x' x ($gigabytes << 30);
attempt('memory', length $memory);
`,
  )
  chmodSync(program, 0o755)
  const { box } = await open(program)
  const [command = '', ...args] = box.command
  const child = spawn(command, args, { env: box.environment, stdio: ['ignore', 'pipe', 'ignore'] })
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')])
  const [names = '', ...succeeded] = output.trim().split('\n')
  return { box, names: names.split(','), succeeded }
}

test('a hostile ffmpeg gets no file, network, process, signal or memory, and no secret', async () => {
  const { box, names, succeeded } = await attack()
  expect(box.guards).toEqual(['limits', 'files', 'calls', 'parent'])
  expect(names).toEqual(['PATH'])
  expect(succeeded).toEqual(['thread of control', 'own priority', 'own limits'])
})

test('ffmpeg runs in the box, under the id of the process that was started', async () => {
  const { box, version } = await open('ffmpeg')
  expect(box.guards).toEqual(['limits', 'files', 'calls', 'parent'])
  expect(version.major).toBeGreaterThanOrEqual(4)
  const [command = '', ...args] = box.command
  const child = spawn(
    command,
    [...args, '-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc=d=0.2', '-c:v'].concat(
      'libx264',
      '-f',
      'flv',
      'pipe:1',
    ),
    {
      env: box.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [media, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  expect(code).toBe(0)
  expect(media.slice(0, 3)).toBe('FLV')
})

test('without perl, ffmpeg runs as it is', async () => {
  const path = join(dir.path, 'ffmpeg')
  writeFileSync(path, '#!/bin/sh\necho ffmpeg version 6.1')
  chmodSync(path, 0o755)
  const { box } = await openFfmpegBox({ path, memoryMb: 1024, environment: { PATH: dir.path } })
  expect(box).toMatchObject({ command: [path], guards: [] })
})
