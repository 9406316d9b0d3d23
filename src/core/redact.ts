/**
 * What must not be read in a log, an error or a notice, whoever put it there: credentials as the clouds, the services
 * that are told, and web addresses spell them.
 */
const secrets: readonly [RegExp, string][] = [
  // user:password@host of any address
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:)[^\s/@]+(?=@)/gi, '$1'],
  // signed addresses and tokens in queries
  [
    /([?&](?:sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|x-goog-credential|token|access_token|api[-_]?key|code|key|secret|password)=)[^&\s"'<>]+/gi,
    '$1',
  ],
  // HTTP authorization
  [/(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/-]{8,}=*/gi, '$1'],
  // access keys of AWS, account keys and connection strings of Azure, keys of service accounts
  [/\b()(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, ''],
  [/((?:AccountKey|SharedAccessSignature|SharedAccessKey)=)[^;\s"']+/gi, '$1'],
  [/()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, ''],
  [
    /((?:aws_secret_access_key|aws_session_token|secret_?access_?key|client_?secret|private_?key|password|routing_?key)["']?\s*[:=]\s*["']?)[^\s"',;}]{4,}/gi,
    '$1',
  ],
  // a token in three parts (JWT)
  [/\b()eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, ''],
  // signing secrets and webhooks whose address is the secret
  [/\b()whsec_[A-Za-z0-9+/=]{8,}/g, ''],
  [/(https:\/\/hooks\.slack(?:-gov)?\.com\/)[^\s"'<>]+/gi, '$1'],
  [/(https:\/\/[\w.-]+\.(?:logic\.azure\.com|powerplatform\.com)(?::\d+)?\/)[^\s"'<>]+/gi, '$1'],
]

/** The text with `[redacted]` for every secret that can be told by its form. */
export function redact(text: string): string {
  return secrets.reduce((result, [pattern, kept]) => result.replaceAll(pattern, `${kept}[redacted]`), text)
}
