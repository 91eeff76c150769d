-- Links to chats. Times are microseconds since 1970.

-- Shares are removed together with their chat, therefore no foreign key.
create table shares (
    id integer primary key autoincrement,
    chat_id integer not null,
    owner text not null,
    -- SHA-256 of the token, which is stored nowhere.
    token blob not null unique,
    title text,
    -- The last event that is shown; null for all that will ever be.
    last_event integer,
    includes_output integer not null,
    created integer not null,
    expires integer not null,
    revoked integer,
    last_used integer
) strict;

create index shares_owner on shares (owner, id);
create index shares_chat on shares (chat_id);
create index shares_expires on shares (expires);
