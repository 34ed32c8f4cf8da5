/** One page of a list, as the API gives it. */
export interface Page<Item> {
  items: Item[]
  /** Where the next page begins; null on the last. */
  nextCursor: string | null
}

/** How a list is read and shown. */
export interface PagedList<Row, Item> {
  /** Up to so many rows, in the order of the list. */
  read(limit: number): Promise<Row[]>
  itemOf(row: Row): Item
  /** The cursor of what comes after a row. */
  cursorAfter(row: Row): string
}

/** Reads a page of at most `limit` items; one row more is asked for, which tells whether there is another page. */
export async function readPage<Row, Item>(limit: number, list: PagedList<Row, Item>): Promise<Page<Item>> {
  const found = await list.read(limit + 1)
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return {
    items: rows.map(list.itemOf),
    nextCursor: found.length > limit && last !== undefined ? list.cursorAfter(last) : null,
  }
}
