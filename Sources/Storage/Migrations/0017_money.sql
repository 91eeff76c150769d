-- A hold whose time was over leaves its key to the one that is made in its place; nothing else of it changes.
drop trigger holds_end_once;
create trigger holds_end_once before update on holds
when old.state not in ('open', 'expired')
    or (old.state = 'expired' and new.state <> 'settled' and (new.state <> 'expired' or new.key = old.key))
    or new.amount <> old.amount or new.wallet_id <> old.wallet_id
begin
    select raise(abort, 'a hold ends once and is not changed otherwise');
end;

-- The key of a deposit is used once in all wallets of a client. (Earlier ones were unique in their wallet only.)
create trigger transfers_key_once before insert on transfers
when new.key is not null and exists (
    select 1 from transfers t join wallets w on w.id = t.wallet_id
    where t.key = new.key and w.client_id = (select client_id from wallets where id = new.wallet_id)
)
begin
    select raise(abort, 'a key is used once');
end;
