-- Secrets that commands use by name. Times are microseconds since 1970.

create table secrets (
    name text primary key,
    -- The value, encrypted and bound to the name.
    sealed blob not null,
    created integer not null,
    changed integer not null,
    changed_by text not null
) strict;

-- Grows with each change, so that a server notices those of other processes by one small read.
insert into counters (name, value) values ('secret_changes', 0);
