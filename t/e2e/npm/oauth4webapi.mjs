// SPDX-License-Identifier: ISC
// Copyright 2026 The ccgrant authors
//
// oauth4webapi gets tokens; see ../clients-jwt.t.

import * as oauth from 'oauth4webapi'
import { readCases, redirected, say } from './cases.mjs'

const { issuer, base, cases } = await readCases()
const options = { [oauth.customFetch]: redirected(issuer, base) }
const url = new URL(issuer)
const as = await oauth.processDiscoveryResponse(url,
  await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...options }))

for (const c of cases) {
  const auth = c.secret ? oauth.ClientSecretJwt(c.secret)
    : oauth.PrivateKeyJwt({ key: c.key, kid: c.kid })
  await say(c.name, async () => {
    const client = { client_id: c.client }
    const response = await oauth.clientCredentialsGrantRequest(as, client,
      auth, new URLSearchParams({ scope: 'orders.read' }), options)
    return oauth.processClientCredentialsResponse(as, client, response)
  })
}
