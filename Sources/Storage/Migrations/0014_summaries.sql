-- Summaries of older turns, and where titles come from.

-- One row for each summary that a model made: id is that of its event in chat_events (chat_id * 2^32 + number). It holds as
-- long as the last turn that it covers is not superseded: turns are superseded from one to the end of the chat.
create table chat_summaries (
    id integer primary key,
    through_turn integer not null
) strict;

-- line: the first line of the first message. wanted, retried: a model is to give one (and was asked once). kept: it was asked
-- and gave none. model, person: who gave it.
alter table chats add column title_state text;
update chats set title_state = 'person' where title is not null;
create index chats_title_wanted on chats (id) where title_state in ('wanted', 'retried');
