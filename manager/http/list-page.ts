import type { ListPage } from '../../core/api/common.ts'

export interface PagedList<Row, Item> {
  /** Reads at most `limit` rows, in the order of the list. */
  read(limit: number): Promise<Row[]>
  itemOf(row: Row): Item
  cursorAfter(row: Row): string
}

/**
 * Reads one list page. It asks for `limit + 1` rows: the additional row is not returned, but shows that there
 * is another page.
 */
export async function readListPage<Row, Item>(
  limit: number,
  list: PagedList<Row, Item>,
): Promise<ListPage<Item>> {
  const found = await list.read(limit + 1)
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return {
    items: rows.map(list.itemOf),
    nextCursor: found.length > limit && last !== undefined ? list.cursorAfter(last) : null,
  }
}
