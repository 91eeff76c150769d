-- Accounts of principals at providers. Times are microseconds since 1970.

-- What a principal chose of a provider.
create table account_settings (
    owner text not null,
    provider text not null,
    is_default integer not null,
    model text,
    -- The name of the profile's folder, a keyed hash.
    profile text,
    state text not null,
    changed integer not null,
    primary key (owner, provider)
) strict;

-- Attempts to connect an account; neither address nor code is kept.
create table account_logins (
    id integer primary key autoincrement,
    owner text not null,
    provider text not null,
    state text not null,
    -- The code of the failure.
    reason text,
    created integer not null,
    expires integer not null,
    ended integer
) strict;

create unique index account_logins_open on account_logins (owner) where ended is null;
create index account_logins_ended on account_logins (ended) where ended is not null;

-- Keys that principals brought.
create table account_keys (
    owner text not null,
    provider text not null,
    -- The key, encrypted and bound to owner and provider.
    sealed blob not null,
    changed integer not null,
    primary key (owner, provider)
) strict;
