-- Sessions, tickets, tokens, the audit log. Times are microseconds since 1970, durations microseconds.

create table sessions (
    id integer primary key autoincrement,
    name text not null unique,
    mode text not null,
    directory text,
    environment text,
    limits text,
    created_by text not null,
    created integer not null,
    last_number integer not null default 0
) strict;

-- One integer orders tickets by session and number: id = session_id * 2^32 + number. So a page of a session is one
-- range of the table, and a ticket is found in one descent. Sessions are removed together with their tickets by one
-- verb, therefore no foreign key, which would cost an index of its own.
create table tickets (
    id integer primary key,
    session_id integer not null,
    number integer not null,
    state text not null,
    exit_code integer,
    signal integer,
    reason text,
    command text not null,
    origin text not null,
    submitted_by text not null,
    key text,
    options text,
    created integer not null,
    -- When runners were about to be started, and under which boot of the machine.
    claimed integer,
    boot_id text,
    cancel_requested integer not null default 0,
    -- When the state became terminal; null for unfinished tickets.
    ended integer,
    kept_bytes integer not null default 0,
    started integer,
    finished integer,
    wall_time integer,
    user_time integer,
    system_time integer,
    peak_memory integer,
    output_bytes integer,
    stdout_bytes integer,
    stderr_bytes integer,
    omitted_start integer,
    omitted_end integer,
    limit_reached text,
    notes text,
    inline_output blob,
    inline_parts text,
    check (id = session_id * 4294967296 + number)
) strict;

-- What is unfinished, however many tickets there are.
create index tickets_unfinished on tickets (id) where ended is null;
-- What can be pruned, oldest first.
create index tickets_ended on tickets (ended) where ended is not null;
create unique index tickets_key on tickets (session_id, key) where key is not null;

-- Totals that would cost a scan otherwise; changed in the transaction that changes what they count.
create table counters (
    name text primary key,
    value integer not null
) strict, without rowid;
insert into counters (name, value) values ('queued', 0), ('kept_bytes', 0);

create table tokens (
    id integer primary key autoincrement,
    name text not null,
    hash blob not null unique,
    permissions text not null,
    created integer not null,
    expires integer,
    last_used integer,
    revoked integer
) strict;

create table audit (
    id integer primary key autoincrement,
    time integer not null,
    principal text not null,
    action text not null,
    subject text not null,
    detail text not null
) strict;

-- Facts about the installation.
create table meta (
    name text primary key,
    value text not null
) strict;
