/** A tree of lines for a terminal; each level of children hangs under its line. */
export interface Branch {
  readonly line: string
  readonly children: readonly Branch[]
}

export function drawTree({ line, children }: Branch): string {
  return [line, ...drawChildren(children, '')].join('\n')
}

function drawChildren(children: readonly Branch[], indent: string): string[] {
  return children.flatMap(({ line, children: below }, at) => {
    const last = at === children.length - 1
    return [`${indent}${last ? '└─' : '├─'} ${line}`, ...drawChildren(below, `${indent}${last ? '   ' : '│  '}`)]
  })
}
