-- The audit log as a chain: each row has SHA-256 over the hash of the row before it and its own canonical bytes.

-- Null in rows from before, until the first row after this is written: that one's transaction chains them all.
alter table audit add column hash blob check (length(hash) = 32);

-- What stands for rows that were removed; the newest counts.
create table audit_cuts (
    -- The last row that was removed.
    id integer primary key,
    hash blob not null,
    time integer not null,
    signature blob not null
) strict;

create trigger audit_stays before update on audit
when old.hash is not null or new.hash is null or new.id <> old.id or new.time <> old.time
    or new.principal <> old.principal or new.action <> old.action or new.subject <> old.subject
    or new.detail <> old.detail
begin
    select raise(abort, 'rows of the audit log never change');
end;
create trigger audit_is_kept before delete on audit
when old.id > coalesce((select max(id) from audit_cuts), 0)
begin
    select raise(abort, 'rows of the audit log are removed behind a signed cut only');
end;
create trigger audit_cuts_stay before update on audit_cuts
begin
    select raise(abort, 'cuts of the audit log never change');
end;
create trigger audit_cuts_are_kept before delete on audit_cuts
begin
    select raise(abort, 'cuts of the audit log are kept');
end;
