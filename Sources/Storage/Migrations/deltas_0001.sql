-- Deltas of chats, in a database of their own: id = chat_id * 2^32 + number.

create table deltas (
    id integer primary key,
    turn_id integer not null,
    time integer not null,
    kind text not null,
    json blob not null
) strict;
