"""Lua of the steps in Redis that must be atomic: leases of nodes, owners of sessions, codes.

A session is its owner's while it carries the owner's name and token. The owner lives while the key of its name holds
that token: this is the lease, one for all sessions of a node. Every write names the token, so that a node that was
believed dead can change nothing of what others have taken over.

Keys of one step lie on several slots of a cluster: there is no Redis Cluster.
"""

from __future__ import annotations

ROOMS = "dragoman:rooms:"
"""Beginning of each key. The role `node` of deploy/redis/users.acl is cut along it."""

_KEYS = f"""
local function node(name) return '{ROOMS}node:' .. name end
local function session(id) return '{ROOMS}session:' .. id end
local function code(digits) return '{ROOMS}code:' .. digits end
local function of(name) return '{ROOMS}of:' .. name end
local function ended(id) return '{ROOMS}ended:' .. id end
local function unread(id) return '{ROOMS}unread:' .. id end
local function was(digits) return '{ROOMS}was:' .. digits end
local withdrawn = '{ROOMS}withdrawn'
local facts = '{ROOMS}facts'
local function lives(name, token) return name and token and redis.call('GET', node(name)) == token end
local function now_ms()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end
"""

# ARGV: node, token, facts, ms of the lease. Answer: state, Redis's clock in ms, name and facts of each node in turn.
BEAT = f"""{_KEYS}
local held, now, state = redis.call('GET', node(ARGV[1])), now_ms(), 'taken'
if not held or held == ARGV[2] then
  state = held and 'renewed' or 'new'
  redis.call('SET', node(ARGV[1]), ARGV[2], 'PX', ARGV[4])
  redis.call('HSET', facts, ARGV[1], string.format('%d ', now) .. ARGV[3])
end
return {{state, now, redis.call('HGETALL', facts)}}
"""

# ARGV: node, token.
LEAVE = f"""{_KEYS}
if redis.call('GET', node(ARGV[1])) ~= ARGV[2] then return 0 end
redis.call('DEL', node(ARGV[1]))
redis.call('HSET', facts, ARGV[1], string.format('%d ', now_ms()))
return 1
"""

# ARGV: node, token, session, code or nothing, ms of a life.
CLAIM = f"""{_KEYS}
if not lives(ARGV[1], ARGV[2]) then return 'lapsed' end
if ARGV[4] ~= '' and not redis.call('SET', code(ARGV[4]), ARGV[3], 'NX', 'PX', ARGV[5]) then return 'used' end
redis.call('HSET', session(ARGV[3]), 'node', ARGV[1], 'token', ARGV[2], 'code', ARGV[4])
redis.call('PEXPIRE', session(ARGV[3]), ARGV[5])
redis.call('SADD', of(ARGV[1]), ARGV[3])
return 'claimed'
"""

# ARGV: node, token, a session's id or its code. Answer: session, code, node, token, and the facts of that node while it
# lives, else nothing and the record; the record of an ended session; nothing; or `lapsed` alone where nothing is known
# of the asking node either.
LOCATE = f"""{_KEYS}
local id = redis.call('GET', code(ARGV[3])) or ARGV[3]
local found = redis.call('HMGET', session(id), 'node', 'token', 'code', 'record')
if not found[1] then
  local over = redis.call('GET', ended(redis.call('GET', was(ARGV[3])) or ARGV[3]))
  if not over and not lives(ARGV[1], ARGV[2]) then return {{'lapsed'}} end
  return over
end
local known = lives(found[1], found[2]) and (redis.call('HGET', facts, found[1]) or '')
return {{id, found[3], found[1], found[2], known, not known and found[4] or ''}}
"""

# ARGV: node, token, session, ms of a life. Answer: the session's fate and, where it is taken over, its code, its record
# and what was left of its subtitles, which is gone with the asker's first write. One that is the asker's already is
# taken again: the answer to the first time may have been lost.
TAKE_OVER = f"""{_KEYS}
if not lives(ARGV[1], ARGV[2]) then return {{'lapsed'}} end
local key = session(ARGV[3])
local found = redis.call('HMGET', key, 'node', 'token', 'code', 'record')
if not found[1] then return {{'gone'}} end
local mine, record = found[1] == ARGV[1] and found[2] == ARGV[2], found[4] or ''
if lives(found[1], found[2]) and (not mine or record == '') then return {{'held'}} end
redis.call('SREM', of(found[1]), ARGV[3])
if record == '' then
  redis.call('DEL', key, unread(ARGV[3]))
  if redis.call('GET', code(found[3])) == ARGV[3] then redis.call('DEL', code(found[3])) end
  return {{'gone'}}
end
redis.call('HSET', key, 'node', ARGV[1], 'token', ARGV[2], 'took', '1')
redis.call('PEXPIRE', key, ARGV[4])
redis.call('SADD', of(ARGV[1]), ARGV[3])
return {{'taken', found[3], record, redis.call('GET', unread(ARGV[3])) or ''}}
"""

