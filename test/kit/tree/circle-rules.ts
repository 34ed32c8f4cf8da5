import { posix } from 'node:path'
import type { TreeRule } from './boundary-rules.ts'
import { isTest } from './boundary-rules.ts'
import { isCode, type SourceFile } from './source-file.ts'

type Graph = ReadonlyMap<string, ReadonlySet<string>>

/** Finds files that import each other in a circle. Imports of types count too. */
export const fileCircles: TreeRule = (files) =>
  circlesOf(importGraph(files)).map((circle) => `circle of files: ${circle.join(', ')}`)

/**
 * Finds folders below one top folder that import each other in a circle. A folder and the folder it is in
 * count as two. Tests do not count.
 */
export const folderCircles: TreeRule = (files) => {
  const folders = new Map<string, Set<string>>()
  for (const [from, targets] of importGraph(files.filter(({ path }) => !isTest(path))))
    for (const to of targets) {
      const [one, other] = [posix.dirname(from), posix.dirname(to)]
      if (one === other || rootOf(one) !== rootOf(other)) continue
      addEdge(folders, one, other)
    }
  return circlesOf(folders).map((circle) => `circle of folders: ${circle.join(', ')}`)
}

const rootOf = (path: string) => path.split('/', 1)[0]

function importGraph(files: readonly SourceFile[]): Graph {
  const known = new Set(files.map(({ path }) => path))
  const graph = new Map<string, Set<string>>()
  for (const { path, imports } of files.filter((file) => isCode(file.path)))
    for (const module of imports) {
      if (!module.startsWith('.')) continue
      const target = posix.normalize(posix.join(posix.dirname(path), module))
      if (known.has(target)) addEdge(graph, path, target)
    }
  return graph
}

function addEdge(graph: Map<string, Set<string>>, from: string, to: string) {
  const targets = graph.get(from)
  if (targets) targets.add(to)
  else graph.set(from, new Set([to]))
}

/** Returns the strongly connected components with more than one node (Tarjan 1972), each sorted by name. */
function circlesOf(graph: Graph): string[][] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: string[] = []
  const circles: string[][] = []

  function visit(node: string): number {
    const index = order.size
    order.set(node, index)
    lowest.set(node, index)
    open.push(node)
    for (const target of graph.get(node) ?? []) {
      const reached = order.has(target)
        ? open.includes(target)
          ? (order.get(target) ?? index)
          : index
        : visit(target)
      lowest.set(node, Math.min(lowest.get(node) ?? index, reached))
    }
    const low = lowest.get(node) ?? index
    if (low === index) {
      const circle = open.splice(open.indexOf(node))
      if (circle.length > 1) circles.push(circle.sort())
    }
    return low
  }

  for (const node of graph.keys()) if (!order.has(node)) visit(node)
  return circles.sort()
}
