-- Files that were made; their bytes lie beside the database, named by their SHA-256. Times are microseconds since 1970.

create table artifacts (
    id integer primary key autoincrement,
    owner text not null,
    -- Where it was made; null for those of operators.
    client_id integer references clients (id),
    brand_id integer references brands (id),
    location_id integer references locations (id),
    -- The chat and turn may be gone by now.
    chat_id integer not null,
    turn_id integer not null,
    -- What made it (tool, image, action), and which of those of the turn: that makes it once.
    source text not null,
    origin text not null,
    type text not null,
    title text not null,
    media_type text not null,
    size integer not null,
    digest blob not null check (length(digest) = 32),
    created integer not null,
    expires integer not null
) strict;
create unique index artifacts_origin on artifacts (turn_id, source, origin);
-- Lists of an owner, and what is in use, are read from the index alone.
create index artifacts_owner on artifacts (owner, id, size);
create index artifacts_client on artifacts (client_id, size) where client_id is not null;
create index artifacts_chat on artifacts (owner, chat_id, id);
create index artifacts_digest on artifacts (digest);
create index artifacts_expires on artifacts (expires);
