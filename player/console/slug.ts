/** Longest slug. */
const maxLength = 63

/** A slug made of any text: a–z, 0–9 and inner dashes; accents go, all else becomes a dash. May come out empty. */
export function slugOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, maxLength)
    .replace(/-+$/, '')
}
