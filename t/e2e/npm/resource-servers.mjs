// SPDX-License-Identifier: ISC
// Copyright 2026 The ccgrant authors
//
// Two resource servers, express-oauth2-jwt-bearer in strict mode, and
// jsonwebtoken with the keys of jwks-rsa; see ../rs-express.t.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer'
import jwt from 'jsonwebtoken'
import jwksClient from 'jwks-rsa'

const { issuer, audience, jwksUri, cases } =
  JSON.parse(await readFile(process.argv[2]))
const jwks = jwksClient({ jwksUri })
const isGood = auth({ issuer, audience, jwksUri, strict: true,
  clockTolerance: 0 })

function run(middleware, req, res) {
  return new Promise((resolve, reject) =>
    middleware(req, res, e => e ? reject(e) : resolve()))
}

const servers = {
  async express(req, res, scope) {
    // What Express itself adds to a request.
    Object.assign(req, { is: () => false, query: {}, body: {},
      protocol: 'http', originalUrl: req.url,
      get: field => req.headers[field.toLowerCase()] })
    await run(isGood, req, res)
    await run(requiredScopes(scope), req, res)
    return req.auth.payload
  },
  async jsonwebtoken(req, res, scope) {
    const [, token] = (req.headers.authorization ?? '').split(' ')
    const key = ({ kid }, done) => jwks.getSigningKey(kid)
      .then(k => done(null, k.getPublicKey()), done)
    const claims = await new Promise((resolve, reject) => jwt.verify(token,
      key, { algorithms: ['ES256', 'RS256'], audience, issuer },
      (e, payload) => e ? reject(e) : resolve(payload)))
    if (!claims.scope?.split(' ').includes(scope)) {
      throw Object.assign(new Error('scope'), { status: 403 })
    }
    return claims
  },
}

const server = createServer(async (req, res) => {
  const [, name, scope] = req.url.split('/')
  try {
    const { client_id } = await servers[name](req, res, scope)
    res.end(client_id)
  } catch (e) {
    res.writeHead(e.status ?? 401, e.headers)
    res.end(e.message)
  }
})
await new Promise(done => server.listen(0, '127.0.0.1', done))
const base = `http://127.0.0.1:${server.address().port}`
for (const c of cases) {
  const headers = c.token ? { Authorization: `Bearer ${c.token}` } : {}
  const answer = await fetch(`${base}/${c.server}/${c.scope}`, { headers })
  console.log(JSON.stringify({ name: c.name, server: c.server,
    status: answer.status, body: await answer.text(),
    challenge: answer.headers.get('www-authenticate') ?? '' }))
}
server.close()
server.closeAllConnections()
