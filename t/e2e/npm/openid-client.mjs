// SPDX-License-Identifier: ISC
// Copyright 2026 The ccgrant authors
//
// openid-client gets tokens; see ../clients-jwt.t.

import * as client from 'openid-client'
import { readCases, redirected, say } from './cases.mjs'

const { issuer, base, cases } = await readCases()
const options = {
  algorithm: 'oauth2',
  [client.customFetch]: redirected(issuer, base),
}

for (const c of cases) {
  const auth = c.secret ? client.ClientSecretJwt(c.secret)
    : client.PrivateKeyJwt({ key: c.key, kid: c.kid })
  await say(c.name, async () => {
    const config = await client.discovery(new URL(issuer), c.client,
      undefined, auth, options)
    return client.clientCredentialsGrant(config, { scope: 'orders.read' })
  })
}
