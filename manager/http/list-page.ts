import type { ListPage } from '../../core/api/common.ts'

/** How a list is read and shown. */
export interface PagedList<Row, Item> {
  /** Reads at most `limit` rows, in the order of the list. */
  read(limit: number): Promise<Row[]>
  itemOf(row: Row): Item
  /** The cursor of the page that starts after a row. */
  cursorAfter(row: Row): string
}

/** Reads a page of at most `limit` items. It reads one row more, to know whether there is another page. */
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
