-- Prepaid credits. Amounts are whole minor units; times are microseconds since 1970; clients, brands and locations are
-- numbers of their own tables.

create table wallets (
    id integer primary key autoincrement,
    client_id integer not null,
    -- Null for the client as a whole.
    brand_id integer,
    -- Both are sums of transfers.
    balance integer not null default 0,
    held integer not null default 0 check (held >= 0),
    line integer not null default 0 check (line >= 0),
    -- When the next lot lapses; null for never.
    next_lapse integer,
    -- The highest threshold that raises an event when the balance comes down to it; null for none.
    alert integer,
    created integer not null,
    check (balance - held >= -line)
) strict;
create unique index wallets_client on wallets (client_id) where brand_id is null;
create unique index wallets_brand on wallets (brand_id) where brand_id is not null;
create index wallets_lapse on wallets (next_lapse) where next_lapse is not null;

create table lots (
    id integer primary key autoincrement,
    wallet_id integer not null references wallets (id),
    kind text not null check (kind in ('topup', 'grant')),
    amount integer not null check (amount > 0),
    -- The amount less all draws.
    remaining integer not null check (remaining between 0 and amount),
    priority integer not null,
    expires integer,
    created integer not null
) strict;
create index lots_left on lots (wallet_id) where remaining > 0;

create table holds (
    id integer primary key autoincrement,
    wallet_id integer not null references wallets (id),
    key text not null unique,
    amount integer not null check (amount > 0),
    used integer check (used >= 0),
    state text not null check (state in ('open', 'settled', 'released', 'expired')),
    client_id integer not null,
    brand_id integer,
    location_id integer,
    principal text not null,
    item text not null,
    created integer not null,
    expires integer not null,
    ended integer,
    check ((state = 'open') = (ended is null)),
    check ((state = 'settled') = (used is not null))
) strict;
create index holds_open on holds (expires) where state = 'open';
create index holds_wallet on holds (wallet_id) where state = 'open';
create trigger holds_end_once before update on holds
when old.state not in ('open', 'expired') or (old.state = 'expired' and new.state <> 'settled')
    or new.amount <> old.amount or new.wallet_id <> old.wallet_id
begin
    select raise(abort, 'a hold ends once and is not changed otherwise');
end;
create trigger holds_stay before delete on holds begin
    select raise(abort, 'holds are not removed');
end;

-- The ledger: rows are added and never changed.
create table transfers (
    id integer primary key autoincrement,
    wallet_id integer not null references wallets (id),
    kind text not null,
    -- Changes of the balance and of what is held.
    amount integer not null,
    held integer not null,
    -- The balance after it.
    balance integer not null,
    -- What was consumed beyond what could be paid.
    written_off integer not null default 0 check (written_off >= 0),
    hold_id integer references holds (id),
    usage_id integer references usage (id),
    key text,
    note text,
    principal text not null,
    created integer not null,
    check (
        case kind
            when 'hold' then amount = 0 and held > 0 and hold_id is not null
            when 'settle' then amount <= 0 and held < 0 and hold_id is not null
            when 'release' then amount = 0 and held < 0 and hold_id is not null
            when 'expire' then amount = 0 and held < 0 and hold_id is not null
            when 'charge' then amount <= 0 and held = 0 and usage_id is not null
            when 'lapse' then amount < 0 and held = 0
            when 'topup' then amount > 0 and held = 0 and key is not null
            when 'grant' then amount > 0 and held = 0 and key is not null
            else 0
        end
    )
) strict;
create index transfers_wallet on transfers (wallet_id, id);
create unique index transfers_key on transfers (wallet_id, key) where key is not null;
-- A hold begins once and ends once; usage is paid once.
create unique index transfers_begun on transfers (hold_id) where kind = 'hold';
create unique index transfers_ended on transfers (hold_id) where kind in ('settle', 'release', 'expire');
create unique index transfers_late on transfers (hold_id) where kind = 'charge' and hold_id is not null;
create unique index transfers_paid on transfers (usage_id) where usage_id is not null;
create trigger transfers_fixed before update on transfers begin
    select raise(abort, 'transfers are not changed');
end;
create trigger transfers_stay before delete on transfers begin
    select raise(abort, 'transfers are not removed');
end;

-- What a transfer took from which lot.
create table draws (
    transfer_id integer not null references transfers (id),
    lot_id integer not null references lots (id),
    amount integer not null check (amount > 0),
    primary key (transfer_id, lot_id)
) strict, without rowid;
create trigger draws_fixed before update on draws begin
    select raise(abort, 'draws are not changed');
end;
create trigger draws_stay before delete on draws begin
    select raise(abort, 'draws are not removed');
end;

create table spending_caps (
    client_id integer not null,
    -- A brand's, a user's, or each user's: 'brand:3', 'user:7', 'user'.
    subject text not null,
    period text not null check (period in ('day', 'month')),
    amount integer not null check (amount >= 0),
    primary key (client_id, subject, period)
) strict, without rowid;

create table thresholds (
    wallet_id integer not null references wallets (id),
    amount integer not null,
    -- Whether the event was raised and the balance was not above it since.
    raised integer not null,
    primary key (wallet_id, amount)
) strict, without rowid;

create table wallet_events (
    id integer primary key autoincrement,
    wallet_id integer not null references wallets (id),
    threshold integer not null,
    balance integer not null,
    created integer not null
) strict;
create index wallet_events_wallet on wallet_events (wallet_id, id);

-- Usage of places; null for operators.
alter table usage add column client_id integer;
alter table usage add column brand_id integer;
alter table usage add column location_id integer;
-- For the hold, whose key is 'call:<id>', and for what the provider does not count.
alter table usage add column input_estimate integer not null default 0;
alter table usage add column quantity integer not null default 1 check (quantity >= 1);
alter table usage add column cost integer not null default 0 check (cost >= 0);
alter table usage add column is_estimated integer not null default 0;
alter table usage add column is_own_account integer not null default 0;
-- The key of what a host application reported.
alter table usage add column item_key text;
create index usage_client on usage (client_id, id) where client_id is not null;
create unique index usage_item on usage (client_id, item_key) where item_key is not null;

-- Sums of usage rows that have ended, by the UTC day of their end; 0 where a row has no brand or location.
create table usage_days (
    client_id integer not null,
    day integer not null,
    brand_id integer not null,
    location_id integer not null,
    principal text not null,
    model text not null,
    calls integer not null,
    input_tokens integer not null,
    output_tokens integer not null,
    cost integer not null check (cost >= 0),
    primary key (client_id, day, brand_id, location_id, principal, model)
) strict, without rowid;
