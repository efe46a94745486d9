// SPDX-License-Identifier: ISC
// Copyright 2026 The ccgrant authors
//
// oauth4webapi gets bound tokens; see ../clients-dpop.t.

import * as oauth from 'oauth4webapi'
import { readCases, redirected } from './cases.mjs'

const { issuer, base, cases } = await readCases()
const options = { [oauth.customFetch]: redirected(issuer, base) }
const url = new URL(issuer)
const as = await oauth.processDiscoveryResponse(url,
  await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...options }))

// One token; how often a nonce was demanded is counted.
async function grant(c, dpop, said) {
  const auth = c.secret ? oauth.ClientSecretBasic(c.secret)
    : oauth.PrivateKeyJwt({ key: c.key, kid: c.kid })
  const client = { client_id: c.client }
  const request = async () => {
    const response = await oauth.clientCredentialsGrantRequest(as, client,
      auth, new URLSearchParams({ scope: 'orders.read' }),
      { ...options, DPoP: dpop })
    return oauth.processClientCredentialsResponse(as, client, response)
  }
  try {
    return await request()
  } catch (e) {
    if (!oauth.isDPoPNonceError(e)) throw e
    said.nonces += 1
    return request()
  }
}

for (const c of cases) {
  const said = { name: c.name, nonces: 0 }
  try {
    const pair = await oauth.generateKeyPair(c.proof, { extractable: true })
    const client = { client_id: c.client,
      [oauth.clockSkew]: c.skew ?? 0 }
    const dpop = oauth.DPoP(client, pair)
    said.jkt = await dpop.calculateThumbprint()
    said.tokens = [await grant(c, dpop, said), await grant(c, dpop, said)]
  } catch (e) {
    const error = e.error
      ?? (await e.response?.json().catch(() => null))?.error
    Object.assign(said, { status: e.status, error, code: e.code,
      message: e.message })
  }
  console.log(JSON.stringify(said))
}
