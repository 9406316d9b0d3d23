export { versionOfColumns } from '../core/focus-version.ts'
