/** A plain document of headings, paragraphs and tables, written as Markdown or as a page of its own. */
export interface Document {
  readonly title: string
  readonly sections: readonly Section[]
}

export interface Section {
  readonly heading?: string
  readonly paragraphs?: readonly string[]
  readonly table?: { readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] }
}

export function asMarkdown({ title, sections }: Document): string {
  const parts = sections.flatMap(({ heading, paragraphs = [], table }) => [
    ...(heading === undefined ? [] : [`## ${markdownText(heading)}`]),
    ...paragraphs.map(markdownText),
    ...(table === undefined ? [] : [markdownTable(table)]),
  ])
  return `${[`# ${markdownText(title)}`, ...parts].join('\n\n')}\n`
}

function markdownTable({ header, rows }: NonNullable<Section['table']>): string {
  return [markdownRow(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(markdownRow)].join('\n')
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map(markdownText).join(' | ')} |`
}

/** Text that Markdown shows as it is, on one line. */
function markdownText(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|]/g, String.raw`\$&`).replaceAll(/\s+/g, ' ')
}

const style = `body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1c1e21 }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #d9dce1; overflow-wrap: anywhere }
th { background: #f3f4f6 }
@media print { body { margin: 0; max-width: none } tr { break-inside: avoid } }`

export function asHtml({ title, sections }: Document): string {
  const parts = sections.flatMap(({ heading, paragraphs = [], table }) => [
    ...(heading === undefined ? [] : [`<h2>${htmlText(heading)}</h2>`]),
    ...paragraphs.map((paragraph) => `<p>${htmlText(paragraph)}</p>`),
    ...(table === undefined ? [] : [htmlTable(table)]),
  ])
  const name = htmlText(title)
  const head = `<meta charset="utf-8">\n<title>${name}</title>\n<style>\n${style}\n</style>`
  return `<!doctype html>\n<html lang="en">\n<head>\n${head}\n</head>\n<body>\n<h1>${name}</h1>\n${parts.join('\n')}\n</body>\n</html>\n`
}

function htmlTable({ header, rows }: NonNullable<Section['table']>): string {
  const body = rows.map((row) => htmlRow(row, 'td')).join('\n')
  return `<table>\n<thead>\n${htmlRow(header, 'th')}\n</thead>\n<tbody>\n${body}\n</tbody>\n</table>`
}

function htmlRow(cells: readonly string[], tag: 'th' | 'td'): string {
  return `<tr>${cells.map((cell) => `<${tag}>${htmlText(cell)}</${tag}>`).join('')}</tr>`
}

/** Text that is safe within an element or an attribute, of HTML and of XML. */
export function htmlText(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
}
