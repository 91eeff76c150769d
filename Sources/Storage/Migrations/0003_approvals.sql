-- Questions to people, and rules that they proposed while answering. Times are microseconds since 1970.

-- An approval of a run is stored and settled in the transaction that stores or moves its ticket, and removed with it.
create table approvals (
    id integer primary key autoincrement,
    -- 'run': the ticket may run. 'input': bytes may be written to the running ticket.
    subject text not null,
    ticket_id integer not null,
    state text not null,
    void_reason text,
    -- The bytes to write, and whether the input is closed after them.
    input blob,
    closing integer not null default 0,
    -- What the person is shown, as JSON text.
    contents text not null,
    requested_by text not null,
    origin text not null,
    reference text,
    created integer not null,
    expires integer not null,
    decided integer,
    decided_by text,
    note text,
    used integer,
    -- The number of the latest change, over all approvals.
    change integer not null
) strict;

create index approvals_expiry on approvals (expires) where state = 'awaiting';
create index approvals_awaiting on approvals (id) where state = 'awaiting';
create index approvals_ticket on approvals (ticket_id);
create unique index approvals_run on approvals (ticket_id) where subject = 'run';
create unique index approvals_reference on approvals (ticket_id, reference)
    where subject = 'input' and reference is not null;
create index approvals_open_input on approvals (id)
    where subject = 'input' and used is null and state in ('awaiting', 'approved');
create unique index approvals_change on approvals (change);

insert into counters (name, value) values ('approval_changes', 0);

create table rule_proposals (
    approval_id integer primary key,
    rule text not null,
    command text not null,
    proposed_by text not null,
    created integer not null,
    reviewed integer
) strict;
