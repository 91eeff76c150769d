-- Operators and their sign-ins. Times are microseconds since 1970.

create table operators (
    id integer primary key autoincrement,
    name text not null,
    -- bcrypt, as libcrypt writes it.
    passphrase text not null,
    permissions text not null,
    run_as text,
    source text not null,
    -- When they were shut out.
    disabled integer,
    -- Sign-ins of another epoch are over.
    epoch integer not null default 1,
    created integer not null
) strict;
-- Case does not tell two names apart.
create unique index operators_name on operators (lower(name));

create table sign_ins (
    id integer primary key autoincrement,
    operator_id integer not null references operators (id),
    kind text not null,
    -- SHA-256 of what the cookie carries; null for clients, whose token is signed.
    secret blob unique,
    epoch integer not null,
    created integer not null,
    expires integer not null,
    last_seen integer not null,
    ended integer
) strict;
create index sign_ins_operator on sign_ins (operator_id, id);

-- Grows with each change that can end a sign-in, so that servers notice those of other processes by one small read.
insert into counters (name, value) values ('access_changes', 0);
