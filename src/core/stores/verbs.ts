/** What is done to an object of a store. */
export type StoreAction = 'list' | 'read' | 'write' | 'delete'

/** An action as people say it: credentials to read, it may not be read, it could not be read from. */
export const verbs: Readonly<
  Record<StoreAction, { readonly to: string; readonly been: string; readonly where: string }>
> = {
  list: { to: 'read', been: 'listed', where: 'read from' },
  read: { to: 'read', been: 'read', where: 'read from' },
  write: { to: 'write', been: 'written', where: 'written to' },
  delete: { to: 'delete', been: 'deleted', where: 'deleted from' },
}
