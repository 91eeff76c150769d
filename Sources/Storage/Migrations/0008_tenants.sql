-- Clients, brands, locations and users of host applications. Times are microseconds since 1970.
--
-- `key` is what the host application calls a thing: unique for its issuer.

create table clients (
    id integer primary key autoincrement,
    issuer text not null,
    key text not null,
    name text,
    -- active or suspended.
    state text not null,
    -- Whether the plan has AI.
    ai integer not null,
    plan text,
    created integer not null,
    updated integer not null
) strict;
create unique index clients_key on clients (issuer, key);

create table brands (
    id integer primary key autoincrement,
    client_id integer not null references clients (id),
    issuer text not null,
    key text not null,
    name text,
    state text not null,
    -- Whether it has AI as an add-on, or has it taken away; null for what the client's plan says.
    ai integer,
    created integer not null,
    updated integer not null
) strict;
create unique index brands_key on brands (issuer, key);
create index brands_client on brands (client_id, id);

create table locations (
    id integer primary key autoincrement,
    client_id integer not null references clients (id),
    brand_id integer not null references brands (id),
    issuer text not null,
    key text not null,
    name text,
    created integer not null
) strict;
create unique index locations_key on locations (issuer, key);
create index locations_brand on locations (brand_id, id);

create table users (
    id integer primary key autoincrement,
    issuer text not null,
    -- The `sub` of the host application's tokens: with the issuer the identity.
    subject text not null,
    name text,
    -- What is granted to them by name, beside their role: words of this server, and of the host application.
    permissions text not null default '',
    grants text not null default '',
    created integer not null,
    updated integer not null
) strict;
create unique index users_subject on users (issuer, subject);

create table ai_sessions (
    id integer primary key autoincrement,
    user_id integer not null references users (id),
    client_id integer not null references clients (id),
    -- SHA-256 of the token.
    secret blob not null unique,
    role text,
    -- The scope as JSON lists: ids of brands and locations (null for all of the brands), names of teams and modules.
    brands text not null,
    locations text,
    teams text not null,
    modules text not null,
    created integer not null,
    expires integer not null,
    ended integer
) strict;
create index ai_sessions_user on ai_sessions (user_id, id);
create index ai_sessions_expires on ai_sessions (expires);

-- Names (`jti`) of tokens that were used, until they are over.
create table spent_tokens (
    issuer text not null,
    token text not null,
    expires integer not null,
    primary key (issuer, token)
) strict, without rowid;
create index spent_tokens_expires on spent_tokens (expires);

-- What a chat belongs to; null for those of operators.
alter table chats add column client_id integer references clients (id);
alter table chats add column brand_id integer references brands (id);
alter table chats add column location_id integer references locations (id);
-- The caller's own name of a chat is theirs in each place: one that they do not see must not be in the way.
drop index chats_key;
create unique index chats_key on chats (
    owner, key, coalesce(client_id, 0), coalesce(brand_id, 0), coalesce(location_id, 0)
) where key is not null;
create index chats_place on chats (client_id, brand_id) where client_id is not null;
