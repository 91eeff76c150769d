-- Chats, turns, their events, and what was asked of providers. Times are microseconds since 1970.

create table chats (
    id integer primary key autoincrement,
    owner text not null,
    key text,
    title text,
    model text,
    created integer not null,
    updated integer not null,
    -- The number of the last event that is stored here, and the highest that may have been given to deltas since.
    last_event integer not null default 0,
    reserved integer not null default 0
) strict;

create unique index chats_key on chats (owner, key) where key is not null;
create index chats_owner on chats (owner, updated, id);
create index chats_updated on chats (updated);

-- Chats are removed together with their turns and events by one verb, therefore no foreign keys.
create table turns (
    id integer primary key autoincrement,
    chat_id integer not null,
    owner text not null,
    key text,
    model text not null,
    created integer not null,
    -- A turn's events have the numbers from the one to the other: turns of a chat follow each other.
    first_event integer not null,
    last_event integer not null,
    state text not null,
    reason text,
    finished integer,
    input_tokens integer not null default 0,
    cached_input_tokens integer not null default 0,
    output_tokens integer not null default 0,
    reasoning_tokens integer not null default 0,
    superseded integer not null default 0,
    -- Among the turns of the chat that are not superseded, from 1. Only the last ones are ever superseded, so it holds
    -- for good for all others: it says how many turns come before without counting them.
    place integer not null,
    -- Bytes of the events that a model is shown again.
    context_bytes integer not null
) strict;

create index turns_chat on turns (chat_id, id);
create index turns_shown on turns (chat_id, id) where superseded = 0;
create unique index turns_key on turns (chat_id, key) where key is not null;
-- At most one turn of a chat works.
create unique index turns_working on turns (chat_id) where state = 'working';

-- id = chat_id * 2^32 + number, as for tickets: a chat's events are one range of the table.
create table chat_events (
    id integer primary key,
    turn_id integer not null,
    time integer not null,
    kind text not null,
    json blob not null,
    hidden blob
) strict;

-- The words of titles (number 0) and of what was said (the event's number): rowid = chat_id * 2^32 + number.
-- `owner` is one word, so that others' chats cost a search nothing.
create virtual table chat_search using fts5 (
    owner, text, tokenize = 'unicode61 remove_diacritics 0'
);

-- One row for each request to a provider.
create table usage (
    id integer primary key autoincrement,
    model text not null,
    principal text not null,
    door text not null,
    turn_id integer,
    started integer not null,
    finished integer,
    input_tokens integer,
    cached_input_tokens integer,
    output_tokens integer,
    reasoning_tokens integer,
    outcome text
) strict;

create index usage_principal on usage (principal, id);
create index usage_open on usage (id) where outcome is null;
