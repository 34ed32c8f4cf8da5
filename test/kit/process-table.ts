import { execFileSync } from 'node:child_process'

export interface ListedProcess {
  pid: number
  parent: number
  command: string
}

/** Returns all processes of this machine except zombies. */
export function listProcesses(): ListedProcess[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
  return table.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    if (pid === undefined || parent === undefined || state?.startsWith('Z') !== false) return []
    return [{ pid: Number(pid), parent: Number(parent), command: command ?? '' }]
  })
}

/** Returns all running descendants of a process, each after its parent. */
export function descendantsOf(pid: number, table = listProcesses()): ListedProcess[] {
  const children = table.filter((each) => each.parent === pid)
  return [...children, ...children.flatMap((each) => descendantsOf(each.pid, table))]
}

/** Whether a command line is that of an ffmpeg that makes pictures of a session. */
export const makesPictures = (command: string) => command.includes('image2pipe')

/** Whether a process with this id exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  return listProcesses().some((each) => each.pid === pid)
}
