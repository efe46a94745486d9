// SPDX-License-Identifier: ISC
// Copyright 2026 The ccgrant authors
//
// What both programs share.  The file that is named on the command line says
// in JSON what ../clients-jwt.t wants; each case is answered by one line.

import { createPrivateKey, webcrypto } from 'node:crypto'
import { readFile } from 'node:fs/promises'

// Node 18 has them under that name alone.
globalThis.crypto ??= webcrypto
globalThis.CryptoKey ??= webcrypto.CryptoKey

const algorithms = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  ES384: { name: 'ECDSA', namedCurve: 'P-384' },
  ES512: { name: 'ECDSA', namedCurve: 'P-521' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  Ed25519: { name: 'Ed25519' },
}

async function importKey(file, alg) {
  const key = createPrivateKey(await readFile(file))
  return crypto.subtle.importKey('pkcs8',
    key.export({ format: 'der', type: 'pkcs8' }), algorithms[alg], false,
    ['sign'])
}

export async function readCases() {
  const all = JSON.parse(await readFile(process.argv[2]))
  for (const c of all.cases) {
    if (c.file) c.key = await importKey(c.file, c.alg)
  }
  return all
}

// The issuer's https is what a test has not: its requests go to the base.
export function redirected(issuer, base) {
  return (url, init) =>
    fetch(String(url).replace(issuer, base), init)
}

export async function say(name, get) {
  let what
  try {
    const token = await get()
    what = { token: token.access_token, type: token.token_type }
  } catch (e) {
    const body = e.error ?? (await e.response?.json().catch(() => null))?.error
    what = { status: e.status, error: body, code: e.code, message: e.message,
      scheme: Array.isArray(e.cause) ? e.cause[0].scheme : undefined }
  }
  console.log(JSON.stringify({ name, ...what }))
}
