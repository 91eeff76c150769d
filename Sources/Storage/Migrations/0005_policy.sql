-- Rules for commands that operators added, and the syntax trees of commands.

create table policy_rules (
    id text primary key,
    -- The rule as JSON text, without its id.
    body text not null,
    enabled integer not null,
    created_by text not null,
    created integer not null
) strict;

insert into counters (name, value) values ('policy_changes', 0);

-- A tree can be made again at any time. The digest covers the parser's version and the command.
create table shell_trees (
    id integer primary key,
    digest blob not null unique,
    -- One byte: 0 for a tree, 1 for the reason why there is none; then it.
    parse blob not null
) strict;
