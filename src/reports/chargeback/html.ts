import { readBeside } from '../../core/sql.ts'
import type { Block, Page, Table } from './document.ts'

/** One page of HTML with everything in it: no script, nothing to load. */
export function htmlReport(title: string, pages: readonly Page[]): string {
  const links = pages.map(({ id, title: name }) => `<a href="#${escape(id)}">${escape(name)}</a>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>
${readBeside(import.meta.url, 'report.css')}</style>
</head>
<body>
<nav>${links.join('\n')}</nav>
<main>
${pages.map(page).join('\n')}
</main>
</body>
</html>
`
}

function page({ id, title, subtitle, blocks }: Page): string {
  return `<section id="${escape(id)}">
<header><p>${escape(subtitle)}</p><h1>${escape(title)}</h1></header>
${blocks.map(block).join('\n')}
</section>`
}

function block(content: Block): string {
  switch (content.type) {
    case 'facts':
      return `<dl class="facts">${content.facts.map(([name, value]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`).join('')}</dl>`
    case 'numbers':
      return `<dl class="numbers">${content.numbers
        .map(
          ({ label, value, note }) =>
            `<div><dt>${escape(label)}</dt><dd>${escape(value)}</dd><dd>${escape(note ?? '')}</dd></div>`,
        )
        .join('')}</dl>`
    case 'figures':
      return `<div class="figures">${content.figures
        .map(
          ({ caption, svg, span }) =>
            `<figure class="span${span}"><figcaption>${escape(caption)}</figcaption>${svg}</figure>`,
        )
        .join('')}</div>`
    case 'table':
      return table(content)
    case 'note':
      return `<p class="note">${escape(content.text)}</p>`
  }
}

function table({ caption, columns, rows }: Table): string {
  const cell = (tag: 'td' | 'th', text: string, at: number) =>
    `<${tag} class="${columns[at]?.align}">${escape(text)}</${tag}>`
  const head = columns.map(({ header }, at) => cell('th', header, at)).join('')
  const body = rows.map(
    ({ cells, role }) =>
      `<tr${role === undefined ? '' : ` class="${role}"`}>${cells.map((text, at) => cell('td', text, at)).join('')}</tr>`,
  )
  return `<div class="scroll"><table>
<caption>${escape(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table></div>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
