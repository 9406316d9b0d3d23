import { readdirSync, readFileSync } from 'node:fs'
import { UserError } from '../core/errors.ts'

/** A question of the FOCUS use-case library as SQL over the view `focus`; a file of the folder `queries`. */
export interface UseCase {
  readonly name: string
  readonly title: string
  readonly question: string
  readonly parameters: readonly Parameter[]
  readonly sql: string
}

export interface Parameter {
  /** SQL reads it with `getvariable(name)`, which is null where it is not given. */
  readonly name: string
  readonly about: string
  readonly required: boolean
}

/** Beside both src/ and dist/. */
const folder = new URL('../../queries/', import.meta.url)

/** Every use case, by name. */
export function useCases(): UseCase[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .map((file) => parse(file.slice(0, -'.sql'.length), readFileSync(new URL(file, folder), 'utf8')))
}

/** The use case of a name. UserError names the nearest ones. */
export function useCase(name: string): UseCase {
  const all = useCases()
  const found = all.find((each) => each.name === name)
  if (found !== undefined) return found
  const words = name.split('-')
  const near = all.map((each) => each.name).filter((each) => words.some((word) => each.includes(word)))
  const hint =
    near.length > 0 && near.length <= 8
      ? `Did you mean ${new Intl.ListFormat('en', { type: 'disjunction' }).format(near)}?`
      : 'List them with `focal query --use-cases`.'
  throw new UserError(`There is no use case ${name}`, { hint })
}

/** Values of `name=value` texts for a use case. UserError: no `=`, an unknown name, a required one not given. */
export function parameterValues({ name, parameters }: UseCase, given: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map(given.map(split))
  const names = parameters.map((parameter) => parameter.name).join(', ')
  for (const key of values.keys()) {
    if (!parameters.some((parameter) => parameter.name === key))
      throw new UserError(`The use case ${name} has no parameter ${key}`, { hint: `It has ${names}.` })
  }
  const missing = parameters.find((parameter) => parameter.required && !values.has(parameter.name))
  if (missing !== undefined)
    throw new UserError(`The use case ${name} needs the parameter ${missing.name}`, {
      hint: `Add --param ${missing.name}=…, ${missing.about}.`,
    })
  return values
}

function split(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UserError(`The parameter ${text} has no value`, { hint: 'Write it as --param name=value.' })
  return [text.slice(0, at), text.slice(at + 1)]
}

function parse(name: string, text: string): UseCase {
  const fact = (key: string) => new RegExp(`^-- ${key}: (.+)$`, 'm').exec(text)?.[1] ?? ''
  const parameters = [...text.matchAll(/^-- param ([a-z-]+): (.+)$/gm)].map(([, parameter = '', about = '']) => ({
    name: parameter,
    about: about.replace(/; required$/, ''),
    required: about.endsWith('; required'),
  }))
  return { name, title: fact('title'), question: fact('question'), parameters, sql: text }
}
