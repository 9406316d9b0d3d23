import type { Period } from '../core/period.ts'
import type { AllocationRun, UnitRecord } from './state.ts'

/** What a run tells while it goes. Reporters (a terminal, lines, JSON logs) turn these into text. */
export type RunEvent =
  | { readonly type: 'run-started'; readonly runId: string }
  /** Another run holds the lake and is waited for. */
  | { readonly type: 'run-waiting'; readonly holder: string }
  | { readonly type: 'source-notice'; readonly source: string; readonly line: string }
  | { readonly type: 'source-failed'; readonly source: string; readonly error: unknown }
  | {
      readonly type: 'unit-planned'
      readonly source: string
      readonly period: Period
      readonly action: UnitAction
      readonly reason: string
    }
  /** Its files are there, and the engine has room for it: from now on its rows are made. */
  | { readonly type: 'unit-begun'; readonly source: string; readonly period: Period }
  | { readonly type: 'unit-step'; readonly source: string; readonly period: Period; readonly step: UnitStep }
  | {
      readonly type: 'unit-bytes'
      readonly source: string
      readonly period: Period
      readonly bytes: number
      readonly total: number
    }
  | { readonly type: 'unit-published'; readonly record: UnitRecord }
  | { readonly type: 'unit-failed'; readonly source: string; readonly period: Period; readonly error: unknown }
  | {
      readonly type: 'allocation-month'
      readonly period: Period
      readonly result: AllocationRun['months'][number]['result']
      readonly detail: string
    }
  | { readonly type: 'corrections-posted'; readonly period: Period; readonly detail: string }
  /** Of a month, or of all when the rules are mistaken. */
  | { readonly type: 'allocation-failed'; readonly period?: Period; readonly error: unknown }
  | { readonly type: 'run-recorded'; readonly runId: string }

export type UnitAction = 'publish' | 'up to date' | 'wait'

/** In order; each is told when it is done. */
export type UnitStep = 'fetched' | 'staged' | 'written' | 'checked' | 'kept' | 'put in place' | 'recorded'

export type Report = (event: RunEvent) => void
