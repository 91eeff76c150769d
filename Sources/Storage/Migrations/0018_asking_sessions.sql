-- The session of a host application's user in which a turn was asked for: its role, scope and life are the turn's. Null for
-- turns of operators. Sessions that have been over for long are forgotten, and their turns with nobody to go on for.
alter table turns add column session_id integer;
-- Whether the caller brought earlier messages or results of tools of their own, which this server cannot vouch for.
alter table turns add column given integer not null default 0;

-- What is granted to a user by name in one client, beside what they are granted everywhere (`users`).
create table client_grants (
    user_id integer not null references users (id),
    client_id integer not null references clients (id),
    permissions text not null,
    grants text not null,
    updated integer not null,
    primary key (user_id, client_id)
) strict, without rowid;
