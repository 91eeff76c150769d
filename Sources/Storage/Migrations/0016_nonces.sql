-- What tells the files of a ticket from those of another one that had the same session and number before: a restored
-- database counts again from where it was. Null for tickets from before, whose journals name none.
alter table tickets add column nonce integer;
