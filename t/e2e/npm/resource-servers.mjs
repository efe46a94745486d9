// SPDX-License-Identifier: ISC
// Copyright 2026 The ccgrant authors
//
// Resource servers with Express: express-oauth2-jwt-bearer in strict mode, and
// passport-jwt and jsonwebtoken with the keys of jwks-rsa; see
// ../rs-express.t.

import { createHash, createPrivateKey, createPublicKey, randomUUID, sign }
  from 'node:crypto'
import { readFile } from 'node:fs/promises'
import express from 'express'
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer'
import jwt from 'jsonwebtoken'
import jwksClient from 'jwks-rsa'
import passport from 'passport'
import { ExtractJwt, Strategy } from 'passport-jwt'

const { issuer, audience, jwksUri, cases } =
  JSON.parse(await readFile(process.argv[2]))
const algorithms = ['ES256', 'RS256']
const jwks = jwksClient({ jwksUri })
const app = express()

function hasScope(req, res, next) {
  const has = req.user.scope?.split(' ').includes(req.params.scope)
  res.status(403)
  return has ? next() : res.end('scope')
}

function tell(req, res) {
  res.status(200).end((req.auth?.payload ?? req.user).client_id)
}

app.get('/express/:scope',
  auth({ issuer, audience, jwksUri, strict: true, clockTolerance: 0 }),
  (req, res, next) => requiredScopes(req.params.scope)(req, res, next), tell)

passport.use(new Strategy({ issuer, audience, algorithms,
  jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  secretOrKeyProvider: jwksClient.passportJwtSecret({ jwksUri }),
}, (claims, done) => done(null, claims)))
app.get('/passport/:scope', passport.authenticate('jwt', { session: false }),
  hasScope, tell)

async function verify(req, res, next) {
  const [, token] = (req.get('authorization') ?? '').split(' ')
  const key = ({ kid }, done) => jwks.getSigningKey(kid)
    .then(k => done(null, k.getPublicKey()), done)
  jwt.verify(token, key, { algorithms, audience, issuer }, (e, claims) => {
    req.user = claims
    return e ? res.status(401).end(e.message) : next()
  })
}
app.get('/jsonwebtoken/:scope', verify, hasScope, tell)

app.use((e, req, res, next) =>
  res.status(e.status ?? 500).set(e.headers ?? {}).end(e.message))

const server = await new Promise((resolve, reject) => {
  const s = app.listen(0, '127.0.0.1', e => e ? reject(e) : resolve(s))
})
const base = `http://127.0.0.1:${server.address().port}`

// A DPoP proof (RFC 9449, 4.2) with the P-256 key in the file.
async function proof(file, token, htu, claims) {
  const key = createPrivateKey(await readFile(file))
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  const text = [{ typ: 'dpop+jwt', alg: 'ES256', jwk },
    { jti: randomUUID(), htm: 'GET', htu, iat: Math.floor(Date.now() / 1000),
      ath: createHash('sha256').update(token).digest('base64url'),
      ...claims }]
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('sha256', Buffer.from(text),
    { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

for (const c of cases) {
  const url = `${base}/${c.server}/${c.scope}`
  const headers = c.token
    ? { Authorization: `${c.scheme ?? 'Bearer'} ${c.token}` } : {}
  if (c.key) headers.DPoP = await proof(c.key, c.token, url, c.claims)
  const answer = await fetch(url, { headers })
  console.log(JSON.stringify({ name: c.name, server: c.server,
    status: answer.status, body: await answer.text(),
    challenge: answer.headers.get('www-authenticate') ?? '' }))
}
server.close()
server.closeAllConnections()
