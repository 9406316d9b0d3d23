export { channelSchema, keepsIncidents, secretKeys, send, type Channel } from './channels.ts'
export { noticeKinds, type Notice, type NoticeKind } from './notice.ts'
export { deliver, post, type DeliveryReport, type OutboxStore } from './outbox.ts'
