-- When the result of a command that a person was asked about was handed to a client that asks by sending the command again
-- (the command bridge); null until then.
alter table approvals add column handed integer;
update approvals set handed = created where state <> 'awaiting';
create index approvals_unhanded on approvals (ticket_id) where origin = 'bridge' and subject = 'run' and handed is null;

-- When somebody read the chat last, as far as that is noted: once a day at most, and only where nothing else happened since.
alter table chats add column read integer not null default 0;