# ARGV: node, token, session, subtitles that its people may not have, ms for which they are kept.
LEAVE_UNREAD = f"""{_KEYS}
local found = redis.call('HMGET', session(ARGV[3]), 'node', 'token')
if not found[1] then return 'gone' end
if found[1] ~= ARGV[1] or found[2] ~= ARGV[2] then return 'lost' end
redis.call('SET', unread(ARGV[3]), ARGV[4], 'PX', ARGV[5])
redis.call('HDEL', session(ARGV[3]), 'took')
return 'saved'
"""

# ARGV: node, token, session, record, ms of a life. A node that writes what it has taken over has what was unread.
SAVE = f"""{_KEYS}
local found = redis.call('HMGET', session(ARGV[3]), 'node', 'token', 'code', 'took')
if not found[1] then return 'gone' end
if found[1] ~= ARGV[1] or found[2] ~= ARGV[2] then return 'lost' end
redis.call('HSET', session(ARGV[3]), 'record', ARGV[4])
redis.call('PEXPIRE', session(ARGV[3]), ARGV[5])
redis.call('PEXPIRE', code(found[3]), ARGV[5])
if found[4] then
  redis.call('HDEL', session(ARGV[3]), 'took')
  redis.call('DEL', unread(ARGV[3]))
end
return 'saved'
"""

# ARGV: node, token, session, code, record, ms of a life. A session that Redis has forgotten is made known again.
HOLD = f"""{_KEYS}
local found = redis.call('HMGET', session(ARGV[3]), 'node', 'token')
if found[1] then
  if found[1] == ARGV[1] and found[2] == ARGV[2] then return {{'held'}} end
  return {{'lost', found[1]}}
end
if redis.call('EXISTS', ended(ARGV[3])) == 1 then return {{'lost', ARGV[1]}} end
redis.call('HSET', session(ARGV[3]), 'node', ARGV[1], 'token', ARGV[2], 'code', ARGV[4], 'record', ARGV[5])
redis.call('PEXPIRE', session(ARGV[3]), ARGV[6])
if ARGV[4] ~= '' then redis.call('SET', code(ARGV[4]), ARGV[3], 'NX', 'PX', ARGV[6]) end
redis.call('SADD', of(ARGV[1]), ARGV[3])
return {{'held'}}
"""

# ARGV: node, token, session, code, record of its end or nothing, ms for which that is remembered, and 1 if somebody has
# withdrawn from its history.
END = f"""{_KEYS}
local found = redis.call('HMGET', session(ARGV[3]), 'node', 'token')
if found[1] and (found[1] ~= ARGV[1] or found[2] ~= ARGV[2]) then return 'lost' end
redis.call('DEL', session(ARGV[3]), unread(ARGV[3]))
redis.call('SREM', of(ARGV[1]), ARGV[3])
if redis.call('GET', code(ARGV[4])) == ARGV[3] then redis.call('DEL', code(ARGV[4])) end
if ARGV[5] ~= '' then
  redis.call('SET', ended(ARGV[3]), ARGV[5], 'PX', ARGV[6])
  if ARGV[4] ~= '' then redis.call('SET', was(ARGV[4]), ARGV[3], 'PX', ARGV[6]) end
  redis.call(ARGV[7] == '1' and 'SADD' or 'SREM', withdrawn, ARGV[3])
end
return 'ended'
"""

# Answer: records of the ended sessions that are remembered, and whose people have withdrawn from their histories.
WITHDRAWN = f"""{_KEYS}
local records = {{}}
for _, id in ipairs(redis.call('SMEMBERS', withdrawn)) do
  local record = redis.call('GET', ended(id))
  if record then table.insert(records, record) else redis.call('SREM', withdrawn, id) end
end
return records
"""
