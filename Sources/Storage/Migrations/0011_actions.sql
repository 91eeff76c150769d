-- Actions of host applications and what was read from them. Times are microseconds since 1970.

create table actions (
    id integer primary key autoincrement,
    chat_id integer not null,
    turn_id integer not null,
    -- The step of the turn, which proposes once.
    call text not null,
    step integer not null,
    owner text not null,
    client_id integer not null references clients (id),
    brand_id integer references brands (id),
    location_id integer references locations (id),
    issuer text not null,
    action text not null,
    -- JSON text, checked against the schema of its time.
    arguments text not null,
    -- Minor units.
    price integer not null,
    state text not null,
    preview text,
    result text,
    reason text,
    created integer not null,
    expires integer not null,
    decided integer,
    executed integer,
    finished integer
) strict;
create unique index actions_step on actions (turn_id, call, step);
create index actions_owner on actions (owner, id);
create index actions_chat on actions (chat_id);

-- What turns read from sources: receipts, removed with their chat.
create table context_readings (
    turn_id integer not null,
    source text not null,
    chat_id integer not null,
    time integer not null,
    -- A JSON list of id, text, link and rule.
    facts text not null,
    left_out integer not null,
    missing text,
    primary key (turn_id, source)
) strict, without rowid;
create index context_readings_chat on context_readings (chat_id);
